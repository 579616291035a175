"""Starting and handing in, by the server's clock, once each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from models.attempt import AttemptTransition
from models.statuses import AttemptState
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject


def act(caller, attempt, action):
    return caller.post(f"/api/v1/attempts/{attempt.id}/{action}")


def refusal(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


def transitions(context, attempt):
    with context.database.read() as session:
        return session.execute(
            select(
                AttemptTransition.from_state, AttemptTransition.to_state, AttemptTransition.actor
            )
            .where(AttemptTransition.attempt_id == attempt.id)
            .order_by(AttemptTransition.id)
        ).all()


def test_start_sets_the_deadline(context, system, new_attempt, clock):
    attempt = new_attempt(system, AttemptState.READY)
    clock.advance(60)
    body = act(system, attempt, "start").json()
    assert body["state"] == "started"
    assert body["started_at"] == "2026-11-23T10:01:00.123456Z"
    assert body["deadline_at"] == "2026-11-23T11:01:00.123456Z"
    assert body["ticket"]
    assert transitions(context, attempt)[-1] == ("ready", "started", system.client_id)


def test_deadline_is_capped_by_the_end_of_the_exam(context, system, new_attempt, clock):
    closes_at = clock.now + timedelta(minutes=10)
    with context.database.write() as session:
        exam = make_exam(session, closes_at=closes_at)
    attempt = new_attempt(system, AttemptState.READY, exam_id=exam.id)
    assert act(system, attempt, "start").json()["deadline_at"] == "2026-11-23T10:10:00.123456Z"


def test_starting_twice_gives_no_more_time(system, new_attempt, clock):
    attempt = new_attempt(system, AttemptState.READY)
    first = act(system, attempt, "start").json()
    clock.advance(600)
    again = act(system, attempt, "start")
    assert again.status_code == 200
    assert again.json()["deadline_at"] == first["deadline_at"]


def test_attempt_that_lacks_something_does_not_start(context, system, clock):
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        attempt = make_attempt(session, subject.id, AttemptState.CREATED)
    answer = act(system, attempt, "start")
    assert refusal(answer) == (409, "attempt_not_ready")
    assert "enrollment" in answer.json()["detail"]
    with context.database.write() as session:
        make_enrollment(session, subject.id)
    assert act(system, attempt, "start").json()["state"] == "started"
    assert [row.to_state for row in transitions(context, attempt)] == [
        "created",
        "ready",
        "started",
    ]


def test_exam_outside_its_window_does_not_start(context, system, new_attempt, clock):
    with context.database.write() as session:
        exam = make_exam(session, opens_at=clock.now + timedelta(minutes=5))
    attempt = new_attempt(system, AttemptState.READY, exam_id=exam.id)
    assert refusal(act(system, attempt, "start")) == (409, "exam_not_open")
    clock.advance(300)
    assert act(system, attempt, "start").status_code == 200


def test_submit_is_idempotent(context, system, attempt, clock):
    clock.advance(10)
    first = act(system, attempt, "submit").json()
    assert (first["state"], first["ticket"]) == ("submitted", None)
    assert first["submitted_at"] == "2026-11-23T10:00:10.123456Z"
    clock.advance(10)
    assert act(system, attempt, "submit").json() == first
    assert len(transitions(context, attempt)) == 4


def test_attempt_that_was_not_started_is_not_handed_in(system, new_attempt):
    attempt = new_attempt(system, AttemptState.READY)
    assert refusal(act(system, attempt, "submit")) == (409, "attempt_not_started")


def test_submit_counts_within_the_grace_after_the_deadline(system, new_attempt, clock):
    in_time, too_late = new_attempt(system), new_attempt(system)
    clock.advance(3600 + 29.9)
    assert act(system, in_time, "submit").status_code == 200
    clock.advance(0.1)
    assert refusal(act(system, too_late, "submit")) == (409, "attempt_closed")


def test_closed_attempt_neither_starts_nor_ends(system, new_attempt):
    for state in (AttemptState.EXPIRED, AttemptState.DECLINED):
        attempt = new_attempt(system, state)
        assert refusal(act(system, attempt, "start")) == (409, "attempt_closed")
        assert refusal(act(system, attempt, "submit")) == (409, "attempt_closed")


def test_starts_at_once_make_one_transition(context, system, new_attempt):
    attempt = new_attempt(system, AttemptState.READY)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: act(system, attempt, "start"), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert [row.to_state for row in transitions(context, attempt)].count("started") == 1


def test_attempt_of_others_does_not_exist(
    other_system, other_student, student, new_attempt, attempt, anonymous
):
    own = new_attempt(student)
    for caller, foreign in ((other_system, attempt), (other_student, own), (student, attempt)):
        for action in ("start", "submit"):
            assert refusal(act(caller, foreign, action)) == (404, "not_found")
        assert refusal(caller.get(f"/api/v1/attempts/{foreign.id}")) == (404, "not_found")
    assert refusal(act(anonymous, own, "submit")) == (401, "not_signed_in")
    assert refusal(other_system.get("/api/v1/attempts/%00")) == (404, "not_found")
