"""An attempt with everything a report can show, and ways to take it apart."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from api.context import Context
from models.audit import AuditEntry
from models.subject import Subject
from tests.api.conftest import Caller
from tests.api.reports.attempt_story import Story, tell_story
from tests.support.builders import make_subject

NAME = "Анна Müller-Ωmega"


@pytest.fixture
def story(context: Context, student: Caller) -> Story:
    """The attempt of a student of this house."""
    with context.database.write() as session:
        session.get_one(Subject, student.subject_id).display_name = NAME
        return tell_story(session, context, student.subject_id or "")


@pytest.fixture
def story_of_system(context: Context, system: Caller) -> Story:
    """The attempt of a subject of another system."""
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        return tell_story(session, context, subject.id)


@pytest.fixture
def newest_entry(context: Context) -> Callable[[], AuditEntry]:
    def find() -> AuditEntry:
        with context.database.read() as session:
            newest = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)
            return session.scalars(newest).one()

    return find


@contextmanager
def counted_queries(engine: Engine) -> Iterator[list[str]]:
    """Collect every statement until the block ends."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Taken:
    """A bundle taken apart, to be put together again with something changed."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    def document(self, name: str) -> Any:
        return json.loads(self.files[name])

    def change(self, name: str, value: Any) -> None:
        self.files[name] = json.dumps(value).encode()

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
        return path


@pytest.fixture
def bundle(admin: Caller, story: Story) -> bytes:
    """The bundle's bytes, as an admin gets them."""
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip")
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content


@pytest.fixture
def taken(bundle: bytes) -> Taken:
    return Taken(bundle)
