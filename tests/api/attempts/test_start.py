"""Starting: only once the server has just recognised the right person, one exam at a time."""

import pytest

from models.attempt import Attempt
from models.attempt_states import expire_overdue, make_ready_if_possible
from models.statuses import Verdict
from tests.support.builders import make_enrollment, make_frame, make_verification
from tests.support.papers import be_seen, join, paper_of, prepare, save, set_up_exam, start


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


@pytest.fixture
def attempt(exam, student, context):
    prepare(student, context)
    return join(student, exam)


def begin(student, attempt):
    return student.post(f"/api/v1/attempts/{attempt['id']}/start")


def state_of(caller, attempt):
    return caller.get(f"/api/v1/attempts/{attempt['id']}").json()


def test_nobody_starts_unseen(student, attempt):
    answer = begin(student, attempt)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_verified_frame")
    assert state_of(student, attempt)["state"] == "ready"
    assert state_of(student, attempt)["verified_frame_at"] is None


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.MATCH])
def test_only_a_match_opens_the_start(student, attempt, context, verdict):
    be_seen(context, attempt["id"], verdict)
    assert begin(student, attempt).json()["code"] == "no_verified_frame"


def test_a_match_of_long_ago_opens_nothing(student, attempt, context, clock, settings):
    be_seen(context, attempt["id"])
    assert state_of(student, attempt)["verified_frame_at"] is not None
    clock.advance(settings.start_frame_seconds + 1)
    assert state_of(student, attempt)["verified_frame_at"] is None
    assert begin(student, attempt).json()["code"] == "no_verified_frame"


def test_a_match_with_an_earlier_face_opens_nothing(student, attempt, context):
    be_seen(context, attempt["id"])
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, version=2, now=context.clock())
    assert begin(student, attempt).json()["code"] == "no_verified_frame"
    with context.database.write() as session:
        row = session.get_one(Attempt, attempt["id"])
        make_ready_if_possible(session, row, context.clock())
        frame = make_frame(session, row, 2, now=context.clock())
        make_verification(
            session, attempt=row, frame=frame, now=context.clock(), enrollment_version=2
        )
    assert begin(student, attempt).status_code == 200


def test_a_match_of_another_attempt_opens_nothing(student, admin, attempt, context):
    other = join(student, set_up_exam(admin, title="Other"))
    be_seen(context, other["id"])
    assert begin(student, attempt).json()["code"] == "no_verified_frame"


def test_nobody_starts_for_somebody_else(student, other_student, admin, attempt, context):
    be_seen(context, attempt["id"])
    assert begin(other_student, attempt).status_code == 404
    assert begin(admin, attempt).status_code == 403
    assert begin(student, attempt).status_code == 200
    assert admin.post(f"/api/v1/attempts/{attempt['id']}/submit").status_code == 403


def test_one_exam_at_a_time(student, admin, exam, attempt, context, clock):
    be_seen(context, attempt["id"])
    assert begin(student, attempt).status_code == 200
    other = join(student, set_up_exam(admin, title="Other"))
    be_seen(context, other["id"])
    answer = begin(student, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "another_attempt_runs")
    assert "Art and numbers" in answer.json()["detail"]
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert begin(student, other).status_code == 200


def test_practice_is_repeatable_and_gives_way(student, admin, exam, context):
    prepare(student, context)
    practice = student.post("/api/v1/attempts/practice").json()
    assert practice["is_practice"]
    assert student.post("/api/v1/attempts/practice").json()["id"] == practice["id"]
    be_seen(context, practice["id"])
    assert begin(student, practice).status_code == 200
    assert len(paper_of(student, practice["id"])) == 4
    start(student, context, exam)
    assert state_of(student, practice)["state"] == "submitted"
    again = student.post("/api/v1/attempts/practice")
    assert again.status_code == 201
    assert again.json()["id"] != practice["id"]


def test_practice_that_cannot_be_sat_now_is_passed_over(student, admin, context):
    prepare(student, context)
    set_up_exam(admin, title="Over", is_practice=True, closes_at="2026-11-01T00:00:00Z")
    assert student.post("/api/v1/attempts/practice").json()["exam"]["title"] == "Practice"
    ours = set_up_exam(admin, title="Ours", is_practice=True)
    assert student.post("/api/v1/attempts/practice").json()["exam"]["id"] == ours["id"]


def test_practice_needs_the_server_to_see_somebody_too(student, admin, context):
    prepare(student, context)
    practice = student.post("/api/v1/attempts/practice").json()
    assert begin(student, practice).json()["code"] == "no_verified_frame"


def test_broken_off_attempt_goes_on_with_what_was_left(student, admin, attempt, context, clock):
    be_seen(context, attempt["id"])
    begin(student, attempt)
    question_id = paper_of(student, attempt["id"])[3]["id"]
    save(student, attempt["id"], question_id, {"text": "before"})
    clock.advance(600)
    address = f"/api/v1/attempts/{attempt['id']}/break-off"
    assert student.post(address, json={"reason": "me"}).status_code == 403
    broken = admin.post(address, json={"reason": "The power failed."}).json()
    assert (broken["state"], broken["remaining_seconds"]) == ("error", 3000)
    clock.advance(7200)
    with context.database.write() as session:
        assert expire_overdue(session, clock()) == 0
    assert begin(student, attempt).json()["code"] == "no_verified_frame"
    be_seen(context, attempt["id"], seq=2)
    resumed = begin(student, attempt).json()
    assert (resumed["state"], resumed["remaining_seconds"]) == ("started", None)
    again = paper_of(student, attempt["id"])
    assert again[3]["answer"]["value"] == {"text": "before"}
    clock.advance(3031)
    assert save(student, attempt["id"], question_id, {"text": "x"}, 2).status_code == 409


def test_client_sets_neither_time_nor_points(student, attempt, context):
    be_seen(context, attempt["id"])
    wish = {"deadline_at": "2030-01-01T00:00:00Z", "duration_seconds": 10**6, "points": 100}
    address = f"/api/v1/attempts/{attempt['id']}/start"
    started = student.client.post(address, json=wish).json()
    assert started["deadline_at"] == "2026-11-23T11:00:00.123456Z"
    assert student.patch(f"/api/v1/attempts/{attempt['id']}", json=wish).status_code == 405
    answer = student.client.post(f"/api/v1/attempts/{attempt['id']}/submit", json=wish).json()
    assert answer["awarded_points"] is None
