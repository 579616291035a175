"""Students on the desk: found, looked at, invited, asked for new pictures, erased."""

import re

import pytest
from sqlalchemy import func, select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import new_id
from models.enrollment import FaceEnrollment, ReferenceImage
from models.statuses import AttemptState, Role
from models.subject import Subject
from models.user import User
from tests.api.conftest import PASSWORD, new_student
from tests.api.invitations.test_invitations import follow, sign_in
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document
from tests.api.users.test_users import staff
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_exam,
    make_subject,
)
from tests.support.incidents import make_incident
from tests.support.statements import sent_statements


def post(caller, path, **fields):
    return caller.post(path, data={"csrf_token": caller.csrf_token, **fields}, headers=BROWSER)


def page(caller, path):
    answer = caller.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return document(answer.text)


def names(caller, query=""):
    rows = page(caller, f"/admin/students{query}").all("tbody")
    links = rows[0].all("a") if rows else []
    return [link.text for link in links if "/admin/students/sub_" in link.attributes["href"]]


def words(element):
    return " ".join(element.whole_text().split())


def link_on(answer):
    assert answer.status_code == 200, answer.text
    text = document(answer.text).by_id("link").text
    return text.removeprefix("http://localhost:8000")


@pytest.fixture
def second(app, context):
    return new_student(app, context, "berta")


def test_list_holds_students_with_and_without_a_sign_in(admin, student, system, context):
    with context.database.write() as session:
        make_subject(session, context.key_ring, owner_client_id=system.client_id)
    assert names(admin) == ["Test subject", "Anna"]
    assert "no sign-in" in words(page(admin, "/admin/students"))


def test_students_are_found_by_name_or_login_in_whatever_case(admin, app, context):
    for login in ("anna.berg", "zoë", "max_muster", "100%"):
        new_student(app, context, login)
    with context.database.write() as session:
        session.scalars(
            select(Subject).where(Subject.display_name == "Max_Muster")
        ).one().display_name = "Östen Übel"
    assert names(admin, "?search=BERG") == ["Anna.Berg"]
    assert names(admin, "?search=zo%C3%8B") == ["Zoë"]
    assert names(admin, "?search=%C3%B6sten") == ["Östen Übel"]
    assert names(admin, "?search=max_m") == ["Östen Übel"]
    assert names(admin, "?search=%25") == ["100%"]
    assert names(admin, "?search=_") == ["Östen Übel"]
    assert names(admin, "?search=nobody") == []
    assert len(names(admin, "?search=%00%20")) == 4


def test_filters_show_whom_they_name(admin, student, app, context):
    people = {login: new_student(app, context, login) for login in ("enr", "app", "war", "alw")}
    people["off"] = new_student(app, context, "off")
    with context.database.write() as session:
        for login in ("enr", "app", "war"):
            make_enrollment(session, people[login].subject_id)
        exam = make_exam(session, needs_approved_enrollment=True)
        make_attempt(session, people["app"].subject_id, AttemptState.CREATED, exam_id=exam.id)
        warned = session.scalars(
            select(FaceEnrollment).where(FaceEnrollment.subject_id == people["war"].subject_id)
        ).one()
        warned.warnings = [{"code": "not_compared_with_all", "message": "x"}]
        session.get_one(User, people["off"].user_id).is_disabled = True
    allowance = {"subject_id": people["alw"].subject_id, "extra_time_percent": 10}
    assert admin.post("/api/v1/allowances", json=allowance).status_code == 201
    post(admin, "/admin/students/invite", login="inv", display_name="Inv")
    found = {
        show: set(names(admin, f"?show={show}"))
        for show in (
            "not_enrolled",
            "waits_for_approval",
            "warned",
            "has_allowance",
            "invited",
            "disabled",
        )
    }
    assert found == {
        "not_enrolled": {"Anna", "Alw", "Off", "Inv"},
        "waits_for_approval": {"App"},
        "warned": {"War"},
        "has_allowance": {"Alw"},
        "invited": {"Inv"},
        "disabled": {"Off"},
    }
    assert names(admin, "?show=warned&search=anna") == []
    assert admin.get("/admin/students?show=odd", headers=BROWSER).status_code == 422


def test_list_is_read_page_by_page_and_keeps_search_and_filter(admin, app, context):
    for number in range(5):
        new_student(app, context, f"s{number}")
    seen, query = [], "?limit=2&search=s&show=not_enrolled"
    while query:
        seen += names(admin, query)
        more = [
            link.attributes["href"]
            for link in page(admin, f"/admin/students{query}").all("a")
            if link.attributes.get("rel") == "next"
        ]
        query = f"?{more[0].partition('?')[2]}&limit=2" if more else ""
        assert not query or ("search=s" in query and "show=not_enrolled" in query)
    assert seen == ["S4", "S3", "S2", "S1", "S0"]


