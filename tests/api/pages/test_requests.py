"""Requests: faces approved in a row, and what is said when somebody else was faster."""

import pytest
from sqlalchemy import select

from api.pages import face_queue
from models.attempt import Attempt
from models.audit import AuditEntry
from models.enrollment import FaceEnrollment
from models.statuses import AttemptState, EnrollmentState
from models.user import User
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document
from tests.api.pages.forms import look, send, text_of
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject
from tests.support.pictures import small_jpeg

PATH = "/admin/requests"


def add_faces(context, *names, **columns) -> dict[str, str]:
    """Return the subjects, by name, whose enrolled faces an exam wants approved."""
    with context.database.write() as session:
        exam = make_exam(session, needs_approved_enrollment=True)
        ids = {}
        for name in names:
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            pictures = [small_jpeg(), b"another picture"]
            make_enrollment(
                session, subject.id, images=context.images, contents=pictures, **columns
            )
            make_attempt(session, subject.id, AttemptState.CREATED, exam_id=exam.id)
            ids[name] = subject.id
    return ids


def cards(caller: Caller, query: str = "", status: int = 200) -> dict[str, Element]:
    page = look(caller, f"{PATH}{query}", status)
    return cards_of(page)


def cards_of(page: Element) -> dict[str, Element]:
    found = (one for one in page.all("li") if "face" in one.attributes.get("class", "").split())
    return {one.attributes["data-face"]: one for one in found}


def form_of(card: Element, what: str) -> tuple[str, dict[str, str]]:
    """Return where a form of a card is sent, and what it holds."""
    [form] = [one for one in card.all("form") if f"/{what}#" in one.attributes["action"]]
    fields = {
        one.attributes["name"]: one.attributes.get("value", "")
        for one in form.all("input")
        if one.attributes["name"] != "csrf_token"
    }
    return form.attributes["action"].partition("#")[0], fields


def press(caller: Caller, card: Element, what: str, **typed: str):
    address, fields = form_of(card, what)
    return send(caller, address, **fields | typed)


def approver_of(context, subject_id: str) -> str | None:
    with context.database.read() as session:
        rows = session.scalars(
            select(FaceEnrollment.approved_by).where(FaceEnrollment.subject_id == subject_id)
        )
        return next((one for one in rows if one), None)


def look_at(answer) -> Element:
    """Return the page that a form was answered with."""
    return document(answer.text)


def problem_of(answer) -> Element:
    """Return what stands above the faces about a form that could not be taken."""
    [found] = [
        one for one in look_at(answer).all("div") if one.attributes.get("data-key") == "problem"
    ]
    return found


def told(answer) -> str:
    return text_of(problem_of(answer))


def reviewer_name(context, caller: Caller) -> str:
    with context.database.read() as session:
        return session.get_one(User, caller.user_id).display_name


def test_each_card_shows_the_pictures_and_what_speaks_against_them(admin, context):
    ids = add_faces(context, "Berta")
    warning = {
        "code": "similar_subject",
        "message": "Alike.",
        "subject_id": ids["Berta"],
        "distance": 0.41,
    }
    add_faces(context, "Anna", warnings=[warning])
    shown = cards(admin)
    assert list(shown) == ["Berta", "Anna"], "those that wait longest come first"
    images = [one.attributes for one in shown["Anna"].all("img")]
    assert len(images) == 2
    assert all(one["loading"] == "lazy" for one in images)
    assert "like Berta, distance 0.410" in text_of(shown["Anna"])
    assert "distance" not in text_of(shown["Berta"])
    with context.database.read() as session:
        seen = session.scalars(select(AuditEntry.action)).all()
        assert "face.seen" not in seen, "no picture was handed out yet"
    assert admin.get(images[0]["src"]).status_code == 200
    with context.database.read() as session:
        assert session.scalars(select(AuditEntry.action)).all().count("face.seen") == 1


@pytest.mark.parametrize("who", ["admin", "reviewer"])
def test_approved_in_a_row(request, context, who):
    caller = request.getfixturevalue(who)
    ids = add_faces(context, "Anna", "Berta", "Carl")
    answer = press(caller, cards(caller)["Anna"], "approve")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}#unapproved")
    assert list(cards(caller)) == ["Berta", "Carl"]
    assert approver_of(context, ids["Anna"]) == caller.user_id
    assert approver_of(context, ids["Berta"]) is None


