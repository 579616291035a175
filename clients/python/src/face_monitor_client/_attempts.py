"""What the service answers about attempts, and what a client reports about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from face_monitor_client._faces import Box, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTitle:
    """The exam an attempt belongs to."""

    id: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVerification:
    """The newest verdict of an attempt."""

    seq: int
    verdict: str
    received_at: datetime | None = None
    verified_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCounts:
    """How many frames an attempt has, and what became of them."""

    frames: int = 0
    verified: int = 0
    by_verdict: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentReply:
    """What a student answered to a question about an attempt."""

    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a person decided about an attempt, as its student reads it."""

    decision: str
    """`verified`, `questioned` or `rejected`."""
    decided_at: datetime
    reasons: tuple[Reason, ...] = ()
    message: str = ""
    reply_until: datetime | None = None
    can_reply: bool = False
    replies: tuple[StudentReply, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One subject's monitored sitting."""

    id: str
    subject_id: str
    state: str
    """`created`, `ready`, `started`, `submitted`, `verified`, …"""
    created_at: datetime
    exam: ExamTitle | None = None
    label: str | None = None
    ready_at: datetime | None = None
    started_at: datetime | None = None
    submitted_at: datetime | None = None
    deadline_at: datetime | None = None
    duration_seconds: int | None = None
    """With the extra time that was granted."""
    remaining_seconds: int | None = None
    """What is left when it goes on, after it broke off."""
    frame_interval_seconds: float = 5.0
    """With the slower pace that was granted."""
    is_practice: bool = False
    face_check: str = "match"
    """`match`, `presence` or `person`: what the camera is used for."""
    allowances: Mapping[str, Any] = field(default_factory=dict)
    """What was granted; empty when nothing was."""
    next_seq: int = 1
    """The number the next captured frame takes; never one that was used."""
    missing: tuple[str, ...] = ()
    """Why it is not ready: `consent`, `enrollment`, `approval`, `identity_check`."""
    needs_verified_frame: bool = False
    """Whether it starts only after the service recognised the subject in a frame just before."""
    verified_frame_at: datetime | None = None
    """When the newest frame came in that would permit the start now."""
    question_count: int = 0
    answered_count: int = 0
    awarded_points: float | None = None
    """The sum; None while it runs and while a person has yet to score."""
    possible_points: float | None = None
    outcome: Outcome | None = None
    """What a person decided, or asked, last."""
    last_verification: LastVerification | None = None
    counts: FrameCounts = field(default_factory=FrameCounts)
    ticket: str | None = None
    """The capture ticket of the next frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the client itself saw in a frame: kept as testimony, never read by the verdict."""

    status: str
    """`one_face`, `no_face`, `several_faces` or `unavailable`."""
    face_count: int | None = None
    detector_score: float | None = None
    boxes: tuple[Box, ...] = ()
    detector: str | None = None

    def as_header(self) -> str:
        """Return the claim as ASCII JSON for `X-Client-Claim`."""
        members = {
            "status": self.status,
            "face_count": self.face_count,
            "detector_score": self.detector_score,
            "boxes": [
                {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
                for box in self.boxes
            ]
            or None,
            "detector": self.detector,
        }
        present = {key: value for key, value in members.items() if value is not None}
        return json.dumps(present, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEvent:
    """Something the client noticed: a tab switch, a lost camera, a heartbeat.

    The id is made once, so that an event sent twice is counted once.
    """

    kind: str
    reason: str
    client_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid4()))

    def as_json(self) -> dict[str, Any]:
        """Return the event as the service takes it."""
        members = {
            "id": self.id,
            "kind": self.kind,
            "reason": self.reason,
            "client_at": as_utc(self.client_at),
        }
        return {**members, "detail": dict(self.detail)} if self.detail else members


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsReceipt:
    """How many events were new, and how many the service had already."""

    accepted: int
    duplicates: int = 0
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextFrame:
    """What the service wishes for the frame after this one."""

    ticket: str | None = None
    interval_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameReceipt:
    """The service has this frame, durably, and will reach a verdict on it."""

    attempt_id: str
    seq: int
    sha256: str
    byte_count: int
    received_at: datetime
    next: NextFrame = field(default_factory=NextFrame)
    last_verification: LastVerification | None = None
    """The newest verdict of the attempt, of an earlier frame."""


def as_utc(moment: datetime) -> str:
    """Return RFC 3339 in UTC with microseconds and `Z`.

    Raises
    ------
    ValueError
        `moment` carries no time zone: nobody could say which instant it means.
    """
    if moment.tzinfo is None:
        raise ValueError("Times need a time zone, as in datetime.now(UTC).")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
