"""A whole sitting: numbers, tickets, pace, and nothing lost when the network is."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from face_monitor_client._attempts import (
    Attempt,
    Claim,
    ClientEvent,
    FrameReceipt,
    as_utc,
)
from face_monitor_client._client import FaceMonitorClient
from face_monitor_client._errors import (
    FramesUnsent,
    NotSignedIn,
    ProblemError,
    RateLimited,
    StorageFull,
    TransportError,
    Unavailable,
)

UNSENT_LIMIT = 720
"""Frames kept while the service is away: an hour at one in five seconds, about 40 MB."""

KEPT_FOR_LATER = (TransportError, Unavailable, RateLimited, StorageFull, NotSignedIn)
"""Failures after which the same frame is worth sending again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFrame:
    """A frame that has its number and waits to be sent."""

    seq: int
    jpeg: bytes
    captured_at: datetime
    claim: Claim | None = None
    ticket: str | None = None


class FrameSender:
    """Sends an attempt's frames in order, each under a number of its own.

    A frame that could not be sent keeps its number and its time and goes out before the next
    one. When more than `unsent_limit` wait, the oldest is dropped; its number stays unused, so
    that the service shows the gap.

    Parameters
    ----------
    attempt
        Gives the first number and the first ticket; an attempt read anew continues where it was.
    """

    def __init__(
        self,
        client: FaceMonitorClient,
        attempt: Attempt,
        *,
        unsent_limit: int = UNSENT_LIMIT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._attempt_id = attempt.id
        self._next_seq = attempt.next_seq
        self._ticket = attempt.ticket
        self._now = now
        self._unsent: deque[CapturedFrame] = deque(maxlen=unsent_limit)
        self.interval_seconds = attempt.frame_interval_seconds

    @property
    def unsent(self) -> tuple[CapturedFrame, ...]:
        """Frames that wait for the service, oldest first."""
        return tuple(self._unsent)

    def send(
        self, jpeg: bytes, *, claim: Claim | None = None, captured_at: datetime | None = None
    ) -> tuple[FrameReceipt, ...]:
        """Send one captured frame after those that wait; return the receipts, oldest first.

        Empty when the service cannot be reached right now: the frame waits in `unsent`.

        Raises
        ------
        ProblemError
            The service refuses the frame for good (closed attempt, unreadable image); it is not
            kept.
        UnexpectedAnswer
            Something other than the service answered; the frame is kept.
        ValueError
            `captured_at` carries no time zone.
        """
        moment = captured_at or self._now()
        as_utc(moment)
        self._unsent.append(
            CapturedFrame(
                seq=self._next_seq,
                jpeg=jpeg,
                captured_at=moment,
                claim=claim,
                ticket=self._ticket,
            )
        )
        self._next_seq += 1
        return self.send_unsent()

    def send_unsent(self) -> tuple[FrameReceipt, ...]:
        """Send what waits, oldest first, until the service is away again; return the receipts."""
        receipts = []
        while self._unsent:
            frame = self._unsent[0]
            try:
                receipt = self._send(frame)
            except KEPT_FOR_LATER:
                break
            except ProblemError:
                self._unsent.popleft()
                raise
            self._unsent.popleft()
            receipts.append(receipt)
        return tuple(receipts)

    def _send(self, frame: CapturedFrame) -> FrameReceipt:
        receipt = self._client.send_frame(
            self._attempt_id,
            frame.seq,
            frame.jpeg,
            captured_at=frame.captured_at,
            claim=frame.claim,
            ticket=frame.ticket,
        )
        self._ticket = receipt.next.ticket
        self.interval_seconds = receipt.next.interval_seconds
        return receipt


class AttemptRecorder:
    """Sits an attempt from start to submission at the pace the service asks for.

    As a context manager it starts the attempt and submits it at the end. After an exception, or
    while frames wait that could not be sent (`FramesUnsent`), it is left open, so that the sitting
    can go on.
    """

    def __init__(
        self,
        client: FaceMonitorClient,
        attempt_id: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._attempt_id = attempt_id
        self._sleep = sleep
        self._clock = clock
        self._due = clock()
        self._sender: FrameSender | None = None

    def __enter__(self) -> Self:
        self._sender = FrameSender(self._client, self._client.start(self._attempt_id))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if problem is not None:
            return
        self.sender.send_unsent()
        if self.sender.unsent:
            raise FramesUnsent(
                f"{len(self.sender.unsent)} frames still wait for the service, so the attempt was "
                "not submitted. Call sender.send_unsent(), then submit."
            )
        self._client.submit(self._attempt_id)

    @property
    def sender(self) -> FrameSender:
        """The sender of the running sitting."""
        if self._sender is None:
            raise RuntimeError("Use the recorder as a context manager: `with AttemptRecorder(…)`.")
        return self._sender

    def wait_for_next_frame(self) -> None:
        """Return when the service wants the next frame; capture it then."""
        remaining_seconds = self._due - self._clock()
        if remaining_seconds > 0:
            self._sleep(remaining_seconds)

    def record(self, jpeg: bytes, *, claim: Claim | None = None) -> tuple[FrameReceipt, ...]:
        """Send a frame that was captured just now; return the receipts that came."""
        self._due = self._clock()
        receipts = self.sender.send(jpeg, claim=claim)
        self._due += self.sender.interval_seconds
        return receipts

    def report(self, *events: ClientEvent) -> None:
        """Report what the client noticed."""
        self._client.send_events(self._attempt_id, events)
