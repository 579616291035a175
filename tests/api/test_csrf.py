"""Forms that are sent before anybody has signed in."""

import pytest
from fastapi import Request

from api.csrf import (
    PRE_SIGN_IN_COOKIE,
    PRE_SIGN_IN_SECONDS,
    check_pre_sign_in,
    pre_sign_in_token,
)
from api.problems import CsrfFailed


def request(cookie, **headers):
    sent = {"cookie": f"{PRE_SIGN_IN_COOKIE}={cookie}", "host": "localhost", **headers}
    return Request(
        {
            "type": "http",
            "scheme": "http",
            "path": "/login",
            "query_string": b"",
            "server": ("localhost", 80),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()
            ],
        }
    )


def test_form_loaded_by_the_same_browser_is_taken(context, clock):
    token = pre_sign_in_token(context)
    check_pre_sign_in(request(token), context, token)
    clock.advance(PRE_SIGN_IN_SECONDS - 1)
    check_pre_sign_in(request(token, sec_fetch_site="same-origin"), context, token)


def test_form_of_another_browser_is_refused(context):
    mine, theirs = pre_sign_in_token(context), pre_sign_in_token(context)
    for cookie, field in ((mine, theirs), ("", mine), (mine, ""), (mine, None), ("", "")):
        with pytest.raises(CsrfFailed):
            check_pre_sign_in(request(cookie), context, field)


def test_form_that_was_open_for_too_long_is_refused(context, clock):
    token = pre_sign_in_token(context)
    clock.advance(PRE_SIGN_IN_SECONDS + 1)
    with pytest.raises(CsrfFailed):
        check_pre_sign_in(request(token), context, token)


@pytest.mark.parametrize("forged", ["x", "1.2.3", "..", "9999999999.abc.def", "é.é.é", "a.b"])
def test_forged_token_is_refused(context, forged):
    with pytest.raises(CsrfFailed):
        check_pre_sign_in(request(forged), context, forged)


def test_token_signed_with_another_key_is_refused(context):
    token = pre_sign_in_token(context)
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    with pytest.raises(CsrfFailed):
        check_pre_sign_in(request(forged), context, forged)


@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}],
)
def test_foreign_page_is_refused(context, headers):
    token = pre_sign_in_token(context)
    with pytest.raises(CsrfFailed):
        check_pre_sign_in(request(token, **headers), context, token)
