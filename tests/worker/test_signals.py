"""A claim beside a verdict: disagreement is a finding, whatever the claim says."""

from typing import Any

import pytest

from models.statuses import Verdict
from worker.signals import disagreement


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("one_face", Verdict.MISMATCH),
        ("one_face", Verdict.NO_FACE),
        ("one_face", Verdict.MULTIPLE_FACES),
        ("no_face", Verdict.MATCH),
        ("several_faces", Verdict.MATCH),
    ],
)
def test_a_claim_the_verdict_contradicts_is_told(status: str, verdict: Verdict) -> None:
    [signal] = disagreement({"status": status, "face_count": 1}, verdict)
    assert signal == {"code": "client_disagrees", "claim_status": status, "verdict": verdict.value}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"status": "one_face"}, Verdict.MATCH),
        ({"status": "no_face"}, Verdict.NO_FACE),
        ({"status": "one_face"}, Verdict.LOW_QUALITY),
        ({"status": "one_face"}, Verdict.ERROR),
        ({"status": "unavailable"}, Verdict.MISMATCH),
        ({"status": ["one_face"]}, Verdict.MISMATCH),
        ({}, Verdict.MISMATCH),
        (None, Verdict.MISMATCH),
    ],
)
def test_agreement_or_silence_is_no_signal(claim: dict[str, Any] | None, verdict: Verdict) -> None:
    assert disagreement(claim, verdict) == []
