"""What subjects look like in requests and answers."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.enrollments.schemas import EnrollmentAnswer
from api.field_types import Moment, PlainText


class NewSubject(BaseModel):
    """A person another system wants to enrol."""

    external_ref: Annotated[PlainText, Field(min_length=1, max_length=190)]
    """Your own name for the person, shown to nobody else."""
    display_name: Annotated[PlainText, Field(max_length=200)] | None = None


class NewConsent(BaseModel):
    """A subject's yes to a version of the text."""

    text_version: Annotated[PlainText, Field(min_length=1, max_length=40)]


class ConsentAnswer(BaseModel):
    """The consent that stands."""

    text_version: str
    given_at: Moment


class SubjectAnswer(BaseModel):
    """A subject with what it has given."""

    id: str
    external_ref: str
    display_name: str | None
    enrollment: EnrollmentAnswer | None
    """The accepted one that images are compared against."""
    consent: ConsentAnswer | None
    created_at: Moment


class SubjectPage(BaseModel):
    """Subjects, newest first."""

    items: list[SubjectAnswer]
    next_cursor: str | None


class DeletedCounts(BaseModel):
    """How much an erasure removed."""

    reference_images: int
    templates: int
    frames: int


class ErasureReceipt(BaseModel):
    """Proof of an erasure; the audit chain holds it too."""

    subject_id: str
    erased_at: Moment
    receipt_id: str
    deleted: DeletedCounts
