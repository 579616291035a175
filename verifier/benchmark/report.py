"""Everything a run of the benchmark found."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from verifier.benchmark.dlib_agreement import DlibAgreement
from verifier.benchmark.engine_process import EngineProcessFigures
from verifier.benchmark.enrolled_frames import EnrolledAs, Skipped
from verifier.benchmark.soak import SoakFigures
from verifier.benchmark.timings import Timings


class Source(StrEnum):
    """Where the faces came from."""

    FOLDER = "folder"
    PORTRAITS = "portraits"
    """The demo's, below the virtual environment."""

    DRAWING = "drawing"
    """Drawn by arithmetic, for want of anything better."""


@dataclass(frozen=True, eq=False)
class FramesUsed:
    """What the frames were made of."""

    source: Source
    frames: int
    """Different ones."""

    enrolled_as: Mapping[EnrolledAs, int]
    skipped: Mapping[Skipped, int]
    """Pictures that were looked at and gave no frame, by reason."""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        return {
            "source": self.source.value,
            "frames": self.frames,
            "enrolled_as": {kind.value: self.enrolled_as.get(kind, 0) for kind in EnrolledAs},
            "skipped": {reason.value: self.skipped.get(reason, 0) for reason in Skipped},
        }


@dataclass(frozen=True, eq=False)
class TimedPart:
    """Times and the memory of an engine alone."""

    timings: Timings
    process: EngineProcessFigures

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values under the names that measurements read."""
        return {
            **self.timings.as_dict(),
            "rss_mb": self.process.rss_mb,
            "load_ms": round(self.process.load_ms, 1),
            "load_stages_ms": self.process.load_stages_ms,
        }


@dataclass(frozen=True, eq=False)
class BenchmarkReport:
    """The parts that were asked for."""

    engine_id: str
    policy_id: str
    used: FramesUsed | None
    timed: TimedPart | None
    soak: SoakFigures | None
    oracle: DlibAgreement | None
    seconds: float
    """Wall-clock time of the run."""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values; keys of a part that was not asked for are left out."""
        values = self.timed.as_dict() if self.timed else {}
        if self.soak:
            values["soak"] = self.soak.as_dict()
        if self.oracle:
            values["oracle"] = self.oracle.as_dict()
        if self.used:
            values["pictures"] = self.used.as_dict()
        return values | {
            "engine_id": self.engine_id,
            "policy_id": self.policy_id,
            "seconds": round(self.seconds, 1),
        }