def test_new_pictures_are_asked_for_with_a_reason(admin, context):
    ids = add_faces(context, "Anna", "Berta")
    refused = press(admin, cards(admin)["Berta"], "new-pictures", reason="\x07 far too dark")
    assert refused.status_code == 422
    shown = cards_of(look_at(refused))
    assert "far too dark" in refused.text, "what was typed is lost"
    assert "open" in shown["Berta"].all("details")[0].attributes
    assert "open" not in shown["Anna"].all("details")[0].attributes
    assert "The reason must have 1 to 500 characters" in text_of(shown["Berta"])
    sent = press(admin, cards(admin)["Berta"], "new-pictures", reason="Far too dark.")
    assert sent.headers["location"] == f"{PATH}#unapproved"
    assert list(cards(admin)) == ["Anna"]
    with context.database.read() as session:
        [row] = session.scalars(
            select(FaceEnrollment).where(FaceEnrollment.subject_id == ids["Berta"])
        )
        assert (row.state, row.withdrawn_reason) == (EnrollmentState.WITHDRAWN, "Far too dark.")


def test_pictures_that_came_meanwhile_are_not_approved_unseen(admin, context):
    ids = add_faces(context, "Anna")
    seen = cards(admin)["Anna"]
    with context.database.write() as session:
        make_enrollment(session, ids["Anna"], version=2)
    refused = press(admin, seen, "approve")
    assert refused.status_code == 409
    page = look_at(refused)
    assert "Set 1 of Anna is not in use any more: nothing was changed." in text_of(
        page.by_id("problem")
    )
    assert "Set 2" in text_of(cards_of(page)["Anna"])
    assert approver_of(context, ids["Anna"]) is None


def test_pictures_that_somebody_withdrew_are_not_approved(admin, reviewer, context):
    ids = add_faces(context, "Anna")
    seen = cards(admin)["Anna"]
    assert press(reviewer, seen, "new-pictures", reason="Too dark.").status_code == 303
    refused = press(admin, seen, "approve")
    assert refused.status_code == 409
    assert "asked Anna for new pictures already" in told(refused)
    assert approver_of(context, ids["Anna"]) is None


def test_older_page_does_not_undo_what_somebody_approved(admin, reviewer, context):
    ids = add_faces(context, "Anna", "Berta")
    seen = cards(admin)["Anna"]
    assert press(reviewer, seen, "approve").status_code == 303
    refused = press(admin, seen, "new-pictures", reason="Far too dark.")
    assert refused.status_code == 409
    name = reviewer_name(context, reviewer)
    assert f"{name} approved set 1 of Anna meanwhile: Anna was not asked" in told(refused)
    assert "page of Anna" in told(refused), "nobody says what to do now"
    assert "Far too dark." in told(refused), "what was typed is lost"
    with context.database.read() as session:
        [row] = session.scalars(
            select(FaceEnrollment).where(FaceEnrollment.subject_id == ids["Anna"])
        )
        assert row.state == EnrollmentState.ACCEPTED
        [attempt] = session.scalars(select(Attempt).where(Attempt.subject_id == ids["Anna"]))
        assert attempt.state == AttemptState.READY


def test_new_pictures_are_not_asked_for_where_newer_ones_came(admin, context):
    ids = add_faces(context, "Anna")
    seen = cards(admin)["Anna"]
    with context.database.write() as session:
        make_enrollment(session, ids["Anna"], version=2)
    refused = press(admin, seen, "new-pictures", reason="Far too dark.")
    assert refused.status_code == 409
    assert "Set 1 of Anna is not in use any more: nothing was changed." in told(refused)
    assert "Far too dark." in told(refused)
    [shown] = cards_of(look_at(refused)).values()
    assert "Set 2" in text_of(shown)
    assert "Far too dark." not in str([one.attributes for one in shown.all("input")]), (
        "what was typed about the older pictures stands at the newer ones"
    )
    with context.database.read() as session:
        states = session.scalars(
            select(FaceEnrollment.state).where(FaceEnrollment.subject_id == ids["Anna"])
        )
        assert set(states) == {EnrollmentState.ACCEPTED}


