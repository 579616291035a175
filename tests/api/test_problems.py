"""Whatever goes wrong, the answer says what to do next and nothing about our insides."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from api.problems import Problem
from models.frame_store import StorageFull
from models.sealed_images import ImageChanged, SubjectErased


def all_problems(kind=Problem):
    for below in kind.__subclasses__():
        yield below
        yield from all_problems(below)


def fail_with(app: FastAPI, error: Exception):
    @app.get("/broken")
    def broken() -> None:
        raise error


def check(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["next_step"]
    assert body["detail"].endswith(body["next_step"])
    return body


def test_codes_are_unique():
    codes = [problem.code for problem in all_problems()]
    assert len(codes) == len(set(codes))


def test_unknown_address(anonymous):
    check(anonymous.get("/api/v1/nothing"), 404, "not_found")


def test_unknown_method_names_the_others(anonymous):
    answer = anonymous.put("/healthz")
    check(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"\xff\xfe", "body"),
        (b'{"external_ref": 5}', "external_ref"),
        (b'{"external_ref": ""}', "external_ref"),
        (b'{"external_ref": "a\\u0000b"}', "external_ref"),
        (b'{"external_ref": "\\ud800"}', "external_ref"),
        (json.dumps({"external_ref": "x" * 191}).encode(), "external_ref"),
        (b"[" * 100_000, "body"),
        (b'{"external_ref": ' + b"9" * 5000 + b"}", "body"),
    ],
)
def test_bad_json_names_the_field(system, body, field):
    answer = system.post(
        "/api/v1/subjects", content=body, headers={"Content-Type": "application/json"}
    )
    problem = check(answer, 422, "invalid_request")
    assert [error["field"] for error in problem.get("errors", [{"field": "body"}])] == [field]


def test_json_without_its_content_type_is_refused(system):
    answer = system.post("/api/v1/subjects", content=b'{"external_ref": "1"}')
    check(answer, 422, "invalid_request")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("secret of the house"), 500, "internal_error"),
        (ImageChanged("secret of the house"), 500, "internal_error"),
        (IntegrityError("secret", {}, Exception("secret")), 500, "internal_error"),
        (OperationalError("secret", {}, Exception("secret")), 503, "service_unavailable"),
        (PoolExhausted("secret"), 503, "service_unavailable"),
        (StorageFull("secret"), 507, "storage_full"),
        (SubjectErased("secret"), 404, "not_found"),
    ],
)
def test_failure_tells_nothing_of_our_insides(app, anonymous, error, status, code):
    fail_with(app, error)
    answer = anonymous.get("/broken")
    check(answer, status, code)
    assert "secret" not in answer.text
    assert answer.headers["Content-Security-Policy"]
    assert ("Retry-After" in answer.headers) is (status == 503)


def test_database_that_is_gone_is_no_secret(context, student):
    if context.database.dialect != "sqlite":
        pytest.skip("breaks the database's file")
    context.database.engine.dispose()
    path = context.settings.database.database
    Path(path).write_bytes(b"no database at all" * 1000)
    answer = student.get("/api/v1/subjects")
    assert answer.status_code in {500, 503}
    assert "sqlite" not in answer.text.lower()


def test_request_id_is_taken_when_sane(anonymous):
    sane = anonymous.get("/healthz", headers={"X-Request-Id": "trace-1234.abc"})
    assert sane.headers["X-Request-Id"] == "trace-1234.abc"
    for bad in (b"x", b"a b c d e f g", b"x" * 65, b"<script>alert(1)</script>", b"\xff" * 20):
        answer = anonymous.get("/healthz", headers={"X-Request-Id": bad})
        assert answer.headers["X-Request-Id"].startswith("req_")


def test_browser_gets_a_page_and_scripts_get_json(anonymous):
    html = {"Accept": "text/html,application/xhtml+xml"}
    page = anonymous.get("/nowhere", headers=html)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    check(anonymous.get("/api/v1/nowhere", headers=html), 404, "not_found")


def test_error_page_escapes_what_was_sent(anonymous):
    answer = anonymous.get("/<script>alert(1)</script>", headers={"Accept": "text/html"})
    assert "<script>alert" not in answer.text
