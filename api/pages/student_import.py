"""Importing students: the list is pasted or chosen, looked at, and only then added."""

import base64
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.context import Context, Ctx
from api.invitations.links import invitation_link
from api.pages.page import render_page
from api.principal import AdminPerson, Person
from api.request_id import RequestId
from api.spreadsheet import BYTE_ORDER_MARK, csv_text
from api.users.student_import import CheckedList, ListNotAdded, add_students, checked_list
from api.users.student_list import STUDENTS_MAX, read_student_list

router = APIRouter(prefix="/admin/students/import", include_in_schema=False)

MISTAKES_SHOWN = 50
"""Whoever has more of them has one mistake in every line, and sees it in the first."""

Text = Annotated[str, Form()]


@router.get("")
def show_import(request: Request, admin: AdminPerson) -> Response:
    """Show the form for a list of students."""
    return _form(request, admin, "", None)


@router.post("")
def preview(request: Request, context: Ctx, admin: AdminPerson, students: Text = "") -> Response:
    """Show what would be added, or every mistake with its line and column. Nothing is changed."""
    read = _looked_at(context, students)
    if read.mistakes or not read.new:
        return _form(request, admin, students, read)
    return _preview(request, context, admin, students, read)


@router.post("/again")
def change_list(request: Request, admin: AdminPerson, students: Text = "") -> Response:
    """Show the form with the list in it once more."""
    return _form(request, admin, students, None)


@router.post("/add")
def add(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    students: Text = "",
    left_out: Annotated[int, Form()] = 0,
) -> Response:
    """Add all who are new or none, and show the links this once."""
    read = _looked_at(context, students)
    if read.mistakes or not read.new:
        return _form(request, admin, students, read)
    if len(read.here) != left_out:
        # Somebody of the list came in between: who is added is looked at again.
        return _preview(request, context, admin, students, read)
    try:
        with context.database.write() as session:
            added = add_students(session, context, admin, read.new, request_id)
    except ListNotAdded:
        return _form(request, admin, students, _looked_at(context, students))
    rows = [
        (one.name, one.login, invitation_link(context, request, one.invitation.token))
        for one in added
    ]
    file = BYTE_ORDER_MARK + csv_text([("name", "login", "link"), *rows])
    return render_page(
        request,
        "admin/import_done.html",
        person=admin,
        rows=rows,
        expires_at=added[0].invitation.expires_at,
        # In the page itself: the links are kept nowhere, so that there is nothing to fetch.
        file_address=f"data:text/csv;base64,{base64.b64encode(file.encode()).decode()}",
    )


def _looked_at(context: Context, text: str) -> CheckedList:
    """Return what the text holds, beside those who have an account."""
    read = read_student_list(text)
    with context.database.read() as session:
        return checked_list(session, read)


def _preview(
    request: Request, context: Context, admin: Person, text: str, read: CheckedList
) -> Response:
    return render_page(
        request,
        "admin/import_preview.html",
        person=admin,
        text=text,
        students=read.new,
        here=read.here,
        columns_left_out=dict.fromkeys(
            name or "one without a name" for name in read.columns_left_out
        ),
        invitation_days=context.settings.invitation_days,
    )


def _form(request: Request, admin: Person, text: str, read: CheckedList | None) -> Response:
    mistakes = read.mistakes if read else []
    here = read.here if read else []
    return render_page(
        request,
        "admin/import.html",
        person=admin,
        status_code=422 if mistakes or here else 200,
        text=text,
        mistakes=mistakes[:MISTAKES_SHOWN],
        here_count=len(here),
        more_mistakes=max(0, len(mistakes) - MISTAKES_SHOWN),
        students_max=STUDENTS_MAX,
    )
