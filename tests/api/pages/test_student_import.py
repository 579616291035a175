"""Importing students: looked at first, all or nothing, with links that work."""

import base64
import csv
import io

import pytest
from sqlalchemy import func, select

from api.pages import student_import
from models.allowance import Allowance
from models.audit import AuditEntry
from models.invitation import Invitation
from models.statuses import Role
from models.subject import Subject, SubjectKey
from models.user import User
from tests.api.conftest import new_student
from tests.api.invitations.test_invitations import follow
from tests.api.pages.conftest import BROWSER, NASTY
from tests.api.pages.document import document, values
from tests.support.statements import sent_statements

ADDRESS = "/admin/students/import"
LIST = "name,login,extra_time_percent\nSam Sample,sam,\nTina Test,tina,25\n"


def post(caller, path, **fields):
    return caller.post(path, data={"csrf_token": caller.csrf_token, **fields}, headers=BROWSER)


def count(context, table):
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def links(answer):
    button = next(one for one in document(answer.text).all("a") if "download" in one.attributes)
    encoded = button.attributes["href"].removeprefix("data:text/csv;base64,")
    text = base64.b64decode(encoded).decode()
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_preview_shows_who_would_be_added_and_changes_nothing(admin, context):
    preview = post(admin, ADDRESS, students=LIST)
    assert preview.status_code == 200
    assert "2 students to add" in preview.text
    assert "Tina Test" in preview.text
    assert count(context, User) == 1
    kept = values(document(preview.text))["students"]
    assert kept.replace("\r\n", "\n") == LIST


def test_list_goes_back_into_the_form_to_be_changed(admin):
    again = post(admin, f"{ADDRESS}/again", students=LIST)
    assert "Sam Sample" in values(document(again.text))["students"]


def test_students_are_added_with_links_that_set_their_password(admin, anonymous, context):
    done = post(admin, f"{ADDRESS}/add", students=LIST)
    assert done.status_code == 200, done.text
    rows = links(done)
    assert [(row["name"], row["login"]) for row in rows] == [
        ("Sam Sample", "sam"),
        ("Tina Test", "tina"),
    ]
    path = rows[1]["link"].removeprefix("http://localhost:8000")
    assert follow(anonymous, path).status_code == 303
    assert "Hello, Tina Test" in anonymous.get("/", headers=BROWSER).text
    assert count(context, SubjectKey) == 2
    with context.database.read() as session:
        allowance = session.scalars(select(Allowance)).one()
        assert allowance.extra_time_percent == 25
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "students.imported")
        ).one()
        assert len(entry.detail["user_ids"]) == 2
        stored = {one.token_sha256 for one in session.scalars(select(Invitation))}
    assert not any(row["link"].rpartition("/")[2] in stored for row in rows)


def test_one_mistake_adds_nobody(admin, context):
    refused = post(admin, f"{ADDRESS}/add", students=LIST + "Bad,two words,\n")
    assert refused.status_code == 422
    assert "Line 4, column “login”" in refused.text
    assert "Sam Sample" in refused.text, "what was typed is lost"
    assert (count(context, User), count(context, Subject)) == (1, 0)


def test_columns_of_elsewhere_are_left_out_and_told_before(admin, context):
    text = "name,login,role,,\nSam Sample,sam,admin,,\n"
    preview = post(admin, ADDRESS, students=text)
    assert preview.status_code == 200
    assert "Not read from this list: role, one without a name." in preview.text
    assert post(admin, f"{ADDRESS}/add", students=text).status_code == 200
    with context.database.read() as session:
        [student] = session.scalars(select(User).where(User.login == "sam"))
        assert student.role == Role.STUDENT


def test_login_that_is_taken_is_named_with_the_rule(admin, student, context):
    refused = post(admin, ADDRESS, students="name,login\nAnna B.,ANNA\n")
    assert refused.status_code == 422
    text = " ".join(refused.text.split())
    assert "Line 2, column “login”: is taken by “anna” (Anna): capitals" in text


