"""Look at the images of a face enrollment and keep templates of those that can serve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attempt_states import make_attempts_ready, match_policy
from models.database import database_now
from models.enrollment import FaceEnrollment, ReferenceImage
from models.sealed_images import SubjectErased, subject_key
from models.statuses import EnrollmentState
from verifier import FaceEngine, MatchPolicy, ReferenceAssessment, assess_references
from worker.failures import LASTING_FAILURES, SENTENCES, failure_of
from worker.job_protocol import Claim, finish_job
from worker.limits import reference_limits
from worker.lookalikes import NewFace, look_at_others, record_warnings
from worker.references import lock_living_subject, seal_template
from worker.runtime import Runtime


@dataclass(frozen=True)
class _Offer:
    """The images of an enrollment, and whose they are."""

    subject_id: str
    key: bytes
    images: Sequence[bytes]


def enroll_face(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:
    """Record which images were accepted, with a template for each.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    settings = runtime.settings
    policy = MatchPolicy.from_dict(match_policy(settings))
    try:
        offer = _gather(runtime, claim)
    except LASTING_FAILURES as error:
        _refuse(runtime, claim, *failure_of(error))
        return
    assessments = assess_references(engine, policy, offer.images, reference_limits(settings))
    face = _new_face(offer.subject_id, engine.engine_id, assessments, policy.resemblance_threshold)
    look = look_at_others(runtime, face) if face else None
    with runtime.database.write() as session:
        finish_job(session, claim)
        enrollment = _record(session, claim, assessments, engine.engine_id, offer)
        if enrollment is not None and face is not None and look is not None:
            record_warnings(session, runtime.images.key_ring, enrollment, face, look)
    _forget_refused(runtime, claim)


def _new_face(
    subject_id: str,
    engine_id: str,
    assessments: Sequence[ReferenceAssessment],
    threshold: float,
) -> NewFace | None:
    """Return what others are compared with; None if no image was accepted."""
    encodings = [one.encoding for one in assessments if one.encoding is not None]
    if not encodings:
        return None
    return NewFace(subject_id, engine_id, np.stack(encodings), threshold)


def _forget_refused(runtime: Runtime, claim: Claim) -> None:
    """Delete the files of refused pictures: nothing is compared with them, so none is kept.

    After the commit, so that a claim that turned out stale destroys nothing.
    """
    with runtime.database.read() as session:
        refused = session.scalars(
            select(ReferenceImage.storage_key).where(
                ReferenceImage.enrollment_id == claim.target_id,
                ReferenceImage.state == EnrollmentState.REFUSED,
            )
        ).all()
    for storage_key in refused:
        runtime.images.store.delete(storage_key)


def refuse_enrollment(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """Refuse every image without touching its bytes."""
    _refuse(runtime, claim, error_code, SENTENCES[error_code])


def _gather(runtime: Runtime, claim: Claim) -> _Offer:
    with runtime.database.read() as session:
        enrollment = session.get_one(FaceEnrollment, claim.target_id)
        subject_id = enrollment.subject_id
        key = subject_key(session, runtime.images.key_ring, subject_id)
        stored = [(image.storage_key, image.sha256) for image in enrollment.images]
    images = [
        runtime.images.get(storage_key, key=key, owner_id=subject_id, sha256=sha256)
        for storage_key, sha256 in stored
    ]
    return _Offer(subject_id, key, images)


def _record(
    session: Session,
    claim: Claim,
    assessments: Sequence[ReferenceAssessment],
    engine_id: str,
    offer: _Offer,
) -> FaceEnrollment | None:
    """Return the decided enrollment; None if its subject was erased meanwhile."""
    enrollment = session.get_one(FaceEnrollment, claim.target_id)
    now = database_now(session)
    try:
        lock_living_subject(session, offer.subject_id)
    except SubjectErased:
        # Nothing of its images may come back.
        enrollment.state = EnrollmentState.REFUSED
        enrollment.decided_at = now
        return None
    for image, assessment in zip(enrollment.images, assessments, strict=True):
        _record_image(image, assessment)
        if assessment.encoding is not None:
            template = seal_template(
                assessment.encoding,
                key=offer.key,
                owner_id=offer.subject_id,
                enrollment_id=enrollment.id,
                reference_image_id=image.id,
                engine_id=engine_id,
                created_at=now,
            )
            session.add(template)
    is_accepted = any(assessment.accepted for assessment in assessments)
    # Behind the lock: a person may have withdrawn it while its images were looked at.
    session.refresh(enrollment, ["state"])
    if enrollment.state == EnrollmentState.PENDING:
        enrollment.state = EnrollmentState.ACCEPTED if is_accepted else EnrollmentState.REFUSED
    enrollment.engine_id = engine_id
    enrollment.decided_at = now
    session.flush()
    make_attempts_ready(session, offer.subject_id, now)
    return enrollment


def _record_image(image: ReferenceImage, assessment: ReferenceAssessment) -> None:
    figures = assessment.as_dict()
    image.state = EnrollmentState.ACCEPTED if assessment.accepted else EnrollmentState.REFUSED
    image.reasons = figures["reasons"]
    image.width = figures["image_width"]
    image.height = figures["image_height"]
    image.box = figures["box"]
    image.quality = figures["quality"]


def _refuse(runtime: Runtime, claim: Claim, code: str, message: str) -> None:
    with runtime.database.write() as session:
        finish_job(session, claim)
        enrollment = session.get_one(FaceEnrollment, claim.target_id)
        if enrollment.state != EnrollmentState.WITHDRAWN:
            enrollment.state = EnrollmentState.REFUSED
        enrollment.decided_at = database_now(session)
        for image in enrollment.images:
            image.state = EnrollmentState.REFUSED
            image.reasons = [{"code": code, "message": message}]
