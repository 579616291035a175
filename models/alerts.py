"""Telling people and other systems what happened: messages queued with what they tell of.

The rows are inserted in the transaction that records it, so that a message goes out exactly for
what is on record. `worker.notifier` sends them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import SecretStr
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.incident import Incident
from models.moments import moment_text
from models.statuses import AlertEvent, DeliveryState, Severity
from models.subject import Subject
from models.told import heard_of, is_about, is_waiting, take_back
from models.webhook import AlertMail, Outgoing, Webhook, WebhookDelivery

Message = TypeVar("Message", WebhookDelivery, AlertMail)

GIVE_UP_AFTER = timedelta(hours=24)
"""How long a message is tried."""

NEWS_FOR = timedelta(hours=24)
"""What ended longer ago is no news: another incident policy finds incidents of old exams anew."""

MORE_KEPT = 50
"""Of what came meanwhile, so much is told in full; the rest is counted."""

_INCIDENT_EVENTS = (
    AlertEvent.INCIDENT_OPENED,
    AlertEvent.INCIDENT_CLOSED,
    AlertEvent.INCIDENT_WITHDRAWN,
)

_VOIDED_BY = {
    AlertEvent.INCIDENT_OPENED: (AlertEvent.INCIDENT_WITHDRAWN,),
    AlertEvent.INCIDENT_CLOSED: (),
    AlertEvent.INCIDENT_WITHDRAWN: (AlertEvent.INCIDENT_OPENED, AlertEvent.INCIDENT_CLOSED),
}
"""What no longer holds of an incident once an event happened."""


class AlertSettings(Protocol):
    """What of the settings decides whether people are told. `models.settings.Settings` fits."""

    @property
    def smtp_url(self) -> SecretStr | None:
        """Without it nobody gets e-mail."""

    @property
    def alert_email_to(self) -> str:
        """Addresses, separated by commas."""

    @property
    def alert_min_severity(self) -> Severity:
        """The severity from which on e-mails go out."""

    @property
    def alert_pause_seconds(self) -> float:
        """At most one message for each attempt and channel in this time."""


@dataclass(frozen=True)
class _Said:
    """One thing to tell."""

    event: AlertEvent
    object_id: str
    attempt_id: str
    data: dict[str, Any]
    now: datetime
    outgrown: str = ""

    @property
    def key(self) -> str:
        return f"{self.event}:{self.object_id}" + (f":{self.outgrown}" if self.outgrown else "")

    def item(self) -> dict[str, Any]:
        return {
            "id": new_id("aev"),
            "event": self.event.value,
            "created_at": moment_text(self.now),
            "data": self.data,
        }


@dataclass(frozen=True)
class _Wish:
    """What one channel wants of one thing to tell."""

    asks: bool
    """Whether it wants to hear of such events."""
    is_news: bool
    """Whether the incident matters to who was told nothing of it: grave enough, and not old."""


def queue_incident_alerts(
    session: Session,
    settings: AlertSettings,
    incident: Incident,
    event: str,
    *,
    now: datetime,
    outgrown: str = "",
    is_recomputed: bool = False,
) -> None:
    """Queue what is to be told of an incident, in the caller's (write) transaction.

    Call it with `incident.opened` whenever an incident was opened or became more severe, with
    `incident.closed` once it is over, and with `incident.withdrawn` when it is found no more: what
    a channel was told, it is not told again. Whoever was told that it opened is told the rest,
    whatever its severity is by then and however long ago. One statement while nobody wants to
    hear; one or two more for each kind of channel otherwise.

    Parameters
    ----------
    outgrown
        The dismissal that no longer holds, in the look that found it so: of an incident that
        waits again everybody is told again.
    is_recomputed
        Whether another policy found it in an attempt that is over: whoever set the policy looks
        at it by themselves, and to whoever was told nothing of it, it is no news.
    """
    data = incident_data(incident)
    said = _Said(AlertEvent(event), incident.id, incident.attempt_id, data, now, outgrown)
    if (incident.withdrawn_at is None) is (said.event is AlertEvent.INCIDENT_WITHDRAWN):
        return
    is_recent = not is_recomputed and now - incident.last_at <= NEWS_FOR
    rank = Severity(incident.severity).rank if is_recent else -1
    pause = timedelta(seconds=settings.alert_pause_seconds)
    wishes = {
        hook.id: _Wish(
            asks=hook.disabled_at is None and said.event in hook.events,
            is_news=rank >= Severity(hook.min_severity).rank,
        )
        for hook in _webhooks_about(session, said.attempt_id)
    }
    wishes = {hook_id: wish for hook_id, wish in wishes.items() if _bears_on(said, wish)}
    if wishes:
        _tell_webhooks(session, wishes, said, pause)
    wish = _Wish(
        asks=_mail_wants(settings, said.event), is_news=rank >= settings.alert_min_severity.rank
    )
    if wish.asks and _bears_on(said, wish):
        earlier = _earlier(session, AlertMail, said.attempt_id)
        if message := _collected_or_new(session, earlier, said, wish, pause, AlertMail):
            session.add(message)


def _bears_on(said: _Said, wish: _Wish) -> bool:
    """Tell whether a channel may have to be told, or may have something taken back."""
    if said.event is AlertEvent.INCIDENT_WITHDRAWN:
        return True
    return wish.asks and (wish.is_news or said.event is AlertEvent.INCIDENT_CLOSED)


def queue_attempt_event(
    session: Session,
    attempt: Attempt,
    event: AlertEvent,
    *,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Queue what webhooks are to be told of an attempt, in the caller's (write) transaction."""
    data = {"attempt_id": attempt.id, "state": str(attempt.state), **(detail or {})}
    said = _Said(event, attempt.id, attempt.id, data, now)
    for hook in _webhooks_about(session, said.attempt_id):
        if hook.disabled_at is not None or event not in hook.events:
            continue
        message = new_message(WebhookDelivery, said.event, said.item(), said.attempt_id, now=now)
        message.webhook_id = hook.id
        session.add(message)


