"""What entries of the audit chain look like in requests and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel

from api.audit_trail.groups import AuditGroup
from api.authorization import ID_PATTERN
from api.field_types import Moment, WantedMoment

ACTOR_PATTERN = r"^(system|[a-z]{3}_[0-9a-z]{26})$"
"""A person, a system or the service itself."""

ACTION_PATTERN = r"^[a-z_]{1,30}\.[a-z_]{1,30}$"


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; what is empty filters nothing."""

    actor: str | None = None
    action: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    group: AuditGroup | None = None


async def wanted_entries(
    actor: Annotated[str | None, Query(pattern=ACTOR_PATTERN)] = None,
    action: Annotated[str | None, Query(pattern=ACTION_PATTERN)] = None,
    about: Annotated[
        str | None,
        Query(
            pattern=ID_PATTERN,
            description="An attempt, exam, subject or anything else, with what belongs to it.",
        ),
    ] = None,
    since: WantedMoment | None = None,
    until: WantedMoment | None = None,
    group: Annotated[
        AuditGroup | None, Query(description="Actions that answer one question together.")
    ] = None,
) -> AuditFilter:
    """Return the filter of the query string."""
    return AuditFilter(actor, action, about, since, until, group)


WantedEntries = Annotated[AuditFilter, Depends(wanted_entries)]
"""The filter, as a parameter of a route."""


class AuditEntryAnswer(BaseModel):
    """One entry, as it stands in the chain, and what it says in words."""

    number: int
    at: Moment
    actor: str
    actor_name: str
    action: str
    sentence: str
    object_id: str
    object_name: str
    detail: dict[str, Any]
    request_id: str | None
    previous_hash: str
    entry_hash: str


class AuditPage(BaseModel):
    """Entries, newest first."""

    items: list[AuditEntryAnswer]
    next_cursor: int | None