def test_who_is_here_already_is_left_out_and_named(admin, context):
    post(admin, f"{ADDRESS}/add", students=LIST)
    longer = LIST + "Uwe Unger,uwe,\n"
    preview = post(admin, ADDRESS, students=longer.replace("Sam Sample,sam", "sam  SAMPLE,SAM"))
    assert preview.status_code == 200
    assert "1 student to add" in preview.text
    text = " ".join(preview.text.split())
    assert "2 of the list are here already" in text
    assert "Line 3: Tina Test, tina" in text
    assert values(document(preview.text))["left_out"] == "2"
    done = post(admin, f"{ADDRESS}/add", students=longer, left_out="2")
    assert [row["name"] for row in links(done)] == ["Uwe Unger"]
    assert count(context, User) == 4


def test_who_came_since_the_look_is_looked_at_again(admin, context):
    post(admin, f"{ADDRESS}/add", students="name,login\nSam Sample,sam\n")
    again = post(admin, f"{ADDRESS}/add", students=LIST, left_out="0")
    assert "1 student to add" in again.text
    assert count(context, User) == 2


def test_a_list_of_people_who_are_here_says_so(admin, context):
    post(admin, f"{ADDRESS}/add", students=LIST)
    for path in (ADDRESS, f"{ADDRESS}/add"):
        again = post(admin, path, students=LIST)
        assert again.status_code == 422
        assert "Everybody on this list is here already" in again.text
        assert "Tina Test" in again.text
    assert count(context, User) == 3


def test_login_of_staff_or_of_another_name_is_no_student_who_is_here(admin, student):
    refused = post(admin, ADDRESS, students="name,login\nroot,root\nAnna B.,anna\n")
    text = " ".join(refused.text.split())
    assert "Line 2, column “login”: is taken by “root” (" in text
    assert "Line 3, column “login”: is taken by “anna” (Anna)" in text


def test_login_taken_in_between_adds_nobody_and_is_named(admin, app, context, monkeypatch):
    look = student_import._looked_at
    seen = []

    def look_then_lose(context, text):
        found = look(context, text)
        if not seen:
            seen.append(new_student(app, context, "tina"))
        return found

    monkeypatch.setattr(student_import, "_looked_at", look_then_lose)
    refused = post(admin, f"{ADDRESS}/add", students=LIST)
    assert refused.status_code == 422
    assert "is taken by “tina” (Tina)" in refused.text
    assert (count(context, User), count(context, Subject)) == (2, 1)


def test_names_that_attack_the_page_or_the_spreadsheet_do_nothing(admin):
    attack = '"=HYPERLINK(""http://x"")",-max'
    name = NASTY.replace('"', '""')
    done = post(admin, f"{ADDRESS}/add", students=f'name,login\n{attack}\n"{name}",nasty\n')
    assert done.status_code == 200, done.text
    assert NASTY not in done.text
    rows = links(done)
    assert (rows[0]["name"], rows[0]["login"]) == ('\'=HYPERLINK("http://x")', "'-max")


def test_many_students_take_as_many_statements_as_few(admin, context):
    def statements(students):
        text = "name,login\n" + "\n".join(f"S {one},s{one}" for one in students)
        with sent_statements(context.database) as sent:
            assert post(admin, f"{ADDRESS}/add", students=text).status_code == 200
        return len(sent)

    statements(range(2))
    assert statements(range(10, 13)) == statements(range(100, 130))


def test_a_thousand_students_fit_into_one_form(admin, context):
    lines = [f"Student Number {one},student.number.{one}" for one in range(1000)]
    done = post(admin, f"{ADDRESS}/add", students="name,login\n" + "\n".join(lines))
    assert done.status_code == 200
    assert len(links(done)) == 1000


@pytest.mark.parametrize("path", ["", "/again", "/add"])
def test_students_import_nobody(student, context, path):
    assert post(student, f"{ADDRESS}{path}", students=LIST).status_code == 403
    assert student.get(ADDRESS, headers=BROWSER).status_code == 403
    assert count(context, User) == 1
