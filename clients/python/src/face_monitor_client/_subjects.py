"""What the service answers about subjects and their enrolments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from face_monitor_client._faces import Box, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A subject's consent to one version of the text."""

    text_version: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentImage:
    """One reference image and what became of it."""

    id: str
    position: int
    state: str
    """`pending`, `accepted` or `refused`."""
    reasons: tuple[Reason, ...] = ()
    """Why it was refused; empty when it was not."""
    width: int | None = None
    height: int | None = None
    box: Box | None = None
    """The face, in pixels of the image after EXIF orientation."""
    quality: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentWarning:
    """What a person should look at before the enrolment is relied on."""

    code: str
    """`resembles_other_subject`, or `not_compared_with_all`."""
    message: str = ""
    subject_id: str | None = None
    """The other subject, one of your own."""
    enrollment_id: str | None = None
    distance: float | None = None
    """Between the closest pictures of both; lower is closer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """One version of a subject's reference images."""

    id: str
    subject_id: str
    version: int
    state: str
    """`pending`, `accepted` or `refused`; refused when no image was accepted."""
    created_at: datetime
    decided_at: datetime | None = None
    engine_id: str | None = None
    warnings: tuple[EnrollmentWarning, ...] = ()
    images: tuple[EnrollmentImage, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Whether every image has been looked at."""
        return self.state != "pending"

    @property
    def is_accepted(self) -> bool:
        """Whether frames can be compared with it."""
        return self.state == "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person whose face is, or will be, enrolled."""

    id: str
    external_ref: str
    created_at: datetime
    display_name: str | None = None
    enrollment: Enrollment | None = None
    """The accepted current one."""
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReceipt:
    """Proof that a subject was erased; keep it, the subject answers 404 from now on."""

    subject_id: str
    receipt_id: str
    erased_at: datetime
    deleted: Mapping[str, int] = field(default_factory=dict)
    """How many reference images, templates and frames were deleted."""
