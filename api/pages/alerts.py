"""The page on which admins say who is told what, and see whether it arrives."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from sqlalchemy import select
from starlette.responses import Response

from api import audit
from api.api_clients.service import client_names
from api.authorization import Action, authorize
from api.context import Context, Ctx
from api.pages import wording
from api.pages.form_values import CANNOT_BE_USED
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.paging import Page
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest, Problem, WebhookDisabled
from api.request_id import RequestId
from api.webhooks.schemas import EVENTS, NewWebhook, next_try_at
from api.webhooks.service import (
    add_webhook,
    enable_webhook,
    latest_deliveries,
    list_webhooks,
    redeliver,
    remove_webhook,
    send_test,
)
from models.alerts import queue_test
from models.database import database_now
from models.settings import Settings
from models.statuses import AlertEvent, Severity
from models.webhook import URL_LENGTH, AlertMail, Webhook

router = APIRouter(prefix="/admin/alerts", include_in_schema=False)

WEBHOOKS_SHOWN = 200
MESSAGES_SHOWN = 30
"""The newest of all webhooks, and of all mails; a webhook's own are read over the API."""


USUAL_EVENTS = [AlertEvent.INCIDENT_OPENED.value, AlertEvent.INCIDENT_WITHDRAWN.value]
"""Ticked in an empty form: whoever is told that an incident opened should hear it taken back."""


class WebhookForm(BaseModel):
    """What the form holds, as text: it comes back unchanged when something is wrong."""

    url: str = ""
    events: list[str] = []
    min_severity: str = Severity.MEDIUM.value


@router.get("")
def show_alerts(request: Request, context: Ctx, admin: AdminPerson) -> Response:
    """Show the webhooks, the e-mail setting, and what was sent lately."""
    form = WebhookForm(events=USUAL_EVENTS)
    return _page(request, context, admin, form)


@router.post("")
def create_webhook(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[WebhookForm, Form()],
) -> Response:
    """Add a webhook of the house; its secret stands on the page that answers, and nowhere else."""
    try:
        wanted = _new_webhook(form)
        with context.database.write() as session:
            hook, secret = add_webhook(session, context, admin, wanted, request_id)
    except InvalidRequest as problem:
        return _page(request, context, admin, form, problem=problem)
    empty = WebhookForm(events=USUAL_EVENTS)
    page = _page(request, context, admin, empty, made=hook, secret=secret)
    page.headers["Cache-Control"] = "no-store"
    return page


@router.post("/webhooks/{webhook_id}/remove")
def delete_webhook(
    webhook_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Remove a webhook and what is on its way to it."""
    with context.database.write() as session:
        remove_webhook(session, context, admin, webhook_id, request_id)
    return _back()


@router.post("/webhooks/{webhook_id}/enable")
def switch_on(webhook_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId) -> Response:
    """Switch a webhook on again."""
    with context.database.write() as session:
        enable_webhook(session, context, admin, webhook_id, request_id)
    return _back()


@router.post("/webhooks/{webhook_id}/test")
def try_webhook(
    request: Request, webhook_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Send a message of the event `test`."""
    try:
        with context.database.write() as session:
            send_test(session, context, admin, webhook_id, request_id)
    except WebhookDisabled as problem:
        return _page(request, context, admin, WebhookForm(), problem=problem)
    return _back("#messages")


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver")
def send_once_more(
    request: Request,
    webhook_id: str,
    delivery_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
) -> Response:
    """Send a message again, as it was."""
    try:
        with context.database.write() as session:
            redeliver(session, context, admin, webhook_id, delivery_id, request_id)
    except WebhookDisabled as problem:
        return _page(request, context, admin, WebhookForm(), problem=problem)
    return _back("#messages")


@router.post("/mail/test")
def try_mail(request: Request, context: Ctx, admin: AdminPerson, request_id: RequestId) -> Response:
    """Send an e-mail that tells of nothing to everybody who is told."""
    if not _mail(context.settings)["is_set"]:
        problem = InvalidRequest(
            "Nobody gets e-mail: the settings name no mail server or no recipient.",
            next_step="Set FACE_MONITOR_SMTP_URL and FACE_MONITOR_ALERT_EMAIL_TO first.",
        )
        return _page(request, context, admin, WebhookForm(), problem=problem)
    with context.database.write() as session:
        authorize(admin, Action.CREATE, Webhook)
        queue_test(session, None, now=database_now(session))
        audit.record(session, context, admin, "mail.tested", "mail", request_id)
    return _back("#mail")


def _page(
    request: Request,
    context: Context,
    admin: Person,
    form: WebhookForm,
    *,
    problem: Problem | None = None,
    made: Webhook | None = None,
    secret: str | None = None,
) -> Response:
    with context.database.read() as session:
        hooks, _ = list_webhooks(session, admin, Page(cursor=None, limit=WEBHOOKS_SHOWN))
        mails = select(AlertMail).order_by(AlertMail.id.desc()).limit(MESSAGES_SHOWN)
        return render_page(
            request,
            "admin/alerts.html",
            person=admin,
            status_code=201 if made else None,
            problem=problem,
            form=form,
            made=made,
            secret=secret,
            hooks=hooks,
            urls={hook.id: hook.url for hook in hooks},
            owners=client_names(session, {hook.owner_client_id for hook in hooks}),
            deliveries=latest_deliveries(session, MESSAGES_SHOWN),
            mails=list(session.scalars(mails)),
            next_try_at=next_try_at,
            mail=_mail(context.settings),
            event_words=wording.ALERT_EVENTS,
            event_names=wording.ALERT_NAMES,
            events=EVENTS,
            severities=list(Severity),
            delivery_states=wording.DELIVERY_STATES,
        )


def _mail(settings: Settings) -> Mapping[str, Any]:
    """Return the e-mail settings as the page may show them: without the password."""
    server = urlsplit(settings.smtp_url.get_secret_value()) if settings.smtp_url else None
    return {
        "is_set": server is not None and bool(settings.alert_email_to.strip()),
        "server": f"{server.scheme}://{server.hostname}" if server else None,
        "to": settings.alert_email_to,
        "sender": settings.alert_email_from,
        "min_severity": settings.alert_min_severity,
        "pause_seconds": settings.alert_pause_seconds,
    }


def _new_webhook(form: WebhookForm) -> NewWebhook:
    """Return what the form asks for.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    """
    errors = []
    if not form.url.strip():
        errors.append({"field": "url", "message": "must not be empty"})
    if not form.events or not set(form.events) <= set(EVENTS):
        errors.append({"field": "events", "message": "must be chosen: at least one"})
    if form.min_severity not in set(Severity):
        errors.append({"field": "min_severity", "message": "must be chosen from the list"})
    if errors or len(form.url) > URL_LENGTH:
        errors = errors or [{"field": "url", "message": f"must have at most {URL_LENGTH} letters"}]
        raise InvalidRequest(CANNOT_BE_USED, errors=errors)
    return NewWebhook(
        url=form.url.strip(),
        events=[AlertEvent(event) for event in form.events],
        min_severity=Severity(form.min_severity),
    )


def _back(part: str = "") -> Response:
    return see_other(f"/admin/alerts{part}")
