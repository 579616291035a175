"""The figures of the timed part of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.benchmark.rounds import Medians


@dataclass(frozen=True, eq=False)
class Timings:
    """Medians of one run, in milliseconds."""

    medians: Mapping[str, Medians]
    """By the names that `Comparison` gives."""

    frame_ms_by_look: Mapping[str, float]
    """Of the frames of enrolled people, by the look that settled them."""

    looks: Mapping[str, int]
    """How many of the different frames of enrolled people were settled by which look."""

    verdicts: Mapping[str, int]
    """What these frames came to."""

    undetected: Mapping[str, int]
    """In how many frames face_recognition's paths saw no face, by path."""

    def ms(self, name: str) -> float | None:
        """Return the median of one thing; None if it was not timed."""
        found = self.medians.get(name)
        return None if found is None else found.whole_ms

    def stage_ms(self, name: str, stage: str) -> float | None:
        """Return the median of a stage of one thing; None if it has no such stage."""
        found = self.medians.get(name)
        return None if found is None else found.stages_ms.get(stage)

    def ratio(self, slower: str, faster: str) -> float | None:
        """Return how many times as long one thing takes as the other."""
        one, other = self.ms(slower), self.ms(faster)
        return None if one is None or not other else one / other

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values under the names that measurements read."""
        frame_ms = self.medians["frame"].whole_ms
        values: dict[str, Any] = {
            f"{name}_ms": round(found.whole_ms, 3) for name, found in self.medians.items()
        }
        values |= {
            f"{name}_stages_ms": {
                stage: round(ms, 3) for stage, ms in found.stages_ms.items() if stage != "total"
            }
            for name, found in self.medians.items()
            if found.stages_ms
        }
        return values | {
            "frame_speedup_hog": _rounded(self.ratio("face_recognition_hog", "frame")),
            "frame_speedup_cnn": _rounded(self.ratio("face_recognition_cnn", "frame")),
            "descriptor_speedup": _rounded(self.ratio("dlib_descriptor", "descriptor")),
            "frames_per_second_per_core": round(1000 / frame_ms, 1),
            "frame_ms_by_look": {look: round(ms, 3) for look, ms in self.frame_ms_by_look.items()},
            "looks": dict(self.looks),
            "verdicts": dict(self.verdicts),
            "undetected": dict(self.undetected),
            "samples": {name: found.samples for name, found in self.medians.items()},
        }


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 2)