def queue_test(session: Session, hook: Webhook | None, *, now: datetime) -> Outgoing:
    """Queue a message that tells of nothing, to a webhook or, without one, by e-mail."""
    said = _Said(AlertEvent.TEST, "test", "", {"message": "Face Monitor can reach you."}, now)
    message: Outgoing
    if hook is None:
        message = new_message(AlertMail, said.event, said.item(), None, now=now)
    else:
        message = new_message(WebhookDelivery, said.event, said.item(), None, now=now)
        message.webhook_id = hook.id
    session.add(message)
    session.flush()
    return message


def incident_data(incident: Incident) -> dict[str, Any]:
    """Return what is told of an incident: no name and no face."""
    return {
        "incident_id": incident.id,
        "attempt_id": incident.attempt_id,
        "kind": str(incident.kind),
        "severity": str(incident.severity),
        "first_at": moment_text(incident.first_at),
        "opened_at": moment_text(incident.opened_at),
        "closed_at": moment_text(incident.closed_at) if incident.closed_at else None,
        "ending": str(incident.ending) if incident.ending else None,
        "withdrawn_at": moment_text(incident.withdrawn_at) if incident.withdrawn_at else None,
    }


def new_message(
    table: type[Message],
    event: AlertEvent,
    item: dict[str, Any],
    attempt_id: str | None,
    *,
    now: datetime,
    not_before: datetime | None = None,
    told: Sequence[str] = (),
) -> Message:
    """Return a message of one item that is due at `not_before`, or now."""
    due = not_before or now
    return table(
        id=new_id("dlv"),
        event=event.value,
        event_id=item["id"],
        attempt_id=attempt_id,
        payload={**item, "more": [], "more_count": 0},
        told=list(told),
        state=DeliveryState.PENDING,
        tries=0,
        not_before=due,
        give_up_at=due + GIVE_UP_AFTER,
        created_at=now,
    )


