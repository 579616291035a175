"""Attempts, their frames, events and timeline."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from face_monitor_client._attempts import (
    Attempt,
    Claim,
    ClientEvent,
    EventsReceipt,
    FrameReceipt,
    as_utc,
)
from face_monitor_client._connection import Connection, json_of
from face_monitor_client._reading import read
from face_monitor_client._timeline import Frame, TimelineItem, read_timeline_item


class AttemptCalls:
    """The part of the client that sits an exam."""

    _connection: Connection

    def open_attempt(
        self,
        subject_id: str,
        *,
        exam_id: str | None = None,
        label: str | None = None,
        duration_seconds: int | None = None,
        frame_interval_seconds: float | None = None,
        needs_verified_frame: bool | None = None,
    ) -> Attempt:
        """Return a new attempt of a subject; `Attempt.missing` says what it needs to start.

        Parameters
        ----------
        needs_verified_frame
            True: it starts only after the service recognised the subject in a frame just before.
        """
        body = {
            "subject_id": subject_id,
            "exam_id": exam_id,
            "label": label,
            "duration_seconds": duration_seconds,
            "frame_interval_seconds": frame_interval_seconds,
            "needs_verified_frame": needs_verified_frame,
        }
        present = {name: value for name, value in body.items() if value is not None}
        return read(Attempt, json_of(self._connection.ask("POST", "/attempts", json=present)))

    def get_attempt(self, attempt_id: str) -> Attempt:
        """Return an attempt with its counts and its newest verdict."""
        return read(Attempt, json_of(self._connection.ask("GET", f"/attempts/{attempt_id}")))

    def attempts(
        self, *, state: str | None = None, page_size: int | None = None
    ) -> Iterator[Attempt]:
        """Yield one's attempts, newest first, following the cursors."""
        for page in self._connection.pages("/attempts", {"state": state, "limit": page_size}):
            yield from (read(Attempt, item) for item in page["items"])

    def start(self, attempt_id: str) -> Attempt:
        """Start the attempt's time; starting twice is no error.

        Raises
        ------
        AttemptNotReady
            Consent or an accepted enrolment is missing.
        NoVerifiedFrame
            It needs one, and there is none or none that is fresh enough.
        """
        return read(Attempt, json_of(self._connection.ask("POST", f"/attempts/{attempt_id}/start")))

    def submit(self, attempt_id: str) -> Attempt:
        """Close the attempt: no frame is accepted any more; submitting twice is no error."""
        answer = self._connection.ask("POST", f"/attempts/{attempt_id}/submit")
        return read(Attempt, json_of(answer))

    def send_frame(
        self,
        attempt_id: str,
        seq: int,
        jpeg: bytes,
        *,
        captured_at: datetime | None = None,
        claim: Claim | None = None,
        ticket: str | None = None,
    ) -> FrameReceipt:
        """Return the receipt of one frame, which is durable from here on.

        The same frame may be sent again and gets the same receipt. `FrameSender` keeps numbers
        and tickets.

        Parameters
        ----------
        seq
            From 1; one number per captured frame, never used for another.
        captured_at
            The client's own clock, with a time zone.
        ticket
            From the previous receipt, or from the attempt.

        Raises
        ------
        FrameConflict
            Another image was accepted under this number.
        AttemptNotReady, AttemptClosed
            The attempt takes no frames now.
        """
        digest = base64.b64encode(hashlib.sha256(jpeg).digest()).decode()
        headers = {"Content-Type": "image/jpeg", "Content-Digest": f"sha-256=:{digest}:"}
        if captured_at is not None:
            headers["X-Captured-At"] = as_utc(captured_at)
        if claim is not None:
            headers["X-Client-Claim"] = claim.as_header()
        if ticket is not None:
            headers["X-Capture-Ticket"] = ticket
        path = f"/attempts/{attempt_id}/frames/{seq}"
        answer = self._connection.ask("PUT", path, content=jpeg, headers=headers)
        return read(FrameReceipt, json_of(answer))

    def get_frame(self, attempt_id: str, seq: int) -> Frame:
        """Return one frame: the claim, and the verification once there is one."""
        path = f"/attempts/{attempt_id}/frames/{seq}"
        return read(Frame, json_of(self._connection.ask("GET", path)))

    def get_frame_image(self, attempt_id: str, seq: int) -> bytes:
        """Return the JPEG of a frame. Looking at a face is recorded by the service."""
        return self._connection.ask("GET", f"/attempts/{attempt_id}/frames/{seq}/image").content

    def send_events(self, attempt_id: str, events: Iterable[ClientEvent]) -> EventsReceipt:
        """Report 1 to 200 events; one that was reported before is counted as a duplicate."""
        body = {"events": [event.as_json() for event in events]}
        answer = self._connection.ask("POST", f"/attempts/{attempt_id}/events", json=body)
        return read(EventsReceipt, json_of(answer))

    def timeline(self, attempt_id: str, *, page_size: int | None = None) -> Iterator[TimelineItem]:
        """Yield frames, gaps, events and transitions in the order the service received them."""
        path = f"/attempts/{attempt_id}/timeline"
        for page in self._connection.pages(path, {"limit": page_size}):
            yield from map(read_timeline_item, page["items"])
