"""Signing in, and everything that must not work there."""

import pytest
from fastapi import Request
from sqlalchemy import func, select, update

from api.credentials import SIGN_IN_COOKIE, find_sign_in
from api.problems import LoginTaken, TooManyRequests, WrongCredentials
from api.throttle import Limit
from api.users import sign_in as sign_in_module
from api.users.passwords import needs_rehash
from api.users.sign_in import register_person, sign_in_person
from models.statuses import Role
from models.subject import Subject, SubjectKey
from models.user import SignIn, User
from tests.api.conftest import PASSWORD


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"failed_sign_ins_allowed": 3})


def request(address="192.0.2.1", cookie=None):
    headers = [(b"cookie", f"{SIGN_IN_COOKIE}={cookie}".encode())] if cookie else []
    return Request({"type": "http", "client": (address, 5), "headers": headers})


def try_wrong(context, login, times):
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            sign_in_person(context, request(), login, "a wrong password")


def test_right_password_signs_in_whatever_the_spelling_of_the_login(context, student):
    for login in ("anna", " ANNA "):
        signed_in = sign_in_person(context, request(), login, PASSWORD)
        with context.database.read() as session:
            assert find_sign_in(session, context, signed_in.token)


def test_token_is_new_each_time_and_the_browsers_old_one_ends(context, student):
    first = sign_in_person(context, request(), "anna", PASSWORD)
    second = sign_in_person(context, request(cookie=first.token), "anna", PASSWORD)
    assert first.token != second.token
    assert first.sign_in.csrf_token != second.sign_in.csrf_token
    with context.database.read() as session:
        assert find_sign_in(session, context, first.token) is None
        assert find_sign_in(session, context, second.token)


def test_unknown_login_and_wrong_password_get_the_same_answer(context, student):
    problems = []
    for login in ("anna", "nobody"):
        with pytest.raises(WrongCredentials) as caught:
            sign_in_person(context, request(), login, "a wrong password")
        problems.append(caught.value.body("req"))
    assert problems[0] == problems[1]


@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_wrong_passwords_lock_known_and_unknown_logins_alike(
    context, student, settings, clock, login
):
    try_wrong(context, login, settings.failed_sign_ins_allowed)
    with pytest.raises(TooManyRequests) as caught:
        sign_in_person(context, request(), login, PASSWORD)
    assert 0 < int(caught.value.headers["Retry-After"]) <= settings.sign_in_lock_seconds
    clock.advance(settings.sign_in_lock_seconds)
    try_wrong(context, login, 1)


def test_locked_login_opens_after_the_lock(context, student, settings, clock):
    try_wrong(context, "anna", settings.failed_sign_ins_allowed)
    clock.advance(settings.sign_in_lock_seconds)
    assert sign_in_person(context, request(), "anna", PASSWORD)


def test_right_password_forgets_the_wrong_ones(context, student, settings):
    for _ in range(3):
        try_wrong(context, "anna", settings.failed_sign_ins_allowed - 1)
        assert sign_in_person(context, request(), "anna", PASSWORD)


def test_failed_try_is_counted_before_the_password_is_looked_at(context, student, monkeypatch):
    def no_answer(*_):
        raise RuntimeError

    monkeypatch.setattr(sign_in_module, "is_password_right", no_answer)
    with pytest.raises(RuntimeError):
        sign_in_person(context, request(), "anna", PASSWORD)
    with context.database.read() as session:
        assert session.get_one(User, student.user_id).failed_sign_ins == 1


def test_disabled_user_gets_the_common_answer(context, student):
    with context.database.write() as session:
        session.execute(update(User).values(is_disabled=True))
    with pytest.raises(WrongCredentials):
        sign_in_person(context, request(), "anna", PASSWORD)


def test_one_address_cannot_try_for_ever(context, student, monkeypatch):
    monkeypatch.setattr(sign_in_module, "SIGN_INS_PER_ADDRESS", Limit(times=2, seconds=60))
    for login in ("a", "b"):
        with pytest.raises(WrongCredentials):
            sign_in_person(context, request(), login, "a wrong password")
    with pytest.raises(TooManyRequests):
        sign_in_person(context, request(), "anna", PASSWORD)
    assert sign_in_person(context, request("192.0.2.2"), "anna", PASSWORD)


@pytest.mark.usefixtures("good_hashes")
def test_hash_of_older_parameters_is_renewed(context, student):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with context.database.write() as session:
        session.execute(update(User).values(password_hash=weak))
    sign_in_person(context, request(), "anna", PASSWORD)
    with context.database.read() as session:
        assert not needs_rehash(session.get_one(User, student.user_id).password_hash)


def test_ended_sign_ins_are_swept_at_the_next_one(context, student, clock, settings):
    clock.advance(settings.sign_in_max_seconds)
    sign_in_person(context, request(), "anna", PASSWORD)
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_registration_makes_a_student_with_a_subject_and_a_key(context):
    user = register_person(
        context, request(), login="Clara", display_name=" Clara \n C. ", password=PASSWORD
    )
    assert user.role == Role.STUDENT
    with context.database.read() as session:
        subject = session.get_one(Subject, user.subject_id)
        assert (subject.owner_client_id, subject.external_ref) == (None, user.id)
        assert subject.display_name == "Clara C."
        assert session.get(SubjectKey, subject.id)
    assert sign_in_person(context, request(), "clara", PASSWORD)


def test_taken_login_leaves_nothing_behind(context, student):
    with pytest.raises(LoginTaken):
        register_person(context, request(), login="ANNA", display_name="", password=PASSWORD)
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1
        assert session.scalar(select(func.count()).select_from(Subject)) == 1
