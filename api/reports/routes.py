"""Routes of reports: for pages and for other systems."""

from fastapi import APIRouter
from starlette.responses import Response

from api import problems
from api.context import Ctx
from api.principal import AdminPerson, CurrentPrincipal
from api.reports.desk import CurrentDesk
from api.reports.downloads import described, file_response
from api.reports.service import html_report, pdf_report
from api.request_id import RequestId

pages = APIRouter(prefix="/admin", include_in_schema=False)
"""For people who signed in."""

router = APIRouter(
    prefix="/api/v1",
    tags=["reports"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)
"""For other systems about their own attempts, and for people."""


@router.get(
    "/attempts/{attempt_id}/report", response_class=Response, responses=described("text/html")
)
def get_report(
    attempt_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    desk: CurrentDesk,
    request_id: RequestId,
) -> Response:
    """Return all about an attempt as one HTML file, its pictures in it. Who has it is recorded."""
    with desk.turn():
        return file_response(html_report(context, principal, attempt_id, request_id))


@router.get(
    "/attempts/{attempt_id}/report.pdf",
    response_class=Response,
    responses=described("application/pdf"),
)
def get_pdf_report(
    attempt_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    desk: CurrentDesk,
    request_id: RequestId,
) -> Response:
    """Return all about an attempt as PDF. Who has it is recorded."""
    with desk.turn():
        return file_response(pdf_report(context, principal, attempt_id, request_id))


@pages.get("/attempts/{attempt_id}/report")
def download_report(
    attempt_id: str, context: Ctx, person: AdminPerson, desk: CurrentDesk, request_id: RequestId
) -> Response:
    """Return the report as HTML."""
    return get_report(attempt_id, context, person, desk, request_id)


@pages.get("/attempts/{attempt_id}/report.pdf")
def download_pdf_report(
    attempt_id: str, context: Ctx, person: AdminPerson, desk: CurrentDesk, request_id: RequestId
) -> Response:
    """Return the report as PDF."""
    return get_pdf_report(attempt_id, context, person, desk, request_id)
