"""What every request needs, built once per process and handed down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.throttle import Throttle
from api.waiting import WaitingRoom
from models.database import Database
from models.frame_store import open_frame_store
from models.sealed_images import SealedImages
from models.sealing import KeyRing
from models.settings import Settings

Clock = Callable[[], datetime]
"""Returns this moment, with its time zone."""


@dataclass(frozen=True)
class Context:
    """The process's settings, database, images, keys and clock."""

    settings: Settings
    database: Database
    images: SealedImages
    key_ring: KeyRing
    secret_key: bytes
    clock: Clock
    waiting_room: WaitingRoom
    throttle: Throttle


def utc_now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def make_context(settings: Settings, clock: Clock = utc_now) -> Context:
    """Return the context of this process; nothing is connected to yet.

    Raises
    ------
    SettingsProblem
        A key is missing.
    """
    key_ring = KeyRing(settings.required_encryption_keys())
    return Context(
        settings=settings,
        database=Database(settings.database),
        images=SealedImages(open_frame_store(settings.frame_store), key_ring),
        key_ring=key_ring,
        secret_key=settings.required_secret_key(),
        clock=clock,
        waiting_room=WaitingRoom(settings.waiting_callers_allowed),
        throttle=Throttle(clock),
    )


async def context_of(request: Request) -> Context:
    """Return the context of the application that serves `request`."""
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(context_of)]
"""The context, as a parameter of a route."""
