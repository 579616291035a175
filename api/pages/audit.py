"""The page on which people read who saw which picture and who changed what."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import audit
from api.audit_trail.groups import AuditGroup
from api.audit_trail.names import Named, names_in
from api.audit_trail.schemas import ACTION_PATTERN, ACTOR_PATTERN, AuditFilter
from api.audit_trail.service import actors_to_choose, list_entries
from api.audit_trail.wording import ACTIONS, GROUP_TITLES, detail_text, sentence
from api.authorization import ID_PATTERN, Action, authorize
from api.context import Ctx
from api.field_types import moment_text, storable_moment
from api.pages.page import render_page
from api.principal import AdminPerson
from api.request_id import RequestId
from models.audit import CHAIN_HEAD_ID, AuditEntry, AuditHead
from models.audit_check import begin_anew, check_further, keep_check, kept_check

router = APIRouter(prefix="/admin/audit", include_in_schema=False)

SHOWN = 50
"""Entries on a page."""

FORM_FIELDS = ("actor", "action", "about", "since", "until", "group")

_PATTERNS = {
    "actor": (ACTOR_PATTERN, "is nobody from the list"),
    "action": (ACTION_PATTERN, "is no action from the list"),
    "group": (rf"^({'|'.join(AuditGroup)})$", "is no group of the page"),
    "about": (ID_PATTERN, "must be an id as in the address of a page: att_…, exm_… or sub_…"),
}


@router.get("")
def show_audit(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Show what was done, newest first, and how far the record was checked."""
    typed = {name: request.query_params.get(name, "").strip() for name in FORM_FIELDS}
    if typed["action"]:
        # Chosen in the form, while the address still names the group it was opened with.
        typed["group"] = ""
    wanted, errors = _filter(typed)
    chosen = {name: value for name, value in typed.items() if value}
    with context.database.read() as session:
        entries, next_cursor = list_entries(session, admin, wanted, before=cursor, limit=SHOWN)
        names = names_in(session, entries)
        check, checked_at = kept_check(session)
        return render_page(
            request,
            "admin/audit.html",
            person=admin,
            status_code=422 if errors else 200,
            errors=errors,
            form=typed,
            actors=actors_to_choose(session, admin, wanted.actor),
            actions=ACTIONS,
            groups={"": "Any action"} | {one.value: text for one, text in GROUP_TITLES.items()},
            kept={name: chosen.get(name, "") for name in FORM_FIELDS if name != "action"},
            about=_name_of(session, wanted.about),
            lines=[
                _line(entry, names.person(entry.actor), names.thing(entry.object_id))
                for entry in entries
            ],
            query=_export_query(wanted),
            older=urlencode(chosen | {"cursor": next_cursor}) if next_cursor else None,
            check=check,
            checked_at=checked_at,
            head=session.get_one(AuditHead, CHAIN_HEAD_ID),
        )


@router.post("/check")
def check_record(
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    from_start: Annotated[bool, Form()] = False,
) -> Response:
    """Check the next stretch of the record, or begin anew; the page tells what was found."""
    with context.database.read() as session:
        authorize(admin, Action.MANAGE, AuditEntry)
        known = kept_check(session)[0]
        found = check_further(session, begin_anew(known) if from_start else known)
    detail = {"checked_to": found.checked_number, "broken": found.broken_number}
    with context.database.write() as session:
        keep_check(session, found, known=known, now=context.clock())
        audit.record(session, context, admin, "audit.checked", "audit", request_id, detail)
    return RedirectResponse("/admin/audit#check", status_code=303)


def _line(entry: AuditEntry, who: str, about: Named) -> dict[str, object]:
    return {
        "entry": entry,
        "who": who,
        "did": sentence(entry.action),
        "about": about,
        "detail": detail_text(entry.detail),
    }


def _export_query(wanted: AuditFilter) -> str:
    """Return the filter as the API takes it."""
    values = {name: value for name, value in vars(wanted).items() if value}
    return urlencode(
        {
            name: moment_text(one) if isinstance(one, datetime) else one
            for name, one in values.items()
        }
    )


def _name_of(session: Session, object_id: str | None) -> str | None:
    if object_id is None:
        return None
    return names_in(session, [AuditEntry(actor="", object_id=object_id)]).thing(object_id).text


def _filter(typed: Mapping[str, str]) -> tuple[AuditFilter, dict[str, str]]:
    """Return what can be filtered by, and what was wrong with the rest, by field."""
    errors: dict[str, str] = {}
    texts: dict[str, str] = {}
    moments: dict[str, datetime] = {}
    for name, (pattern, message) in _PATTERNS.items():
        if typed[name] and not re.match(pattern, typed[name]):
            errors[name] = message
        elif typed[name]:
            texts[name] = typed[name]
    for name in ("since", "until"):
        if not typed[name]:
            continue
        try:
            moments[name] = storable_moment(datetime.fromisoformat(typed[name]))
        except ValueError:
            errors[name] = "must be a date with a time"
    found = AuditFilter(
        actor=texts.get("actor"),
        action=texts.get("action"),
        about=texts.get("about"),
        since=moments.get("since"),
        until=moments.get("until"),
        group=AuditGroup(texts["group"]) if "group" in texts else None,
    )
    return found, errors
