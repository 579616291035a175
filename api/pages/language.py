"""Choosing the language of the pages, and the texts of their scripts."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from api.context import Ctx
from api.csrf import check_same_origin
from api.pages.languages import (
    LANGUAGE_COOKIE,
    LANGUAGES,
    SOURCE_LANGUAGE,
    script_messages,
)
from api.pages.local_path import local_path
from api.problems import InvalidRequest

router = APIRouter(include_in_schema=False)

KEPT_SECONDS = 365 * 86_400
"""How long a browser remembers the choice."""


@router.post("/language")
def choose_language(
    request: Request,
    context: Ctx,
    language: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Show the pages in this language from now on, and go back to where the reader was.

    Nobody has to be signed in, so that no token ties the form to a person; a foreign page
    cannot send it all the same.
    """
    check_same_origin(request)
    if language not in LANGUAGES:
        raise InvalidRequest.at("language", f"must be one of: {', '.join(LANGUAGES)}")
    answer = RedirectResponse(local_path(back), status_code=303)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=KEPT_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=context.settings.is_https,
    )
    return answer


@router.get("/static/messages/{language}.js")
def show_script_messages(language: str) -> Response:
    """Give page scripts their texts in a language other than the one they are written in."""
    if language not in LANGUAGES or language == SOURCE_LANGUAGE:
        raise HTTPException(404)
    return Response(script_messages(language), media_type="text/javascript")
