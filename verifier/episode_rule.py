"""How much evidence opens an episode, and how much closes it.

One frame is never a finding. The numbers of `RULES` come from this reckoning: three hours at a
frame every five seconds (N = 2160), in which a frame in 33 (p = 0.03) is wrong, independently of
the others, and all wrong ones pretend the same thing.

=====================  ===========================  ======================================
finding                opened by                    exams with a false episode, at most
=====================  ===========================  ======================================
``nobody``             4, no face between           N p^4 = 0.17 %
``somebody_else_too``  5 within 8                   N C(7,4) p^5 = 0.18 %
``wrong_person``       6, no match between          N p^6 = 0.0002 %
``wrong_person``       3 in a row, no match,        N p^3 = 5.8 %, times how often three such
                       0.655 distant on average      are 0.655 distant on average
=====================  ===========================  ======================================

The last row finds another person within three frames. Its last factor makes that fair: three in
a row by themselves come too often, and two of three would come in every exam. `DepthRule` says
what the factor is. What no rule that finds three frames can do: wrong frames as *far* as another
person's face stand three in a row in 5.8 % of these exams.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from verifier.policy import PolicyInvalid
from verifier.sightings import Bearing, Evidence, Finding

DEEP_FRAMES = 3
"""Judged frames in a row whose distances may open an episode before the count does."""


@dataclass(frozen=True)
class DepthRule:
    """When the distances of `DEEP_FRAMES` judged frames in a row open an episode early.

    None of them may refute, and their mean must be `deep_distance` or more. Each counts at most
    `counted_distance`, so that one frame, however far, never does it with two that do not
    support: 0.765 + 0.60 + 0.60 = 3 * 0.655.

    On webcam-like frames a person's own mismatches lie just above the threshold, nine in ten of
    them within 0.05; other people's lie at 0.79 ± 0.09. The margin trades one error for the other:
    measured with the reference engine, whose distances are 0.02 larger throughout, 0.05 opened a
    false episode in 3.9 % of exams whose every frame was drawn as one's own and found 99.9 % of
    swaps in three frames; 0.07 did in 0.2 % and found 99.7 %. The simulations that hold for
    the margin below are in `tests/verifier/test_episode_rule.py`.

    Where one other person is near in all frames alike, 96.6 % are found (6,780 pairs of LFW), and
    99.6 % by `own_frames`.
    """

    far_distance: float = 0.60
    """From here on a frame supports; for `wrong_person` the policy's `mismatch_threshold`."""

    margin: float = 0.055
    """How far the mean must lie beyond it."""

    def __post_init__(self) -> None:
        for name in ("far_distance", "margin"):
            value = getattr(self, name)
            if not isinstance(value, float) or not 0 < value <= 2:
                raise PolicyInvalid(f"{name} must be a distance above 0 and at most 2")

    @property
    def deep_distance(self) -> float:
        """The mean that opens."""
        return self.far_distance + self.margin

    @property
    def counted_distance(self) -> float:
        """What a single frame counts at most."""
        return self.far_distance + DEEP_FRAMES * self.margin

    def opening_evidence(self, recent: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Return the supporting ones among the last judged frames if these are deep, or none."""
        row = [item for item in recent if item.distance is not None][-DEEP_FRAMES:]
        if len(row) < DEEP_FRAMES or any(item.bearing is Bearing.REFUTES for item in row):
            return ()
        counted = (min(item.distance or 0.0, self.counted_distance) for item in row)
        if math.fsum(counted) / DEEP_FRAMES < self.deep_distance:
            return ()
        return tuple(item for item in row if item.bearing is Bearing.SUPPORTS)


@dataclass(frozen=True)
class EpisodeRule:
    """How many frames open an episode of one finding, and how many close it.

    The window is counted in seqs, not in frames that came: a frame that is missing or neutral
    takes up its place and says nothing, so that no evidence is carried across a gap.
    """

    opening_frames: int
    """Supporting frames that open an episode."""

    opening_window: int
    """Seqs within which they must stand."""

    refuting_allowed: int
    """Refuting frames that may stand between them."""

    closing_frames: int
    """Refuting frames, with no supporting one between, that close it."""

    gap_seqs: int = 12
    """Missing seqs in a row that end it and let the counting start anew: a minute at a frame
    every five seconds. Fewer are told by `Episode.frames_missing`."""

    depth: DepthRule | None = None
    """The faster way to open, where there are distances."""

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise PolicyInvalid(f"{name} must be a whole number from {least}")
        if self.opening_frames + self.refuting_allowed > self.opening_window:
            raise PolicyInvalid("opening_frames + refuting_allowed must fit into opening_window")
        if self.depth is not None and self.opening_window < DEEP_FRAMES:
            raise PolicyInvalid(f"opening_window must hold {DEEP_FRAMES} frames for the depth")

    def opening_evidence(self, seen: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Return the supporting frames that open an episode at the last of `seen`, or none.

        A frame that supports opens, or a judged one between the thresholds as the third of a
        deep row; a refuting or neutral one never does.
        """
        newest = seen[-1]
        oldest_seq = newest.seq - self.opening_window + 1
        recent = [item for item in seen if item.seq >= oldest_seq]
        counted = self._counted(recent) if newest.bearing is Bearing.SUPPORTS else ()
        if counted or self.depth is None or newest.distance is None:
            return counted
        return self.depth.opening_evidence(recent)

    def _counted(self, recent: Sequence[Evidence]) -> tuple[Evidence, ...]:
        supporting = [item for item in recent if item.bearing is Bearing.SUPPORTS]
        supporting = supporting[-self.opening_frames :]
        refuting = [
            item
            for item in recent
            if item.bearing is Bearing.REFUTES and item.seq > supporting[0].seq
        ]
        if len(supporting) < self.opening_frames or len(refuting) > self.refuting_allowed:
            return ()
        return tuple(supporting)


_LEAST = {
    "opening_frames": 2,
    "opening_window": 2,
    "refuting_allowed": 0,
    "closing_frames": 2,
    "gap_seqs": 1,
}
"""A single frame neither opens nor closes."""

RULES: Mapping[Finding, EpisodeRule] = MappingProxyType(
    {
        # 20 s of an empty chair; a stretch of bad light or lost frames is no empty chair.
        Finding.NOBODY: EpisodeRule(
            opening_frames=4, opening_window=6, refuting_allowed=0, closing_frames=3
        ),
        # A second face comes and goes as it turns: frames without it may stand between, and
        # closing takes longer than opening.
        Finding.SOMEBODY_ELSE_TOO: EpisodeRule(
            opening_frames=5, opening_window=8, refuting_allowed=3, closing_frames=6
        ),
        # Of other people's frames one in 3952 matches: three matches are the student's own.
        Finding.WRONG_PERSON: EpisodeRule(
            opening_frames=6,
            opening_window=10,
            refuting_allowed=0,
            closing_frames=3,
            depth=DepthRule(),
        ),
    }
)
"""The shipped rules of `find_episodes`."""
