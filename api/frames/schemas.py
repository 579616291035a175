"""Frames as the API answers them."""

from typing import Any

from pydantic import BaseModel

from api.attempts.schemas import LastVerification
from api.field_types import Moment
from api.verifications.schemas import VerdictAnswer, VerificationAnswer


class NextFrame(BaseModel):
    """What the client needs for the frame after this one."""

    ticket: str
    interval_seconds: float
    """The pace the server wishes for now."""


class FrameReceipt(BaseModel):
    """The frame is stored and will reach a verdict. Sent again, it gets the same receipt.

    Only `next` and `last_verification` belong to the moment of the answer.
    """

    attempt_id: str
    seq: int
    sha256: str
    byte_count: int
    received_at: Moment
    next: NextFrame
    last_verification: LastVerification | None
    """Of an earlier frame, so that nobody who sends frames has to ask for it. Left out where the
    frame came before, or is one of many that were kept offline."""


class FrameAnswer(BaseModel):
    """What the client claimed beside what the server decided."""

    attempt_id: str
    seq: int
    sha256: str
    byte_count: int
    captured_at: Moment | None
    """The client's clock."""
    received_at: Moment
    claim: dict[str, Any] | None
    signals: list[Any]
    """What was noticed when it came in: late, unattested, conflicting_upload …"""
    verification: VerificationAnswer | VerdictAnswer | None
