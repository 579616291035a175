"""Attempts for the tests of incidents: a letter a frame, a frame each five seconds."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.verifier.exams import LETTERS, OWN_DISTANCES, drawn, judged
from verifier import Verdict
from worker.incident_course import Course, FrameRecord, Report, Span

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
INTERVAL_SECONDS = 5.0

MORE_LETTERS: dict[str, dict[str, bool]] = {
    "p": {"is_plain": True},
    "r": {"is_repeated": True},
    "d": {"disagrees": True},
}
"""A plain surface, a picture that came before, a frame about which the page says otherwise."""


def at(seconds: float) -> datetime:
    """Return a moment so long after the start."""
    return START + timedelta(seconds=seconds)


def course(
    letters: str = "",
    *,
    reports: Iterable[tuple[str, float]] = (),
    ended: float | None = None,
    now: float | None = None,
    **about: object,
) -> Course:
    """Return an attempt with these frames; it runs until `ended`, or still."""
    frames = tuple(
        frame(seq, letter) for seq, letter in enumerate(letters, start=1) if letter != "-"
    )
    last = frames[-1].received_at if frames else START
    values: dict[str, object] = {
        "running": (Span(START, None if ended is None else at(ended)),),
        "now": last if now is None else at(now),
        "frame_interval_seconds": INTERVAL_SECONDS,
        "mismatch_threshold": 0.60,
        **about,
    }
    told = tuple(Report(reason, at(moment), at(moment)) for reason, moment in reports)
    return Course(frames=frames, reports=told, **values)  # type: ignore[arg-type]


def frame(seq: int, letter: str, **about: object) -> FrameRecord:
    """Return one frame."""
    more: dict[str, object] = dict(MORE_LETTERS.get(letter, {}))
    verdict, distance = LETTERS.get(letter, LETTERS["m"])
    if letter == "p":
        verdict, distance = Verdict.NO_FACE, None
    moment = at(seq * INTERVAL_SECONDS)
    return FrameRecord(seq, moment, verdict, distance, **(more | about))  # type: ignore[arg-type]


def judged_frame(seq: int, distance: float, *, claims_one_face: bool = True) -> FrameRecord:
    """Return a frame with the verdict that the distance has in a good picture."""
    sighting = judged(seq, distance)
    disagrees = claims_one_face and sighting.verdict is Verdict.MISMATCH
    moment = at(seq * INTERVAL_SECONDS)
    return FrameRecord(seq, moment, sighting.verdict, distance, disagrees=disagrees)


NOISE_KINDS = ("mismatch", "no_face", "multiple_faces", "plain", "repeated", "inconclusive", "poor")


def noise_frame(rng: np.random.Generator, seq: int, kind: str) -> FrameRecord:
    """Return a frame of the right person that looks like something else, as now and then happens.

    The page claims one face throughout, as it would.
    """
    if kind == "mismatch":
        [distance] = drawn(rng, OWN_DISTANCES, 1, least=0.60)
        return judged_frame(seq, float(distance))
    if kind == "inconclusive":
        return frame(seq, "i")
    if kind == "poor":
        return frame(seq, "q")
    if kind == "repeated":
        return frame(seq, "r")
    letter = {"no_face": "0", "multiple_faces": "2", "plain": "p"}[kind]
    return frame(seq, letter, disagrees=True)
