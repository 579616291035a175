"""Routes of an exam's results: for pages and for programs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api import problems
from api.context import Ctx
from api.principal import AdminPerson, CurrentPrincipal
from api.reports.downloads import attachment, described
from api.reports.results_service import results
from api.request_id import RequestId

pages = APIRouter(prefix="/admin", include_in_schema=False)
"""For people who signed in."""

router = APIRouter(
    prefix="/api/v1",
    tags=["reports"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)
"""For programs."""


@router.get(
    "/exams/{exam_id}/results", response_class=StreamingResponse, responses=described("text/csv")
)
def get_results(
    exam_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    request_id: RequestId,
    form: Annotated[Literal["json", "csv"], Query()] = "json",
) -> Response:
    """Return one row for each attempt of an exam; docs/results.md describes the columns."""
    made = results(context, principal, exam_id, request_id, form=form)
    return StreamingResponse(made.parts, media_type=made.media_type, headers=attachment(made.name))


@pages.get("/exams/{exam_id}/results.csv")
def download_csv(
    exam_id: str, context: Ctx, person: AdminPerson, request_id: RequestId
) -> Response:
    """Return the results for a spreadsheet."""
    return get_results(exam_id, context, person, request_id, "csv")


@pages.get("/exams/{exam_id}/results.json")
def download_json(
    exam_id: str, context: Ctx, person: AdminPerson, request_id: RequestId
) -> Response:
    """Return the results for a program."""
    return get_results(exam_id, context, person, request_id, "json")
