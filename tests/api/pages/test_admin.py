from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from api.context import Context
from models.attempt import Attempt
from models.attempt_states import move
from models.enrollment import FaceEnrollment
from models.granted import Granted
from models.statuses import AttemptState, FaceCheck
from models.verification import Verification
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER, NASTY, Sitting
from tests.api.pages.document import Element, document
from tests.support.builders import (
    make_attempt,
    make_event,
    make_frame,
    make_question,
    make_verification,
)
from tests.support.incidents import make_incident

ADMIN_PAGES = [
    "/admin/dashboard",
    "/admin/exams",
    "/admin/students",
    "/admin/users",
    "/admin/attempts",
]

NO_CAMERA = Granted(face_check=FaceCheck.PERSON, allowance_ids=("alw_1",)).as_dict()


def timeline(admin: Caller, sitting: Sitting, query: str = "") -> Element:
    answer = admin.get(f"/admin/attempts/{sitting.attempt_id}{query}", headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return document(answer.text)


def keys(page: Element) -> list[str]:
    return [item.attributes["data-key"] for item in page.all("ol")[0].all("li")]


def frames(page: Element) -> list[str]:
    return [key for key in keys(page) if key.startswith("frame")]


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_admin_pages_are_closed_to_students(student: Caller, path: str) -> None:
    answer = student.get(path, headers=BROWSER)
    assert answer.status_code == 403
    assert len(document(answer.text).all("h1")) == 1


def test_timeline_is_closed_to_the_student_it_is_about(prepared: Caller, sitting: Sitting) -> None:
    answer = prepared.get(f"/admin/attempts/{sitting.attempt_id}", headers=BROWSER)
    assert answer.status_code in {403, 404}


def test_stranger_is_sent_to_sign_in(anonymous: Caller) -> None:
    answer = anonymous.get("/admin/users", headers=BROWSER)
    assert answer.status_code == 303
    assert unquote(answer.headers["location"]) == "/login?next=/admin/users"


def test_first_steps_are_shown_until_there_is_an_exam(admin: Caller, reviewer: Caller) -> None:
    def shown(caller: Caller) -> bool:
        return "First steps" in caller.get("/admin/dashboard", headers=BROWSER).text

    assert shown(admin)
    # Who cannot set up an exam is not asked to.
    assert not shown(reviewer)
    exam = {"title": "Algebra", "duration_seconds": 60}
    assert admin.post("/api/v1/exams", json=exam).status_code == 201
    assert not shown(admin)


def test_first_steps_are_not_for_a_service_that_only_other_systems_use(
    admin: Caller, student: Caller, context: Context
) -> None:
    with context.database.write() as session:
        make_attempt(session, student.subject_id)
    assert "First steps" not in admin.get("/admin/dashboard", headers=BROWSER).text


def test_dashboard_shows_the_mismatch_and_where_it_is(admin: Caller, sitting: Sitting) -> None:
    page = document(admin.get("/admin/dashboard", headers=BROWSER).text)
    links = [link.attributes["href"] for link in page.all("a")]
    link = next(link for link in links if link.endswith("#frame-2"))
    shown = document(admin.get(link.partition("#")[0], headers=BROWSER).text)
    assert frames(shown)[0] == "frame-2"


def test_claim_stands_beside_the_verdict(admin: Caller, sitting: Sitting) -> None:
    frame = timeline(admin, sitting).by_id("frame-2")
    text = " ".join(frame.whole_text().split())
    assert "One face" in text
    assert "Mismatch" in text
    assert "Page and server disagree" in text
    assert "disagrees" in frame.attributes["class"]
    assert "0.830" in text
    assert frame.all("img")[0].attributes["src"].endswith(f"{sitting.attempt_id}/frames/2/image")
    box = next(one for one in frame.all("rect") if "box-found" in one.attributes["class"])
    assert (box.attributes["x"], box.attributes["height"]) == ("10", "40")


def test_details_say_how_closely_was_looked_and_how_many_references_agree(
    admin: Caller, sitting: Sitting, context: Context
) -> None:
    figures = [
        ("glance", 2, 3, "at a glance", "2 of 3 reference pictures agree"),
        ("close", 0, 2, "closely", "0 of 2 reference pictures agree"),
        (None, 1, 1, None, None),
    ]
    with context.database.write() as session:
        rows = session.scalars(select(Verification).order_by(Verification.id)).all()
        for row, (look, agreeing, count, *_shown) in zip(rows, figures, strict=True):
            agreement = {"best": 0.3, "median": 0.4, "agreeing": agreeing, "count": count}
            row.look, row.reference_agreement = look, agreement
    page = timeline(admin, sitting)
    for seq, (*_stored, looked, agreement) in zip((1, 2, 6), figures, strict=True):
        details = page.by_id(f"frame-{seq}").all("dl")[0]
        names, values = details.all("dt"), details.all("dd")
        shown = {name.text: value.text for name, value in zip(names, values, strict=True)}
        assert (shown.get("Looked at"), shown.get("Agreement")) == (looked, agreement)


def test_timeline_is_newest_first_and_shows_gaps_and_events(
    admin: Caller, sitting: Sitting
) -> None:
    shown = [key.split("-")[0] for key in keys(timeline(admin, sitting))]
    assert shown == ["event", "frame", "gap", "frame", "frame", *["transition"] * 3]


def test_everything_is_shown_by_default(admin: Caller, sitting: Sitting) -> None:
    page = timeline(admin, sitting)
    current = [link for link in page.all("a") if link.attributes.get("aria-current") == "true"]
    assert current[-1].text.strip() == "Everything"
    assert frames(page) == ["frame-6", "frame-2", "frame-1"]


def test_filter_says_what_it_hides(admin: Caller, sitting: Sitting) -> None:
    page = timeline(admin, sitting, "?show=match")
    assert frames(page) == ["frame-6", "frame-1"]
    assert "hides 3 entries that need a look" in " ".join(page.whole_text().split())


def test_filter_for_attention_hides_no_problem(admin: Caller, sitting: Sitting) -> None:
    page = timeline(admin, sitting, "?show=attention")
    assert [key.split("-")[0] for key in keys(page)] == ["event", "gap", "frame"]
    assert "hides" not in page.whole_text()


def test_long_timeline_is_read_in_parts(admin: Caller, sitting: Sitting, context: Context) -> None:
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        for seq in range(7, 150):
            now = context.clock() + timedelta(seconds=seq)
            make_frame(session, attempt, seq, now=now)
    seen: list[str] = []
    page = timeline(admin, sitting)
    while True:
        seen += frames(page)
        earlier = [link for link in page.all("a") if link.attributes.get("rel") == "prev"]
        if not earlier:
            break
        query = earlier[0].attributes["href"].partition("?")[2]
        page = timeline(admin, sitting, f"?{query}")
    assert seen == [f"frame-{seq}" for seq in [*range(149, 5, -1), 2, 1]]


def test_filtered_timeline_is_read_in_parts_too(
    admin: Caller, sitting: Sitting, context: Context
) -> None:
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        for seq in range(7, 457):
            # Three come at each moment, as a backlog does.
            now = context.clock() + timedelta(seconds=seq // 3)
            frame = make_frame(session, attempt, seq, now=now)
            make_verification(session, attempt=attempt, frame=frame)
    seen: list[str] = []
    query, parts = "show=match", 0
    while query:
        page = timeline(admin, sitting, f"?{query}")
        seen += frames(page)
        parts += 1
        earlier = [link for link in page.all("a") if link.attributes.get("rel") == "prev"]
        query = earlier[0].attributes["href"].partition("?")[2] if earlier else ""
    assert seen == [f"frame-{seq}" for seq in [*range(456, 5, -1), 1]]
    assert parts == 5


@pytest.mark.parametrize(
    ("state", "granted", "said"),
    [
        (AttemptState.STARTED, {}, "No frame has come yet."),
        (AttemptState.SUBMITTED, {}, "No frame came in this attempt."),
        (AttemptState.STARTED, NO_CAMERA, "No camera is used in this attempt"),
    ],
)
def test_attempt_without_frames_has_no_chart_and_nothing_to_score_again(
    admin: Caller,
    prepared: Caller,
    context: Context,
    state: AttemptState,
    granted: dict[str, Any],
    said: str,
) -> None:
    with context.database.write() as session:
        attempt = make_attempt(
            session, prepared.subject_id, state, now=context.clock(), allowances=granted
        )
        incident = make_incident(session, attempt, "away", "low", now=context.clock())
    for address in (f"/admin/attempts/{attempt.id}", f"/admin/incidents/{incident.id}"):
        page = document(admin.get(address, headers=BROWSER).text)
        text = page.whole_text()
        assert said in text
        assert "Drag to zoom" not in text
        assert "Choose a moment" not in text
        assert "Upper dashes" not in text
        assert not [one for one in page.everything() if one.attributes.get("id") == "course"]
    text = document(admin.get(f"/admin/attempts/{attempt.id}", headers=BROWSER).text).whole_text()
    assert "so there is nothing to score again" in text
    assert "Score this attempt again" not in text


def test_legend_says_what_the_chart_shows_and_where_the_thresholds_lie(
    admin: Caller, sitting: Sitting, context: Context
) -> None:
    def legend(address: str) -> str:
        page = document(admin.get(address, headers=BROWSER).text)
        (found,) = [one for one in page.all("ul") if one.attributes.get("class") == "course-legend"]
        return found.whole_text()

    shown = legend(f"/admin/attempts/{sitting.attempt_id}")
    for words in ("Lower dashes: match up to 0.50", "Upper dashes: mismatch from 0.60"):
        assert words in shown
    assert "Incident, high" not in shown
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        incident = make_incident(session, attempt, now=context.clock())
    shown = legend(f"/admin/incidents/{incident.id}")
    for words in ("Upper dashes: mismatch from 0.60", "Incident, high", "The frame shown above"):
        assert words in shown


def test_attempt_whose_frames_all_wait_is_not_scored_again_yet(
    admin: Caller, prepared: Caller, context: Context
) -> None:
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, prepared.subject_id, AttemptState.STARTED, now=now)
        make_frame(session, attempt, 1, now=now)
    text = document(admin.get(f"/admin/attempts/{attempt.id}", headers=BROWSER).text).whole_text()
    assert "No frame of this attempt has a verdict yet." in text
    assert "Score this attempt again" not in text


def test_flood_of_events_leaves_a_way_to_the_newest(
    admin: Caller, sitting: Sitting, context: Context
) -> None:
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        for second in range(450):
            now = context.clock() + timedelta(seconds=second)
            make_event(session, attempt, "clipboard", "copy", now=now)
    page = timeline(admin, sitting)
    newer = [one for one in page.all("a") if "after=" in one.attributes["href"]]
    query = newer[0].attributes["href"].partition("?")[2]
    last = timeline(admin, sitting, f"?{query}")
    assert len(keys(page)) + len(keys(last)) >= 450
    assert not [one for one in last.all("a") if "after=" in one.attributes["href"]]


@pytest.mark.parametrize("query", ["?show=nothing", "?before=yesterday", "?after=x"])
def test_senseless_query_is_refused_with_a_page(
    admin: Caller, sitting: Sitting, query: str
) -> None:
    answer = admin.get(f"/admin/attempts/{sitting.attempt_id}{query}", headers=BROWSER)
    assert answer.status_code == 422
    assert document(answer.text).all("h1")


def test_users_are_listed_with_role_and_access(admin: Caller, student: Caller) -> None:
    rows = document(admin.get("/admin/users", headers=BROWSER).text).all("tr")
    shown = {row.all("td")[1].text: row.whole_text() for row in rows[1:]}
    assert "Student" in shown["anna"]
    assert "Admin" in shown["root"]


def new_exam(admin: Caller, **fields: str):
    form = {"title": "Algebra", "duration_minutes": "45", "frame_interval_seconds": "5", **fields}
    return admin.post("/admin/exams", data=form, headers=BROWSER)


def test_new_exam_shows_its_join_code(admin: Caller) -> None:
    answer = new_exam(
        admin, title=NASTY, description="First line\r\nsecond", opens_at="2026-11-23T09:00"
    )
    assert answer.status_code == 303
    page = admin.get("/admin/exams", headers=BROWSER)
    assert NASTY not in page.text
    card = next(
        one for one in document(page.text).all("li") if one.attributes.get("class") == "card"
    )
    assert NASTY in card.whole_text()
    assert "45 min" in card.whole_text()
    code = card.all("code")[0].text
    assert len(code) == 9
    assert "2026-11-23T09:00:00.000000Z" in page.text


def test_new_exam_says_what_comes_next_until_there_are_questions(
    admin: Caller, context: Context
) -> None:
    address = new_exam(admin).headers["location"]
    page = document(admin.get(address, headers=BROWSER).text)
    text = " ".join(page.whole_text().split())
    assert "Made. Next: , then give the code" in text
    links = [one.attributes["href"] for one in page.all("a") if one.text == "write the questions"]
    exam_id = address.partition("?")[0].rsplit("/", 1)[-1]
    assert links == [f"/admin/exams/{exam_id}/questions"]
    with context.database.write() as session:
        make_question(session, exam_id)
    assert "Made. Next" not in admin.get(address, headers=BROWSER).text


def test_exam_without_questions_that_was_started_invites_to_none(
    admin: Caller, sitting: Sitting
) -> None:
    page = document(admin.get(f"/admin/exams/{sitting.exam_id}", headers=BROWSER).text)
    assert "questions can neither come nor go any more" in page.whole_text()
    assert "Write the first question" not in page.whole_text()


def test_moment_of_the_script_carries_its_zone(admin: Caller) -> None:
    new_exam(admin, opens_at="2026-11-23T09:00:00.000Z", closes_at="2026-11-23T12:00:00+01:00")
    page = admin.get("/admin/exams", headers=BROWSER).text
    assert "2026-11-23T11:00:00.000000Z" in page


def test_refused_exam_keeps_what_was_typed(admin: Caller) -> None:
    answer = new_exam(admin, title="", duration_minutes="many", description=NASTY)
    page = document(answer.text)
    assert answer.status_code == 422
    assert page.by_id("duration_minutes").attributes["value"] == "many"
    assert page.by_id("description").text == NASTY
    assert "must be a number" in page.by_id("duration_minutes-error").text


def test_exam_that_closes_before_it_opens_is_refused(admin: Caller) -> None:
    answer = new_exam(admin, opens_at="2026-11-23T09:00", closes_at="2026-11-23T08:00")
    assert answer.status_code == 422
    assert document(answer.text).by_id("closes_at-error")


def test_exam_needs_the_token_of_the_form(admin: Caller) -> None:
    del admin.client.headers["X-CSRF-Token"]
    assert new_exam(admin).status_code == 403
    assert new_exam(admin, csrf_token=admin.csrf_token or "").status_code == 303


LIKE_BERTA = " like Berta, distance 0.312"


@pytest.fixture
def look_alike(context: Context, sitting: Sitting, other_student: Caller) -> str:
    """The student's enrolled face is like Berta's; return Berta's subject id."""
    warning = {
        "code": "resembles_other_subject",
        "message": "The face is like another subject's.",
        "subject_id": other_student.subject_id,
        "enrollment_id": "enr_1",
        "distance": 0.3123,
    }
    with context.database.write() as session:
        enrollment = session.scalars(select(FaceEnrollment)).one()
        enrollment.warnings = [warning]
        session.get_one(Attempt, sitting.attempt_id).enrollment_id = enrollment.id
    return other_student.subject_id or ""


def shown(admin: Caller, path: str) -> str:
    return " ".join(document(admin.get(path, headers=BROWSER).text).whole_text().split())


def test_admins_are_told_whom_an_enrolled_face_is_like(
    admin: Caller, prepared: Caller, sitting: Sitting, look_alike: str
) -> None:
    student, attempt = f"/admin/students/{prepared.subject_id}", sitting.attempt_id
    for path in ("/admin/dashboard", student, f"/admin/attempts/{attempt}"):
        assert LIKE_BERTA in shown(admin, path), path
    assert "Like another" in shown(admin, "/admin/students")


def test_no_page_of_a_student_tells_whom_a_face_is_like(
    prepared: Caller, sitting: Sitting, look_alike: str
) -> None:
    for path in ("/", "/enrollment", f"/attempts/{sitting.attempt_id}"):
        answer = prepared.get(path, headers=BROWSER)
        assert answer.status_code == 200
        for told in ("Berta", look_alike, "0.312", "needs a look"):
            assert told not in answer.text


def test_nobody_needs_a_look_without_a_warning(
    admin: Caller, context: Context, sitting: Sitting
) -> None:
    with context.database.write() as session:
        session.scalars(select(FaceEnrollment)).one().warnings = []
    assert "Enrolled faces that need a look" not in shown(admin, "/admin/dashboard")
    assert "needs a look:" not in shown(admin, f"/admin/attempts/{sitting.attempt_id}")
    students = shown(admin, "/admin/students")
    assert "Enrolled" in students
    assert "Like another" not in students


def test_another_system_that_moved_an_attempt_is_named_on_page_and_report(
    admin: Caller, prepared: Caller, system: Caller, other_system: Caller, context: Context
) -> None:
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, prepared.subject_id, AttemptState.STARTED, now=now)
        for target, actor in (
            (AttemptState.ERROR, system.client_id),
            (AttemptState.STARTED, other_system.client_id),
        ):
            move(session, attempt, target, actor=actor, reason="By a key.", now=now)
    address = f"/admin/attempts/{attempt.id}"
    with counted_statements(context.database) as statements:
        text = document(admin.get(address, headers=BROWSER).text).whole_text()
    report = admin.get(f"/api/v1/attempts/{attempt.id}/report").text
    for shown in (text, report):
        assert "lms (system)" in shown
        assert "another lms (system)" in shown
        assert system.client_id not in shown
    assert sum("FROM api_client" in statement for statement in statements) == 1


def test_what_is_handed_in_is_called_so_once_and_everywhere(
    admin: Caller, prepared: Caller, context: Context
) -> None:
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, prepared.subject_id, AttemptState.STARTED, now=now)
        target, reason = AttemptState.SUBMITTED, "Handed in."
        move(session, attempt, target, actor=prepared.user_id, reason=reason, now=now)
    address = f"/admin/attempts/{attempt.id}"
    page = document(admin.get(address, headers=BROWSER).text)
    (entry,) = [
        item
        for item in page.all("li")
        if item.attributes.get("data-key", "").endswith("-submitted")
    ]
    assert entry.whole_text().count("Handed in") == 1
    of_admins = ("/admin/attempts", "/admin/wall", "/admin/ops", f"{address}/report")
    for answer in (
        *(admin.get(path, headers=BROWSER) for path in (address, *of_admins)),
        prepared.get("/", headers=BROWSER),
    ):
        assert answer.status_code == 200
        text = answer.text
        assert "Submitted" not in text
        assert "Rescore" not in text
