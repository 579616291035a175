import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document


def test_page_says_what_happened_what_to_do_and_the_request_id(anonymous: Caller) -> None:
    answer = anonymous.get("/nothing", headers={**BROWSER, "X-Request-Id": "request-of-the-test"})
    text = document(answer.text).whole_text()
    assert "There is no such page" in text
    assert "go back to the start page" in text
    assert "request-of-the-test" in text


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("secret figure 42"), 500), (OperationalError("SELECT", {}, OSError()), 503)],
)
def test_failure_is_a_page_without_its_cause(
    app: FastAPI, anonymous: Caller, error: Exception, status: int
) -> None:
    @app.get("/fails")
    def fail() -> None:
        raise error

    answer = anonymous.get("/fails", headers=BROWSER)
    assert answer.status_code == status
    assert len(document(answer.text).all("h1")) == 1
    assert "secret figure 42" not in answer.text
    assert "SELECT" not in answer.text


def test_program_that_asks_for_json_gets_a_problem(anonymous: Caller) -> None:
    answer = anonymous.get("/nothing", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
