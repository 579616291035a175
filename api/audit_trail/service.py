"""Entries of the audit chain by what is asked for. Nothing here commits."""

from collections.abc import Sequence

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from api.audit_trail.about import entries_about
from api.audit_trail.groups import GROUPS
from api.audit_trail.names import Names, names_in, people
from api.audit_trail.schemas import AuditEntryAnswer, AuditFilter
from api.audit_trail.wording import sentence
from api.authorization import Action, authorize, visible_to
from api.principal import Principal
from models.api_client import ApiClient
from models.attempt_states import SYSTEM_ACTOR
from models.audit import AuditEntry
from models.statuses import Role
from models.user import User

ACTORS_SHOWN = 200
"""People and systems to choose from, of each kind the newest."""


def list_entries(
    session: Session,
    principal: Principal,
    wanted: AuditFilter,
    *,
    before: int | None = None,
    limit: int,
) -> tuple[list[AuditEntry], int | None]:
    """Return entries, newest first, and the cursor of the next page; None at the end.

    Reviewers get their own alone.
    """
    authorize(principal, Action.LIST, AuditEntry)
    statement = _filtered(session, principal, wanted)
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
    if wanted.group and not wanted.about:
        statement = _newest_of_each(statement, GROUPS[wanted.group], limit + 1)
    statement = statement.order_by(AuditEntry.number.desc()).limit(limit + 1)
    rows = list(session.scalars(statement))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1].number


def entry_answers(session: Session, entries: Sequence[AuditEntry]) -> list[AuditEntryAnswer]:
    """Return the entries with their words, by a constant number of queries."""
    names = names_in(session, entries)
    return [_answer(entry, names) for entry in entries]


def actors_to_choose(session: Session, principal: Principal, chosen: str | None) -> dict[str, str]:
    """Return who can be filtered for, by id; the one that is chosen is always among them."""
    authorize(principal, Action.LIST, AuditEntry)
    staff = visible_to(principal, select(User.id), User).where(User.role != Role.STUDENT)
    user_ids = set(session.scalars(staff.order_by(User.id.desc()).limit(ACTORS_SHOWN)))
    client_ids = set(
        session.scalars(select(ApiClient.id).order_by(ApiClient.id.desc()).limit(ACTORS_SHOWN))
    )
    if chosen and chosen != SYSTEM_ACTOR:
        (client_ids if chosen.startswith("cli") else user_ids).add(chosen)
    named = sorted(people(session, user_ids, client_ids).items(), key=lambda one: one[1].lower())
    return {SYSTEM_ACTOR: "the service", **dict(named)}


def _filtered(session: Session, principal: Principal, wanted: AuditFilter) -> Select[AuditEntry]:
    statement = entries_about(session, wanted.about) if wanted.about else select(AuditEntry)
    statement = visible_to(principal, statement, AuditEntry)
    if wanted.actor:
        done_by = AuditEntry.actor == wanted.actor
        # Said twice, SQLite would expect far fewer entries than there are, and read them all.
        if statement.whereclause is None or not statement.whereclause.compare(done_by):
            statement = statement.where(done_by)
    if wanted.action:
        statement = statement.where(AuditEntry.action == wanted.action)
    if wanted.group and wanted.about:
        statement = statement.where(AuditEntry.action.in_(GROUPS[wanted.group]))
    if wanted.since:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        statement = statement.where(AuditEntry.at < wanted.until)
    return statement


def _newest_of_each(
    statement: Select[AuditEntry], actions: Sequence[str], limit: int
) -> Select[AuditEntry]:
    """Return the newest entries of each action: the newest of all are among them.

    With `IN` a database sorts every entry of the group; each action by itself stands in order.
    """
    parts = [
        statement.where(AuditEntry.action == action)
        .order_by(AuditEntry.number.desc())
        .limit(limit)
        .with_only_columns(AuditEntry.number)
        .subquery()
        for action in actions
    ]
    numbers = union_all(*(select(part.c.number) for part in parts)).subquery()
    return select(AuditEntry).join(numbers, numbers.c.number == AuditEntry.number)


def _answer(entry: AuditEntry, names: Names) -> AuditEntryAnswer:
    return AuditEntryAnswer(
        number=entry.number,
        at=entry.at,
        actor=entry.actor,
        actor_name=names.person(entry.actor),
        action=entry.action,
        sentence=sentence(entry.action),
        object_id=entry.object_id,
        object_name=names.thing(entry.object_id).text,
        detail=entry.detail,
        request_id=entry.request_id,
        previous_hash=entry.previous_hash,
        entry_hash=entry.entry_hash,
    )
