"""What stands beside a verdict. Computed after it, and never read by what decides."""

from typing import Any

from models.statuses import Verdict

_CONTRADICTED_BY: dict[str, frozenset[Verdict]] = {
    "one_face": frozenset({Verdict.MISMATCH, Verdict.NO_FACE, Verdict.MULTIPLE_FACES}),
    "no_face": frozenset(
        {
            Verdict.MATCH,
            Verdict.PRESENT,
            Verdict.MISMATCH,
            Verdict.INCONCLUSIVE,
            Verdict.MULTIPLE_FACES,
        }
    ),
    "several_faces": frozenset(
        {
            Verdict.MATCH,
            Verdict.PRESENT,
            Verdict.MISMATCH,
            Verdict.INCONCLUSIVE,
            Verdict.NO_FACE,
        }
    ),
}
"""Each claim with the verdicts that say otherwise. `low_quality` and `error` contradict nobody."""


def disagreement(claim: dict[str, Any] | None, verdict: Verdict) -> list[dict[str, Any]]:
    """Return the signal `client_disagrees` when the claim says otherwise than the verdict."""
    status = (claim or {}).get("status")
    if not isinstance(status, str) or verdict not in _CONTRADICTED_BY.get(status, frozenset()):
        return []
    return [{"code": "client_disagrees", "claim_status": status, "verdict": str(verdict)}]