def test_new_pictures_are_asked_for_once(admin, context):
    add_faces(context, "Anna")
    seen = cards(admin)["Anna"]
    assert press(admin, seen, "new-pictures", reason="Too dark.").status_code == 303
    refused = press(admin, seen, "new-pictures", reason="Too bright.")
    assert refused.status_code == 409
    assert "You asked Anna for new pictures already" in told(refused)


def test_mistake_about_a_set_that_is_not_shown_is_told(admin, context, monkeypatch):
    ids = add_faces(context, "Anna", "Berta")
    seen = cards(admin)["Berta"]
    monkeypatch.setattr(face_queue, "FACES_SHOWN", 1)
    refused = press(admin, seen, "new-pictures", reason="\x07 far too dark")
    assert refused.status_code == 422
    assert list(cards_of(look_at(refused))) == ["Anna"]
    assert "must have 1 to 500 characters" in told(refused)
    assert "far too dark" in told(refused)
    links = [one.attributes["href"] for one in problem_of(refused).all("a")]
    assert f"/admin/students/{ids['Berta']}#faces" in links


def test_pressing_twice_is_one_approval(admin, context):
    add_faces(context, "Anna")
    seen = cards(admin)["Anna"]
    assert [press(admin, seen, "approve").status_code for _ in range(2)] == [303, 303]
    with context.database.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("enrollment.approved") == 1


def test_long_list_is_told_whole_and_worked_through_from_any_place(admin, context, monkeypatch):
    monkeypatch.setattr(face_queue, "FACES_SHOWN", 2)
    add_faces(context, "Anna", "Berta", "Carl", "Dora", "Emil")
    page = look(admin, PATH)
    assert list(cards_of(page)) == ["Anna", "Berta"]
    assert page.by_id("faces-count").text == "5"
    assert "5 sets of pictures wait for a person; 2 are shown" in text_of(page.by_id("faces"))
    [further] = [one for one in page.all("a") if one.attributes.get("rel") == "next"]
    query = further.attributes["href"].removeprefix(PATH).partition("#")[0]
    shown = cards(admin, query)
    assert list(shown) == ["Carl", "Dora"]
    answer = press(admin, shown["Carl"], "approve")
    assert answer.headers["location"] == f"{PATH}{query}#unapproved"
    assert list(cards(admin, query)) == ["Dora", "Emil"]


def test_dashboard_counts_the_faces_it_leads_to(admin, context):
    add_faces(context, "Anna", "Berta")
    page = look(admin, "/admin/dashboard")
    [told] = [
        one
        for one in page.all("div")
        if "Faces to approve" in one.whole_text() and one.all("dd") and len(one.all("dd")) == 1
    ]
    assert told.all("dd")[0].text == "2"
    assert told.all("a")[0].attributes["href"] == f"{PATH}#unapproved"
    assert len(cards(admin)) == 2


def test_nobody_approves_themselves(admin, context):
    ids = add_faces(context, "Anna")
    card = cards(admin)["Anna"]
    with context.database.write() as session:
        session.get_one(User, admin.user_id).subject_id = ids["Anna"]
    assert press(admin, card, "approve").status_code == 403
    own = cards(admin)["Anna"]
    assert own.all("form") == []
    assert "ask somebody else" in text_of(own)
    assert approver_of(context, ids["Anna"]) is None


@pytest.mark.parametrize("what", ["approve", "new-pictures"])
def test_forms_are_not_for_students(student, admin, context, what):
    ids = add_faces(context, "Anna")
    card = cards(admin)["Anna"]
    assert press(student, card, what, reason="Too dark.").status_code == 404
    without_token = admin.client.post(
        form_of(card, what)[0],
        data={"version": "1", "reason": "Too dark."},
        headers=BROWSER | {"X-CSRF-Token": "another"},
    )
    assert without_token.status_code == 403
    assert approver_of(context, ids["Anna"]) is None
    assert list(cards(admin)) == ["Anna"]


def test_as_many_queries_for_many_faces_as_for_few(admin, context):
    add_faces(context, "Anna")
    with counted_statements(context.database) as few:
        look(admin, PATH)
    add_faces(context, "Berta", "Carl", "Dora", "Emil")
    with counted_statements(context.database) as many:
        assert len(cards(admin)) == 5
    assert len(few) == len(many)
