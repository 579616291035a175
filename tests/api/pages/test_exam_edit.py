"""Changing an exam by forms: what is typed is kept, and what is not touched stays."""

import pytest
from sqlalchemy import event, select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.exam import Exam
from models.statuses import AttemptState, Role
from models.user import User
from tests.api.pages.conftest import BROWSER, NASTY
from tests.api.pages.document import document
from tests.api.pages.forms import filled, look, send, text_of
from tests.support.builders import make_attempt, make_exam
from tests.support.papers import join, set_up_exam


@pytest.fixture
def exam(admin):
    return set_up_exam(
        admin,
        description="First\nsecond",
        opens_at="2026-11-23T08:30:15Z",
        closes_at="2026-11-25T18:00:00Z",
        duration_seconds=100,
        frame_interval_seconds=2.5,
        shows_points=True,
    )


def address(exam, page=""):
    return f"/admin/exams/{exam['id']}{page}"


def shown(admin, exam):
    return admin.get(f"/api/v1/exams/{exam['id']}").json()


def actions(context, exam):
    with context.database.read() as session:
        entries = select(AuditEntry).where(AuditEntry.object_id == exam["id"])
        return [
            (entry.action, entry.detail.get("fields"))
            for entry in session.scalars(entries.order_by(AuditEntry.number))
        ]


def test_form_sent_as_it_stands_changes_nothing(admin, context, exam):
    before = shown(admin, exam)
    form = filled(look(admin, address(exam, "/edit")), "exam-form")
    answer = send(admin, address(exam, "/edit"), **form)
    assert (answer.status_code, answer.headers["location"]) == (303, address(exam))
    assert shown(admin, exam) == before
    assert actions(context, exam) == [("exam.created", None), ("exam.questions", None)]


def test_what_is_typed_is_saved_and_recorded(admin, context, exam):
    form = filled(look(admin, address(exam, "/edit")), "exam-form")
    del form["shows_points"]
    form |= {
        "title": "Analysis",
        "description": "",
        "opens_at": "",
        "closes_at": "2026-11-26T10:00:00.000Z",
        "duration_minutes": "90",
        "frame_interval_seconds": "0,5",
        "needs_approved_enrollment": "on",
        "is_practice": "on",
    }
    assert send(admin, address(exam, "/edit"), **form).status_code == 303
    after = shown(admin, exam)
    assert (after["title"], after["description"]) == ("Analysis", "")
    assert (after["opens_at"], after["closes_at"]) == (None, "2026-11-26T10:00:00.000000Z")
    assert (after["duration_seconds"], after["frame_interval_seconds"]) == (5400, 0.5)
    switches = ("needs_approved_enrollment", "is_practice", "shows_points")
    assert [after[name] for name in switches] == [True, True, False]
    changed = [
        "closes_at",
        "description",
        "duration_seconds",
        "frame_interval_seconds",
        "is_practice",
        "needs_approved_enrollment",
        "opens_at",
        "shows_points",
        "title",
    ]
    assert actions(context, exam)[-1] == ("exam.changed", changed)


def test_refused_settings_keep_what_was_typed(admin, exam):
    before = shown(admin, exam)
    typed = {
        "seen": "",
        "title": "",
        "description": NASTY,
        "duration_minutes": "many",
        "frame_interval_seconds": "1e400",
        "opens_at": "2026-11-23T09:00",
        "closes_at": "soon",
        "shuffles_choices": "on",
    }
    answer = send(admin, address(exam, "/edit"), **typed)
    assert answer.status_code == 422
    page = document(answer.text)
    for name in ("title", "duration_minutes", "frame_interval_seconds", "closes_at"):
        assert page.by_id(f"{name}-error").text, name
        assert page.by_id(name).attributes.get("value", "") == typed[name], name
    assert page.by_id("description").text == NASTY
    assert page.by_id("opens_at").attributes["value"] == typed["opens_at"]
    assert "checked" in page.by_id("shuffles_choices").attributes
    assert "checked" not in page.by_id("shows_points").attributes
    assert shown(admin, exam) == before


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(admin, exam):
    mine = filled(look(admin, address(exam, "/edit")), "exam-form") | {"duration_minutes": "90"}
    admin.client.patch(
        f"/api/v1/exams/{exam['id']}", json={"title": "Theirs", "shows_points": False}
    )
    answer = send(admin, address(exam, "/edit"), **mine)
    assert answer.status_code == 409
    page = document(answer.text)
    assert page.by_id("duration_minutes").attributes["value"] == "90"
    assert "Theirs" in text_of(page)
    after = shown(admin, exam)
    assert (after["title"], after["duration_seconds"]) == ("Theirs", 100)
    assert send(admin, address(exam, "/edit"), **filled(page, "exam-form")).status_code == 303
    after = shown(admin, exam)
    assert (after["title"], after["duration_seconds"]) == ("Art and numbers", 5400)
    assert after["shows_points"]


