"""Routes of face enrollments and their reference images."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from api import audit, problems
from api.authorization import Action, load
from api.context import Ctx
from api.enrollments.answers import enrollment_answer
from api.enrollments.offered_images import IMAGES_MAX, checked_images, stored_images
from api.enrollments.refusal import EnrollmentRefused
from api.enrollments.schemas import EnrollmentAnswer, EnrollmentList, Withdrawal
from api.enrollments.service import (
    add_enrollment,
    approve_enrollment,
    decided_enrollment,
    find_enrollment,
    list_enrollments,
    require_consent,
    withdraw_enrollments,
)
from api.idempotency import Repeatable
from api.multipart import UploadForm, bounded_form
from api.principal import CurrentPerson, CurrentPrincipal
from api.request_id import RequestId
from api.subjects.service import load_locked_subject
from api.waiting import WaitSeconds
from models.enrollment import FaceEnrollment, ReferenceImage
from models.sealed_images import subject_key
from models.statuses import EnrollmentState
from models.subject import Subject

router = APIRouter(
    prefix="/api/v1", tags=["enrollment"], responses=problems.responses(problems.NotFound)
)


def _max_bytes_each(request: Request) -> int:
    limit: int = request.app.state.context.settings.reference_image_max_bytes
    return limit


OfferedForm = Annotated[
    UploadForm, Depends(bounded_form(max_images=IMAGES_MAX, max_bytes_each=_max_bytes_each))
]


@router.post(
    "/subjects/{subject_id}/enrollments",
    status_code=202,
    response_model=EnrollmentAnswer,
    responses={
        201: {"model": EnrollmentAnswer, "description": "Decided within the wished time."},
        **problems.responses(
            problems.ConsentRequired,
            problems.IdempotencyConflict,
            problems.EmptyImage,
            problems.UnsupportedImageType,
            problems.ImageTooLarge,
            problems.RequestTooLarge,
            problems.ImageDimensionsTooLarge,
            problems.TruncatedImage,
            problems.CorruptImage,
            problems.StorageIsFull,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["images"],
                        "properties": {
                            "images": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": IMAGES_MAX,
                                "items": {"type": "string", "format": "binary"},
                            }
                        },
                    }
                }
            },
        }
    },
)
def post_enrollment(
    subject_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    form: OfferedForm,
    repeat: Repeatable,
    wait_seconds: WaitSeconds,
    request_id: RequestId,
) -> Response:
    """Offer 1 to 10 pictures of the person, each with one face; the worker answers to each.

    Who waits (`Prefer: wait`) and offers none that can serve gets 422, under the reason that all
    pictures share (`no_face`, `multiple_faces` …) or `enrollment_refused`. Refused pictures are
    not kept. A face that is like another subject's is accepted with a warning in `warnings`,
    which the person itself never sees: look at both before you rely on either.
    """
    with context.database.read() as session:
        if (earlier := repeat.earlier_answer(session)) is not None:
            return earlier
        subject = load(session, principal, Action.CHANGE, Subject, subject_id)
        require_consent(session, subject)
        key = subject_key(session, context.key_ring, subject.id)
    offered = checked_images(context, form.images("images"), subject_id)
    with stored_images(context, offered, key, subject_id), context.database.write() as session:
        if repeat.stored_answer(session) is not None:
            # A twin came in between. As an exception it takes the images back as well.
            raise problems.IdempotencyConflict("Its twin was just answered; send it again.")
        subject = load_locked_subject(session, principal, Action.CHANGE, subject_id)
        enrollment = add_enrollment(session, context, principal, subject, offered, request_id)
        location = {
            "Location": f"{router.prefix}/subjects/{subject_id}/enrollments/{enrollment.version}"
        }
        shown = enrollment_answer(session, principal, enrollment)
        pending = repeat.answer(session, 202, shown, location)

    def look(session: Session) -> EnrollmentAnswer | None:
        decided = decided_enrollment(session, enrollment.id)
        return enrollment_answer(session, principal, decided) if decided else None

    decided = context.waiting_room.wait_for(context.database, wait_seconds, look)
    if decided is None:
        return pending
    if decided.state == EnrollmentState.REFUSED:
        raise EnrollmentRefused(decided, location)
    return JSONResponse(decided.model_dump(mode="json"), status_code=201, headers=location)


@router.get("/subjects/{subject_id}/enrollments")
def get_enrollments(subject_id: str, context: Ctx, principal: CurrentPrincipal) -> EnrollmentList:
    """List every version, newest first."""
    with context.database.read() as session:
        enrollments = list_enrollments(session, principal, subject_id)
        items = [enrollment_answer(session, principal, one) for one in enrollments]
        return EnrollmentList(items=items)


@router.get("/subjects/{subject_id}/enrollments/{version}")
def get_enrollment(
    subject_id: str, version: int, context: Ctx, principal: CurrentPrincipal
) -> EnrollmentAnswer:
    """Show one version with the answer to each image."""
    with context.database.read() as session:
        enrollment = find_enrollment(session, principal, subject_id, version)
        return enrollment_answer(session, principal, enrollment)


@router.post(
    "/subjects/{subject_id}/enrollments/{version}/approve",
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed),
)
def post_approval(
    subject_id: str, version: int, context: Ctx, person: CurrentPerson, request_id: RequestId
) -> EnrollmentAnswer:
    """Say, as a named person, that an accepted version shows the right one."""
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.REVIEW, subject_id)
        enrollment = find_enrollment(session, person, subject.id, version)
        approve_enrollment(session, context, person, enrollment, request_id)
        return enrollment_answer(session, person, enrollment)


@router.post(
    "/subjects/{subject_id}/enrollments/{version}/withdraw",
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed),
)
def post_withdrawal(
    subject_id: str,
    version: int,
    wanted: Withdrawal,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
) -> EnrollmentAnswer:
    """Say, as a named person, that this version and those before must not serve any more.

    The subject enrols anew, and reads why. Attempts that have started keep their version.
    """
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.REVIEW, subject_id)
        enrollment = find_enrollment(session, person, subject.id, version)
        withdraw_enrollments(session, context, person, enrollment, wanted.reason, request_id)
        return enrollment_answer(session, person, enrollment)


@router.get(
    "/reference-images/{image_id}",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image as it was sent."}},
)
def get_reference_image(
    image_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> Response:
    """Show a reference image. Every look is recorded, before the picture is handed out."""
    with context.database.write() as session:
        image = load(session, principal, Action.SEE_FACE, ReferenceImage, image_id)
        subject_id = session.get_one(FaceEnrollment, image.enrollment_id).subject_id
        key = subject_key(session, context.key_ring, subject_id)
        detail = {"subject_id": subject_id}
        audit.record(session, context, principal, "face.seen", image.id, request_id, detail)
    content = context.images.get(
        image.storage_key, key=key, owner_id=subject_id, sha256=image.sha256
    )
    return Response(content, media_type=image.content_type)
