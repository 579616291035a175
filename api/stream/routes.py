"""The route of the stream."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse

from api import problems
from api.authorization import ID_PATTERN, Action, authorize, load
from api.context import Ctx
from api.field_types import storable_moment
from api.principal import CurrentPrincipal, still_stands
from api.problems import InvalidRequest
from api.stream.happenings import Wish
from api.stream.hub import Hub
from api.stream.listening import Listener
from api.stream.schemas import StreamEvent
from models.attempt import Attempt
from models.incident import Incident

router = APIRouter(prefix="/api/v1/stream", tags=["stream"])

Id = Annotated[str | None, Query(pattern=ID_PATTERN)]


def wish_of(
    context: Ctx,
    principal: CurrentPrincipal,
    exam_id: Id = None,
    attempt_id: Id = None,
    last_event_id: Annotated[
        str | None,
        Query(max_length=40, description="As the header, for clients that cannot set one."),
    ] = None,
    last_event_id_header: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=40,
            description="The id of the last event you know: you are told what happened since.",
        ),
    ] = None,
) -> Wish:
    """Return what the caller wants to hear, once it is known that it may."""
    # What a student may not list, its own included, is what machines flag.
    authorize(principal, Action.LIST, Incident)
    if attempt_id is not None:
        with context.database.read() as session:
            load(session, principal, Action.SEE_TIMELINE, Attempt, attempt_id)
    cursor = last_event_id_header or last_event_id
    return Wish(principal, exam_id, attempt_id, since=_moment(cursor) if cursor else None)


async def seat_of(
    request: Request, context: Ctx, wish: Annotated[Wish, Depends(wish_of)]
) -> AsyncIterator[Listener]:
    """Return a seat at the process's hub, given back when the answer has ended."""
    hub: Hub = request.app.state.hub
    subscription = hub.subscribe(wish)
    try:
        yield Listener(
            context, hub, subscription, lambda: still_stands(request, context, wish.principal)
        )
    finally:
        hub.unsubscribe(subscription)


@router.get(
    "",
    response_class=EventSourceResponse,
    responses=problems.responses(
        problems.NotAllowed,
        problems.NotFound,
        problems.TooManyRequests,
        problems.ServiceUnavailable,
    ),
)
async def stream(listener: Annotated[Listener, Depends(seat_of)]) -> AsyncIterator[StreamEvent]:
    """Tell what happens to attempts as it happens: `verification`, `incident`, `attempt`.

    Admins and reviewers hear everything, another system what concerns its own subjects.
    `hello` comes first and `alive` every five seconds, with a comment.

    Each event's id is a cursor in time. Sent back as `Last-Event-ID`, everything since is told
    again, and possibly something before: each event comes at least once, in an order that may
    differ from that of the rows. Know verifications and changes of state by `id`, incidents by `id`
    and `updated_at`. Clocks of the hosts must agree to within a few seconds.

    `lost` says that something was not told: after more than 15 minutes, more than 5000 events, or
    when you read too slowly. Read anew what you show. `end` precedes a close on purpose. Images
    asked about outside of attempts are answered where they were asked.
    """
    async for event in listener.events():
        # The annotation is for the description; FastAPI sends such an event as it is.
        yield cast("StreamEvent", event)


def _moment(cursor: str) -> datetime:
    try:
        return storable_moment(datetime.fromisoformat(cursor))
    except ValueError:
        raise InvalidRequest.at("last_event_id", "is not the id of an event") from None
