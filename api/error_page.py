"""The page somebody with a browser sees when something went wrong."""

from fastapi import Request
from starlette.responses import Response

from api.pages.marks import N_
from api.pages.page import render_page
from api.problems import CsrfFailed, MethodNotAllowed, NotAllowed, NotFound, Problem

_FOR_PEOPLE: dict[type[Problem], tuple[str, str, str]] = {
    NotFound: (
        N_("There is no such page"),
        N_("The address is wrong, or what it shows is not yours to see."),
        N_("Check the address, or go back to the start page."),
    ),
    NotAllowed: (
        N_("This page is not for you"),
        N_("You are signed in, but your role does not include this."),
        N_("Go back to the start page, or sign in as somebody who may do this."),
    ),
    CsrfFailed: (
        N_("The form was too old"),
        N_("We could not be sure that the form came from your browser. Nothing was changed."),
        N_("Go back, load the page again and repeat what you did."),
    ),
    MethodNotAllowed: (
        N_("This address cannot be opened like a page"),
        N_("It only takes what a form or a script sends."),
        N_("Go back to the start page and use its buttons."),
    ),
}
"""Title, what happened and what to do, where the API's words would help nobody with a browser."""


def render_error_page(request: Request, problem: Problem) -> Response:
    """Return the problem as a page: what happened, what to do next, the request id.

    It asks nothing of the database, which may be what is missing.
    """
    said_by_route = problem.detail != f"{problem.title}." or problem.step != problem.next_step
    title, detail, step = _FOR_PEOPLE.get(
        type(problem), (problem.title, problem.detail, problem.step)
    )
    if said_by_route:
        detail, step = problem.detail, problem.step
    return render_page(
        request,
        "error.html",
        person=None,
        status_code=problem.status,
        problem=problem,
        title=title,
        detail=detail,
        step=step,
        request_id=getattr(request.state, "request_id", ""),
    )
