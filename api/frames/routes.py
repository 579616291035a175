"""Routes of frames."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from api import problems
from api.context import Context, Ctx
from api.frames.admission import Admission, admit_frame
from api.frames.capture import CaptureHeaders
from api.frames.lookup import PictureUnavailable, frame_answer, open_frame_image
from api.frames.pace import Pace
from api.frames.schemas import FrameAnswer, FrameReceipt
from api.frames.service import FrameUpload, take_frame
from api.principal import CurrentPrincipal
from api.request_body import bounded_body
from api.request_id import RequestId

router = APIRouter(
    prefix="/api/v1/attempts/{attempt_id}/frames",
    tags=["frames"],
    responses=problems.responses(problems.NotFound, problems.InvalidSeq),
)


def _frame_max_bytes(request: Request) -> int:
    context: Context = request.app.state.context
    return context.settings.frame_max_bytes


async def pace_of(request: Request, context: Ctx) -> Pace:
    """Return the pace of this application, made with its first frame."""
    # On the event loop alone, so that no two requests make one each.
    if not hasattr(request.app.state, "pace"):
        request.app.state.pace = Pace(context.database, context.settings)
    pace: Pace = request.app.state.pace
    return pace


CurrentPace = Annotated[Pace, Depends(pace_of)]


def admission_of(
    attempt_id: str,
    seq: str,
    context: Ctx,
    pace: CurrentPace,
    principal: CurrentPrincipal,
    content_type: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Admission:
    """Return the right to send this frame, before a byte of it is read."""
    return admit_frame(
        context,
        pace,
        principal,
        attempt_id=attempt_id,
        seq_text=seq,
        content_type=content_type,
    )


async def capture_headers(
    x_client_claim: Annotated[
        str | None, Header(description="What the client saw, as ASCII JSON; see `Claim`.")
    ] = None,
    x_captured_at: Annotated[
        str | None, Header(description="The client's clock, RFC 3339.")
    ] = None,
    x_capture_ticket: Annotated[
        str | None, Header(description="`ticket` of the attempt or of the previous answer.")
    ] = None,
) -> CaptureHeaders:
    """Return what the client says about its frame."""
    return CaptureHeaders(claim=x_client_claim, captured_at=x_captured_at, ticket=x_capture_ticket)


@router.put(
    "/{seq}",
    status_code=202,
    responses=problems.responses(
        problems.NotAllowed,
        problems.CsrfFailed,
        problems.AttemptNotReady,
        problems.AttemptClosed,
        problems.FrameConflict,
        problems.UnsupportedImageType,
        problems.ImageTooLarge,
        problems.EmptyImage,
        problems.TruncatedImage,
        problems.CorruptImage,
        problems.ImageDimensionsTooLarge,
        problems.DigestMismatch,
        problems.TooManyRequests,
        problems.StorageIsFull,
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def put_frame(
    response: Response,
    context: Ctx,
    pace: CurrentPace,
    admission: Annotated[Admission, Depends(admission_of)],
    image: Annotated[bytes, Depends(bounded_body(_frame_max_bytes))],
    capture: Annotated[CaptureHeaders, Depends(capture_headers)],
    content_digest: Annotated[
        str | None, Header(description="`sha-256=:<base64>:` (RFC 9530), checked when given.")
    ] = None,
) -> FrameReceipt:
    """Take one JPEG. 202: it is stored durably and will reach exactly one verdict.

    The same number with the same bytes gets the same receipt again; with other bytes, 409.
    """
    upload = FrameUpload(image=image, capture=capture, content_digest=content_digest)
    receipt = take_frame(context, pace, admission, upload)
    response.headers["Location"] = f"/api/v1/attempts/{receipt.attempt_id}/frames/{receipt.seq}"
    return receipt


@router.get("/{seq}")
def get_frame(attempt_id: str, seq: str, context: Ctx, principal: CurrentPrincipal) -> FrameAnswer:
    """Show a frame: what the client claimed beside what the server decided."""
    with context.database.read() as session:
        return frame_answer(session, principal, attempt_id, seq)


@router.get(
    "/{seq}/image",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}}},
        **problems.responses(PictureUnavailable),
    },
)
def get_frame_image(
    attempt_id: str, seq: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> Response:
    """Show the picture of a frame. Who looked is recorded."""
    image = open_frame_image(context, principal, request_id, attempt_id, seq)
    return Response(image, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
