"""Which enrollments are compared against, and which of them an engine has no templates of."""

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from models.enrollment import FaceEnrollment, FaceTemplate, ReferenceImage
from models.statuses import EnrollmentState
from models.subject import SubjectKey


def is_current_enrollment() -> ColumnElement[bool]:
    """Return the condition that an enrollment is its subject's newest accepted one."""
    newer = aliased(FaceEnrollment)
    return (FaceEnrollment.state == EnrollmentState.ACCEPTED) & ~exists().where(
        newer.subject_id == FaceEnrollment.subject_id,
        newer.version > FaceEnrollment.version,
        newer.state == EnrollmentState.ACCEPTED,
    )


def current_without_template(session: Session, engine_id: str) -> int:
    """Return how many current enrollments have no template of this engine."""
    template = exists().where(
        FaceTemplate.enrollment_id == FaceEnrollment.id, FaceTemplate.engine_id == engine_id
    )
    count = session.scalar(
        select(func.count()).select_from(FaceEnrollment).where(is_current_enrollment(), ~template)
    )
    return count or 0


def has_template(session: Session, enrollment_id: str, engine_id: str) -> bool:
    """Tell whether this engine has any template of the enrollment."""
    template = exists().where(
        FaceTemplate.enrollment_id == enrollment_id, FaceTemplate.engine_id == engine_id
    )
    return session.scalar(select(template)) or False


def images_without_template(
    session: Session, enrollment_id: str, engine_id: str
) -> list[ReferenceImage]:
    """Return the enrollment's accepted images that this engine has no template of, in order."""
    return list(
        session.scalars(
            select(ReferenceImage)
            .where(ReferenceImage.enrollment_id == enrollment_id, _lacks_template(engine_id))
            .order_by(ReferenceImage.position)
        )
    )


def enrollments_to_renew(session: Session, engine_id: str) -> dict[str, int]:
    """Return how many accepted images of each enrollment this engine has no template of.

    By enrollment id, the newest first, old versions too: attempts may be bound to them. Those of
    erased subjects are left out: nothing of theirs can be read.
    """
    rows = session.execute(
        select(FaceEnrollment.id, func.count())
        .join(ReferenceImage, ReferenceImage.enrollment_id == FaceEnrollment.id)
        .join(SubjectKey, SubjectKey.subject_id == FaceEnrollment.subject_id)
        .where(_lacks_template(engine_id))
        .group_by(FaceEnrollment.id)
        .order_by(FaceEnrollment.id.desc())
    )
    return dict(rows.all())


def _lacks_template(engine_id: str) -> ColumnElement[bool]:
    return (ReferenceImage.state == EnrollmentState.ACCEPTED) & ~exists().where(
        FaceTemplate.reference_image_id == ReferenceImage.id, FaceTemplate.engine_id == engine_id
    )
