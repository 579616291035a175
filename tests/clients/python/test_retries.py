from collections.abc import Callable

import httpx
import pytest
from face_monitor_client import (
    Attempt,
    FaceMonitorClient,
    NotFound,
    RateLimited,
    RetryPolicy,
    StorageFull,
    Subject,
    TimedOut,
    TransportError,
    Unavailable,
)
from face_monitor_client.mock import MockFaceMonitor

from tests.clients.python.conftest import JPEG, Waiting


def test_broken_connection_is_tried_again_with_growing_delays(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt, waiting: Waiting
) -> None:
    service.break_next_connection(times=3)

    assert client.get_attempt(attempt.id).id == attempt.id

    assert waiting.slept_seconds == [0.25, 0.5, 1.0]


def test_service_is_never_asked_again_earlier_than_it_wished(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt, waiting: Waiting
) -> None:
    service.fail_next(status=429, code="too_many_requests", retry_after_seconds=7)

    assert client.send_frame(attempt.id, 1, JPEG).seq == 1

    assert waiting.slept_seconds == [7]


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_an_answer_that_says_not_now_is_repeated(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt, status: int
) -> None:
    service.fail_next(status=status)

    assert client.send_frame(attempt.id, 1, JPEG).seq == 1


def test_exhausted_tries_raise_the_last_answer(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    asked_before = len(service.requests)
    service.fail_next(times=5, status=503)

    with pytest.raises(Unavailable):
        client.get_attempt(attempt.id)

    assert len(service.requests) - asked_before == 5


def test_wait_beyond_the_limit_is_not_begun(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt, waiting: Waiting
) -> None:
    service.fail_next(status=429, code="too_many_requests", retry_after_seconds=3600)

    with pytest.raises(RateLimited) as refused:
        client.get_attempt(attempt.id)

    assert refused.value.retry_after_seconds == 3600
    assert waiting.slept_seconds == []


def test_lost_answer_does_not_do_the_work_twice(
    client: FaceMonitorClient, service: MockFaceMonitor, subject: Subject
) -> None:
    service.lose_next_answer()

    attempt = client.open_attempt(subject.id)

    assert [each.id for each in client.attempts()] == [attempt.id]


def test_every_try_of_a_form_sends_the_same_key_and_bytes(
    client: FaceMonitorClient, service: MockFaceMonitor, subject: Subject
) -> None:
    service.lose_next_answer(times=2)

    client.enrol(subject.id, [JPEG])

    tries = service.requests[-3:]
    assert len({request.headers["Idempotency-Key"] for request in tries}) == 1
    assert len({request.content for request in tries}) == 1
    assert len(client.enrollments(subject.id)) == 2


def test_two_calls_have_two_keys(client: FaceMonitorClient, service: MockFaceMonitor) -> None:
    client.create_subject("student-1")
    client.create_subject("student-2")

    keys = {request.headers["Idempotency-Key"] for request in service.requests}
    assert len(keys) == 2


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (507, StorageFull)])
def test_answer_that_will_not_change_is_not_asked_for_again(
    client: FaceMonitorClient,
    service: MockFaceMonitor,
    waiting: Waiting,
    status: int,
    kind: type[Exception],
) -> None:
    service.fail_next(status=status, code="any")

    with pytest.raises(kind):
        client.get_attempt("att_1")

    assert waiting.slept_seconds == []


@pytest.mark.parametrize(
    ("broken", "kind"), [(httpx.ConnectError, TransportError), (httpx.ReadTimeout, TimedOut)]
)
def test_silence_in_every_try_is_a_transport_error(
    broken: Callable[[str], Exception], kind: type[Exception], waiting: Waiting
) -> None:
    tries: list[httpx.Request] = []

    def never_answer(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        raise broken("nothing")

    client = FaceMonitorClient(
        "https://gone.test",
        "key",
        transport=httpx.MockTransport(never_answer),
        retries=RetryPolicy(max_tries=3),
        sleep=waiting.sleep,
        clock=waiting.clock,
    )

    with pytest.raises(kind, match="GET /api/v1/attempts/att_1"):
        client.get_attempt("att_1")

    assert len(tries) == 3


def test_http_date_in_retry_after_leaves_the_wait_to_the_client(waiting: Waiting) -> None:
    answers = iter(
        [
            httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
            httpx.Response(200, json={"id": "ver_1", "status": "pending"}),
        ]
    )
    client = FaceMonitorClient(
        "https://faces.test",
        "key",
        transport=httpx.MockTransport(lambda _request: next(answers)),
        sleep=waiting.sleep,
        clock=waiting.clock,
    )

    assert client.get_verification("ver_1").id == "ver_1"
    assert 0.125 <= waiting.slept_seconds[0] <= 0.25


def test_backoff_stays_below_its_longest_delay() -> None:
    policy = RetryPolicy(max_tries=50, longest_delay_seconds=8, jitter=lambda: 1.0)

    assert policy.delay_seconds(tries=20, elapsed_seconds=0, retry_after_seconds=None) == 8
