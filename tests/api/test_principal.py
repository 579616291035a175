"""Attacks on who somebody is: forged, old and foreign credentials, and foreign pages."""

import secrets

import pytest
from sqlalchemy import select

from api.credentials import SIGN_IN_COOKIE, token_sha256
from api.users.service import set_disabled, sign_out
from models.api_client import ApiClient, ApiKey
from models.user import SignIn, User
from tests.api.conftest import new_client

OWN = "/api/v1/subjects"
NEW_CONSENT = {"text_version": "2026-12"}


def cookie_of(caller):
    return next(cookie.value for cookie in caller.client.cookies.jar)


def consents(caller):
    return f"/api/v1/subjects/{caller.subject_id}/consents"


@pytest.mark.parametrize("value", ["anna", "root", "usr_1", "", "a" * 5000, "'; --", "é"])
def test_forged_cookie_gets_nowhere(app, student, value):
    client = new_client(app)
    answer = client.get(OWN, headers={"Cookie": f"{SIGN_IN_COOKIE}={value}".encode()})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_stored_hash_is_no_credential(app, context, student):
    with context.database.read() as session:
        stored = session.scalars(select(SignIn.token_sha256)).one()
    assert stored == token_sha256(cookie_of(student))
    client = new_client(app)
    assert client.get(OWN, headers={"Cookie": f"{SIGN_IN_COOKIE}={stored}"}).status_code == 401


def test_sign_in_ends_when_idle(student, clock, settings):
    clock.advance(settings.sign_in_idle_seconds - 1)
    assert student.get(OWN).status_code == 200
    clock.advance(settings.sign_in_idle_seconds - 1)  # Use keeps it alive …
    assert student.get(OWN).status_code == 200
    clock.advance(settings.sign_in_idle_seconds)
    assert student.get(OWN).status_code == 401


def test_sign_in_ends_for_good_after_its_longest_time(student, clock, settings):
    step = settings.sign_in_idle_seconds - 1
    for _ in range(settings.sign_in_max_seconds // step):
        clock.advance(step)
        assert student.get(OWN).status_code == 200
    clock.advance(step)
    assert student.get(OWN).status_code == 401


def test_signed_out_cookie_is_dead(context, student):
    with context.database.write() as session:
        sign_out(session, cookie_of(student))
    assert student.get(OWN).status_code == 401


def test_disabled_user_is_out_at_once(context, student):
    with context.database.write() as session:
        set_disabled(session, session.get_one(User, student.user_id), is_disabled=True)
    assert student.get(OWN).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_unsafe_request_without_csrf_token_is_refused(student, token):
    del student.client.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    answer = student.post(consents(student), json=NEW_CONSENT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert student.get(f"/api/v1/subjects/{student.subject_id}").json()["consent"] is None


def test_csrf_token_of_another_sign_in_is_refused(student, other_student):
    headers = {"X-CSRF-Token": other_student.csrf_token}
    answer = student.post(consents(student), json=NEW_CONSENT, headers=headers)
    assert answer.json()["code"] == "csrf_failed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_foreign_page_is_refused_even_with_the_token(student, headers):
    answer = student.post(consents(student), json=NEW_CONSENT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost:8000"}]
)
def test_own_page_with_the_token_is_served(student, headers):
    assert student.post(consents(student), json=NEW_CONSENT, headers=headers).status_code == 201


def test_system_needs_no_csrf_token(system):
    assert system.post(OWN, json={"external_ref": "1"}).status_code == 201


def broken_keys(key):
    prefix, key_id, secret = key.split("_", 2)
    return [
        "",
        "fmk",
        "fmk__",
        key[:-1],
        f"{prefix}_{key_id}_",
        f"{prefix}_{key_id}_{secrets.token_urlsafe(32)}",
        f"{prefix}_{'0' * 26}_{secret}",
        f"abc_{key_id}_{secret}",
        f"{prefix}_é\x01_{secret}",
        f"{prefix}_{'0' * 5000}_{secret}",
    ]


def test_wrong_api_keys_are_refused(app, system):
    key = system.client.headers["Authorization"].removeprefix("Bearer ")
    for broken in broken_keys(key):
        client = new_client(app)
        answer = client.get(OWN, headers={"Authorization": f"Bearer {broken}".encode()})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), broken
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_api_key_stands_nowhere_in_the_database(context, system):
    secret = system.client.headers["Authorization"].rsplit("_", 1)[1]
    with context.database.read() as session:
        for key in session.scalars(select(ApiKey)):
            assert secret not in f"{key.id} {key.secret_sha256}"


def test_revoked_key_and_disabled_system_are_out(context, system, other_system, clock):
    with context.database.write() as session:
        key = session.scalars(select(ApiKey).where(ApiKey.client_id == system.client_id)).one()
        key.revoked_at = clock()
        session.get_one(ApiClient, other_system.client_id).is_disabled = True
    assert system.get(OWN).status_code == 401
    assert other_system.get(OWN).status_code == 401


def test_broken_key_does_not_fall_back_to_the_cookie(student):
    answer = student.get(OWN, headers={"Authorization": "Bearer fmk_x_y"})
    assert answer.status_code == 401


def test_student_is_no_admin(student, system):
    exam = {"title": "Mine", "duration_seconds": 60}
    for caller in (student, system):
        answer = caller.post("/api/v1/exams", json=exam)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
