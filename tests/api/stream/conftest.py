"""A running service, people and systems who listen to it, and rows written beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import make_app
from api.context import Context, utc_now
from api.credentials import SIGN_IN_COOKIE
from models.attempt import Attempt
from models.database import Database
from models.settings import Settings
from models.statuses import AttemptState, Verdict
from models.verification import Verification
from tests.api.conftest import Caller
from tests.support.builders import make_attempt, make_frame, make_subject, make_verification
from tests.support.event_stream import EventStream
from tests.support.serving import serving


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Ids carry the true time, so that these tests live in it."""
    return utc_now


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    app = make_app(settings)
    yield app
    app.state.context.database.close()


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@dataclass
class Elsewhere:
    """Another process's connection to the same database: a worker on another host."""

    database: Database
    context: Context

    def attempt(
        self, owner: Caller, state: AttemptState = AttemptState.STARTED, **columns: Any
    ) -> Attempt:
        now = datetime.now(UTC)
        with self.database.write() as session:
            subject_id = owner.subject_id
            if subject_id is None:
                key_ring = self.context.key_ring
                subject = make_subject(session, key_ring, owner_client_id=owner.client_id, now=now)
                subject_id = subject.id
            return make_attempt(session, subject_id, state, now=now, **columns)

    def verdict(
        self, attempt: Attempt, seq: int, verdict: Verdict = Verdict.MATCH, **columns: Any
    ) -> Verification:
        now = datetime.now(UTC)
        with self.database.write() as session:
            frame = make_frame(session, attempt, seq, now=now)
            return make_verification(
                session, verdict=verdict, attempt=attempt, frame=frame, now=now, **columns
            )


@pytest.fixture
def elsewhere(settings: Settings, context: Context) -> Iterator[Elsewhere]:
    database = Database(settings.database)
    yield Elsewhere(database, context)
    database.close()


@pytest.fixture
def listen(url: str) -> Callable[..., EventStream]:
    """Return a stream somebody opens; used as a block."""

    def open_stream(who: Caller, query: str = "", **headers: str) -> EventStream:
        return EventStream(url, f"/api/v1/stream{query}", **headers_of(who), **headers)

    return open_stream


def headers_of(who: Caller) -> dict[str, str]:
    cookie = who.client.cookies.get(SIGN_IN_COOKIE)
    if cookie is not None:
        return {"Cookie": f"{SIGN_IN_COOKIE}={cookie}"}
    return {"Authorization": who.client.headers["Authorization"]}
