"""The attempt's own first verified frames, as a second reference beside the enrolment.

An enrolment may be one poor photograph, years old, so that the right person hovers about the
thresholds and another one does too. The attempt's first frames have the same camera, light and
day as the later ones, so that a swap shows against them. They vouch for nothing: whoever sat
there from the start is a question for the enrolment.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.episode_rule import DepthRule, EpisodeRule
from verifier.episodes import Episode, episodes_of
from verifier.faces import Encodings
from verifier.policy import PolicyInvalid
from verifier.sightings import JUDGED, Bearing, Evidence, Finding, Sighting, in_order
from verifier.verdict import Verdict

SWAPPED_RULE = EpisodeRule(
    opening_frames=6,
    opening_window=10,
    refuting_allowed=0,
    closing_frames=3,
    depth=DepthRule(far_distance=0.55, margin=0.05),
)
"""The numbers of `wrong_person`, but for the distances."""


@dataclass(frozen=True)
class OwnFramesRule:
    """Which first frames count, and what a distance to them says.

    Own distances stray less than those to one picture, being means over several. Even on LFW,
    where years lie between the pictures of a person, they are 0.45 ± 0.06 for the same person
    and 0.80 ± 0.08 for others: of 6,780 swaps there, three frames of one other person each,
    99.6 % are found in three frames, and 96.6 % by `wrong_person` with one picture enrolled.
    """

    first_frames: int = 5
    """Matches with an encoding that are taken, by seq."""

    agreeing_frames: int = 3
    """How many of them must show one person: more than half, so that two wrong ones are left
    out and never become the reference."""

    agreeing_distance: float = 0.60
    """How far they may lie from the middle one; the radius dlib's network was trained with."""

    near_distance: float = 0.50
    """Own distance at or below which a frame refutes a swap."""

    far_distance: float = 0.55
    """Own distance at or above which a frame supports one."""

    episode: EpisodeRule = SWAPPED_RULE
    """How many such frames open and close it."""

    def __post_init__(self) -> None:
        if type(self.first_frames) is not int or type(self.agreeing_frames) is not int:
            raise PolicyInvalid("first_frames and agreeing_frames must be whole numbers")
        if not self.first_frames / 2 < self.agreeing_frames <= self.first_frames:
            raise PolicyInvalid("agreeing_frames must be more than half of first_frames")
        if not 0 < self.near_distance < self.far_distance <= 2:
            raise PolicyInvalid("0 < near_distance < far_distance <= 2 must hold")
        if not (math.isfinite(self.agreeing_distance) and self.agreeing_distance > 0):
            raise PolicyInvalid("agreeing_distance must be above 0")
        depth = self.episode.depth
        if depth is not None and depth.far_distance != self.far_distance:
            raise PolicyInvalid("episode.depth must have the same far_distance")


DEFAULT_OWN_FRAMES_RULE = OwnFramesRule()
"""The shipped numbers."""


@dataclass(frozen=True, eq=False)
class OwnReference:
    """The person of the attempt's first frames."""

    seqs: tuple[int, ...]
    """The frames it is made of."""

    left_out_seqs: tuple[int, ...]
    """Early matches that show somebody else than the rest: worth a person's look."""

    encodings: Encodings
    """(n, 128) float32, one row per seq."""

    def distance_to(self, encoding: NDArray[np.float32]) -> float:
        """Return the own distance of a face, (128,) float32: its mean distance to the rows."""
        return float(np.linalg.norm(self.encodings - encoding, axis=1).mean())


def own_reference(
    sightings: Iterable[Sighting], rule: OwnFramesRule = DEFAULT_OWN_FRAMES_RULE
) -> OwnReference | None:
    """Return the reference, or None while there are too few matches or they do not agree.

    The middle one of the first matches, nearest to all others together, decides who agrees: one
    wrong frame lies at the edge and takes nobody along. A match that comes late but stands
    among the first changes the reference, as if it had come in time.

    Parameters
    ----------
    sightings
        Of one attempt, all encodings of one engine id.

    Raises
    ------
    SeqRepeated
        A seq stands twice.
    """
    matches = [
        (sighting.seq, sighting.encoding)
        for sighting in in_order(sightings)
        if sighting.verdict is Verdict.MATCH and sighting.encoding is not None
    ][: rule.first_frames]
    if len(matches) < rule.first_frames:
        return None
    seqs = np.array([seq for seq, _ in matches])
    encodings = np.stack([encoding for _, encoding in matches])
    distances = np.linalg.norm(encodings[:, None] - encodings[None], axis=2)
    agrees = distances[distances.sum(axis=1).argmin()] <= rule.agreeing_distance
    if agrees.sum() < rule.agreeing_frames:
        return None
    return OwnReference(
        seqs=tuple(seqs[agrees].tolist()),
        left_out_seqs=tuple(seqs[~agrees].tolist()),
        encodings=encodings[agrees],
    )


def own_distances(sightings: Iterable[Sighting], reference: OwnReference) -> dict[int, float]:
    """Return the own distance by seq of every later judged frame with an encoding.

    Frames up to the last of the first ones are not judged by what they helped to make. Frames
    with a poor picture or several faces have no own distance, whatever was encoded.
    """
    last_seq = max(reference.seqs + reference.left_out_seqs)
    return {
        sighting.seq: reference.distance_to(sighting.encoding)
        for sighting in in_order(sightings)
        if sighting.seq > last_seq and sighting.verdict in JUDGED and sighting.encoding is not None
    }


def find_swaps(
    sightings: Iterable[Sighting], rule: OwnFramesRule = DEFAULT_OWN_FRAMES_RULE
) -> tuple[Episode, ...]:
    """Return when somebody else sat there than in the first frames; nothing without a reference.

    Only own distances are read, so that a face which the enrolment takes for a match, or cannot
    tell, may be a swap all the same. The answer does not depend on the order of arrival.

    Raises
    ------
    SeqRepeated
        A seq stands twice.
    """
    ordered = in_order(sightings)
    reference = own_reference(ordered, rule)
    if reference is None:
        return ()
    distances = own_distances(ordered, reference)
    evidence = [_evidence(sighting.seq, distances.get(sighting.seq), rule) for sighting in ordered]
    return episodes_of(Finding.SWAPPED, evidence, rule.episode)


def _evidence(seq: int, distance: float | None, rule: OwnFramesRule) -> Evidence:
    if distance is None:
        return Evidence(seq, Bearing.NEUTRAL, None)
    if distance <= rule.near_distance:
        return Evidence(seq, Bearing.REFUTES, distance)
    is_far = distance >= rule.far_distance
    return Evidence(seq, Bearing.SUPPORTS if is_far else Bearing.NEUTRAL, distance)