def test_exam_cannot_close_before_it_opens(admin, exam):
    form = filled(look(admin, address(exam, "/edit")), "exam-form")
    answer = send(admin, address(exam, "/edit"), **form | {"closes_at": "2026-11-20T10:00"})
    assert answer.status_code == 422
    assert document(answer.text).by_id("closes_at-error")


def test_attempts_keep_what_they_were_opened_with_and_the_page_says_so(
    admin, student, context, exam
):
    assert "keep" not in text_of(look(admin, address(exam, "/edit")))
    attempt_id = join(student, exam)["id"]
    page = look(admin, address(exam, "/edit"))
    assert "1 attempt exists, and keeps what it was opened with" in text_of(page)
    form = filled(page, "exam-form") | {"duration_minutes": "600", "frame_interval_seconds": "9"}
    assert send(admin, address(exam, "/edit"), **form).status_code == 303
    with context.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
        assert (attempt.duration_seconds, attempt.frame_interval_seconds) == (100, 2.5)


def test_archiving_asks_first_and_can_be_undone(admin, student, context, exam):
    with context.database.write() as session:
        make_attempt(session, student.subject_id, AttemptState.STARTED, exam_id=exam["id"])
        make_attempt(session, student.subject_id, AttemptState.READY, exam_id=exam["id"])
    question = text_of(look(admin, address(exam, "/archive")))
    assert "1 attempt is in progress" in question
    assert "1 attempt has not started or broke off" in question
    assert shown(admin, exam)["archived_at"] is None
    assert send(admin, address(exam, "/archive")).headers["location"] == "/admin/exams"
    assert exam["title"] not in text_of(look(admin, "/admin/exams"))
    assert exam["title"] in text_of(look(admin, "/admin/exams?show=archived"))
    page = look(admin, address(exam))
    assert "This exam was archived" in text_of(page)
    for inner in ("/edit", "/archive", "/questions", "/import", "/proctoring"):
        look(admin, address(exam, inner), 404)
    assert send(admin, address(exam, "/restore")).status_code == 303
    assert shown(admin, exam)["archived_at"] is None
    changes = [action for action, _ in actions(context, exam) if action != "exam.seen"]
    assert changes[-2:] == ["exam.archived", "exam.restored"]


def test_copy_leads_to_the_settings_of_the_copy(admin, exam):
    answer = send(admin, address(exam, "/copy"))
    assert answer.status_code == 303
    page = look(admin, answer.headers["location"])
    assert page.by_id("title").attributes["value"] == "Art and numbers (copy)"
    assert "value" not in page.by_id("opens_at").attributes


def test_new_code_is_drawn_on_demand(admin, student, exam):
    assert send(admin, address(exam, "/join-code")).status_code == 303
    code = look(admin, address(exam)).by_id("code").text
    assert code != exam["join_code"]
    old = student.post("/api/v1/exams/join", json={"join_code": exam["join_code"]})
    assert old.status_code == 404


def test_preset_sets_interval_and_approval(admin, exam):
    page = text_of(look(admin, address(exam, "/proctoring")))
    assert "1800" in page
    assert "one pair in 3,300" in page
    assert "10.8 % in good pictures, 27.6 % in webcam-like ones" in page
    assert send(admin, address(exam, "/proctoring"), preset="strict").status_code == 303
    after = shown(admin, exam)
    assert (after["frame_interval_seconds"], after["needs_approved_enrollment"]) == (2, True)
    assert "Strict: a frame every 2 s" in text_of(look(admin, address(exam)))
    assert send(admin, address(exam, "/proctoring"), preset="cruel").status_code == 422
    assert send(admin, address(exam, "/proctoring")).status_code == 422


def test_thresholds_nobody_measured_are_shown_without_a_rate(admin, context, exam):
    policy = {"match_threshold": 0.47, "mismatch_threshold": 0.63}
    with context.database.write() as session:
        session.get_one(Exam, exam["id"]).policy = policy
    page = text_of(look(admin, address(exam, "/proctoring")))
    assert page.count("not measured here") == 4
    assert "thresholds have changed since this exam was made" in page
    assert send(admin, address(exam, "/thresholds")).status_code == 303
    page = text_of(look(admin, address(exam, "/proctoring")))
    assert "not measured here" not in page
    assert "have changed since" not in page
    assert actions(context, exam)[-1] == ("exam.changed", ["policy"])


