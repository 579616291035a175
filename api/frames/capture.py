"""What a client says about a frame it sends: its claim, its clock and its ticket.

All of it is testimony. What cannot be read costs the client its word, never the frame: the
frame is stored without it, and a signal says so.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.events.client_clock import client_moment
from api.frames.ticket import ticket_issued_at

CLAIM_MAX_BYTES = 2000
"""Longest claim header that is read; ten boxes fit into half of it."""

Signal = dict[str, Any]
"""`{code, …figures}`: something noticed beside the verdict."""


class ClaimStatus(StrEnum):
    """What the client says it saw."""

    ONE_FACE = "one_face"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNAVAILABLE = "unavailable"
    """Its detector did not run."""


_Pixels = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]


class ClaimedBox(BaseModel):
    """A box as the client drew it, in pixels of its own picture."""

    x: _Pixels
    y: _Pixels
    width: _Pixels
    height: _Pixels


class Claim(BaseModel):
    """The client's testimony about one frame. Members nobody knows are dropped."""

    model_config = ConfigDict(extra="ignore", use_enum_values=True)

    status: ClaimStatus
    face_count: Annotated[int, Field(ge=0, le=1000)] | None = None
    detector_score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    boxes: Annotated[list[ClaimedBox], Field(max_length=100)] | None = None
    detector: Annotated[str, Field(max_length=60, pattern=r"^[\x20-\x7e]*$")] | None = None


@dataclass(frozen=True)
class CaptureHeaders:
    """The headers as they came, each None when it was not sent."""

    claim: str | None = None
    captured_at: str | None = None
    ticket: str | None = None


@dataclass(frozen=True)
class Capture:
    """What could be read of it, and what was noticed."""

    claim: dict[str, Any] | None
    captured_at: datetime | None
    signals: tuple[Signal, ...]


def read_capture(
    headers: CaptureHeaders,
    *,
    attempt_id: str,
    secret_key: bytes,
    received_at: datetime,
    late_seconds: float,
) -> Capture:
    """Return the client's testimony; a frame with a ticket older than `late_seconds` is late."""
    claim, claim_signals = _read_claim(headers.claim)
    captured_at = client_moment(headers.captured_at) if headers.captured_at else None
    if headers.captured_at and captured_at is None:
        claim_signals.append({"code": "captured_at_unreadable"})
    issued_at = ticket_issued_at(secret_key, attempt_id, headers.ticket or "")
    if issued_at is None:
        reason = "invalid_ticket" if headers.ticket else "no_ticket"
        claim_signals.append({"code": "unattested", "reason": reason})
    elif received_at - issued_at > timedelta(seconds=late_seconds):
        age_seconds = round((received_at - issued_at).total_seconds(), 3)
        claim_signals.append(
            {"code": "late", "ticket_age_seconds": age_seconds, "limit_seconds": late_seconds}
        )
    return Capture(claim, captured_at, tuple(claim_signals))


def sha256_of_content_digest(header: str) -> bytes | None:
    """Return the sha-256 that a `Content-Digest` header (RFC 9530) names; None without one.

    Raises
    ------
    ValueError
        It names a sha-256 that cannot be read.
    """
    for member in header.split(","):
        algorithm, _, value = member.strip().partition("=")
        if algorithm.strip().lower() != "sha-256":
            continue
        if not (value.startswith(":") and value.endswith(":") and len(value) > 1):
            message = "the sha-256 of Content-Digest is not written as :base64:"
            raise ValueError(message)
        try:
            return base64.b64decode(value[1:-1], validate=True)
        except binascii.Error as error:
            message = "the sha-256 of Content-Digest is not base64"
            raise ValueError(message) from error
    return None


def _read_claim(header: str | None) -> tuple[dict[str, Any] | None, list[Signal]]:
    if header is None:
        return None, []
    if len(header) > CLAIM_MAX_BYTES:
        figures = {"byte_count": len(header), "limit_bytes": CLAIM_MAX_BYTES}
        return None, [{"code": "claim_unreadable", "reason": "too_long", **figures}]
    try:
        claim = Claim.model_validate_json(header)
    except ValidationError:
        return None, [{"code": "claim_unreadable", "reason": "not_a_claim"}]
    return claim.model_dump(exclude_none=True), []