def _tell_webhooks(
    session: Session, wishes: Mapping[str, _Wish], said: _Said, pause: timedelta
) -> None:
    earlier = _earlier(session, WebhookDelivery, said.attempt_id)
    for hook_id, wish in wishes.items():
        of_hook = [one for one in earlier if one.webhook_id == hook_id]
        message = _collected_or_new(session, of_hook, said, wish, pause, WebhookDelivery)
        if message is not None:
            message.webhook_id = hook_id
            session.add(message)


def _collected_or_new(
    session: Session,
    earlier: Sequence[Message],
    said: _Said,
    wish: _Wish,
    pause: timedelta,
    table: type[Message],
) -> Message | None:
    """Return a message to add; None when there is nothing to tell, or one still waiting tells it.

    What waits and no longer holds is taken back first: then there may be nothing left to tell.
    """
    _take_back_what_is_void(session, earlier, said, wish)
    earlier = [one for one in earlier if one not in session.deleted]
    if not wish.asks or not _is_to_be_told(said, heard_of(earlier, said.object_id), wish):
        return None
    waiting = [one for one in earlier if is_waiting(one)]
    if waiting:
        _collect(waiting[0], said)
        return None
    quiet_until = max((_last_sent(one, said.now) + pause for one in earlier), default=said.now)
    return new_message(
        table,
        said.event,
        said.item(),
        said.attempt_id,
        now=said.now,
        not_before=max(said.now, quiet_until),
        told=[said.key],
    )


def _take_back_what_is_void(
    session: Session, earlier: Sequence[Message], said: _Said, wish: _Wish
) -> None:
    opening = (AlertEvent.INCIDENT_OPENED,)
    for message in earlier:
        tells_opening = any(is_about(key, opening, said.object_id) for key in message.told)
        # To who hears of no withdrawal the end of what was opened is still news.
        if wish.asks or tells_opening:
            take_back(session, message, _VOIDED_BY[said.event], said.object_id, said.now)


def _is_to_be_told(said: _Said, heard: Sequence[str], wish: _Wish) -> bool:
    if said.event is AlertEvent.INCIDENT_WITHDRAWN:
        return bool(heard)
    knows_of_it = said.event is AlertEvent.INCIDENT_CLOSED and bool(heard)
    return said.key not in heard and (wish.is_news or knows_of_it)


def _collect(message: Outgoing, said: _Said) -> None:
    more = message.payload["more"]
    kept = [*more, said.item()] if len(more) < MORE_KEPT else more
    # Assigned, not changed in place: a JSON column notices nothing else.
    message.payload = {
        **message.payload,
        "more": kept,
        "more_count": message.payload["more_count"] + 1,
    }
    message.told = [*message.told, said.key]


def _last_sent(message: Outgoing, now: datetime) -> datetime:
    """Return when the channel last heard of the attempt; one that is tried again counts as now."""
    return message.finished_at or now


def _earlier(session: Session, table: type[Message], attempt_id: str) -> Sequence[Message]:
    """Return what was queued about the attempt's incidents, oldest first and locked.

    A message that waits is added to: it must not be sent in the same moment.
    """
    return session.scalars(
        select(table)
        .where(table.attempt_id == attempt_id, table.event.in_(_INCIDENT_EVENTS))
        .order_by(table.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _webhooks_about(session: Session, attempt_id: str) -> Sequence[Webhook]:
    """Return the house's webhooks and those of the system whose subject it is about.

    They stay until the caller commits, and are locked before their messages, as everywhere.
    """
    owner = (
        select(Subject.owner_client_id)
        .join(Attempt, Attempt.subject_id == Subject.id)
        .where(Attempt.id == attempt_id)
        .scalar_subquery()
    )
    return session.scalars(
        select(Webhook)
        .where(or_(Webhook.owner_client_id.is_(None), Webhook.owner_client_id == owner))
        .order_by(Webhook.id)
        .with_for_update(read=True, key_share=True)
    ).all()


def _mail_wants(settings: AlertSettings, event: AlertEvent) -> bool:
    return (
        settings.smtp_url is not None
        and bool(settings.alert_email_to.strip())
        and event is not AlertEvent.INCIDENT_CLOSED
    )
