"""Attempts move by the table alone, and by the clock of the server."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.attempt import Attempt, AttemptTransition
from models.attempt_states import (
    SUBMIT_GRACE,
    SYSTEM_ACTOR,
    IllegalMove,
    expire_overdue,
    locked_attempt,
    make_attempts_ready,
    move,
)
from models.sealing import KeyRing
from models.statuses import LEGAL_MOVES, AttemptState, EnrollmentState
from tests.support.builders import (
    NOW,
    give_consent,
    make_attempt,
    make_enrollment,
    make_exam,
    make_subject,
)

KEY_RING = KeyRing([bytes(32)])


def state_of(database, attempt):
    with database.read() as session:
        return session.get_one(Attempt, attempt.id).state


def last_transition(session, attempt):
    return session.scalars(
        select(AttemptTransition)
        .where(AttemptTransition.attempt_id == attempt.id)
        .order_by(AttemptTransition.id.desc())
    ).first()


def test_only_legal_moves_are_made_and_each_is_recorded(database):
    with database.write() as session:
        subject = make_subject(session, KEY_RING)
        for current in AttemptState:
            for target in AttemptState:
                attempt = make_attempt(session, subject.id, current)
                if target not in LEGAL_MOVES[current]:
                    with pytest.raises(IllegalMove):
                        move(session, attempt, target, actor="usr_1", reason="Test.", now=NOW)
                    assert attempt.state == current
                    continue
                move(session, attempt, target, actor="usr_1", reason="Test.", now=NOW)
                recorded = last_transition(session, attempt)
                assert (recorded.from_state, recorded.to_state) == (current, target)
                assert (recorded.actor, recorded.reason, recorded.at) == ("usr_1", "Test.", NOW)


def test_attempts_become_ready_with_the_enrollment_that_completes_them(any_database):
    later = NOW + timedelta(seconds=5)
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING, with_consent=False)
        attempts = [make_attempt(session, subject.id, AttemptState.CREATED) for _ in range(2)]
        make_enrollment(session, subject.id, state=EnrollmentState.REFUSED, version=1)
        assert make_attempts_ready(session, subject.id, later) == 0
        accepted = make_enrollment(session, subject.id, version=2)
        assert make_attempts_ready(session, subject.id, later) == 0
        give_consent(session, subject.id)
        assert make_attempts_ready(session, subject.id, later) == 2
        assert make_attempts_ready(session, subject.id, later) == 0
    with any_database.read() as session:
        for attempt in attempts:
            row = session.get_one(Attempt, attempt.id)
            assert (row.state, row.enrollment_id, row.ready_at) == ("ready", accepted.id, later)
            assert last_transition(session, attempt).actor == SYSTEM_ACTOR


def test_withdrawn_consent_does_not_count(database):
    with database.write() as session:
        subject = make_subject(session, KEY_RING, with_consent=False)
        give_consent(session, subject.id).withdrawn_at = NOW
        make_enrollment(session, subject.id)
        make_attempt(session, subject.id, AttemptState.CREATED)
        assert make_attempts_ready(session, subject.id, NOW) == 0


def test_attempts_expire_when_their_time_and_its_grace_are_over(any_database):
    deadline = NOW + timedelta(seconds=3600)
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING)
        running = make_attempt(session, subject.id)
        submitted = make_attempt(session, subject.id, AttemptState.SUBMITTED)
        ready = make_attempt(session, subject.id, AttemptState.READY)
    moment = timedelta(microseconds=1)
    with any_database.write() as session:
        assert expire_overdue(session, deadline + SUBMIT_GRACE - moment) == 0
    with any_database.write() as session:
        assert expire_overdue(session, deadline + SUBMIT_GRACE) == 1
    with any_database.write() as session:
        assert expire_overdue(session, deadline + SUBMIT_GRACE) == 0
        recorded = last_transition(session, running)
        assert (recorded.to_state, recorded.actor) == ("expired", SYSTEM_ACTOR)
    assert state_of(any_database, running) == "expired"
    assert state_of(any_database, submitted) == "submitted"
    assert state_of(any_database, ready) == "ready"


def test_attempts_never_started_expire_with_their_exam(any_database):
    closes_at = NOW + timedelta(hours=1)
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING)
        exam = make_exam(session, closes_at=closes_at)
        for state in (AttemptState.CREATED, AttemptState.READY, AttemptState.DECLINED):
            make_attempt(session, subject.id, state, exam_id=exam.id)
    with any_database.write() as session:
        assert expire_overdue(session, closes_at - timedelta(seconds=1)) == 0
        assert expire_overdue(session, closes_at) == 2


def test_record_tells_what_an_attempt_waited_for_when_its_exam_closed(any_database):
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING)
        exam = make_exam(session, closes_at=NOW)
        ready = make_attempt(session, subject.id, AttemptState.READY, exam_id=exam.id)
        broken = make_attempt(session, subject.id, AttemptState.ERROR, exam_id=exam.id)
        ready.started_at, broken.started_at = None, NOW - timedelta(minutes=5)
    with any_database.write() as session:
        assert expire_overdue(session, NOW) == 2
        assert "before it was started" in last_transition(session, ready).reason
        assert "before it went on" in last_transition(session, broken).reason


def test_locked_attempt_is_read_anew(database):
    with database.write() as session:
        attempt = make_attempt(session, make_subject(session, KEY_RING).id)
    with database.read() as stale:
        held = stale.get_one(Attempt, attempt.id)
        stale.rollback()
        with database.write() as session:
            session.get_one(Attempt, attempt.id).state = AttemptState.SUBMITTED
        assert locked_attempt(stale, attempt.id) is held
        assert held.state == "submitted"
