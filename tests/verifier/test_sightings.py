"""A sighting is one frame in its place, and says of each finding what it can."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import Verdict
from verifier.sightings import (
    Bearing,
    Finding,
    SeqRepeated,
    Sighting,
    SightingInvalid,
    evidence_on,
    in_order,
)

FACE = np.full(128, 0.1, np.float32)

SAYS = {
    # verdict: what it says of wrong_person, nobody and somebody_else_too
    Verdict.MATCH: "refutes refutes refutes",
    Verdict.MISMATCH: "supports refutes refutes",
    Verdict.INCONCLUSIVE: "neutral refutes refutes",
    Verdict.NO_FACE: "neutral supports refutes",
    Verdict.MULTIPLE_FACES: "neutral refutes supports",
    Verdict.LOW_QUALITY: "neutral neutral neutral",
    Verdict.PRESENT: "neutral refutes refutes",
    Verdict.ERROR: "neutral neutral neutral",
}
WITHOUT_FACE = {Verdict.NO_FACE, Verdict.LOW_QUALITY, Verdict.PRESENT, Verdict.ERROR}


def _sighting(verdict: Verdict, distance: float | None = None, seq: int = 7) -> Sighting:
    return Sighting(seq, 35.0, verdict, distance)


def _bearing(finding: Finding, sighting: Sighting) -> Bearing:
    return evidence_on(finding, [sighting])[0].bearing


@given(st.lists(st.integers(0, 3000), unique=True), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(seqs: list[int], chance: random.Random) -> None:
    sightings = [_sighting(Verdict.NO_FACE, seq=seq) for seq in seqs]
    arrived = chance.sample(sightings, len(sightings))
    assert in_order(arrived) == in_order(sightings)
    assert [sighting.seq for sighting in in_order(arrived)] == sorted(seqs)


def test_repeated_seq_is_refused_and_named() -> None:
    sightings = [_sighting(Verdict.NO_FACE, seq=seq) for seq in (4, 9, 4, 2, 9, 4)]
    with pytest.raises(SeqRepeated, match="seq 4, 9") as refusal:
        in_order(sightings)
    assert refusal.value.seqs == (4, 9)


def test_sightings_with_encodings_can_be_compared_and_hashed() -> None:
    one = Sighting(1, 5.0, Verdict.MATCH, 0.4, FACE)
    same = Sighting(1, 5.0, Verdict.MATCH, 0.4, FACE.copy())
    other = Sighting(1, 5.0, Verdict.MATCH, 0.41, FACE)
    assert one == same
    assert len({one, same, other}) == 2


def test_encoding_never_reaches_a_log() -> None:
    assert "encoding" not in repr(Sighting(1, 5.0, Verdict.MATCH, 0.4, FACE))


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        ({"seq": -1}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": 1.0}, "seq"),
        ({"captured_seconds": float("nan")}, "captured_seconds"),
        ({"distance": float("nan")}, "distance"),
        ({"distance": -0.1}, "distance"),
        ({"distance": None}, "comes with a distance"),
        ({"encoding": FACE[:64]}, r"\(128,\)"),
        ({"encoding": FACE.astype(np.float64)}, "float32"),
        ({"encoding": np.full(128, np.inf, np.float32)}, "finite"),
    ],
)
def test_impossible_figures_are_refused(figures: dict[str, object], complaint: str) -> None:
    possible = {"seq": 1, "captured_seconds": 5.0, "verdict": Verdict.MATCH, "distance": 0.4}
    with pytest.raises(SightingInvalid, match=complaint):
        Sighting(**{**possible, **figures})


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_says_what_it_can(verdict: Verdict) -> None:
    sighting = _sighting(verdict, None if verdict in WITHOUT_FACE else 0.55)
    findings = (Finding.WRONG_PERSON, Finding.NOBODY, Finding.SOMEBODY_ELSE_TOO)
    assert " ".join(_bearing(finding, sighting) for finding in findings) == SAYS[verdict]


def test_face_in_a_poor_picture_is_somebody() -> None:
    poor = _sighting(Verdict.LOW_QUALITY, 0.7)
    assert _bearing(Finding.NOBODY, poor) is Bearing.REFUTES
    assert _bearing(Finding.WRONG_PERSON, poor) is Bearing.NEUTRAL
    assert _bearing(Finding.SOMEBODY_ELSE_TOO, poor) is Bearing.NEUTRAL


@pytest.mark.parametrize("verdict", [Verdict.LOW_QUALITY, Verdict.MULTIPLE_FACES, Verdict.ERROR])
def test_distance_in_a_picture_that_cannot_tell_is_never_read(verdict: Verdict) -> None:
    evidence = evidence_on(Finding.WRONG_PERSON, [_sighting(verdict, 1.2)])
    assert evidence[0].distance is None
