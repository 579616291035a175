"""Verifications as the API shows them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.field_types import Moment
from models.frame import VerificationRequest
from models.statuses import Verdict
from models.verification import Verification


class Thresholds(BaseModel):
    """Distances: a match at or below `match`, a mismatch at or above `mismatch`."""

    match: float
    mismatch: float


class VerdictAnswer(BaseModel):
    """What a student sees of a verification: no distance, no score, no box."""

    status: Literal["done"] = "done"
    verdict: Verdict
    reasons: list[Any]


class VerificationAnswer(BaseModel):
    """The server's answer for one image, with every figure; all empty while it is pending."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    status: Literal["pending", "done"]
    subject_id: str | None = None
    attempt_id: str | None = None
    seq: int | None = None
    verdict: Verdict | None = None
    distance: float | None = None
    """Euclidean, lower is closer."""
    match_score: float | None = None
    """0 to 100, higher is closer."""
    thresholds: Thresholds | None = None
    distances: list[Any] = []
    """Of the subject's face to each reference."""
    reference_agreement: dict[str, Any] | None = None
    """How many references agree: `best` and `median` distance, `agreeing` of `count`."""
    face_count: int | None = None
    faces: list[Any] = []
    unmatched_faces: list[Any] = []
    quality: dict[str, Any] = {}
    reasons: list[Any] = []
    signals: list[Any] = []
    error_code: str | None = None
    look: str | None = None
    """How closely the image had to be looked at before the verdict stood: `glance`, `mirrored` (a
    second glance, averaged with the mirrored face), `close` or `thorough`. Null if nothing could
    be looked at, and for verdicts from before this was recorded."""
    engine_id: str | None = None
    policy_id: str | None = None
    """The version of the rules and numbers that the verdict was made with."""
    policy: dict[str, float] | None = None
    """Each threshold and quality floor of `policy_id` by name, so that the verdict can be made
    again. Null if unknown, and always in lists and beside frames, where `policy_id` stands alone:
    ask for the verification by its id."""
    enrollment_version: int | None = None
    image_width: int | None = None
    image_height: int | None = None
    timings_ms: dict[str, Any] = {}
    created_at: Moment | None = None
    received_at: Moment | None = None
    captured_at: Moment | None = None


class VerificationPage(BaseModel):
    """One page of verifications, newest first."""

    items: list[VerificationAnswer | VerdictAnswer]
    next_cursor: str | None


_OF_THE_ROW = tuple(
    name
    for name in VerificationAnswer.model_fields
    if name not in {"status", "seq", "thresholds", "policy"}
)
"""Members that the table calls by the same name."""


def verification_answer(verification: Verification, seq: int | None) -> VerificationAnswer:
    """Return a recorded verification without its policy's numbers; `seq` is its frame's number."""
    return VerificationAnswer(
        status="done",
        seq=seq,
        thresholds=Thresholds(
            match=verification.match_threshold, mismatch=verification.mismatch_threshold
        ),
        **{name: getattr(verification, name) for name in _OF_THE_ROW},
    )


def verdict_answer(verification: Verification) -> VerdictAnswer:
    """Return the part of a verification that a student sees."""
    return VerdictAnswer(verdict=Verdict(verification.verdict), reasons=verification.reasons)


def pending_answer(request: VerificationRequest) -> VerificationAnswer:
    """Return the answer for a request that no worker has answered yet."""
    return VerificationAnswer(
        id=request.id,
        status="pending",
        subject_id=request.subject_id,
        created_at=request.received_at,
        received_at=request.received_at,
    )
