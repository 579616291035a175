"""What follows from the clock: frames that did not come, and a page that was not in front."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.client_event import RETURNING_REASONS
from models.incident_policy import IncidentPolicy
from worker.incident_course import Course, Report, Span, seconds

FRAMES_THAT_BREAK = 3
"""Fewer frames between two silences do not part them."""

_Edge = tuple[datetime, int]
"""When a frame came, and its seq."""


@dataclass(frozen=True)
class Silence:
    """No frame came, from the one before it to the one after it."""

    begin: datetime
    opened_at: datetime
    end: datetime
    is_open: bool
    ended_with_attempt: bool
    frames_late: int
    """Frames that came later and had been kept meanwhile."""

    @property
    def lasted_seconds(self) -> float:
        """Its length, to a tenth."""
        return seconds(self.end - self.begin)


def silences(course: Course, policy: IncidentPolicy) -> list[Silence]:
    """Return the times without a frame, by the server's clock.

    Frames that were kept and came late do not end one: they are counted.
    """
    least = timedelta(seconds=policy.silent_after_seconds(course.frame_interval_seconds))
    return [silence for span in course.running for silence in _silences_in(course, span, least)]


def _silences_in(course: Course, span: Span, least: timedelta) -> Iterator[Silence]:
    until = course.until(span)
    came = [frame for frame in course.frames if span.begin <= frame.received_at <= until]
    live = sorted((frame.received_at, frame.seq) for frame in came if not frame.is_late)
    late = [frame.seq for frame in came if frame.is_late]
    edges = [(span.begin, -1), *live, (until, sys.maxsize)]
    quiet = [(before, after) for before, after in pairwise(edges) if after[0] - before[0] >= least]
    for (begin, seq_before), (end, seq_after) in _joined(quiet, live):
        reaches_end = end == until
        yield Silence(
            begin=begin,
            opened_at=begin + least,
            end=end,
            is_open=reaches_end and span.end is None,
            ended_with_attempt=reaches_end and span.end is not None,
            frames_late=sum(seq_before < seq < seq_after for seq in late),
        )


def _joined(quiet: list[tuple[_Edge, _Edge]], live: list[_Edge]) -> list[tuple[_Edge, _Edge]]:
    """Join silences with next to nothing between them."""
    joined: list[tuple[_Edge, _Edge]] = []
    for before, after in quiet:
        if joined:
            end_of_last = joined[-1][1]
            between = sum(end_of_last[0] <= moment <= before[0] for moment, _ in live)
            if between < FRAMES_THAT_BREAK:
                joined[-1] = (joined[-1][0], after)
                continue
        joined.append((before, after))
    return joined


@dataclass(frozen=True)
class Absence:
    """The page was not in front, once for long or several times."""

    begin: datetime
    opened_at: datetime
    end: datetime
    is_open: bool
    ended_with_attempt: bool
    away_seconds: float
    """All of it, by the page's clock."""
    times: int


@dataclass(frozen=True)
class _Departure:
    left: Report
    length: timedelta
    end: datetime
    """By the server's clock."""
    is_open: bool
    ended_with_attempt: bool


def absences(course: Course, policy: IncidentPolicy) -> list[Absence]:
    """Return the times away from the page that are long enough, or come often enough."""
    found: list[Absence] = []
    window = timedelta(seconds=policy.away_window_seconds)
    for group in _grouped(_departures(course), window):
        opened_at = _opened_at(group, policy)
        if opened_at is None:
            continue
        last = group[-1]
        found.append(
            Absence(
                begin=group[0].left.received_at,
                opened_at=opened_at,
                end=last.end,
                is_open=last.is_open,
                ended_with_attempt=last.ended_with_attempt,
                away_seconds=seconds(sum((one.length for one in group), timedelta())),
                times=len(group),
            )
        )
    return found


def absence_opens_at(course: Course, policy: IncidentPolicy) -> datetime | None:
    """Return when the absence that goes on is long enough by itself; None if none goes on."""
    for one in _departures(course):
        if one.is_open:
            return one.left.received_at + timedelta(seconds=policy.away_seconds)
    return None


def _departures(course: Course) -> list[_Departure]:
    """Return each leaving with its return; blur and hiding at once are one.

    Where no return is reported, as of a page that crashed, it ends with the time that ran then:
    nobody goes on without having the page in front.
    """
    found: list[_Departure] = []
    left: tuple[Report, Span] | None = None
    for report in sorted(course.reports, key=lambda one: (one.client_at, one.received_at)):
        if report.reason in RETURNING_REASONS:
            if left is not None:
                found.append(_returned(course, *left, report))
            left = None
            continue
        span = course.span_at(report.received_at)
        if span is None:
            continue
        if left is not None and left[1] != span:
            found.append(_not_returned(course, *left))
            left = None
        left = left or (report, span)
    if left is not None:
        found.append(_not_returned(course, *left))
    return found


def _returned(course: Course, left: Report, span: Span, back: Report) -> _Departure:
    """Return a departure with its return, which may have come while the clock stood."""
    over_at = course.until(span)
    length = max(back.client_at - left.client_at, timedelta())
    if back.received_at <= over_at:
        end = max(back.received_at, left.received_at)
        return _Departure(left, length, end, is_open=False, ended_with_attempt=False)
    length = min(length, over_at - left.received_at)
    return _Departure(left, length, over_at, is_open=False, ended_with_attempt=True)


def _not_returned(course: Course, left: Report, span: Span) -> _Departure:
    end = course.until(span)
    is_open = span.end is None
    length = end - left.received_at
    return _Departure(left, length, end, is_open, ended_with_attempt=not is_open)


def _grouped(departures: list[_Departure], window: timedelta) -> list[list[_Departure]]:
    """Part the departures where more time than the window lies between two of them."""
    groups: list[list[_Departure]] = []
    for one in departures:
        if groups and one.left.received_at - groups[-1][-1].end <= window:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _opened_at(group: list[_Departure], policy: IncidentPolicy) -> datetime | None:
    long = timedelta(seconds=policy.away_seconds)
    window = timedelta(seconds=policy.away_window_seconds)
    for index, one in enumerate(group):
        if one.length >= long:
            # Never before it could be known: a report that came late was known when it came.
            return max(min(one.left.received_at + long, one.end), one.left.received_at)
        earlier = index + 1 - policy.away_times
        if earlier >= 0 and one.left.received_at - group[earlier].left.received_at <= window:
            return one.end
    return None
