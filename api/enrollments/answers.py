"""Face enrollments as answers."""

from sqlalchemy.orm import Session

from api.enrollments.schemas import (
    EnrollmentAnswer,
    PixelBox,
    Reason,
    ReferenceImageAnswer,
)
from api.enrollments.warnings import shown_warnings
from api.principal import Principal
from models.enrollment import FaceEnrollment, ReferenceImage
from models.statuses import EnrollmentState


def enrollment_answer(
    session: Session, principal: Principal, enrollment: FaceEnrollment
) -> EnrollmentAnswer:
    """Return an enrollment with its images, as `principal` may see it."""
    return EnrollmentAnswer(
        id=enrollment.id,
        subject_id=enrollment.subject_id,
        version=enrollment.version,
        state=EnrollmentState(enrollment.state),
        created_at=enrollment.created_at,
        decided_at=enrollment.decided_at,
        approved_at=enrollment.approved_at,
        withdrawn_at=enrollment.withdrawn_at,
        withdrawn_reason=enrollment.withdrawn_reason,
        engine_id=enrollment.engine_id,
        warnings=shown_warnings(session, principal, enrollment),
        images=[_image_answer(image) for image in enrollment.images],
    )


def _image_answer(image: ReferenceImage) -> ReferenceImageAnswer:
    return ReferenceImageAnswer(
        id=image.id,
        position=image.position,
        state=image.state,
        reasons=[Reason(**reason) for reason in image.reasons],
        width=image.width,
        height=image.height,
        box=PixelBox(**image.box) if image.box else None,
        quality=image.quality or {},
    )
