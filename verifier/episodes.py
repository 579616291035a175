"""From single frames to what lasted: opened by several of them, closed by several others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from verifier.episode_rule import RULES, EpisodeRule
from verifier.sightings import Bearing, Evidence, Finding, Sighting, evidence_on, in_order


class Ending(StrEnum):
    """Why an episode is no longer open."""

    REFUTED = "refuted"
    """Enough frames showed the contrary."""

    LOST = "lost"
    """Frames stopped coming, and what was there meanwhile nobody knows."""


@dataclass(frozen=True)
class Episode:
    """One finding that lasted, with the frames to look at."""

    finding: Finding
    first_seq: int
    """The first supporting frame of those that opened it."""

    worst_seq: int
    """The supporting frame with the largest distance; without distances the first one."""

    last_seq: int
    """The last supporting frame."""

    opened_at: int
    """The seq at which the evidence was enough."""

    closed_at: int | None
    """The seq that closed it, or the last one before a gap; None while it is open."""

    ending: Ending | None
    frames_supporting: int
    """From `first_seq` to `closed_at`, or to the newest frame. Likewise the next three."""

    frames_refuting: int
    frames_neutral: int
    frames_missing: int

    @property
    def is_open(self) -> bool:
        """Whether nothing has ended it yet. Silence at the attempt's end does not."""
        return self.closed_at is None


def find_episodes(
    sightings: Iterable[Sighting], rules: Mapping[Finding, EpisodeRule] = RULES
) -> tuple[Episode, ...]:
    """Return every episode of each finding in `rules`, by `opened_at`.

    The answer follows from which frames there are, not from the order they came in or from a
    clock. So a frame that comes late may change or take back what its absence suggested.

    Raises
    ------
    SeqRepeated
        A seq stands twice.
    """
    ordered = in_order(sightings)
    found = [
        episode
        for finding, rule in rules.items()
        for episode in episodes_of(finding, evidence_on(finding, ordered), rule)
    ]
    return tuple(sorted(found, key=lambda episode: (episode.opened_at, episode.finding)))


def episodes_of(
    finding: Finding, evidence: Sequence[Evidence], rule: EpisodeRule
) -> tuple[Episode, ...]:
    """Return the episodes of one finding; `evidence` stands by seq, none twice.

    Neutral frames are passed over, however many, and counted in `frames_neutral`. A gap of
    `gap_seqs` ends an episode as `LOST`, and what comes after it needs its own opening.
    """
    episodes: list[Episode] = []
    for stretch in _stretches(evidence, rule.gap_seqs):
        has_newest = stretch[-1] is evidence[-1]
        rest = stretch
        while opening := _opening(rest, rule):
            first, opened = opening
            end = _closing(rest, opened, rule)
            ending = None if has_newest else Ending.LOST
            if end is not None:
                ending = Ending.REFUTED
            else:
                end = len(rest) - 1
            episodes.append(_episode(finding, rest[first : end + 1], rest[opened].seq, ending))
            rest = rest[end + 1 :]
    return tuple(episodes)


def _stretches(evidence: Sequence[Evidence], gap_seqs: int) -> list[Sequence[Evidence]]:
    """Split where so many seqs are missing that nothing may be concluded across them."""
    cuts = [
        index
        for index in range(1, len(evidence))
        if evidence[index].seq - evidence[index - 1].seq > gap_seqs
    ]
    edges = [0, *cuts, len(evidence)]
    return [evidence[left:right] for left, right in pairwise(edges) if left < right]


def _opening(evidence: Sequence[Evidence], rule: EpisodeRule) -> tuple[int, int] | None:
    """Return the indices of the first supporting frame and of the one that opens."""
    for index, item in enumerate(evidence):
        if item.bearing is Bearing.REFUTES:
            continue
        seen = evidence[max(index - rule.opening_window + 1, 0) : index + 1]
        enough = rule.opening_evidence(seen)
        if enough:
            return index + 1 - len(seen) + seen.index(enough[0]), index
    return None


def _closing(evidence: Sequence[Evidence], opened: int, rule: EpisodeRule) -> int | None:
    """Return the index of the frame that closes, if any does."""
    refuting = 0
    for index in range(opened + 1, len(evidence)):
        bearing = evidence[index].bearing
        if bearing is Bearing.SUPPORTS:
            refuting = 0
        elif bearing is Bearing.REFUTES:
            refuting += 1
        if refuting == rule.closing_frames:
            return index
    return None


def _episode(
    finding: Finding, spanned: Sequence[Evidence], opened_at: int, ending: Ending | None
) -> Episode:
    """Return the episode whose first to last frame are `spanned`."""
    supporting = [item for item in spanned if item.bearing is Bearing.SUPPORTS]
    bearings = Counter(item.bearing for item in spanned)
    return Episode(
        finding=finding,
        first_seq=supporting[0].seq,
        worst_seq=max(supporting, key=lambda item: item.distance or 0.0).seq,
        last_seq=supporting[-1].seq,
        opened_at=opened_at,
        closed_at=spanned[-1].seq if ending else None,
        ending=ending,
        frames_supporting=len(supporting),
        frames_refuting=bearings[Bearing.REFUTES],
        frames_neutral=bearings[Bearing.NEUTRAL],
        frames_missing=spanned[-1].seq - spanned[0].seq + 1 - len(spanned),
    )
