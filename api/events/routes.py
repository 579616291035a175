"""The route that takes client events."""

from fastapi import APIRouter

from api import problems
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action
from api.context import Ctx
from api.events.schemas import EventsReceipt, NewEvents
from api.events.service import store_events
from api.principal import CurrentPrincipal

router = APIRouter(prefix="/api/v1/attempts/{attempt_id}/events", tags=["events"])


@router.post(
    "",
    status_code=202,
    responses=problems.responses(
        problems.NotFound,
        problems.NotAllowed,
        problems.CsrfFailed,
        problems.AttemptNotReady,
        problems.AttemptClosed,
    ),
)
def post_events(
    attempt_id: str, reported: NewEvents, context: Ctx, principal: CurrentPrincipal
) -> EventsReceipt:
    """Report what the client noticed; up to ten minutes after handing in. Repeating is harmless.

    `received_at` is the server's clock; `client_at` is kept beside it and trusted by nobody.
    """
    with context.database.write() as session:
        attempt = locked_own_attempt(session, principal, Action.SEND, attempt_id)
        return store_events(session, attempt, reported.events, context.clock())
