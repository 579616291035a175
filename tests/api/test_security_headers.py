"""Every answer carries the headers, whatever it is; only known hosts are served."""

import pytest

from api.app import make_app
from tests.api.conftest import new_client

ANSWERS = {
    "fine": ("GET", "/healthz"),
    "refused": ("GET", "/api/v1/subjects"),
    "unknown": ("GET", "/nowhere"),
    "wrong method": ("DELETE", "/healthz"),
    "page": ("GET", "/login"),
    "static": ("GET", "/static/nothing.js"),
    "description": ("GET", "/openapi.json"),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_has_them(anonymous, case, accept):
    method, path = ANSWERS[case]
    headers = anonymous.client.request(method, path, headers={"Accept": accept}).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("no-cache" if case == "static" else "no-store")
    assert headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_cross_origin_preflight_is_not_answered(anonymous):
    answer = anonymous.client.options(
        "/api/v1/subjects",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "a b", "[::1"])
def test_unknown_host_is_refused_with_a_problem(anonymous, host):
    answer = anonymous.get("/healthz", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_known_host_is_served_on_any_port(anonymous, host):
    assert anonymous.get("/healthz", headers={"Host": host}).status_code == 200


def test_https_is_kept_once_it_was_used(settings):
    secure = settings.model_copy(update={"public_url": "https://exams.example.org"})
    answer = new_client(make_app(secure)).get("/healthz")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