def test_thirty_students_take_as_many_statements_as_three(admin, app, context):
    def furnish(count):
        with context.database.write() as session:
            for _ in range(count):
                subject = make_subject(session, context.key_ring)
                user_id = new_id("usr")
                session.add(
                    User(
                        id=user_id,
                        login=user_id,
                        login_key=user_id,
                        display_name="Somebody",
                        password_hash="x",
                        role=Role.STUDENT,
                        subject_id=subject.id,
                        created_at=context.clock(),
                    )
                )
                warned = {
                    "code": "resembles_other_subject",
                    "message": "x",
                    "subject_id": subject.id,
                    "distance": 0.3,
                }
                make_enrollment(session, subject.id, warnings=[warned])
                make_attempt(session, subject.id)

    def statements(path):
        admin.get(path, headers=BROWSER)
        with sent_statements(context.database) as sent:
            page(admin, path)
        return len(sent)

    paths = ["/admin/students", "/admin/users", "/admin/students?show=warned&search=test"]
    furnish(3)
    few = [statements(path) for path in paths]
    furnish(27)
    assert len(names(admin)) == 30
    assert [statements(path) for path in paths] == few
    assert max(few) < 20


def test_page_of_a_student_takes_the_same_statements_for_any_number_of_sets(
    admin, student, context
):
    def statements():
        with sent_statements(context.database) as sent:
            page(admin, f"/admin/students/{student.subject_id}")
        return len(sent)

    def add_sets(versions):
        warned = {"code": "resembles_other_subject", "message": "x", "distance": 0.3}
        with context.database.write() as session:
            for version in versions:
                warnings = [{**warned, "subject_id": student.subject_id}]
                make_enrollment(session, student.subject_id, version=version, warnings=warnings)
                make_attempt(session, student.subject_id)

    add_sets(range(1, 4))
    statements()  # The first look goes on record.
    few = statements()
    add_sets(range(4, 20))
    assert statements() == few


def test_invited_student_gets_a_link_that_is_shown_once(admin, anonymous):
    answer = post(admin, "/admin/students/invite", login="sam", display_name="Sam S.")
    path = link_on(answer)
    assert follow(anonymous, path).status_code == 303
    assert "Hello, Sam S." in anonymous.get("/", headers=BROWSER).text
    assert path not in admin.get("/admin/students", headers=BROWSER).text


def test_invitation_that_cannot_be_made_comes_back_with_what_was_typed(admin, student):
    taken = post(admin, "/admin/students/invite", login="Anna", display_name="Another Anna")
    assert taken.status_code == 409
    assert 'value="Another Anna"' in taken.text
    assert "Login is taken" in taken.text
    blank = post(admin, "/admin/students/invite", login="two words", display_name="X")
    assert blank.status_code == 422
    assert "login-error" in blank.text


def test_forgotten_password_is_set_anew_by_link(admin, student, anonymous, app):
    path = link_on(post(admin, f"/admin/users/{student.user_id}/invite"))
    assert follow(anonymous, path, password="a brand new one").status_code == 303
    assert sign_in(app, "anna", PASSWORD).status_code == 401


def test_student_reads_why_new_pictures_are_asked_for(admin, student, context):
    with context.database.write() as session:
        give_consent(session, student.subject_id)
        make_enrollment(session, student.subject_id)
    address = f"/admin/students/{student.subject_id}"
    for reason in (" ", "x" * 501):
        refused = post(admin, f"{address}/new-pictures", version="1", reason=reason)
        assert refused.status_code == 422
        assert "reason-error" in refused.text
    asked = post(admin, f"{address}/new-pictures", version="1", reason="Too dark, <b>sorry</b>.")
    assert asked.status_code == 303
    for path in ("/", "/enrollment"):
        text = words(page(student, path))
        assert "asks for new ones: “Too dark, <b>sorry</b>.”" in text, path
    links = [one.attributes["href"] for one in page(student, "/").all("a")]
    assert "/enrollment" in links
    shown = words(page(admin, address))
    assert "root asked for new pictures" in shown
    assert "Approve" not in shown
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReferenceImage)) == 1
    again = post(admin, f"{address}/new-pictures", version="1", reason="Once more.")
    assert again.status_code == 422
    assert "Load the page again" in again.text


def test_pictures_of_every_set_stand_on_the_page_with_who_approved(admin, student, context):
    with context.database.write() as session:
        for version in (1, 2):
            make_enrollment(session, student.subject_id, version=version, contents=(b"a", b"b"))
    address = f"/admin/students/{student.subject_id}"
    assert post(admin, f"{address}/approve", version="2").status_code == 303
    shown = page(admin, address)
    sources = [one.attributes["src"] for one in shown.all("img")]
    assert len([one for one in sources if one.startswith("/api/v1/reference-images/")]) == 4
    assert "Approved by root" in words(shown)


