"""Memory over many frames of every kind and size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import cv2
import numpy as np

from verifier.benchmark.engine_process import ComparedFrame, run_engine_process
from verifier.benchmark.enrolled_frames import EnrolledFrame
from verifier.benchmark.webcam_frame import as_jpeg, empty_room, scaled, side_by_side
from verifier.faces import Encodings, Pixels
from verifier.policy import MatchPolicy

SIZES_PX = (
    (640, 480),
    (1280, 720),
    (320, 240),
    (480, 640),
    (1920, 1080),
    (1017, 763),
    (176, 144),
    (800, 600),
)
"""What cameras, telephones and odd windows send: an allocator that never gives back grows with
sizes that change."""

EARLY_FRAMES = 1000
"""Memory is first measured after so many, or after a tenth of a shorter soak."""


@dataclass(frozen=True, eq=False)
class SoakFigures:
    """Memory of one engine's process, early and late."""

    frames: int
    early_frames: int
    rss_mb_early: float
    """Resident memory, in millions of bytes, after `early_frames`."""

    rss_mb_late: float
    verdicts: dict[str, int]
    """What the frames came to."""

    @property
    def growth_percent(self) -> float:
        """How much more memory is held late than early."""
        return 100 * (self.rss_mb_late / self.rss_mb_early - 1)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        return {
            "frames": self.frames,
            "early_frames": self.early_frames,
            "rss_mb_early": self.rss_mb_early,
            "rss_mb_late": self.rss_mb_late,
            "growth_percent": round(self.growth_percent, 2),
            "verdicts": self.verdicts,
        }


def soak(
    frames: Sequence[EnrolledFrame],
    policy: MatchPolicy,
    count: int,
    on_progress: Callable[[int], object] = lambda _: None,
) -> SoakFigures:
    """Return the memory of a fresh process over `count` frames.

    Raises
    ------
    EngineProcessFailed
        The process ended early.
    """
    early = max(min(EARLY_FRAMES, count // 10), 1)
    figures = run_engine_process(varied_frames(frames, policy), count, early, on_progress)
    return SoakFigures(count, early, figures.rss_mb_early, figures.rss_mb, figures.verdicts)


def varied_frames(frames: Sequence[EnrolledFrame], policy: MatchPolicy) -> list[ComparedFrame]:
    """Return frames meant for every verdict, each in every size.

    Every other frame is a plain one of an enrolled person, as in an exam. Between them come
    somebody else, somebody between the thresholds, nobody, two people, and somebody in the dark
    and out of focus. A kind's next size comes after all the other kinds.
    """
    one, other = frames[0], frames[len(frames) // 2]
    kinds: list[tuple[Pixels, Encodings]] = [
        (one.pixels, one.strangers),
        (one.pixels, _between_thresholds(one, policy)),
        (empty_room(), one.own),
        (side_by_side(one.pixels, other.pixels), one.own),
        (_darkened(one.pixels), one.strangers),
        (_blurred(one.pixels), one.strangers),
    ]
    people = cycle((frame.pixels, frame.own) for frame in frames)
    return [
        ComparedFrame(as_jpeg(scaled(pixels, *size)), reference)
        for size in SIZES_PX
        for kind in kinds
        for pixels, reference in (next(people), kind)
    ]


def _between_thresholds(frame: EnrolledFrame, policy: MatchPolicy) -> Encodings:
    """Return a point on the way to somebody else that is neither match nor mismatch."""
    way = frame.strangers - frame.own
    wanted = (policy.match_threshold + policy.mismatch_threshold) / 2
    return np.asarray(frame.own + way * (wanted / np.linalg.norm(way)), np.float32)


def _darkened(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=0.08), np.uint8)


def _blurred(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 9), np.uint8)
