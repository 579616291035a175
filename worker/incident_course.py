"""What happened in an attempt, as far as incidents follow from it: values, and no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.running_spans import Span as Span
from verifier import Verdict


@dataclass(frozen=True)
class FrameRecord:
    """One frame of the attempt with the server's verdict."""

    seq: int
    received_at: datetime
    verdict: Verdict | None
    """None while it waits to be verified."""
    distance: float | None = None
    is_plain: bool = False
    """Whether the picture shows one plain surface, and no face."""
    is_repeated: bool = False
    """Whether an earlier frame of the attempt has the same bytes."""
    disagrees: bool = False
    """Whether the page claimed something else than the verdict says."""
    is_late: bool = False
    """Whether it was kept for a while before it was sent."""


@dataclass(frozen=True)
class Report:
    """One report of the page: testimony."""

    reason: str
    client_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class Course:
    """All that decides about an attempt's incidents."""

    frames: tuple[FrameRecord, ...]
    """By seq."""
    reports: tuple[Report, ...]
    running: tuple[Span, ...]
    """When the subject sat there and the clock ran, to the deadline at the latest; at most the last
    one is open."""
    now: datetime
    """The server's clock. It matters for what is missing, while the attempt runs."""
    frame_interval_seconds: float
    mismatch_threshold: float
    uses_camera: bool = True

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped running, for now or for good; None while it runs."""
        return self.running[-1].end if self.running else None

    @property
    def counted_frames(self) -> tuple[FrameRecord, ...]:
        """The frames that came while it ran, by seq: those before it are the system check."""
        return tuple(frame for frame in self.frames if self.is_running_at(frame.received_at))

    def is_running_at(self, moment: datetime) -> bool:
        """Tell whether the clock ran at `moment`."""
        return self.span_at(moment) is not None

    def span_at(self, moment: datetime) -> Span | None:
        """Return the time during which the clock ran at `moment`; None while it stood."""
        for span in self.running:
            if span.begin <= moment and (span.end is None or moment <= span.end):
                return span
        return None

    def time_run(self, begin: datetime, end: datetime) -> timedelta:
        """Return for how long the clock ran between two moments: a pause does not count."""
        parts = (
            min(end, span.end or end) - max(begin, span.begin)
            for span in self.running
            if span.begin < end and begin < (span.end or end)
        )
        return sum(parts, timedelta())

    def until(self, span: Span) -> datetime:
        """Return the end of a span, or now."""
        return span.end or max(self.now, span.begin)


def seconds(length: timedelta) -> float:
    """Return a length of time in seconds, to a tenth."""
    return round(length.total_seconds(), 1)
