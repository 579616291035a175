"""The routes of an attempt's timeline: entry by entry, and as a whole on one axis."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import audit, problems
from api.attempts.answers import attempt_answer
from api.authorization import Action, load
from api.context import Ctx
from api.principal import CurrentPrincipal
from api.request_id import RequestId
from api.timeline.course import CourseAnswer, course_answer
from api.timeline.position import position_of
from api.timeline.schemas import TimelinePage
from api.timeline.service import timeline_items
from models.attempt import Attempt

router = APIRouter(prefix="/api/v1/attempts/{attempt_id}", tags=["timeline"])


@router.get("/timeline", responses=problems.responses(problems.NotFound))
def get_timeline(
    attempt_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    request_id: RequestId,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TimelinePage:
    """Show all that was received for an attempt, oldest first: frames with claim and verdict,
    numbers that never came, client events and changes of state.
    """
    after = position_of(cursor) if cursor else None
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_TIMELINE, Attempt, attempt_id)
        items, next_position = timeline_items(session, attempt, after=after, limit=limit)
        shown = attempt_answer(session, context, principal, attempt)
    audit.record_look(context, principal, "attempt.seen", attempt_id, request_id)
    return TimelinePage(
        attempt=shown,
        items=items,
        next_cursor=next_position.as_cursor() if next_position else None,
    )


@router.get("/course", responses=problems.responses(problems.NotFound))
def get_course(
    attempt_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> CourseAnswer:
    """Show an attempt on one time axis, in columns: distances, verdicts, claims, gaps, events,
    milestones and incidents, for a chart.
    """
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_TIMELINE, Attempt, attempt_id)
        course = course_answer(session, attempt)
    audit.record_look(context, principal, "attempt.seen", attempt_id, request_id)
    return course
