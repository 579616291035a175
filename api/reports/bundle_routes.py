"""Routes of evidence bundles: for pages and for other systems."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api import problems
from api.context import Ctx
from api.principal import AdminPerson, CurrentPrincipal
from api.reports.bundle_service import bundle
from api.reports.desk import CurrentDesk
from api.reports.downloads import attachment, described
from api.request_id import RequestId

pages = APIRouter(prefix="/admin", include_in_schema=False)
"""For people who signed in."""

router = APIRouter(
    prefix="/api/v1",
    tags=["reports"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)
"""For other systems about their own attempts, and for people."""

WantedFrames = Annotated[
    Literal["incidents", "all"],
    Query(description="Which pictures: those of incidents, or every frame's."),
]


@router.get(
    "/attempts/{attempt_id}/bundle.zip",
    response_class=StreamingResponse,
    responses=described("application/zip"),
)
def get_bundle(
    attempt_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    desk: CurrentDesk,
    request_id: RequestId,
    frames: WantedFrames = "incidents",
) -> Response:
    """Return the evidence as a zip that `face-monitor verify-bundle` checks offline."""
    with desk.turn():
        made = bundle(context, principal, attempt_id, request_id, with_all_frames=frames == "all")
    headers = attachment(made.name) | {"Content-Length": str(made.byte_count)}
    return StreamingResponse(made.chunks(), media_type="application/zip", headers=headers)


@pages.get("/attempts/{attempt_id}/bundle.zip")
def download_bundle(
    attempt_id: str,
    context: Ctx,
    person: AdminPerson,
    desk: CurrentDesk,
    request_id: RequestId,
    frames: WantedFrames = "incidents",
) -> Response:
    """Return the evidence bundle."""
    return get_bundle(attempt_id, context, person, desk, request_id, frames)
