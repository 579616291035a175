"""The templates of a subject: sealed in the database, opened for one comparison."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.base import new_id
from models.enrollment import FaceTemplate, ReferenceImage
from models.sealed_images import SubjectErased
from models.subject import Subject
from worker.sealed_encodings import EncodingPurpose, open_encoding, seal_encoding


class ReferencesMissing(Exception):
    """No template of the enrollment was made by the engine that is to compare."""

    def __init__(self, enrollment_id: str | None) -> None:
        super().__init__(enrollment_id)
        self.enrollment_id = enrollment_id


def seal_template(
    encoding: NDArray[np.float32], *, key: bytes, owner_id: str, **about: object
) -> FaceTemplate:
    """Return the row for one (128,) float32 encoding, sealed for `owner_id`."""
    sealed = seal_encoding(encoding, key=key, owner_id=owner_id, purpose=EncodingPurpose.REFERENCE)
    return FaceTemplate(id=new_id("tpl"), sealed_encoding=sealed, **about)


# Made once: making a statement costs more than running it.
_SEALED_ENCODINGS = (
    select(FaceTemplate.sealed_encoding)
    .join(ReferenceImage, ReferenceImage.id == FaceTemplate.reference_image_id)
    .where(
        FaceTemplate.enrollment_id == bindparam("enrollment_id"),
        FaceTemplate.engine_id == bindparam("engine_id"),
    )
    .order_by(ReferenceImage.position)
)


def open_references(
    session: Session, enrollment_id: str | None, engine_id: str, *, key: bytes, owner_id: str
) -> NDArray[np.float32]:
    """Return the (n, 128) float32 encodings of the enrollment, in the order of its images.

    Raises
    ------
    ReferencesMissing
        There are none of this engine: encodings of different engines are never compared.
    SealBroken
        A template was altered or belongs to somebody else.
    """
    sealed_encodings = session.scalars(
        _SEALED_ENCODINGS, {"enrollment_id": enrollment_id, "engine_id": engine_id}
    ).all()
    if not sealed_encodings:
        raise ReferencesMissing(enrollment_id)
    return np.stack(
        [
            open_encoding(sealed, key=key, owner_id=owner_id, purpose=EncodingPurpose.REFERENCE)
            for sealed in sealed_encodings
        ]
    )


def lock_living_subject(session: Session, subject_id: str) -> None:
    """Keep the subject from being erased, and from getting templates twice, until the commit.

    Raises
    ------
    SubjectErased
        It was erased before; nothing about it may be recorded.
    """
    # Not the strongest lock: rows that only point at the subject, as verdicts, need not wait.
    subject = session.get_one(Subject, subject_id, with_for_update={"key_share": True})
    if subject.erased_at is not None:
        raise SubjectErased(subject_id)
