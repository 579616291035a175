"""Users on the desk: roles, access and farewells by forms, as a browser without scripts."""

import pytest
from sqlalchemy import func, select

from models.audit import AuditEntry
from models.statuses import Role
from models.user import User
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document
from tests.api.users.test_users import staff


def post(caller, path, **fields):
    return caller.post(path, data={"csrf_token": caller.csrf_token, **fields}, headers=BROWSER)


def words(answer):
    return " ".join(document(answer.text).whole_text().split())


def show(caller, path):
    answer = caller.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return words(answer)


@pytest.fixture
def reviewer(app, context):
    return staff(app, context, "rita", Role.REVIEWER)


def address(caller: Caller) -> str:
    return f"/admin/users/{caller.user_id}"


def role_of(context, caller):
    with context.database.read() as session:
        return session.get_one(User, caller.user_id).role


def test_users_are_searched_and_filtered(admin, student, reviewer):
    rows = {
        query: len(document(admin.get(f"/admin/users{query}", headers=BROWSER).text).all("tr")) - 1
        for query in ("", "?role=reviewer", "?search=RIT", "?search=rit&role=student")
    }
    assert rows == {"": 3, "?role=reviewer": 1, "?search=RIT": 1, "?search=rit&role=student": -1}
    assert admin.get("/admin/users?role=king", headers=BROWSER).status_code == 422


def test_colleague_is_invited_by_link(admin, context):
    answer = post(admin, "/admin/users", login="vera", display_name="Vera V.", role="reviewer")
    assert answer.status_code == 200
    assert "/invitation/" in words(answer)
    with context.database.read() as session:
        vera = session.scalars(select(User).where(User.login == "vera")).one()
    assert (vera.role, vera.password_hash) == ("reviewer", "")
    taken = post(admin, "/admin/users", login="VERA", display_name="Vera the second", role="admin")
    assert taken.status_code == 409
    assert "Vera the second" in taken.text


def test_role_is_given_and_nobody_gives_it_to_themselves(admin, reviewer, context):
    assert post(admin, f"{address(reviewer)}/role", role="admin").status_code == 303
    assert role_of(context, reviewer) == Role.ADMIN
    own = post(admin, f"{address(admin)}/role", role="student")
    assert own.status_code == 403
    assert "Ask another admin" in words(own)
    odd = post(admin, f"{address(reviewer)}/role", role="king")
    assert odd.status_code == 422
    assert role_of(context, admin) == Role.ADMIN


def test_access_is_switched_off_and_on(admin, student):
    assert post(admin, f"{address(student)}/access", access="off").status_code == 303
    assert student.get("/", headers=BROWSER).status_code == 303
    assert "cannot sign in" in show(admin, address(student))
    assert post(admin, f"{address(student)}/invite").status_code == 422
    assert post(admin, f"{address(student)}/access", access="on").status_code == 303
    assert post(admin, f"{address(student)}/access", access="maybe").status_code == 422


def test_deleting_takes_the_typed_login_and_says_what_stays(admin, reviewer, student):
    refused = post(admin, f"{address(reviewer)}/delete", confirmation="me")
    assert refused.status_code == 422
    assert 'value="me"' in refused.text
    gone = post(admin, f"{address(reviewer)}/delete", confirmation="rita")
    assert "rita was deleted" in words(gone)
    assert admin.get(address(reviewer), headers=BROWSER).status_code == 404
    erased = post(admin, f"{address(student)}/delete", confirmation="anna")
    assert erased.headers["location"] == f"/admin/students/{student.subject_id}/receipt"
    assert "was erased" in show(admin, erased.headers["location"])


def test_deleting_staff_who_were_students_says_that_their_face_goes_too(admin, student):
    assert post(admin, f"{address(student)}/role", role="reviewer").status_code == 303
    assert "pictures, templates and answers" in show(admin, address(student))
    gone = post(admin, f"{address(student)}/delete", confirmation="anna")
    assert "Face, exams and answers" in words(gone)
    receipt = f"/admin/students/{student.subject_id}/receipt"
    assert f'href="{receipt}"' in gone.text
    assert "was erased" in show(admin, receipt)


def test_own_page_offers_nothing_that_is_refused(admin):
    page = document(admin.get(address(admin), headers=BROWSER).text)
    actions = [form.attributes["action"] for form in page.all("form")]
    assert not [one for one in actions if one.endswith(("/role", "/access", "/delete"))]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("", {"login": "x", "role": "admin"}),
        ("/{own}/role", {"role": "admin"}),
        ("/{own}/invite", {}),
        ("/{other}/invite", {}),
        ("/{other}/role", {"role": "student"}),
        ("/{other}/access", {"access": "off"}),
        ("/{other}/delete", {"confirmation": "root"}),
    ],
)
def test_students_and_reviewers_change_nothing(admin, student, reviewer, context, path, fields):
    for caller in (student, reviewer):
        form = f"/admin/users{path.format(own=caller.user_id, other=admin.user_id)}"
        assert post(caller, form, **fields).status_code == 403
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
