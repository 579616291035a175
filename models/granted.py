"""What a subject was granted for an exam, all allowances that stand taken together."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.allowance import Allowance
from models.statuses import FaceCheck

_FURTHEST = (FaceCheck.MATCH, FaceCheck.PRESENCE, FaceCheck.PERSON)
"""From the usual check to the one that asks least of the camera."""


@dataclass(frozen=True)
class Granted:
    """What counts for one attempt. Without any allowance everything is as the exam says."""

    extra_time_percent: int = 0
    extra_time_seconds: int = 0
    frame_interval_factor: float = 1.0
    face_check: FaceCheck = FaceCheck.MATCH
    second_person_allowed: bool = False
    allowance_ids: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self:
        """Return what an attempt has stored; `{}` for nothing."""
        if not stored:
            return cls()
        values = dict(stored)
        return cls(
            **values
            | {
                "face_check": FaceCheck(values["face_check"]),
                "allowance_ids": tuple(values["allowance_ids"]),
            }
        )

    @classmethod
    def of(cls, allowances: Iterable[Allowance]) -> Self:
        """Combine allowances in the subject's favour: no grant takes away what another gives."""
        granted = list(allowances)
        if not granted:
            return cls()
        return cls(
            extra_time_percent=max(one.extra_time_percent for one in granted),
            extra_time_seconds=max(one.extra_time_seconds for one in granted),
            frame_interval_factor=max(one.frame_interval_factor for one in granted),
            face_check=max((FaceCheck(one.face_check) for one in granted), key=_FURTHEST.index),
            second_person_allowed=any(one.second_person_allowed for one in granted),
            allowance_ids=tuple(sorted(one.id for one in granted)),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as an attempt stores it: `{}` when nothing was granted."""
        if not self.allowance_ids:
            return {}
        return asdict(self) | {
            "face_check": self.face_check.value,
            "allowance_ids": list(self.allowance_ids),
        }

    def duration_seconds(self, limit_seconds: int) -> int:
        """Return the time limit with the extra time: the share and the fixed part add up."""
        share = limit_seconds * self.extra_time_percent / 100
        return round(limit_seconds + share + self.extra_time_seconds)

    def frame_interval_seconds(self, interval_seconds: float) -> float:
        """Return how often a frame is asked for."""
        return interval_seconds * self.frame_interval_factor


def granted_to(session: Session, subject_id: str, exam_id: str | None) -> Granted:
    """Return what stands now for the subject, in every exam and in this one."""
    of_exam: ColumnElement[bool] = Allowance.exam_id.is_(None)
    if exam_id is not None:
        of_exam = or_(of_exam, Allowance.exam_id == exam_id)
    return Granted.of(
        session.scalars(
            select(Allowance).where(
                Allowance.subject_id == subject_id, Allowance.withdrawn_at.is_(None), of_exam
            )
        )
    )
