"""The sitting itself: enrol, open, send the scripted frames, watch the verdicts come."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from uuid import uuid4

from face_monitor_client import (
    Attempt,
    ClientEvent,
    Enrollment,
    FaceMonitorClient,
    FrameSender,
    InvalidImage,
    NotFound,
    Subject,
    Verification,
)

from clients.simulator.portraits import portrait_path
from clients.simulator.script import (
    REFERENCE_PORTRAITS,
    ScriptedEvent,
    ScriptedFrame,
    scripted_events,
    scripted_frames,
)

FRAMES_PER_SECOND = 6.0
"""Pace of sending: a frame every few seconds is real, this is what two cores keep up with."""

POLL_SECONDS = 0.1
"""Between two looks at a frame whose verdict is due."""

VERDICT_LIMIT_SECONDS = 30.0
"""How long no verdict at all may come before the demo calls the next one missing."""

ENROLLMENT_LIMIT_SECONDS = 30.0
"""How long the worker may take over two reference images; it loads its networks first."""


class SittingFailed(Exception):
    """The sitting could not begin; the message says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    """One frame, and what the server decided about it."""

    frame: ScriptedFrame
    verification: Verification | None
    """None when no verdict came in time."""
    latency_seconds: float | None
    """From sending the frame to seeing its verdict."""

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the one that is due."""
        return self.verification is not None and self.verification.verdict == self.frame.due_verdict

    @property
    def is_caught_lie(self) -> bool:
        """Whether the client lied and the server decided rightly all the same."""
        return self.frame.is_lie and self.is_expected


class Sitting:
    """One simulated student's attempt: a camera that sends, and an eye on the verdicts.

    Parameters
    ----------
    attempt
        Started, and without frames so far.
    """

    def __init__(
        self,
        client: FaceMonitorClient,
        attempt: Attempt,
        frames: tuple[ScriptedFrame, ...],
        *,
        frames_per_second: float = FRAMES_PER_SECOND,
        verdict_limit_seconds: float = VERDICT_LIMIT_SECONDS,
    ) -> None:
        self.client = client
        self.attempt = attempt
        self._frames = frames
        self._frames_per_second = frames_per_second
        self._verdict_limit_seconds = verdict_limit_seconds
        self._sent_at: dict[int, float] = {}
        self._newest_verdict_at = 0.0
        self._is_over = Event()

    def outcomes(self) -> Iterator[Outcome]:
        """Send the frames and yield their outcomes in order, as they come; submit at the end."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="camera") as camera:
            sending = camera.submit(self._send_frames)
            try:
                for frame in self._frames:
                    yield self._outcome(frame, sending)
            finally:
                self._is_over.set()
            sending.result()
        self.client.submit(self.attempt.id)

    def _send_frames(self) -> None:
        """Send the whole script at its pace, and the events that belong to it."""
        sender = FrameSender(self.client, self.attempt)
        events = scripted_events(len(self._frames))
        begun = time.monotonic()
        for number, frame in enumerate(self._frames):
            jpeg = frame.picture()
            due_in_seconds = begun + number / self._frames_per_second - time.monotonic()
            if self._is_over.wait(max(0.0, due_in_seconds)):
                return
            self._sent_at[frame.seq] = time.monotonic()
            sender.send(jpeg, claim=frame.claim)
            self._report([event for event in events if event.after_seq == frame.seq])
        sender.send_unsent()

    def _report(self, events: list[ScriptedEvent]) -> None:
        if events:
            self.client.send_events(
                self.attempt.id,
                [ClientEvent(kind=event.kind, reason=event.reason) for event in events],
            )

    def _outcome(self, frame: ScriptedFrame, sending: Future[None]) -> Outcome:
        """Return the frame's outcome once there is one, or no other verdict came for too long."""
        while not self._is_missing(frame.seq):
            if sending.done():
                # Raises what ended the camera, if anything did.
                sending.result()
            verification = self._verification(frame.seq)
            if verification is not None:
                self._newest_verdict_at = time.monotonic()
                latency_seconds = self._newest_verdict_at - self._sent_at[frame.seq]
                return Outcome(frame, verification, latency_seconds)
            time.sleep(POLL_SECONDS)
        return Outcome(frame, None, None)

    def _is_missing(self, seq: int) -> bool:
        sent_at = self._sent_at.get(seq)
        if sent_at is None:
            return False
        quiet_since = max(sent_at, self._newest_verdict_at)
        return time.monotonic() - quiet_since > self._verdict_limit_seconds

    def _verification(self, seq: int) -> Verification | None:
        if seq not in self._sent_at:
            return None
        try:
            verification = self.client.get_frame(self.attempt.id, seq).verification
        except NotFound:
            # Its number is taken, its upload is not through yet.
            return None
        return verification if verification is not None and verification.is_done else None


def prepare_sitting(client: FaceMonitorClient, frame_count: int) -> Sitting:
    """Return a started attempt of a new subject whose portraits are enrolled.

    Raises
    ------
    SittingFailed
        The reference images were refused, or not decided in time.
    """
    subject = client.create_subject(f"demo-{uuid4().hex[:12]}", display_name="Demo student")
    client.give_consent(subject.id, text_version="demo")
    enrol(client, subject, REFERENCE_PORTRAITS)
    attempt = client.open_attempt(
        subject.id, label="Demo", duration_seconds=3600, frame_interval_seconds=0.2
    )
    return Sitting(client, client.start(attempt.id), scripted_frames(frame_count))


def enrol(client: FaceMonitorClient, subject: Subject, portraits: Sequence[str]) -> None:
    """Enroll portraits and return once all are accepted.

    Raises
    ------
    SittingFailed
        One was refused, or they were not decided in time.
    """
    images = [portrait_path(name) for name in portraits]
    try:
        enrollment = client.enrol(subject.id, images, wait_seconds=10)
    except InvalidImage as error:
        names = ", ".join(portraits)
        raise SittingFailed(f"The service refused the reference images {names}: {error}") from error
    begun = time.monotonic()
    while not enrollment.is_decided and time.monotonic() - begun < ENROLLMENT_LIMIT_SECONDS:
        time.sleep(POLL_SECONDS)
        enrollment = client.get_enrollment(subject.id, enrollment.version)
    if not enrollment.is_decided:
        raise SittingFailed(
            "The reference images were not decided in time. Is a worker running? "
            "Look at /readyz of the service."
        )
    refused = _refusals(enrollment, portraits)
    if refused:
        raise SittingFailed(f"The service refused reference images: {refused}")


def _refusals(enrollment: Enrollment, portraits: Sequence[str]) -> str:
    return " ".join(
        f"{portraits[index]}: {' '.join(reason.message for reason in image.reasons)}"
        for index, image in enumerate(enrollment.images)
        if image.state != "accepted"
    )
