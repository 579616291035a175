"""Rendering: one template environment, and what every page is given."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.field_types import moment_text
from api.pages import wording
from api.pages.form_values import field_errors
from api.pages.languages import LANGUAGES, SOURCE_LANGUAGE, language_of, translations
from api.principal import Person
from api.problems import Problem

TEMPLATES = Path(__file__).parent / "templates"


def render_page(
    request: Request,
    template: str,
    *,
    person: Person | None,
    csrf_token: str | None = None,
    status_code: int | None = None,
    problem: Problem | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return the page for `person`, in the reader's language.

    Its forms and scripts carry the person's CSRF token.

    `csrf_token` is for forms that are sent before anybody has signed in. With a `problem` the
    page tells it, marks the fields it names and has its status.
    """
    # The admins' desk speaks English alone so far.
    language = SOURCE_LANGUAGE if template.startswith("admin/") else language_of(request)
    text = (
        _environment(language)
        .get_template(template)
        .render(
            path=request.scope["path"],
            language=language,
            languages={} if template.startswith("admin/") else LANGUAGES,
            has_messages=language != SOURCE_LANGUAGE,
            person=person,
            csrf_token=person.csrf_token if person else csrf_token,
            problem=problem,
            **{"errors": field_errors(problem)} | values,
        )
    )
    return HTMLResponse(text, status_code=status_code or (problem.status if problem else 200))


@cache
def _environment(language: str) -> Environment:
    """Return the templates of one language: macros are shared within it, so that `_` is known."""
    environment = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = translations(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )

    def translated(text: str) -> str:
        return catalogue.gettext(text) if text else ""

    environment.filters |= {
        # For texts that are no literals of a template: `_` would take them for safe HTML.
        "translated": translated,
        "moment_text": moment_text,
        "duration": wording.duration_text,
        "bytes": wording.byte_text,
        "query": query_of,
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
        "incident_words": wording.INCIDENTS,
        "severities": wording.SEVERITIES,
        "incident_reviews": wording.INCIDENT_REVIEWS,
        "ending_text": wording.ending_text,
        "rescore_states": wording.RESCORE_STATES,
        "rescore_errors": wording.RESCORE_ERRORS,
        "engine_words": wording.ENGINES,
        "check_titles": wording.CHECKS,
        "field_labels": wording.FIELD_LABELS,
    }
    return environment


def query_of(values: Mapping[str, str]) -> str:
    """Return the part of an address behind the path, without what is empty."""
    return "?" + urlencode({name: value for name, value in values.items() if value})
