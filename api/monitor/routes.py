"""`POST /api/monitor/face_log` and `POST /api/monitor/tab_event`."""

from fastapi import APIRouter

from api import problems
from api.context import Ctx
from api.events.schemas import EventsReceipt
from api.monitor.schemas import FaceLog, TabEvents
from api.monitor.service import store_monitor_events
from api.principal import CurrentPerson
from models.client_event import ClientEventKind

router = APIRouter(
    prefix="/api/monitor",
    tags=["monitor"],
    responses=problems.responses(
        problems.NotFound,
        problems.NotAllowed,
        problems.CsrfFailed,
        problems.AttemptNotStarted,
        problems.AttemptNotReady,
        problems.AttemptClosed,
    ),
)


@router.post("/face_log", status_code=202)
def post_face_log(reported: FaceLog, context: Ctx, person: CurrentPerson) -> EventsReceipt:
    """Take what the browser's face detection reported: testimony, beside the server's verdicts."""
    with context.database.write() as session:
        return store_monitor_events(
            session,
            context,
            person,
            ClientEventKind.PRESENCE,
            reported.events,
            reported.attempt_id,
        )


@router.post("/tab_event", status_code=202)
def post_tab_event(reported: TabEvents, context: Ctx, person: CurrentPerson) -> EventsReceipt:
    """Take that the exam's tab was left."""
    with context.database.write() as session:
        return store_monitor_events(
            session, context, person, ClientEventKind.TAB, reported.events, reported.attempt_id
        )
