"""A runtime with the real engine on a database and a frame store of its own."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import numpy as np
import pytest

from clients.simulator.portraits import portrait_path
from models.attempt import Attempt
from models.database import Database, database_now
from models.enrollment import FaceEnrollment
from models.frame import Frame
from models.job import Job, enqueue
from models.sealed_images import subject_key
from models.settings import Settings
from models.statuses import JobKind
from tests.support.builders import make_attempt, make_enrollment, make_frame, make_subject
from verifier import FaceEngine, assess_references, load_engine
from verifier.policy import MatchPolicy
from worker.references import seal_template
from worker.runtime import Runtime, open_runtime

OBAMA = portrait_path("obama.jpg").read_bytes()
"""The enrolled person."""


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    return load_engine()


@pytest.fixture
def runtime(settings: Settings, database: Database, engine: FaceEngine) -> Iterator[Runtime]:
    runtime = dataclasses.replace(open_runtime(settings), database=database, engine=engine)
    yield runtime
    runtime.database.close()


@pytest.fixture
def any_runtime(settings: Settings, any_database: Database, engine: FaceEngine) -> Runtime:
    """A runtime on each kind of database the service runs on."""
    return dataclasses.replace(open_runtime(settings), database=any_database, engine=engine)


class EngineNamed:
    """The same networks under another id, as the engine of another release."""

    def __init__(self, engine: FaceEngine, engine_id: str) -> None:
        self._engine = engine
        self.engine_id = engine_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@pytest.fixture
def next_engine(engine: FaceEngine) -> FaceEngine:
    return cast("FaceEngine", EngineNamed(engine, "renewed-engine"))


@pytest.fixture(scope="session")
def encoding(engine: FaceEngine) -> np.ndarray:
    """The encoding of the enrolled person, (128,) float32."""
    [assessment] = assess_references(engine, MatchPolicy(), [OBAMA])
    assert assessment.encoding is not None
    return assessment.encoding


@dataclasses.dataclass
class Sitting:
    """A started attempt of an enrolled subject."""

    runtime: Runtime
    attempt: Attempt
    enrollment: FaceEnrollment

    def add_frame(self, seq: int, content: bytes, **columns: object) -> tuple[Frame, Job]:
        """Store a frame with its job, due now."""
        with self.runtime.database.write() as session:
            frame = make_frame(
                session,
                self.attempt,
                seq,
                images=self.runtime.images,
                content=content,
                **columns,
            )
            # Two clocks of one machine may differ by a rounding: the job is due in any case.
            due = database_now(session) - timedelta(seconds=1)
            return frame, enqueue(session, JobKind.VERIFY_FRAME, frame.id, now=due)


def sit(runtime: Runtime, *contents: bytes) -> Sitting:
    """Return an attempt of somebody whose images are stored; no engine has a template yet."""
    with runtime.database.write() as session:
        subject = make_subject(session, runtime.images.key_ring)
        enrollment = make_enrollment(
            session, subject.id, images=runtime.images, contents=contents or (OBAMA,)
        )
        attempt = make_attempt(session, subject.id, enrollment_id=enrollment.id)
    return Sitting(runtime, attempt, enrollment)


@pytest.fixture
def sitting(runtime: Runtime, encoding: np.ndarray) -> Sitting:
    """An attempt whose subject is enrolled with one real face."""
    assert runtime.engine is not None
    key_ring = runtime.images.key_ring
    with runtime.database.write() as session:
        subject = make_subject(session, key_ring)
        enrollment = make_enrollment(session, subject.id)
        attempt = make_attempt(session, subject.id, enrollment_id=enrollment.id)
        template = seal_template(
            encoding,
            key=subject_key(session, key_ring, subject.id),
            owner_id=subject.id,
            enrollment_id=enrollment.id,
            reference_image_id=enrollment.images[0].id,
            engine_id=runtime.engine.engine_id,
            created_at=enrollment.created_at,
        )
        session.add(template)
    return Sitting(runtime, attempt, enrollment)
