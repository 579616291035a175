"""From what happened in an attempt to its incidents: the same answer whatever came first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from models.incident_policy import IncidentPolicy, KindPolicy
from models.statuses import IncidentEnding, IncidentKind, Severity
from verifier import RULES, Ending, Episode, EpisodeRule, Finding, Verdict, episodes_of
from verifier.sightings import Bearing, Evidence, Sighting, evidence_on
from worker.incident_course import Course, FrameRecord, seconds
from worker.incident_moments import moments_of
from worker.incident_times import absence_opens_at, absences, silences

EVIDENCE_STEP = 100.0
"""Between two severities: nothing that lasts lifts an incident above a graver one."""

LONG_SECONDS = 600.0
"""What lasts this long is as plain as it gets."""

FAR_DISTANCE = 0.4
"""Beyond the threshold; what lies farther is as plain as it gets. Other people's median lies 0.19
beyond it."""

ECHO_SHARE = 0.5
"""Part of the frames about which the page disagreed; where other incidents cover so many of them,
they say it."""


@dataclass(frozen=True)
class FoundIncident:
    """One incident, without what persons say of it.

    Moments are the server's; see `worker.incident_moments` for those of frames that came late.
    """

    kind: IncidentKind
    severity: Severity
    evidence: float
    first_at: datetime
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    ending: IncidentEnding | None
    first_seq: int | None = None
    worst_seq: int | None = None
    last_seq: int | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)


COVERED_RULE = EpisodeRule(opening_frames=4, opening_window=6, refuting_allowed=0, closing_frames=3)
"""The numbers of `nobody`: 20 s of a plain surface."""

REPEATED_RULE = EpisodeRule(
    opening_frames=5, opening_window=8, refuting_allowed=3, closing_frames=6
)
"""No camera sends the same bytes twice, its noise sees to that. A page that sends a picture again
now and then does; one that shows a still or a short film does it all the time."""

DISAGREES_RULE = EpisodeRule(
    opening_frames=5, opening_window=8, refuting_allowed=3, closing_frames=6
)
"""The numbers of `somebody_else_too`. The page's quick detector errs more often than the server: a
frame in 33 against it makes 0.18 % of exams open a false one."""

_FINDINGS = {
    IncidentKind.WRONG_PERSON: Finding.WRONG_PERSON,
    IncidentKind.SOMEBODY_ELSE_TOO: Finding.SOMEBODY_ELSE_TOO,
    IncidentKind.NOBODY: Finding.NOBODY,
}

_ENDINGS = {Ending.REFUTED: IncidentEnding.REFUTED, Ending.LOST: IncidentEnding.LOST}

_SHIPPED: Mapping[IncidentKind, EpisodeRule] = MappingProxyType(
    {kind: RULES[finding] for kind, finding in _FINDINGS.items()}
    | {
        IncidentKind.CAMERA_COVERED: COVERED_RULE,
        IncidentKind.REPEATED_PICTURE: REPEATED_RULE,
        IncidentKind.CLIENT_DISAGREES: DISAGREES_RULE,
    }
)


def find_incidents(course: Course, policy: IncidentPolicy) -> tuple[FoundIncident, ...]:
    """Return the incidents of an attempt by the moment they opened."""
    found = [*_without_echoes(list(_of_frames(course, policy)), course), *_of_time(course, policy)]
    return tuple(sorted(found, key=lambda incident: (incident.opened_at, incident.kind)))


def _without_echoes(found: list[FoundIncident], course: Course) -> Iterable[FoundIncident]:
    """Leave out that the page disagreed where the frames are mostly incidents of their own.

    The page cannot tell persons apart, and claims its one face whoever sits there: such an incident
    counts the claims against it instead, and asks for one look, not for two. A short one takes
    nothing away from a page that disagreed for long.
    """
    others = [one for one in found if one.kind is not IncidentKind.CLIENT_DISAGREES]
    for one in found:
        if one in others or not _is_echo(one, others, course):
            yield one


def _is_echo(one: FoundIncident, others: Sequence[FoundIncident], course: Course) -> bool:
    disagreeing = [
        frame.seq for frame in course.counted_frames if frame.disagrees and _spans(one, frame.seq)
    ]
    covered = sum(any(_spans(other, seq) for other in others) for seq in disagreeing)
    return covered >= ECHO_SHARE * len(disagreeing)


def _spans(one: FoundIncident, seq: int) -> bool:
    return (one.first_seq or 0) <= seq <= (one.last_seq or 0)


def next_look_at(
    course: Course, policy: IncidentPolicy, found: Iterable[FoundIncident]
) -> datetime | None:
    """Return when time alone will change what was found; None for never.

    An absence becomes long enough, and what goes on comes to matter more.
    """
    moments = [absence_opens_at(course, policy)] if policy.kinds[IncidentKind.AWAY].is_on else []
    for incident in found:
        raised_after = policy.kinds[incident.kind].raised_after_seconds
        if incident.closed_at is None and incident.kind in _LASTS_BY_ITSELF and raised_after:
            left_seconds = raised_after - incident.figures["lasted_seconds"]
            moments.append(course.now + timedelta(seconds=left_seconds))
    return min((moment for moment in moments if moment and moment > course.now), default=None)


_LASTS_BY_ITSELF = frozenset({IncidentKind.NO_FRAMES, IncidentKind.AWAY})
"""Kinds that go on without anything coming in."""


def _of_frames(course: Course, policy: IncidentPolicy) -> Iterable[FoundIncident]:
    frames = [frame for frame in course.counted_frames if frame.verdict is not None]
    if not course.uses_camera or not frames:
        return
    sightings = [_sighting(frame) for frame in frames]
    by_seq = {frame.seq: frame for frame in frames}
    moments: Mapping[int, datetime] = {}
    for kind in _SHIPPED:
        wanted = policy.kinds[kind]
        if not wanted.is_on:
            continue
        rule = _rule(kind, wanted, course.mismatch_threshold)
        if not any(map(_SUPPORTS[kind], frames)):
            continue  # As for most kinds in most attempts: there is nothing to look through.
        moments = moments or moments_of(course)
        evidence = _evidence(kind, frames, sightings)
        for episode in episodes_of(_FINDINGS.get(kind, Finding.NOBODY), evidence, rule):
            yield _from_episode(kind, episode, by_seq, moments, course, wanted)


def _sighting(frame: FrameRecord) -> Sighting:
    verdict = frame.verdict or Verdict.ERROR
    return Sighting(frame.seq, 0.0, verdict, frame.distance)


def _rule(kind: IncidentKind, wanted: KindPolicy, mismatch_threshold: float) -> EpisodeRule:
    rule = _SHIPPED[kind]
    if rule.depth is not None:
        rule = replace(rule, depth=replace(rule.depth, far_distance=mismatch_threshold))
    if wanted.opening_frames is not None:
        slack = rule.opening_window - rule.opening_frames
        window = wanted.opening_frames + slack
        rule = replace(
            rule, opening_frames=wanted.opening_frames, opening_window=window, depth=None
        )
    if wanted.closing_frames is not None:
        rule = replace(rule, closing_frames=wanted.closing_frames)
    return rule


def _evidence(
    kind: IncidentKind, frames: list[FrameRecord], sightings: list[Sighting]
) -> list[Evidence]:
    if kind is IncidentKind.NOBODY:
        # A plain surface is told as what it is.
        read = evidence_on(Finding.NOBODY, sightings)
        return [
            Evidence(frame.seq, Bearing.NEUTRAL, None) if frame.is_plain else item
            for frame, item in zip(frames, read, strict=True)
        ]
    if kind in _FINDINGS:
        return evidence_on(_FINDINGS[kind], sightings)
    bearing_of = _BEARINGS[kind]
    return [Evidence(frame.seq, bearing_of(frame), None) for frame in frames]


_SEES_SOMETHING = frozenset(
    {
        Verdict.MATCH,
        Verdict.MISMATCH,
        Verdict.INCONCLUSIVE,
        Verdict.MULTIPLE_FACES,
        Verdict.PRESENT,
        Verdict.NO_FACE,
    }
)


def _shows_plain_surface(frame: FrameRecord) -> Bearing:
    if frame.is_plain:
        return Bearing.SUPPORTS
    sees = frame.verdict in _SEES_SOMETHING or frame.distance is not None
    return Bearing.REFUTES if sees else Bearing.NEUTRAL


def _repeats(frame: FrameRecord) -> Bearing:
    return Bearing.SUPPORTS if frame.is_repeated else Bearing.REFUTES


def _contradicts(frame: FrameRecord) -> Bearing:
    if frame.disagrees:
        return Bearing.SUPPORTS
    is_unsure = frame.verdict in {Verdict.LOW_QUALITY, Verdict.ERROR}
    return Bearing.NEUTRAL if is_unsure else Bearing.REFUTES


_BEARINGS: Mapping[IncidentKind, Callable[[FrameRecord], Bearing]] = MappingProxyType(
    {
        IncidentKind.CAMERA_COVERED: _shows_plain_surface,
        IncidentKind.REPEATED_PICTURE: _repeats,
        IncidentKind.CLIENT_DISAGREES: _contradicts,
    }
)


_SUPPORTS: Mapping[IncidentKind, Callable[[FrameRecord], bool]] = MappingProxyType(
    {
        IncidentKind.WRONG_PERSON: lambda frame: frame.verdict is Verdict.MISMATCH,
        IncidentKind.SOMEBODY_ELSE_TOO: lambda frame: frame.verdict is Verdict.MULTIPLE_FACES,
        IncidentKind.NOBODY: lambda frame: frame.verdict is Verdict.NO_FACE,
        IncidentKind.CAMERA_COVERED: lambda frame: frame.is_plain,
        IncidentKind.REPEATED_PICTURE: lambda frame: frame.is_repeated,
        IncidentKind.CLIENT_DISAGREES: lambda frame: frame.disagrees,
    }
)
"""Whether a frame supports a kind at all: without one that does, nothing opens."""


def _from_episode(
    kind: IncidentKind,
    episode: Episode,
    frames: Mapping[int, FrameRecord],
    moments: Mapping[int, datetime],
    course: Course,
    wanted: KindPolicy,
) -> FoundIncident:
    first_at, last_at = _in_order(moments[episode.first_seq], moments[episode.last_seq])
    ending = _ENDINGS[episode.ending] if episode.ending else None
    closed_at = None
    if episode.closed_at is not None:
        closed_at = max(moments[episode.closed_at], last_at)
    elif course.ended_at is not None:
        ending, closed_at = IncidentEnding.ATTEMPT_ENDED, max(course.ended_at, last_at)
    worst = frames[episode.worst_seq].distance if kind is IncidentKind.WRONG_PERSON else None
    lasted_seconds = seconds(course.time_run(first_at, last_at))
    severity = wanted.severity_after(lasted_seconds)
    beyond = max(0.0, worst - course.mismatch_threshold) if worst is not None else 0.0
    figures: dict[str, Any] = {
        "lasted_seconds": lasted_seconds,
        "frames_supporting": episode.frames_supporting,
        "frames_refuting": episode.frames_refuting,
        "frames_neutral": episode.frames_neutral,
        "frames_missing": episode.frames_missing,
        "frames_disagreeing": sum(
            frame.disagrees
            for seq, frame in frames.items()
            if episode.first_seq <= seq <= episode.last_seq
        ),
    }
    if worst is not None:
        figures["worst_distance"] = round(worst, 4)
    return FoundIncident(
        kind=kind,
        severity=severity,
        evidence=evidence_of(severity, lasted_seconds, beyond),
        first_at=first_at,
        opened_at=max(moments[episode.opened_at], first_at),
        last_at=last_at,
        closed_at=closed_at,
        ending=ending,
        first_seq=episode.first_seq,
        worst_seq=episode.worst_seq,
        last_seq=episode.last_seq,
        figures=figures,
    )


def _of_time(course: Course, policy: IncidentPolicy) -> Iterable[FoundIncident]:
    wanted = policy.kinds[IncidentKind.NO_FRAMES]
    if wanted.is_on and course.uses_camera:
        for silence in silences(course, policy):
            yield _timed(
                IncidentKind.NO_FRAMES,
                wanted,
                lasted_seconds=silence.lasted_seconds,
                first_at=silence.begin,
                opened_at=silence.opened_at,
                last_at=silence.end,
                closed_at=None if silence.is_open else silence.end,
                ended_with_attempt=silence.ended_with_attempt,
                figures={"frames_late": silence.frames_late},
            )
    wanted = policy.kinds[IncidentKind.AWAY]
    if wanted.is_on:
        for absence in absences(course, policy):
            yield _timed(
                IncidentKind.AWAY,
                wanted,
                lasted_seconds=absence.away_seconds,
                first_at=absence.begin,
                opened_at=absence.opened_at,
                last_at=absence.end,
                closed_at=None if absence.is_open else absence.end,
                ended_with_attempt=absence.ended_with_attempt,
                figures={"times": absence.times},
            )


def _timed(
    kind: IncidentKind,
    wanted: KindPolicy,
    *,
    lasted_seconds: float,
    ended_with_attempt: bool,
    closed_at: datetime | None,
    figures: Mapping[str, Any],
    **about: Any,
) -> FoundIncident:
    severity = wanted.severity_after(lasted_seconds)
    ending = IncidentEnding.ATTEMPT_ENDED if ended_with_attempt else IncidentEnding.REFUTED
    return FoundIncident(
        kind=kind,
        severity=severity,
        evidence=evidence_of(severity, lasted_seconds, 0.0),
        closed_at=closed_at,
        ending=None if closed_at is None else ending,
        figures={"lasted_seconds": lasted_seconds, **figures},
        **about,
    )


def evidence_of(severity: Severity, lasted_seconds: float, beyond_threshold: float) -> float:
    """Return how strongly an incident asks for a look; higher first.

    The severity decides; among equals half the weight is how long it lasted, half how far the
    worst distance lay beyond the threshold.
    """
    length = min(lasted_seconds / LONG_SECONDS, 1.0)
    distance = min(beyond_threshold / FAR_DISTANCE, 1.0)
    return round(EVIDENCE_STEP * severity.rank + EVIDENCE_STEP * 0.499 * (length + distance), 2)


def _in_order(one: datetime, other: datetime) -> tuple[datetime, datetime]:
    """Return both moments, the earlier first.

    What waited for less than a minute is not late, and may come newest first.
    """
    return min(one, other), max(one, other)