def test_exam_page_counts_attempts_and_shows_those_of_a_state(admin, student, context, exam):
    with context.database.write() as session:
        for state in (AttemptState.SUBMITTED, AttemptState.EXPIRED, AttemptState.EXPIRED):
            make_attempt(session, student.subject_id, state, exam_id=exam["id"])
        review = make_attempt(
            session, student.subject_id, AttemptState.SECOND_REVIEW_REQUIRED, exam_id=exam["id"]
        )
    page = look(admin, address(exam))
    links = {link.attributes["href"]: text_of(link) for link in page.all("a")}
    assert links[f"{address(exam)}#attempts"] == "All 4"
    assert links["?state=expired#attempts"] == "Expired 2"
    only = look(admin, address(exam, "?state=second_review_required"))
    rows = [
        link.attributes["href"]
        for link in only.all("a")
        if link.attributes["href"].startswith("/admin/attempts/")
    ]
    assert rows == [f"/admin/attempts/{review.id}"]
    card = next(
        one
        for one in look(admin, "/admin/exams").all("li")
        if one.attributes.get("class") == "card"
    )
    assert "1 to review" in text_of(card)
    assert "expired 2" in text_of(card)
    assert "4 questions" in text_of(card)


def test_attempts_of_an_exam_are_read_in_parts(admin, student, context, exam):
    with context.database.write() as session:
        for _ in range(3):
            make_attempt(session, student.subject_id, AttemptState.EXPIRED, exam_id=exam["id"])
    seen, query = [], "?state=expired&limit=2"
    while query:
        page = look(admin, address(exam, query))
        links = [link.attributes for link in page.all("a")]
        seen += [one["href"] for one in links if one["href"].startswith("/admin/attempts/")]
        query = next((one["href"] for one in links if one.get("rel") == "next"), "")
        query = query.removesuffix("#attempts")
    assert len(seen) == len(set(seen)) == 3


def test_list_keeps_filter_and_search_from_part_to_part(admin, context):
    with context.database.write() as session:
        for number in range(3):
            make_exam(session, title=f"Algebra & more {number}")
    page = look(admin, "/admin/exams?search=a+%26+m&show=open&limit=2")
    assert page.by_id("search").attributes["value"] == "a & m"
    (link,) = [link for link in page.all("a") if link.attributes.get("rel") == "next"]
    rest = look(admin, link.attributes["href"])
    titles = [one.text for one in rest.all("a") if one.attributes.get("class") == "card-title"]
    assert titles == ["Algebra & more 0"]


def test_list_of_any_length_takes_the_same_queries(admin, student, context):
    def queries():
        statements = []

        def note(*one):
            statements.append(one[2])

        event.listen(context.database.engine, "before_cursor_execute", note)
        look(admin, "/admin/exams")
        event.remove(context.database.engine, "before_cursor_execute", note)
        return len(statements)

    def add(count):
        with context.database.write() as session:
            for _ in range(count):
                exam = make_exam(session)
                make_attempt(session, student.subject_id, exam_id=exam.id)

    add(1)
    first = queries()
    add(20)
    assert queries() == first


FORMS = ["edit", "archive", "restore", "copy", "join-code", "proctoring", "thresholds", "import"]


@pytest.mark.parametrize("form", [*FORMS, "questions/new", "questions/move"])
def test_nobody_else_changes_an_exam(admin, student, context, exam, form):
    fields = {"title": "Mine", "preset": "gentle", "kind": "long_text", "text": "?"}
    before = shown(admin, exam)
    assert send(student, address(exam, f"/{form}"), **fields).status_code == 403
    token = admin.client.headers.pop("X-CSRF-Token")
    without = admin.post(address(exam, f"/{form}"), data=fields, headers=BROWSER)
    assert without.status_code == 403
    admin.client.headers["X-CSRF-Token"] = token
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    assert send(admin, address(exam, f"/{form}"), **fields).status_code == 403
    assert shown(admin, exam) == before


def test_reviewer_reads_the_pages_and_finds_no_form(admin, context, exam):
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    for page in ("", "/questions", "/proctoring"):
        forms = look(admin, address(exam, page)).by_id("content").all("form")
        assert forms == [], page
