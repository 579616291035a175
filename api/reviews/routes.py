"""Routes of reviews and replies."""

from fastapi import APIRouter

from api import problems
from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action, load
from api.context import Ctx
from api.principal import CurrentPerson
from api.request_id import RequestId
from api.reviews.schemas import NewReply, NewReview, ReviewsAnswer
from api.reviews.service import add_reply, add_review, reviews_answer
from models.attempt import Attempt

router = APIRouter(
    prefix="/api/v1/attempts/{attempt_id}",
    tags=["reviews"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed, problems.CsrfFailed),
)


@router.post(
    "/reviews",
    status_code=201,
    responses=problems.responses(problems.NotToReview, problems.ReplyPending),
)
def post_review(
    attempt_id: str,
    wanted: NewReview,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
) -> AttemptAnswer:
    """Decide about an attempt, as a named person; a student is asked before a rejection."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        add_review(session, context, person, attempt, wanted, request_id)
        return attempt_answer(session, context, person, attempt)


@router.get("/reviews")
def get_reviews(attempt_id: str, context: Ctx, person: CurrentPerson) -> ReviewsAnswer:
    """Show every decision on an attempt, and what the student answered."""
    with context.database.read() as session:
        attempt = load(session, person, Action.REVIEW, Attempt, attempt_id)
        return reviews_answer(session, attempt.id)


@router.post("/replies", status_code=201, responses=problems.responses(problems.NotToReview))
def post_reply(
    attempt_id: str, wanted: NewReply, context: Ctx, person: CurrentPerson
) -> AttemptAnswer:
    """Answer what you were asked about your attempt, before it is decided."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.CHANGE, attempt_id)
        add_reply(session, context, attempt, wanted)
        return attempt_answer(session, context, person, attempt)
