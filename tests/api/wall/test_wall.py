"""The state the wall begins with, and whose pictures it may show."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.field_types import moment_text
from models.attempt import Attempt
from models.audit import AuditEntry
from models.job import enqueue
from models.statuses import (
    AttemptState,
    IncidentReviewState,
    JobKind,
    Severity,
    Verdict,
)
from models.subject import Subject
from models.user import User
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import FrozenClock
from tests.api.stream.conftest import Elsewhere
from tests.support.builders import make_exam, make_frame
from tests.support.exam_rooms import add_incidents, fill_room
from tests.support.incidents import make_incident
from tests.support.pictures import small_jpeg


def wall(caller, query: str = ""):
    answer = caller.get(f"/api/v1/wall{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def tile_of(answer, attempt):
    (tile,) = [tile for tile in answer["tiles"] if tile["attempt_id"] == attempt.id]
    return tile


def test_tile_tells_state_checks_waiting_frames_and_silence(admin, system, elsewhere: Elsewhere):
    attempt = elsewhere.attempt(system, label="Lab 3")
    for seq in range(1, 4):
        row = elsewhere.verdict(attempt, seq, Verdict.MISMATCH if seq == 2 else Verdict.MATCH)
    with elsewhere.database.write() as session:
        frame = make_frame(session, attempt, 4, now=row.received_at + timedelta(seconds=1))
        enqueue(session, JobKind.VERIFY_FRAME, frame.id, now=row.received_at)
    tile = tile_of(wall(admin), attempt)
    assert (tile["display_name"], tile["title"]) == ("Test subject", "Lab 3")
    assert (tile["state"], tile["waiting_frames"]) == ("started", 1)
    assert tile["silent_after_seconds"] == 30
    assert tile["last_frame_at"] == moment_text(frame.received_at)
    assert tile["last"]["seq"] == 3
    assert tile["points"] == [[1, "match", 0.31], [2, "mismatch", 0.83], [3, "match", 0.31]]
    assert tile_of(wall(admin, "?points=0"), attempt)["points"] == []


def test_only_open_attempts_that_count_are_shown(admin, system, elsewhere: Elsewhere) -> None:
    shown = {
        elsewhere.attempt(system, state).id
        for state in (AttemptState.STARTED, AttemptState.READY, AttemptState.ERROR)
    }
    for state in (AttemptState.CREATED, AttemptState.SUBMITTED, AttemptState.EXPIRED):
        elsewhere.attempt(system, state)
    elsewhere.attempt(system, is_practice=True)
    assert {tile["attempt_id"] for tile in wall(admin)["tiles"]} == shown


def test_incidents_are_those_nobody_decided_on_strongest_first(admin, system, elsewhere, context):
    attempt = elsewhere.attempt(system)
    now = context.clock()
    with elsewhere.database.write() as session:
        low = make_incident(session, attempt, severity=Severity.LOW, now=now)
        high = make_incident(session, attempt, now=now)
        make_incident(session, attempt, now=now, withdrawn_at=now)
        make_incident(session, attempt, now=now, review_state=IncidentReviewState.DISMISSED)
        make_incident(session, attempt, now=now - timedelta(hours=13))
        over = make_incident(session, attempt, now=now, closed_at=now)
        other_exam = make_exam(session)
    found = [incident["id"] for incident in wall(admin)["incidents"]]
    assert found == [high.id, low.id, over.id]
    assert wall(admin, f"?exam_id={other_exam.id}")["incidents"] == []
    of_all = wall(admin, f"?exam_id={other_exam.id}&incidents_of=all")
    assert [incident["id"] for incident in of_all["incidents"]] == found
    assert of_all["tiles"] == []


def test_incident_of_somebody_erased_says_so(admin, student, elsewhere, context) -> None:
    attempt = elsewhere.attempt(student)
    with elsewhere.database.write() as session:
        make_incident(session, attempt, now=context.clock())
        subject = session.get_one(Subject, student.subject_id)
        subject.display_name, subject.erased_at = None, context.clock()
    answer = wall(admin)
    assert [incident["shown_name"] for incident in answer["incidents"]] == ["Erased student"]
    assert tile_of(answer, attempt)["shown_name"] == "Erased student"


def test_system_sees_its_own_and_students_nothing(
    system, other_system, student, elsewhere, context
):
    attempt = elsewhere.attempt(system)
    elsewhere.attempt(student)
    with elsewhere.database.write() as session:
        make_incident(session, attempt, now=context.clock())
    assert [tile["attempt_id"] for tile in wall(system)["tiles"]] == [attempt.id]
    assert len(wall(system)["incidents"]) == 1
    nothing = wall(other_system)
    assert (nothing["tiles"], nothing["incidents"]) == ([], [])
    assert student.get("/api/v1/wall").status_code == 403


def test_full_room_takes_as_many_queries_as_an_empty_one(admin, context) -> None:
    counts = []
    for size in (1, 25):
        with context.database.write() as session:
            add_incidents(session, fill_room(session, context, size, checks=3))
        with counted_statements(context.database) as statements:
            wall(admin)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] < 15


# Pictures


@pytest.fixture
def watched(context, student, elsewhere: Elsewhere) -> Attempt:
    attempt = elsewhere.attempt(student)
    with elsewhere.database.write() as session:
        for seq in (1, 2):
            make_frame(session, attempt, seq, images=context.images, content=small_jpeg(seq))
    return attempt


def look_at(caller, *attempts):
    wanted = {"attempt_ids": [attempt.id for attempt in attempts]}
    return caller.post("/api/v1/wall/looks", json=wanted)


def test_newest_pictures_are_shown_for_one_entry_that_names_who_was_watched(
    admin, context, watched, elsewhere, student
) -> None:
    other = elsewhere.attempt(student)
    answer = look_at(admin, watched, other)
    assert answer.status_code == 201
    look = answer.json()
    address = f"/api/v1/wall/looks/{look['id']}/pictures/{watched.id}"
    for _ in range(3):
        picture = admin.get(address)
        assert (picture.status_code, picture.content) == (200, small_jpeg(2))
        assert (picture.headers["x-frame-seq"], picture.headers["cache-control"]) == (
            "2",
            "no-store",
        )
    with context.database.read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.in_(["wall.looked", "frame.seen"]))
        ).all()
    assert [(entry.actor, entry.object_id) for entry in entries] == [(admin.user_id, look["id"])]
    assert set(entries[0].detail["attempt_ids"]) == {watched.id, other.id}


def test_reviewer_may_watch_and_student_and_system_may_not(
    admin, context, watched, system, student
) -> None:
    for who in (system, student):
        assert look_at(who, watched).status_code == 403
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = "reviewer"
    assert look_at(admin, watched).status_code == 201


def test_look_is_for_who_began_it_for_whom_it_names_and_for_an_hour(
    admin, context, watched, elsewhere, student
) -> None:
    look = look_at(admin, watched).json()
    other = elsewhere.attempt(student)

    def status(look_id: str, attempt: Attempt, who=admin) -> int:
        return who.get(f"/api/v1/wall/looks/{look_id}/pictures/{attempt.id}").status_code

    assert status(look["id"], watched) == 200
    assert status(look["id"], other) == 404
    assert status(look["id"], watched, student) == 404
    assert status("lok_" + "0" * 26, watched) == 404
    assert status("x" * 50, watched) == 404
    later = FrozenClock(context.clock() + timedelta(minutes=61))
    object.__setattr__(context, "clock", later)
    assert status(look["id"], watched) == 404


def test_look_at_nobody_is_refused_and_leaves_no_entry(admin, context) -> None:
    answer = admin.post("/api/v1/wall/looks", json={"attempt_ids": ["att_" + "0" * 26]})
    assert answer.status_code == 404
    assert admin.post("/api/v1/wall/looks", json={"attempt_ids": []}).status_code == 422
    with context.database.read() as session:
        count = (
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "wall.looked")
        )
        assert session.scalar(count) == 0
