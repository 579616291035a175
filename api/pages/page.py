"""Rendering: one template environment, and what every page is given."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.field_types import moment_text
from api.pages import wording
from api.principal import Person

TEMPLATES = Path(__file__).parent / "templates"


def render_page(
    request: Request,
    template: str,
    *,
    person: Person | None,
    csrf_token: str | None = None,
    status_code: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Return the page for `person`; its forms and scripts carry the person's CSRF token.

    `csrf_token` is for forms that are sent before anybody has signed in.
    """
    text = (
        _environment()
        .get_template(template)
        .render(
            path=request.scope["path"],
            person=person,
            csrf_token=person.csrf_token if person else csrf_token,
            **values,
        )
    )
    return HTMLResponse(text, status_code=status_code)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment_text": moment_text,
        "duration": wording.duration_text,
        "bytes": wording.byte_text,
    }
    environment.globals |= {
        "attempt_states": wording.ATTEMPT_STATES,
        "student_states": wording.STUDENT_STATES,
        "verdicts": wording.VERDICTS,
        "claims": wording.CLAIMS,
        "looks": wording.LOOKS,
        "signals": wording.SIGNALS,
        "events": wording.EVENTS,
        "roles": wording.ROLES,
    }
    return environment
