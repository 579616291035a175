import httpx
import pytest
from face_monitor_client import (
    Conflict,
    FaceMonitorClient,
    FaceMonitorError,
    FieldError,
    InvalidImage,
    InvalidRequest,
    NotSignedIn,
    ProblemError,
    RetryPolicy,
    Unavailable,
    UnexpectedAnswer,
)
from face_monitor_client.mock import MockFaceMonitor


def asking(answer: httpx.Response) -> FaceMonitorClient:
    return FaceMonitorClient(
        "https://faces.test",
        "fmk_secret",
        transport=httpx.MockTransport(lambda _request: answer),
        retries=RetryPolicy(max_tries=1),
    )


def problem(status: int, code: str, **more: object) -> httpx.Response:
    body = {"status": status, "code": code, "detail": "What happened.", **more}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def test_problem_carries_everything_the_service_said() -> None:
    answer = problem(
        422,
        "invalid_request",
        next_step="Send a shorter one.",
        request_id="req_1",
        errors=[{"field": "label", "message": "is too long"}],
    )

    with pytest.raises(InvalidRequest) as raised:
        asking(answer).get_attempt("att_1")

    said = raised.value
    assert (said.status, said.code, said.detail) == (422, "invalid_request", "What happened.")
    assert (said.next_step, said.request_id) == ("Send a shorter one.", "req_1")
    assert said.errors == (FieldError("label", "is too long"),)
    assert str(said) == (
        "422 invalid_request: What happened. Send a shorter one. label: is too long (request req_1)"
    )


def test_wrong_key_is_not_signed_in(service: MockFaceMonitor) -> None:
    client = FaceMonitorClient(service.url, "fmk_wrong", transport=service.transport)

    with pytest.raises(NotSignedIn):
        client.get_subject("sub_1")


@pytest.mark.parametrize(
    ("status", "code"),
    [(413, "image_too_large"), (415, "unsupported_image_type"), (422, "truncated_image")],
)
def test_unusable_image_is_invalid_image_whatever_its_status(status: int, code: str) -> None:
    with pytest.raises(InvalidImage) as raised:
        asking(problem(status, code)).get_attempt("att_1")

    assert raised.value.code == code


def test_conflict_of_a_newer_service_is_still_a_conflict() -> None:
    with pytest.raises(Conflict) as raised:
        asking(problem(409, "moon_is_full")).get_attempt("att_1")

    assert raised.value.code == "moon_is_full"


def test_status_nobody_foresaw_is_a_problem() -> None:
    with pytest.raises(ProblemError) as raised:
        asking(httpx.Response(418, text="teapot")).get_attempt("att_1")

    assert (raised.value.status, raised.value.code) == (418, "http_418")


def test_proxy_page_is_unavailable_without_its_html() -> None:
    with pytest.raises(Unavailable) as raised:
        asking(httpx.Response(502, html="<h1>Bad Gateway</h1>")).get_attempt("att_1")

    assert "<h1>" not in str(raised.value)


def test_page_in_place_of_an_answer_is_unexpected() -> None:
    with pytest.raises(UnexpectedAnswer):
        asking(httpx.Response(200, html="<p>Welcome</p>")).get_attempt("att_1")


def test_redirect_is_not_followed_with_the_key() -> None:
    answer = httpx.Response(302, headers={"Location": "https://elsewhere.test/"})

    with pytest.raises(ProblemError) as raised:
        asking(answer).get_attempt("att_1")

    assert raised.value.status == 302


def test_key_is_in_no_representation() -> None:
    client = asking(httpx.Response(200))

    assert "secret" not in repr(client)
    assert "https://faces.test" in repr(client)


def test_every_error_is_a_face_monitor_error() -> None:
    assert issubclass(ProblemError, FaceMonitorError)
    assert issubclass(UnexpectedAnswer, FaceMonitorError)
