from urllib.parse import unquote

import pytest
from sqlalchemy import select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from models.user import SignIn, User
from tests.api.conftest import PASSWORD, Caller
from tests.api.pages.conftest import BROWSER, NASTY
from tests.api.pages.document import document, values


def send(caller: Caller, path: str, **typed: str):
    token = values(document(caller.get(path, headers=BROWSER).text))["csrf_token"]
    return caller.post(path, data={"csrf_token": token, **typed}, headers=BROWSER)


def test_registration_signs_in_and_leads_home(anonymous: Caller) -> None:
    answer = send(anonymous, "/register", login="carla", display_name="Carla", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    home = anonymous.get("/", headers=BROWSER)
    assert "Hello, Carla" in home.text


def test_role_of_the_form_is_ignored(anonymous: Caller, context: Context) -> None:
    send(anonymous, "/register", login="carla", password=PASSWORD, role="admin", is_admin="1")
    with context.database.read() as session:
        assert session.scalars(select(User.role).where(User.login == "carla")).one() == "student"
    assert anonymous.get("/admin/dashboard", headers=BROWSER).status_code == 403


def test_rules_are_shown_before_typing(anonymous: Caller) -> None:
    page = document(anonymous.get("/register", headers=BROWSER).text)
    password = page.by_id("password").attributes
    assert "10 characters" in page.by_id(password["aria-describedby"].split()[0]).text


def test_refused_registration_keeps_all_but_the_password(anonymous: Caller) -> None:
    answer = send(anonymous, "/register", login="carla", display_name=NASTY, password="short")
    page = document(answer.text)
    assert answer.status_code == 422
    assert values(page)["login"] == "carla"
    assert values(page)["display_name"] == NASTY
    assert values(page)["password"] == ""
    assert "short" not in answer.text
    field = page.by_id("password").attributes
    assert field["aria-invalid"] == "true"
    assert "must have" in page.by_id(field["aria-describedby"].split()[-1]).text


def test_taken_login_is_said_next_to_it(anonymous: Caller, student: Caller) -> None:
    answer = send(anonymous, "/register", login="ANNA", password=PASSWORD)
    assert answer.status_code == 409
    assert "taken" in document(answer.text).by_id("login-error").text


def test_sign_in_leads_to_where_one_wanted_to_go(anonymous: Caller, student: Caller) -> None:
    asked = anonymous.get("/enrollment", headers=BROWSER)
    assert asked.status_code == 303
    assert unquote(asked.headers["location"]) == "/login?next=/enrollment"
    answer = send(
        anonymous, asked.headers["location"], login="anna", password=PASSWORD, next="/enrollment"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/enrollment")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_sign_in_never_leads_elsewhere(anonymous: Caller, student: Caller, wanted: str) -> None:
    shown = document(anonymous.get("/login", params={"next": wanted}, headers=BROWSER).text)
    assert values(shown)["next"] == "/"
    answer = send(anonymous, "/login", login="anna", password=PASSWORD, next=wanted)
    assert answer.headers["location"] == "/"


def test_wrong_password_says_nothing_about_the_login(anonymous: Caller, student: Caller) -> None:
    known = send(anonymous, "/login", login="anna", password="wrong horse battery")
    unknown = send(anonymous, "/login", login="nobody", password="wrong horse battery")
    notices = [document(answer.text).all("p")[0].whole_text() for answer in (known, unknown)]
    assert known.status_code == unknown.status_code == 401
    assert notices[0] == notices[1]
    assert "wrong horse battery" not in known.text


def test_form_without_its_token_signs_nobody_in(anonymous: Caller, student: Caller) -> None:
    answer = anonymous.post("/login", data={"login": "anna", "password": PASSWORD}, headers=BROWSER)
    assert answer.status_code == 403
    assert SIGN_IN_COOKIE not in answer.cookies
    assert values(document(answer.text))["login"] == "anna"


def test_locked_login_is_told_how_long_to_wait(anonymous: Caller, student: Caller) -> None:
    for _ in range(11):
        answer = send(anonymous, "/login", login="anna", password="wrong horse battery")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "5 min" in answer.text


def test_logout_by_link_does_nothing(student: Caller, context: Context) -> None:
    answer = student.get("/logout", headers=BROWSER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "press Sign out" in answer.text
    assert student.get("/", headers=BROWSER).status_code == 200


def test_logout_by_the_button_ends_the_sign_in(student: Caller, context: Context) -> None:
    del student.client.headers["X-CSRF-Token"]
    answer = student.post("/logout", data={"csrf_token": student.csrf_token}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    with context.database.read() as session:
        assert session.scalars(select(SignIn)).all() == []


def test_logout_without_the_token_is_refused(student: Caller) -> None:
    del student.client.headers["X-CSRF-Token"]
    assert student.post("/logout", headers=BROWSER).status_code == 403
    assert student.get("/", headers=BROWSER).status_code == 200


def test_who_is_signed_in_is_not_asked_again(student: Caller) -> None:
    answer = student.get("/login?next=/enrollment", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/enrollment")
