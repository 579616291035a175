"""Series of sightings for the tests: written as letters, or drawn from measured distances."""

import numpy as np
from numpy.typing import NDArray

from verifier import MatchPolicy, Verdict
from verifier.sightings import Sighting

POLICY = MatchPolicy()

FRAMES_OF_THREE_HOURS = 2160
"""At a frame every five seconds."""

LETTERS: dict[str, tuple[Verdict, float | None]] = {
    "m": (Verdict.MATCH, 0.40),
    "i": (Verdict.INCONCLUSIVE, 0.58),
    "x": (Verdict.MISMATCH, 0.61),
    "X": (Verdict.MISMATCH, 0.85),
    "0": (Verdict.NO_FACE, None),
    "2": (Verdict.MULTIPLE_FACES, 0.40),
    "q": (Verdict.LOW_QUALITY, None),
    "f": (Verdict.LOW_QUALITY, 0.80),
    "e": (Verdict.ERROR, None),
}
"""What each letter of a series stands for; a dash is a frame that never came."""

OWN_DISTANCES = (
    (0.0, 0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.94, 0.96, 0.98, 0.99, 0.995, 1.0),
    (.223, .275, .328, .359, .401, .453, .504, .555, .576, .594, .611, .618, .628, .705),
)  # fmt: skip
"""Quantiles of 746 judged frames against one picture of the same person, taken on another day and
degraded like a webcam's (copies of LFW). Measured with the plain dlib engine, less the 0.02 by
which the averaged encodings of the other one lie closer."""

OTHERS_DISTANCES = (
    (0.0, .002, .005, .01, .02, .05, .10, .25, .50, .75, .90, .95, .99, 1.0),
    (.521, .560, .575, .595, .612, .648, .682, .738, .792, .854, .906, .937, .994, 1.043),
)  # fmt: skip
"""The same of 694 frames of other people; at the low end checked with the engine itself."""


def series(letters: str) -> list[Sighting]:
    return [
        Sighting(seq, 5.0 * seq, *LETTERS[letter])
        for seq, letter in enumerate(letters)
        if letter != "-"
    ]


def drawn(
    rng: np.random.Generator,
    quantiles: tuple[tuple[float, ...], tuple[float, ...]],
    count: int,
    least: float = 0.0,
) -> NDArray[np.float64]:
    """Return distances from a measured distribution, none below `least`."""
    shares, distances = quantiles
    lowest = np.interp(least, distances, shares)
    return np.interp(rng.uniform(lowest, 1.0, count), shares, distances)


def judged(seq: int, distance: float) -> Sighting:
    """Return a sighting with the verdict that the distance has in a good picture."""
    verdict = Verdict.INCONCLUSIVE
    if distance <= POLICY.match_threshold:
        verdict = Verdict.MATCH
    elif distance >= POLICY.mismatch_threshold:
        verdict = Verdict.MISMATCH
    return Sighting(seq, 5.0 * seq, verdict, float(distance))
