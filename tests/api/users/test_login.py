"""Names that look alike are one name, and names made to deceive are none."""

import pytest

from api.problems import InvalidRequest, LoginTaken
from api.users.login import checked_login, login_key
from tests.api.conftest import PASSWORD
from tests.support.people import register_student


@pytest.mark.parametrize(
    "look_alike",
    # The same letters in full width and as mathematical signs.
    ["Anna", "ANNA", " anna ", "\uff41\uff4e\uff4e\uff41", "\U0001d482\U0001d4f7na", "anna\u3000"],
)
def test_look_alike_is_the_same_login(context, student, look_alike):
    with (
        context.database.write() as session,
        pytest.raises(LoginTaken),
    ):
        register_student(session, context, login=look_alike, display_name="", password=PASSWORD)


@pytest.mark.parametrize(
    "login",
    [
        "",
        "   ",
        "anna\x00",
        "an\u200bna",  # zero width space
        "an\u00adna",  # soft hyphen
        "an na",
        "an\u00a0na",
        "\u202eanna",  # right-to-left override
        "аnna",  # noqa: RUF001 - a Cyrillic letter among Latin ones is the point
        "αnna",  # noqa: RUF001
        "a\u0301\u0302nna\ufe0f",
        "x" * 151,
        "ﷺ" * 20,  # one character that folds to eighteen
    ],
)
def test_deceiving_login_is_refused(login):
    with pytest.raises(InvalidRequest) as caught:
        checked_login(login)
    assert caught.value.errors[0]["field"] == "login"


@pytest.mark.parametrize(
    "login", ["anna", "Anna.Müller", "анна", "学生17", "a+b@example.org", "17"]
)
def test_honest_login_is_taken_as_typed(login):
    assert checked_login(login) == login


def test_key_is_stable():
    for login in ("Straße", "İstanbul", "ΣΑΣ", "ﬁnn"):
        assert login_key(login_key(login)) == login_key(login)
