"""Writing a verification down, as the verifier answered it or as an error."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.statuses import Verdict
from models.verification import Verification
from verifier import MatchPolicy, PolicyInvalid, VerificationResult

NO_ENGINE_ID = "none"
"""Stands in a verification that no engine took part in."""

INVALID_POLICY_ID = "invalid"
"""Stands in a verification whose policy is none: its numbers are in no legal order."""


def answered(result: VerificationResult, policy: MatchPolicy, **about: Any) -> Verification:
    """Return the row for a result; `about` names what was verified and when."""
    figures = result.as_dict()
    return Verification(
        verdict=figures["verdict"],
        distance=figures["distance"],
        match_score=figures["match_score"],
        match_threshold=policy.match_threshold,
        mismatch_threshold=policy.mismatch_threshold,
        distances=figures["distances"],
        reference_agreement=figures["reference_agreement"],
        face_count=figures["face_count"],
        faces=figures["faces"],
        unmatched_faces=figures["unmatched_faces"],
        quality=figures["quality"],
        reasons=figures["reasons"],
        image_width=figures["image_width"],
        image_height=figures["image_height"],
        look=figures["look"],
        engine_id=figures["engine_id"],
        policy_id=figures["policy_id"],
        policy_numbers=policy.as_dict(),
        timings_ms=figures["timings_ms"],
        **about,
    )


def failed(
    error_code: str, message: str, policy: Mapping[str, Any], engine_id: str, **about: Any
) -> Verification:
    """Return the row that says why no answer could be found.

    `policy` holds the numbers as they are stored. Even numbers no policy accepts make no
    exception here: the last word on a job must not fail.
    """
    try:
        legal = MatchPolicy.from_dict(policy)
    except PolicyInvalid:
        legal = None
    return Verification(
        verdict=Verdict.ERROR,
        error_code=error_code,
        match_threshold=_number(policy.get("match_threshold")),
        mismatch_threshold=_number(policy.get("mismatch_threshold")),
        distances=[],
        faces=[],
        unmatched_faces=[],
        quality={},
        reasons=[{"code": error_code, "message": message}],
        engine_id=engine_id,
        policy_id=legal.policy_id if legal else INVALID_POLICY_ID,
        policy_numbers=legal.as_dict() if legal else {},
        timings_ms={},
        **about,
    )


def milliseconds_between(start: datetime, end: datetime) -> float:
    """Return the time from `start` to `end` in milliseconds, to a tenth."""
    return round((end - start).total_seconds() * 1000, 1)


def _number(value: object) -> float:
    """Return a stored threshold; 0 where there is none that is a number."""
    return float(value) if isinstance(value, int | float) else 0.0
