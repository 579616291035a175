"""Routes of verifications."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import JSONResponse

from api import problems
from api.authorization import ID_PATTERN
from api.context import Context, Ctx
from api.idempotency import Repeatable, RepeatableRequest
from api.multipart import UploadForm, bounded_form, read_image
from api.paging import WantedPage
from api.principal import CurrentPrincipal, CurrentSystem, System
from api.problems import InvalidRequest, Problem
from api.verifications.lookup import done_verification, find_verification, list_verifications
from api.verifications.schemas import (
    VerdictAnswer,
    VerificationAnswer,
    VerificationPage,
    pending_answer,
)
from api.verifications.service import (
    WantedVerification,
    add_request,
    check_wanted,
    forget_stored,
    store_wanted,
)
from api.waiting import WaitSeconds
from models.statuses import Verdict

router = APIRouter(prefix="/api/v1/verifications", tags=["verifications"])


def _image_max_bytes(request: Request) -> int:
    context: Context = request.app.state.context
    return context.settings.reference_image_max_bytes


WantedForm = Annotated[
    UploadForm,
    Depends(bounded_form(max_images=2, max_bytes_each=_image_max_bytes, max_fields=4)),
]


@router.post(
    "",
    status_code=202,
    response_model=VerificationAnswer,
    responses={
        201: {"model": VerificationAnswer, "description": "Answered within `Prefer: wait`."},
        **problems.responses(
            problems.NotAllowed,
            problems.NotFound,
            problems.ConsentRequired,
            problems.EnrollmentRequired,
            problems.EmptyImage,
            problems.UnsupportedImageType,
            problems.ImageTooLarge,
            problems.RequestTooLarge,
            problems.TruncatedImage,
            problems.CorruptImage,
            problems.ImageDimensionsTooLarge,
            problems.IdempotencyConflict,
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
                        "required": ["image"],
                        "properties": {
                            "image": {"type": "string", "format": "binary"},
                            "subject_id": {"type": "string"},
                            "reference": {"type": "string", "format": "binary"},
                        },
                    }
                }
            },
        }
    },
)
def post_verification(
    context: Ctx,
    system: CurrentSystem,
    form: WantedForm,
    repeat: Repeatable,
    wait_seconds: WaitSeconds,
) -> Response:
    """Compare an image with a subject's face (`subject_id`) or with another image (`reference`).

    202 with a place to ask, or 201 with the answer for a caller that prefers to wait.
    """
    wanted = _wanted(form)
    check_wanted(context, wanted)
    accepted = _accept(context, system, wanted, repeat)
    verification_id = accepted.headers["Location"].rpartition("/")[2]
    done = context.waiting_room.wait_for(
        context.database, wait_seconds, lambda session: done_verification(session, verification_id)
    )
    if done is None:
        return accepted
    return JSONResponse(
        done.model_dump(mode="json"),
        status_code=201,
        headers={
            name: accepted.headers[name]
            for name in ("Location", "Idempotent-Replayed")
            if name in accepted.headers
        },
    )


@router.get("/{verification_id}", responses=problems.responses(problems.NotFound))
def get_verification(
    verification_id: str, context: Ctx, principal: CurrentPrincipal
) -> VerificationAnswer | VerdictAnswer:
    """Show one verification, pending or done, with every number that went into its verdict: with
    `policy` and the other figures a person can recompute it.
    """
    with context.database.read() as session:
        return find_verification(session, principal, verification_id)


@router.get("")
def get_verifications(
    context: Ctx,
    principal: CurrentPrincipal,
    page: WantedPage,
    attempt_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    subject_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    verdict: Verdict | None = None,
) -> VerificationPage:
    """List verifications that are done, newest first."""
    with context.database.read() as session:
        items, next_cursor = list_verifications(
            session,
            principal,
            page,
            attempt_id=attempt_id,
            subject_id=subject_id,
            verdict=verdict,
        )
    return VerificationPage(items=items, next_cursor=next_cursor)


def _wanted(form: UploadForm) -> WantedVerification:
    images, references = form.images("image"), form.images("reference")
    if len(images) != 1 or len(references) > 1:
        raise InvalidRequest.at("image", "send one image, and at most one reference")
    return WantedVerification(
        image=read_image(images[0]),
        subject_id=form.text("subject_id"),
        reference=read_image(references[0]) if references else None,
    )


def _accept(
    context: Context, system: System, wanted: WantedVerification, repeat: RepeatableRequest
) -> JSONResponse:
    stored = store_wanted(context, system, wanted)
    try:
        with context.database.write() as session:
            answer = repeat.stored_answer(session)
            is_new = answer is None
            if answer is None:
                request = add_request(session, context, system, stored)
                location = f"/api/v1/verifications/{request.id}"
                shown = pending_answer(request)
                answer = repeat.answer(session, 202, shown, {"Location": location})
    except Problem:  # Raised before the commit: no row knows the images.
        forget_stored(context, stored)
        raise
    if not is_new:
        forget_stored(context, stored)
    return answer
