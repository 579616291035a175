"""Which passwords are taken, and how they are kept."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from api.problems import InvalidRequest
from api.users.passwords import checked_password, hash_password, is_password_right, needs_rehash

pytestmark = pytest.mark.usefixtures("good_hashes")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "123456789",
        "password123",
        "Password123",
        "1234567890",
        "a" * 10,
        "x" * 201,
        "anna.smith1",
        "ANNA.SMITH1",
        " " * 20,
    ],
)
def test_bad_password_is_refused_with_a_reason(password):
    with pytest.raises(InvalidRequest) as caught:
        checked_password(password, login="anna.smith1")
    assert caught.value.errors[0]["field"] == "password"


@pytest.mark.parametrize("password", ["correct horse battery", "ünïcödé päss", "abcd?" * 40])
def test_long_enough_password_is_taken(password):
    assert checked_password(password, login="anna")


def test_hash_is_argon2id_and_salted():
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first != second
    parameters = extract_parameters(first)
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19_456
    assert not needs_rehash(first)


def test_old_parameters_are_noticed():
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))


def test_same_password_from_another_keyboard_is_right():
    assert is_password_right("passwo\u0308rter", hash_password("passw\u00f6rter"))


def test_nothing_is_right_without_a_hash():
    assert not is_password_right("nobody's password", None)
    assert not is_password_right("nobody's password", "")
    assert not is_password_right("", "")
