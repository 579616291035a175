"""Students on the desk: the list, and inviting one more."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api.context import Context, Ctx
from api.pages.invited import link_page
from api.pages.page import render_page
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest, LoginTaken, Problem
from api.request_id import RequestId
from api.subjects.students import StudentFilter, list_students
from api.users.administration import add_invited_user
from api.users.search import SEARCH_MAX_CHARACTERS
from api.users.service import new_invited_user
from models.statuses import Role

router = APIRouter(prefix="/admin", include_in_schema=False)

_FIRST = Page(cursor=None, limit=50)

FILTERS = {
    StudentFilter.ALL: "Everybody",
    StudentFilter.NOT_ENROLLED: "Not enrolled",
    StudentFilter.WAITS_FOR_APPROVAL: "Face to approve",
    StudentFilter.WARNED: "Face like another",
    StudentFilter.HAS_ALLOWANCE: "With allowance",
    StudentFilter.INVITED: "No password yet",
    StudentFilter.DISABLED: "Access off",
}


@router.get("/students")
def show_students(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    wanted: WantedPage,
    search: Annotated[str, Query(max_length=SEARCH_MAX_CHARACTERS)] = "",
    show: StudentFilter = StudentFilter.ALL,
) -> Response:
    """Show students, newest first, with what needs a look."""
    return _list_page(request, context, admin, wanted, search=search, show=show)


@router.post("/students/invite")
def invite_student(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    login: Annotated[str, Form()] = "",
    display_name: Annotated[str, Form()] = "",
) -> Response:
    """Add a student, and show the link with which they set their password."""
    try:
        new = new_invited_user(login, display_name)
        with context.database.write() as session:
            user, made = add_invited_user(session, context, admin, new, Role.STUDENT, request_id)
    except (InvalidRequest, LoginTaken) as problem:
        typed = {"login": login, "display_name": display_name}
        return _list_page(request, context, admin, _FIRST, problem=problem, typed=typed)
    back = f"/admin/students/{user.subject_id}"
    return link_page(request, context, admin, user, made, back=back)


def _list_page(
    request: Request,
    context: Context,
    admin: Person,
    wanted: Page,
    *,
    search: str = "",
    show: StudentFilter = StudentFilter.ALL,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    with context.database.read() as session:
        students, next_cursor = list_students(session, admin, wanted, text=search, show=show)
    return render_page(
        request,
        "admin/students.html",
        person=admin,
        problem=problem,
        typed=typed or {"login": "", "display_name": ""},
        students=students,
        next_cursor=next_cursor,
        kept={"search": search, "show": show.value},
        filters=FILTERS,
    )
