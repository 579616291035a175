"""The students: enrolled beforehand, then each in a thread with a camera at its own pace."""

import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from face_monitor_client import (
    Attempt,
    FaceMonitorClient,
    FaceMonitorError,
    FrameCounts,
    FrameSender,
)

from clients.simulator.load.album import PEOPLE, Album
from clients.simulator.script import Scene
from clients.simulator.sitting import enrol
from clients.simulator.stack import StackAddress

JITTER = 0.05
"""How far a camera's interval strays from what the service asks for."""

LOOK_SECONDS = 60.0
"""How often a student asks how the attempt stands, as the exam page does."""

ENROLLING_AT_ONCE = 4
"""Students enrolled at the same time; more would only wait for the workers."""

LAST_TRIES_SECONDS = 60.0
"""How long a student whose frames are kept back tries to get rid of them at the end."""

CONNECTION_SECONDS = 75.0
"""How long a connection is kept open between two frames, as browsers do."""


class Uploads:
    """How long each PUT took, and how it was answered; students report from their threads."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, seconds: float, status: str) -> None:
        """Record one PUT."""
        with self._lock:
            self.seconds.append(seconds)
            self.statuses[status] += 1


class TimedTransport(httpx.BaseTransport):
    """A connection of one student, on which every PUT is timed, its repetitions one by one."""

    def __init__(self, uploads: Uploads, tls: ssl.SSLContext) -> None:
        self._uploads = uploads
        self._inner = httpx.HTTPTransport(
            verify=tls,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=CONNECTION_SECONDS),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        if request.method != "PUT":
            return self._inner.handle_request(request)
        begun = time.monotonic()
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError as failure:
            self._uploads.note(time.monotonic() - begun, type(failure).__name__)
            raise
        self._uploads.note(time.monotonic() - begun, str(response.status_code))
        return response

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()


@dataclass
class Student:
    """One subject with an attempt, and what has become of its frames."""

    client: FaceMonitorClient
    attempt: Attempt
    album: Album
    number: int
    captured: int = 0
    accepted: int = 0
    scenes: Counter[Scene] = field(default_factory=Counter)
    trouble: str | None = None
    """Why it stopped before its time."""

    def sit(self, until: float, is_over: threading.Event) -> None:
        """Send frames until `until` (monotonic) and look how it stands; then send what is left."""
        try:
            self._sit(until, is_over)
        except FaceMonitorError as problem:
            self.trouble = f"{type(problem).__name__}: {problem}"

    def counts(self) -> FrameCounts:
        """Return what the service says about the attempt's frames."""
        return self.client.get_attempt(self.attempt.id).counts

    def _sit(self, until: float, is_over: threading.Event) -> None:
        dice = random.Random(self.number)  # noqa: S311  # Cameras, no secrets.
        due = time.monotonic() + dice.random() * self.attempt.frame_interval_seconds
        look_due = due + dice.random() * LOOK_SECONDS
        sender: FrameSender | None = None
        while due < until and not is_over.wait(max(0.0, due - time.monotonic())):
            sender = sender or FrameSender(self.client, self.client.start(self.attempt.id))
            picture = self.album.draw(dice)
            self.captured += 1
            self.scenes[picture.scene] += 1
            self.accepted += len(sender.send(picture.jpeg, claim=picture.claim))
            if time.monotonic() >= look_due:
                self.client.get_attempt(self.attempt.id)
                look_due += LOOK_SECONDS
            pause = sender.interval_seconds * dice.uniform(1 - JITTER, 1 + JITTER)
            due = max(due + pause, time.monotonic())
        give_up = time.monotonic() + LAST_TRIES_SECONDS
        while sender and sender.unsent and time.monotonic() < give_up:
            self.accepted += len(sender.send_unsent())


@dataclass(frozen=True)
class Room:
    """What all students share."""

    address: StackAddress
    label: str
    interval_seconds: float
    uploads: Uploads
    albums: Sequence[Album]
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def admit(self, number: int) -> Student:
        """Return a new student, enrolled and with an attempt that can start.

        Raises
        ------
        SittingFailed, FaceMonitorError
        """
        client = FaceMonitorClient(
            self.address.url,
            self.address.api_key,
            transport=TimedTransport(self.uploads, self.tls),
        )
        person = PEOPLE[number % len(PEOPLE)]
        subject = client.create_subject(
            f"load-{uuid4().hex[:12]}", display_name=f"Simulated student {number + 1}"
        )
        client.give_consent(subject.id, text_version="load")
        enrol(client, subject, person.reference_portraits)
        attempt = client.open_attempt(
            subject.id,
            label=self.label,
            duration_seconds=4 * 3600,
            frame_interval_seconds=self.interval_seconds,
        )
        return Student(client, attempt, self.albums[number % len(PEOPLE)], number)


def admit_all(room: Room, student_count: int) -> Iterator[Student]:
    """Yield the students as they are admitted, a few at a time."""
    with ThreadPoolExecutor(ENROLLING_AT_ONCE, thread_name_prefix="enrolling") as desks:
        admitted = [desks.submit(room.admit, number) for number in range(student_count)]
        try:
            for student in as_completed(admitted):
                yield student.result()
        finally:
            desks.shutdown(wait=True, cancel_futures=True)


def sit_together(
    students: Sequence[Student], seconds: float, each_second: Callable[[], None]
) -> None:
    """Let every student sit for so long, and call `each_second` meanwhile."""
    is_over = threading.Event()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=student.sit, args=(until, is_over), daemon=True)
        for student in students
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            begun = time.monotonic()
            each_second()
            time.sleep(max(0.0, begun + 1 - time.monotonic()))
    finally:
        is_over.set()
    for thread in threads:
        thread.join()
