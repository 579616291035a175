"""A client before the shipped fake, whose waiting is recorded and not slept."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from face_monitor_client import Attempt, FaceMonitorClient, RetryPolicy, Subject
from face_monitor_client.mock import MockFaceMonitor

JPEG = b"\xff\xd8\xff\xe0 a picture"
OTHER_JPEG = b"\xff\xd8\xff\xe0 another picture"


@dataclass
class Waiting:
    """A clock that only sleeping moves."""

    present_seconds: float = 0.0
    slept_seconds: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept_seconds.append(seconds)
        self.present_seconds += seconds

    def clock(self) -> float:
        return self.present_seconds


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture
def service() -> MockFaceMonitor:
    return MockFaceMonitor()


@pytest.fixture
def client(service: MockFaceMonitor, waiting: Waiting) -> Iterator[FaceMonitorClient]:
    with FaceMonitorClient(
        service.url,
        service.api_key,
        transport=service.transport,
        retries=RetryPolicy(jitter=lambda: 1.0),
        sleep=waiting.sleep,
        clock=waiting.clock,
    ) as client:
        yield client


@pytest.fixture
def subject(client: FaceMonitorClient) -> Subject:
    """A subject who has consented and is enrolled."""
    subject = client.create_subject("student-17")
    client.give_consent(subject.id, "2026-12")
    client.enrol(subject.id, [JPEG])
    return client.get_subject(subject.id)


@pytest.fixture
def attempt(client: FaceMonitorClient, subject: Subject) -> Attempt:
    """An attempt that has been started."""
    return client.start(client.open_attempt(subject.id, frame_interval_seconds=2).id)
