"""Links that set a password: once, in time, for one person, and for nobody who guesses."""

import threading

import pytest
from sqlalchemy import select

from api.invitations import links
from api.throttle import Limit
from models.audit import AuditEntry
from models.invitation import Invitation
from models.user import User
from tests.api.conftest import PASSWORD, Caller, new_client
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document, values

NEW_PASSWORD = "four words in a row"


def invite(admin, user_id):
    made = admin.post(f"/api/v1/users/{user_id}/invitations")
    assert made.status_code == 201, made.text
    return made.json()["link"].removeprefix("http://localhost:8000")


def open_link(caller, path):
    return caller.get(path, headers=BROWSER)


def follow(caller, path, password=NEW_PASSWORD, token=None):
    """Open the link, fill in the form and send it."""
    page = open_link(caller, path)
    if page.status_code != 200:
        return page
    token = values(document(page.text))["csrf_token"]
    form = {"csrf_token": token, "password": password}
    return caller.post(path, data=form, headers=BROWSER)


def sign_in(app, login, password):
    caller = Caller(new_client(app))
    page = caller.get("/login", headers=BROWSER)
    form = {
        "csrf_token": values(document(page.text))["csrf_token"],
        "login": login,
        "password": password,
    }
    return caller.post("/login", data=form, headers=BROWSER)


