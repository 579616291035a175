"""Opening attempts: ready by themselves, one open per exam, and only one's own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.attempts.service import open_attempt_for_exam
from api.principal import Person
from api.problems import AttemptClosed, ExamNotOpen
from models.attempt import Attempt, AttemptTransition
from models.attempt_states import make_attempts_ready
from models.statuses import AttemptState, Role
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_exam,
    make_subject,
)


@pytest.fixture
def subject_id(context, system, clock) -> str:
    with context.database.write() as session:
        return make_subject(
            session, context.key_ring, owner_client_id=system.client_id, now=clock.now
        ).id


@pytest.fixture
def person(student) -> Person:
    return Person(student.user_id, Role.STUDENT, student.subject_id, "Anna", "sgn_1", "token")


@pytest.fixture
def exam(context, clock):
    with context.database.write() as session:
        return make_exam(
            session,
            now=clock.now,
            opens_at=clock.now - timedelta(hours=1),
            closes_at=clock.now + timedelta(hours=1),
            duration_seconds=1800,
            policy={"match_threshold": 0.4},
        )


def open_by(system, **body):
    return system.post("/api/v1/attempts", json=body)


def join(context, person, exam):
    with context.database.write() as session:
        attempt, is_new = open_attempt_for_exam(session, context, person, exam)
    return attempt, is_new


def test_attempt_lacks_what_is_not_there(context, system, clock):
    with context.database.write() as session:
        subject = make_subject(
            session, context.key_ring, owner_client_id=system.client_id, with_consent=False
        )
    answer = open_by(system, subject_id=subject.id)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"/api/v1/attempts/{body['id']}"
    assert (body["state"], body["missing"]) == ("created", ["consent", "enrollment"])
    assert (body["next_seq"], body["ticket"], body["exam"]) == (1, None, None)
    assert body["counts"] == {"frames": 0, "verified": 0, "by_verdict": {}}
    with context.database.write() as session:
        give_consent(session, subject.id)
    assert system.get(answer.headers["Location"]).json()["missing"] == ["enrollment"]
    with context.database.write() as session:
        make_enrollment(session, subject.id)
    seen = system.get(answer.headers["Location"]).json()
    assert (seen["state"], seen["missing"]) == ("ready", [])
    assert seen["ticket"]


def test_start_freezes_the_newest_enrollment(context, system, subject_id):
    with context.database.write() as session:
        make_enrollment(session, subject_id)
    attempt_id = open_by(system, subject_id=subject_id).json()["id"]
    with context.database.write() as session:
        second = make_enrollment(session, subject_id, version=2)
    system.post(f"/api/v1/attempts/{attempt_id}/start")
    with context.database.write() as session:
        make_enrollment(session, subject_id, version=3)
        make_attempts_ready(session, subject_id, context.clock())
    with context.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
    assert attempt.enrollment_id == second.id


def test_policy_is_frozen_from_settings_or_exam(context, system, subject_id, exam, settings):
    open_by(system, subject_id=subject_id)
    open_by(system, subject_id=subject_id, exam_id=exam.id)
    with context.database.read() as session:
        policies = session.scalars(select(Attempt.policy).order_by(Attempt.id)).all()
    mismatch = settings.mismatch_threshold
    assert policies == [
        {"match_threshold": settings.match_threshold, "mismatch_threshold": mismatch},
        {"match_threshold": 0.4, "mismatch_threshold": mismatch},
    ]


def test_exam_gives_duration_and_interval_unless_told_otherwise(system, subject_id, exam):
    body = open_by(system, subject_id=subject_id, exam_id=exam.id).json()
    assert body["exam"] == {"id": exam.id, "title": "Algebra"}
    assert (body["duration_seconds"], body["frame_interval_seconds"]) == (1800, 5.0)
    body = open_by(
        system, subject_id=subject_id, label="Quiz", duration_seconds=60, frame_interval_seconds=2.5
    ).json()
    assert (body["label"], body["duration_seconds"]) == ("Quiz", 60)
    assert body["frame_interval_seconds"] == 2.5


def test_open_attempt_of_the_same_exam_is_given_again(system, subject_id, exam):
    first = open_by(system, subject_id=subject_id, exam_id=exam.id)
    second = open_by(system, subject_id=subject_id, exam_id=exam.id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_repeated_request_opens_one_attempt(system, subject_id):
    key = {"Idempotency-Key": "abc"}
    answers = [
        system.post("/api/v1/attempts", json={"subject_id": subject_id}, headers=key)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert len(system.get("/api/v1/attempts").json()["items"]) == 1


def test_only_systems_open_attempts_and_only_of_their_subjects(
    system, other_system, student, admin, anonymous, subject_id
):
    refusals = ((student, 403), (admin, 403), (other_system, 404), (anonymous, 401))
    for caller, status in refusals:
        assert open_by(caller, subject_id=subject_id).status_code == status
    assert open_by(system, subject_id="sub_" + "0" * 26).status_code == 404
    assert open_by(system, subject_id=student.subject_id).status_code == 404
    assert open_by(system, subject_id=subject_id, exam_id="exm_" + "0" * 26).status_code == 404


def test_wrong_fields_are_named(system, subject_id):
    wrong_fields = [
        {"duration_seconds": 0},
        {"duration_seconds": 10**12},
        {"frame_interval_seconds": 0.01},
        {"label": "x" * 201},
        {"label": "a\x00b"},
        {"state": "verified"},
        {"policy": {"match_threshold": 2}},
    ]
    for wrong in wrong_fields:
        answer = open_by(system, subject_id=subject_id, **wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert answer.json()["errors"][0]["field"] == next(iter(wrong))


def test_students_joining_at_once_share_one_attempt(context, person, exam):
    with ThreadPoolExecutor(6) as threads:
        joined = list(threads.map(lambda _: join(context, person, exam), range(12)))
    assert len({attempt.id for attempt, _ in joined}) == 1
    assert sum(is_new for _, is_new in joined) == 1
    with context.database.read() as session:
        transitions = session.scalar(select(func.count()).select_from(AttemptTransition))
    assert transitions == 1


def test_exam_is_sat_once(context, person, exam, clock):
    attempt, _ = join(context, person, exam)
    with context.database.write() as session:
        session.get_one(Attempt, attempt.id).state = AttemptState.SUBMITTED
    with pytest.raises(AttemptClosed):
        join(context, person, exam)


def test_declined_attempt_does_not_keep_from_joining(context, person, exam, clock):
    with context.database.write() as session:
        make_attempt(session, person.subject_id, AttemptState.DECLINED, exam_id=exam.id)
    assert join(context, person, exam)[1]


def test_exam_outside_its_window_is_not_joined(context, person, exam, clock):
    clock.advance(-2 * 3600)
    with pytest.raises(ExamNotOpen):
        join(context, person, exam)
    clock.advance(3 * 3600)
    with pytest.raises(ExamNotOpen):
        join(context, person, exam)
