"""The live wall: all open attempts on one page, which scripts keep up to date."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.authorization import ID_PATTERN, Action
from api.context import Ctx
from api.exams.listing import Wanted, distinct_titles, list_exams
from api.exams.service import load_exam
from api.pages.page import render_page
from api.pages.wording import INCIDENTS, SEVERITIES
from api.paging import Page
from api.principal import AdminPerson
from api.wall.schemas import TILES_MOST
from models.statuses import AttemptState

router = APIRouter(prefix="/admin/wall", include_in_schema=False)

EXAMS_OFFERED = 50
"""To choose from, newest first; the page of any exam leads to its wall."""

SHOWN_STATES = (AttemptState.STARTED, AttemptState.READY, AttemptState.ERROR)


@router.get("")
def show_wall(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    exam: Annotated[str, Query(pattern=f"{ID_PATTERN}|^$")] = "",
) -> Response:
    """Show every open attempt, or those of one exam, and all incidents as they come."""
    with context.database.read() as session:
        chosen = load_exam(session, admin, Action.READ, exam) if exam else None
        page = Page(cursor=None, limit=EXAMS_OFFERED)
        exams, _ = list_exams(session, admin, page, Wanted(), context.clock())
    return render_page(
        request,
        "admin/wall.html",
        person=admin,
        exam=chosen,
        exams=distinct_titles(exams if chosen is None or chosen in exams else [chosen, *exams]),
        states=SHOWN_STATES,
        tiles_most=TILES_MOST,
        incident_kinds=INCIDENTS,
        severities=SEVERITIES,
    )