def test_erasing_takes_the_typed_login_and_shows_the_receipt(admin, student, context):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, images=context.images)
    address = f"/admin/students/{student.subject_id}"
    for typed in ("", "berta", student.subject_id):
        refused = post(admin, f"{address}/erase", confirmation=typed)
        assert refused.status_code == 422
        assert "confirmation-error" in refused.text
    erased = post(admin, f"{address}/erase", confirmation=" ANNA ")
    assert (erased.status_code, erased.headers["location"]) == (303, f"{address}/receipt")
    receipt = words(page(admin, f"{address}/receipt"))
    number = re.search(r"rcp_\w+", receipt)
    assert number is not None
    assert "reference pictures: 1" in receipt
    assert list(context.images.store.keys_older_than(-60)) == []
    with context.database.read() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "subject.erased")
        ).one()
    assert entry.detail["receipt_id"] == number[0]
    assert admin.get(address, headers=BROWSER).status_code == 404
    assert names(admin) == []
    again = post(admin, f"{address}/erase", confirmation="")
    assert again.status_code == 303
    assert number[0] in words(page(admin, f"{address}/receipt"))


def test_erased_student_is_called_so_and_linked_nowhere(admin, context, student, sitting):
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        incident = make_incident(session, attempt, now=context.clock())
    post(admin, f"/admin/students/{student.subject_id}/erase", confirmation="anna")
    shown = f"/admin/attempts/{sitting.attempt_id}"
    dashboard, review = "/admin/dashboard", "/admin/review"
    exam = f"/admin/exams/{sitting.exam_id}"
    addresses = (
        shown,
        "/admin/attempts",
        dashboard,
        review,
        exam,
        f"/admin/incidents/{incident.id}",
    )
    for address in addresses:
        read = page(admin, address)
        assert "Erased student" in read.whole_text(), address
        assert "Unnamed" not in read.whole_text()
        links = [one.attributes.get("href", "") for one in read.all("a")]
        assert not [one for one in links if one.startswith(f"/admin/students/{student.subject_id}")]
    assert "nothing can be scored again" in page(admin, shown).whole_text()


def test_receipt_of_somebody_who_is_here_is_none(admin, student):
    path = f"/admin/students/{student.subject_id}/receipt"
    assert admin.get(path, headers=BROWSER).status_code == 404


def forms_of(caller, subject_id):
    address = f"/admin/students/{subject_id}"
    actions = [one.attributes["action"] for one in page(caller, address).all("form")]
    return {one.partition("#")[0].rpartition("/")[2] for one in actions} - {"logout", "language"}


def test_page_offers_what_somebody_may_do_and_nothing_else(admin, student, app, context):
    reviewer = staff(app, context, "rita", Role.REVIEWER)
    with context.database.write() as session:
        make_enrollment(session, student.subject_id)
    address = f"/admin/students/{student.subject_id}"
    offered = {"approve", "new-pictures", "invite", "allowances", "erase"}
    assert forms_of(admin, student.subject_id) == offered
    assert forms_of(reviewer, student.subject_id) == {"approve", "new-pictures"}
    with context.database.write() as session:
        session.get_one(User, student.user_id).role = Role.ADMIN
    assert forms_of(student, student.subject_id) == set()
    asked = post(reviewer, f"{address}/new-pictures", version="1", reason="Too dark.")
    assert asked.status_code == 303
    for form in ("erase", "allowances"):
        assert post(reviewer, f"{address}/{form}", confirmation="anna").status_code == 403


PATHS = [
    ("/admin/students/invite", {"login": "x"}),
    ("/admin/students/{other}/new-pictures", {"version": "1", "reason": "me"}),
    ("/admin/students/{own}/new-pictures", {"version": "1", "reason": "me"}),
    ("/admin/students/{own}/approve", {"version": "1"}),
    ("/admin/students/{other}/erase", {"confirmation": "berta"}),
    ("/admin/students/{own}/erase", {"confirmation": "anna"}),
    ("/admin/students/{own}/allowances", {"extra_time_percent": "90"}),
]


@pytest.mark.parametrize(("path", "fields"), PATHS)
def test_students_do_none_of_it(student, second, context, path, fields):
    with context.database.write() as session:
        for subject_id in (student.subject_id, second.subject_id):
            make_enrollment(session, subject_id)
    address = path.format(own=student.subject_id, other=second.subject_id)
    assert post(student, address, **fields).status_code in {403, 404}
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
        assert session.scalar(select(func.count()).select_from(User)) == 2


@pytest.mark.parametrize(
    "path", ["", "?search=a", "/{other}", "/{own}", "/{own}/receipt", "/import"]
)
def test_students_see_none_of_it(student, second, path):
    address = path.format(own=student.subject_id, other=second.subject_id)
    assert student.get(f"/admin/students{address}", headers=BROWSER).status_code in {403, 404}
