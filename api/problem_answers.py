"""From any exception to an answer: problem+json, or a page for somebody with a browser."""

import json
import logging
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.error_page import render_error_page
from api.problems import (
    MEDIA_TYPE,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    RequestTooLarge,
    ServiceUnavailable,
    StorageIsFull,
)
from models.database import is_database_outage
from models.frame_store import ImageMissing, StorageFull
from models.sealed_images import SubjectErased

logger = logging.getLogger(__name__)

_OF_STATUS: dict[int, type[Problem]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    413: RequestTooLarge,
}
"""The framework's own refusals. Any other of its 4xx is about a request it cannot read."""


def problem_of(error: Exception) -> Problem:
    """Return what the caller is told about `error`; never its text, unless it was meant to be."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid_fields(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if isinstance(error, StorageFull):
        return StorageIsFull()
    if isinstance(error, SubjectErased | ImageMissing):
        return NotFound("It was erased.")
    if isinstance(error, PoolExhausted) or is_database_outage(error):
        return ServiceUnavailable("The database cannot be reached or is busy.")
    return InternalError()


def answer_problem(request: Request, problem: Problem) -> Response:
    """Return the problem in the form the caller reads."""
    request_id = getattr(request.state, "request_id", "")
    if _wants_page(request):
        if isinstance(problem, NotSignedIn) and request.method in {"GET", "HEAD"}:
            return RedirectResponse(f"/login?next={_wanted_path(request)}", status_code=303)
        page = render_error_page(request, problem)
        page.headers.update(problem.headers or {})
        return page
    return Response(
        json.dumps(problem.body(request_id)),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


async def _handle(request: Request, error: Exception) -> Response:
    return answer_problem(request, problem_of(error))


def handle_problems(app: FastAPI) -> None:
    """Make `app` answer its expected failures; `UnexpectedErrors` answers the others."""
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _handle)


class UnexpectedErrors:
    """ASGI middleware: the edge of the process, where any exception becomes an answer.

    Starlette's own stands outside all middleware, so that its 500 would lack our headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            return  # Nobody is left to read an answer.
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            problem = problem_of(error)
            request_id = scope.get("state", {}).get("request_id")
            if isinstance(problem, InternalError):
                logger.exception("request %s failed", request_id)
            else:
                logger.warning("request %s: %s: %r", request_id, problem.code, type(error))
            await answer_problem(Request(scope), problem)(scope, receive, send)


def _wants_page(request: Request) -> bool:
    path = request.scope["path"]
    return not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _wanted_path(request: Request) -> str:
    query = request.url.query
    return quote(f"{request.scope['path']}?{query}" if query else request.scope["path"], safe="")


def _of_framework(error: HTTPException) -> Problem:
    kind = _OF_STATUS.get(error.status_code)
    if kind is NotSignedIn:
        return NotSignedIn()
    if kind is not None:
        return kind(headers=error.headers)
    if error.status_code < 500:
        return InvalidRequest("The body or the headers cannot be read.")
    return InternalError()


def _invalid_fields(error: RequestValidationError) -> InvalidRequest:
    errors = [_field_error(one) for one in error.errors()]
    shown = "; ".join(f"{one['field']}: {one['message']}" for one in errors[:3])
    return InvalidRequest(f"{shown}.", errors=errors)


def _field_error(error: dict[str, Any]) -> dict[str, str]:
    where, *names = error["loc"]
    if error["type"] == "json_invalid":
        names = []
    return {"field": ".".join(str(name) for name in names) or str(where), "message": error["msg"]}
