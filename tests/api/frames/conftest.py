"""A started attempt of the other system, and what its frames left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from api.context import Context
from models.attempt import Attempt
from models.frame import Frame
from models.job import Job
from models.statuses import AttemptState, JobKind
from tests.api.conftest import Caller
from tests.support.builders import make_attempt, make_enrollment, make_subject
from tests.support.pictures import small_jpeg


@dataclass
class Left:
    """What the service holds: rows of frames, jobs, and files."""

    frames: int
    jobs: int
    files: int


@dataclass
class Sender:
    """Sends frames for one attempt."""

    caller: Caller
    attempt_id: str
    ticket: str | None = None

    def put(self, seq: object = 1, content: Any = None, **headers: str) -> Any:
        sent = {
            "Content-Type": "image/jpeg",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        if self.ticket is not None:
            sent.setdefault("X-Capture-Ticket", self.ticket)
        body = small_jpeg() if content is None else content
        path = f"/api/v1/attempts/{self.attempt_id}/frames/{seq}"
        return self.caller.put(path, content=body, headers=sent)


@pytest.fixture
def new_attempt(context: Context, clock: Any) -> Callable[..., Attempt]:
    def make(owner: Caller, state: AttemptState = AttemptState.STARTED, **columns: Any) -> Attempt:
        with context.database.write() as session:
            subject_id = owner.subject_id
            if subject_id is None:
                subject_id = make_subject(
                    session, context.key_ring, owner_client_id=owner.client_id, now=clock.now
                ).id
            enrollment = make_enrollment(session, subject_id, now=clock.now)
            columns.setdefault("enrollment_id", enrollment.id)
            return make_attempt(session, subject_id, state, now=clock.now, **columns)

    return make


@pytest.fixture
def attempt(system: Caller, new_attempt: Callable[..., Attempt]) -> Attempt:
    """A started attempt of a subject of `system`."""
    return new_attempt(system)


@pytest.fixture
def sender(system: Caller, attempt: Attempt) -> Sender:
    """The system that owns the attempt, with a fresh ticket."""
    ticket = system.get(f"/api/v1/attempts/{attempt.id}").json()["ticket"]
    return Sender(system, attempt.id, ticket)


_FRAME_JOBS = select(func.count()).select_from(Job).where(Job.kind == JobKind.VERIFY_FRAME)
"""An attempt that ends has a job of its own beside them."""


@pytest.fixture
def left(context: Context) -> Callable[[], Left]:
    def count() -> Left:
        with context.database.read() as session:
            return Left(
                frames=session.scalar(select(func.count()).select_from(Frame)) or 0,
                jobs=session.scalar(_FRAME_JOBS) or 0,
                files=len(list(context.images.store.keys_older_than(0))),
            )

    return count