def test_link_sets_the_password_signs_in_and_ends_what_was_there(
    admin, student, anonymous, app, context
):
    path = invite(admin, student.user_id)
    answer = follow(anonymous, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert anonymous.get("/", headers=BROWSER).status_code == 200
    assert student.get("/api/v1/attempts").status_code == 401
    assert sign_in(app, "anna", NEW_PASSWORD).status_code == 303
    assert sign_in(app, "anna", PASSWORD).status_code == 401
    with context.database.read() as session:
        entries = session.execute(select(AuditEntry.action, AuditEntry.actor)).all()
    assert entries[-2:] == [
        ("invitation.made", admin.user_id),
        ("invitation.used", student.user_id),
    ]


def test_old_password_works_until_the_link_is_used(admin, student, app):
    invite(admin, student.user_id)
    assert sign_in(app, "anna", PASSWORD).status_code == 303


def test_programs_that_look_at_mail_use_nothing_up(admin, student, anonymous):
    path = invite(admin, student.user_id)
    for _ in range(3):
        assert open_link(anonymous, path).status_code == 200
    assert follow(anonymous, path).status_code == 303


def test_invited_person_cannot_sign_in_before(admin, app):
    admin.post("/api/v1/users", json={"login": "sam", "role": "student"})
    for password in ("", "nobody's password"):
        assert sign_in(app, "sam", password).status_code == 401


def test_used_link_says_what_to_do(admin, student, anonymous):
    path = invite(admin, student.user_id)
    follow(anonymous, path)
    for again in (open_link(anonymous, path), follow(anonymous, path)):
        assert again.status_code == 410
        assert "This link was used already" in again.text
        assert "tell your examiner at once" in again.text


def test_expired_link_says_what_to_do(admin, student, anonymous, clock, settings):
    path = invite(admin, student.user_id)
    clock.advance(settings.invitation_days * 86_400)
    expired = open_link(anonymous, path)
    assert expired.status_code == 410
    assert "Ask your examiner for a new one" in expired.text


def test_newer_link_ends_the_older_one(admin, student, anonymous):
    old, new = invite(admin, student.user_id), invite(admin, student.user_id)
    assert "newer link" in open_link(anonymous, old).text
    assert follow(anonymous, new).status_code == 303


def test_link_of_somebody_shut_out_opens_nothing(admin, student, anonymous):
    path = invite(admin, student.user_id)
    admin.patch(f"/api/v1/users/{student.user_id}", json={"is_disabled": True})
    assert open_link(anonymous, path).status_code == 410


def test_link_of_somebody_erased_opens_nothing(admin, student, anonymous):
    path = invite(admin, student.user_id)
    admin.delete(f"/api/v1/users/{student.user_id}")
    assert open_link(anonymous, path).status_code == 404


def test_form_that_was_open_while_the_link_ended_changes_nothing(admin, student, anonymous, app):
    path = invite(admin, student.user_id)
    token = values(document(open_link(anonymous, path).text))["csrf_token"]
    invite(admin, student.user_id)
    form = {"csrf_token": token, "password": NEW_PASSWORD}
    assert anonymous.post(path, data=form, headers=BROWSER).status_code == 410
    assert sign_in(app, "anna", PASSWORD).status_code == 303


@pytest.mark.parametrize("password", ["short", "anna-anna-anna" * 20, "password123"])
def test_bad_password_comes_back_and_the_link_still_works(admin, student, anonymous, password):
    path = invite(admin, student.user_id)
    refused = follow(anonymous, path, password=password)
    assert refused.status_code == 422
    assert "password-error" in refused.text
    assert password not in refused.text
    assert follow(anonymous, path).status_code == 303


def test_form_of_another_site_sets_nothing(admin, student, anonymous):
    path = invite(admin, student.user_id)
    open_link(anonymous, path)
    forged = anonymous.post(path, data={"password": NEW_PASSWORD}, headers=BROWSER)
    assert forged.status_code == 403
    foreign = {**BROWSER, "Sec-Fetch-Site": "cross-site"}
    token = values(document(open_link(anonymous, path).text))["csrf_token"]
    form = {"csrf_token": token, "password": NEW_PASSWORD}
    assert anonymous.post(path, data=form, headers=foreign).status_code == 403


def test_token_used_twice_in_a_race_sets_one_password(admin, student, app, context):
    path = invite(admin, student.user_id)
    passwords = ["the first password", "the second password"]
    callers = [Caller(new_client(app)) for _ in passwords]
    forms = [
        {"csrf_token": values(document(open_link(caller, path).text))["csrf_token"]}
        for caller in callers
    ]
    barrier = threading.Barrier(2)
    codes = {}

    def send(caller, form, password):
        barrier.wait()
        answer = caller.post(path, data={**form, "password": password}, headers=BROWSER)
        codes[password] = answer.status_code

    threads = [
        threading.Thread(target=send, args=arguments)
        for arguments in zip(callers, forms, passwords, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes.values()) == [303, 410]
    for password, code in codes.items():
        assert (sign_in(app, "anna", password).status_code == 303) == (code == 303)


def test_guesses_find_nothing_and_are_slowed_down(admin, student, anonymous, monkeypatch):
    path = invite(admin, student.user_id)
    monkeypatch.setattr(links, "INVITATIONS_PER_ADDRESS", Limit(times=5, seconds=60))
    token = path.rpartition("/")[2]
    wrong = [token[:-1], f"{token}x", "A" * 5000, "%00", token.swapcase()]
    for guess in (f"/invitation/{one}" for one in wrong):
        answer = open_link(anonymous, guess)
        assert answer.status_code == 404, guess
    slowed = open_link(anonymous, path)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) > 0


def test_only_the_hash_is_kept_and_it_opens_nothing(admin, student, anonymous, context):
    path = invite(admin, student.user_id)
    with context.database.read() as session:
        stored = session.scalars(select(Invitation.token_sha256)).one()
    token = path.rpartition("/")[2]
    assert len(token) >= 43
    assert token not in stored
    assert open_link(anonymous, f"/invitation/{stored}").status_code == 404


def test_links_carry_the_public_address(admin, student, context, monkeypatch):
    monkeypatch.setattr(context.settings, "public_url", "https://exams.example.org/")
    made = admin.post(f"/api/v1/users/{student.user_id}/invitations").json()
    assert made["link"].startswith("https://exams.example.org/invitation/")


def test_page_speaks_german(admin, student, anonymous):
    path = invite(admin, student.user_id)
    german = {**BROWSER, "Accept-Language": "de"}
    assert "Wählen Sie Ihr Passwort" in anonymous.get(path, headers=german).text
    follow(anonymous, path)
    assert "schon benutzt" in anonymous.get(path, headers=german).text


def test_browser_that_was_somebody_elses_is_theirs_no_more(admin, student, other_student, context):
    path = invite(admin, student.user_id)
    assert follow(other_student, path).status_code == 303
    home = other_student.get("/", headers=BROWSER)
    assert "Hello, Anna" in home.text
    with context.database.read() as session:
        assert session.get_one(User, other_student.user_id).login == "berta"
