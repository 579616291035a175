"""Presets of an exam's proctoring, and what is measured of its thresholds.

Presets leave the thresholds alone. What another threshold costs rightful students was measured at
the two shipped ones only; a number between them would be a guess about people.
"""

from dataclasses import dataclass
from typing import Any

from api.exams.schemas import ExamChange
from models.attempt_states import match_policy
from models.exam import Exam
from models.settings import Settings

PROCESSOR_MS_A_FRAME = 42
"""Worker, API, dispatcher and the rest, over two hundred students: docs/benchmark.md."""

SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 300.0
"""What an exam's frame interval may be."""


@dataclass(frozen=True)
class Preset:
    """A frame interval and whether a person approves the enrolled faces, under a name."""

    code: str
    name: str
    frame_interval_seconds: float
    needs_approved_enrollment: bool
    purpose: str
    price: str

    @property
    def frames_an_hour(self) -> int:
        """How many pictures of each student an hour brings."""
        return round(3600 / self.frame_interval_seconds)

    @property
    def processor_seconds_an_hour(self) -> int:
        """Processor time of the server for each student and hour, by the measured share."""
        return round(self.frames_an_hour * PROCESSOR_MS_A_FRAME / 1000)

    @property
    def change(self) -> ExamChange:
        """What it sets."""
        return ExamChange(
            frame_interval_seconds=self.frame_interval_seconds,
            needs_approved_enrollment=self.needs_approved_enrollment,
        )

    def is_set(self, exam: Exam) -> bool:
        """Tell whether the exam is set up like this."""
        return (
            exam.frame_interval_seconds == self.frame_interval_seconds
            and exam.needs_approved_enrollment is self.needs_approved_enrollment
        )


@dataclass(frozen=True)
class MeasuredThreshold:
    """Error rates measured at one distance: docs/limits.md."""

    strangers_one_in: int
    """Of so many pairs of different people (LFW, 2.7 million) one lies at or below it."""
    rightful_above: tuple[float, float] | None
    """Percent of pairs of one person above it or undetected: good pictures, webcam-like ones."""


MEASURED = {
    0.42: MeasuredThreshold(100_000, None),
    0.45: MeasuredThreshold(22_000, None),
    0.50: MeasuredThreshold(3_300, (10.8, 27.6)),
    0.60: MeasuredThreshold(91, (0.56, 2.3)),
}


@dataclass(frozen=True)
class Threshold:
    """One of an exam's thresholds, what it does and what is known of it."""

    name: str
    distance: float
    meaning: str
    measured: MeasuredThreshold | None


def presets(settings: Settings) -> list[Preset]:
    """Return the presets, strict first; they follow the service's usual frame interval."""
    usual = settings.frame_interval_seconds
    return [
        Preset(
            "strict",
            "Strict",
            max(SHORTEST_SECONDS, round(usual * 0.4, 1)),
            needs_approved_enrollment=True,
            purpose="Somebody who takes the student's place for a short time is seen sooner, and "
            "nobody sits the exam whose enrolled face a person has not looked at.",
            price="Somebody has to approve each enrolled face before its student can start.",
        ),
        Preset(
            "standard",
            "Standard",
            usual,
            needs_approved_enrollment=False,
            purpose="The service's usual pace. A student can start as soon as the server "
            "recognises the enrolled face.",
            price="Whoever enrols first is who is verified later.",
        ),
        Preset(
            "gentle",
            "Gentle",
            min(LONGEST_SECONDS, round(usual * 3, 1)),
            needs_approved_enrollment=False,
            purpose="Few pictures, for low stakes and weak connections.",
            price="Whatever lasts shorter than the interval may not be seen at all.",
        ),
    ]


def thresholds(exam: Exam, settings: Settings) -> list[Threshold]:
    """Return the thresholds new attempts of an exam are judged by."""
    policy = match_policy(settings, exam.policy)
    match, mismatch = policy["match_threshold"], policy["mismatch_threshold"]
    return [
        Threshold(
            "match",
            match,
            "At or below it a face is the enrolled person's.",
            MEASURED.get(match),
        ),
        Threshold(
            "mismatch",
            mismatch,
            "At or above it a face is somebody else's. Between the two it is inconclusive, which "
            "accuses nobody.",
            MEASURED.get(mismatch),
        ),
    ]


def newer_thresholds(exam: Exam, settings: Settings) -> dict[str, Any] | None:
    """Return the service's thresholds where the exam was made under others; else None."""
    current = match_policy(settings)
    return None if match_policy(settings, exam.policy) == current else current
