"""Pictures that a person withdrew while the worker looked at them serve nobody."""

import pytest

from clients.simulator.portraits import portrait_path
from models.attempt import Attempt
from models.database import database_now
from models.enrollment import FaceEnrollment
from models.job import enqueue
from models.statuses import AttemptState, EnrollmentState, JobKind
from tests.support.builders import make_attempt, make_enrollment, make_subject
from worker.runtime import Runtime
from worker.use_cases import do_job


@pytest.mark.parametrize("content", [portrait_path("obama.jpg").read_bytes(), b"no picture"])
def test_withdrawn_pictures_stay_withdrawn(runtime: Runtime, content: bytes) -> None:
    with runtime.database.write() as session:
        subject_id = make_subject(session, runtime.images.key_ring).id
        enrollment = make_enrollment(
            session,
            subject_id,
            state=EnrollmentState.PENDING,
            images=runtime.images,
            contents=(content,),
        )
        attempt = make_attempt(session, subject_id, AttemptState.CREATED)
        job = enqueue(session, JobKind.ENROLL_FACE, enrollment.id, now=database_now(session))
        enrollment.state = EnrollmentState.WITHDRAWN
    do_job(runtime, job.id)
    with runtime.database.read() as session:
        found = session.get_one(FaceEnrollment, enrollment.id)
        assert found.state == EnrollmentState.WITHDRAWN
        assert found.decided_at is not None
        assert session.get_one(Attempt, attempt.id).state == AttemptState.CREATED
