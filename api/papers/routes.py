"""Routes of papers and answers."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import audit, problems
from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.attempts.sitting import locked_own_attempt
from api.authorization import ID_PATTERN, Action, load
from api.context import Ctx
from api.papers.schemas import NewAnswer, NewScore, Paper, SavedAnswer, ScoredAnswers
from api.papers.service import paper_of, save_answer, score_by_person, scored_answers
from api.principal import CurrentPerson, CurrentPrincipal
from api.request_id import RequestId
from models.attempt import Attempt

router = APIRouter(
    prefix="/api/v1/attempts/{attempt_id}",
    tags=["papers"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)

QuestionId = Annotated[str, Path(pattern=ID_PATTERN)]


@router.get(
    "/paper",
    responses=problems.responses(problems.AttemptNotStarted, problems.AttemptClosed),
)
def get_paper(attempt_id: str, context: Ctx, principal: CurrentPrincipal) -> Paper:
    """Show the questions of a running attempt in its own order, with what was answered."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.CHANGE, Attempt, attempt_id)
        return paper_of(session, attempt, context.clock())


@router.put(
    "/answers/{question_id}",
    responses=problems.responses(
        problems.CsrfFailed,
        problems.AttemptNotStarted,
        problems.AttemptClosed,
        problems.AnswerConflict,
    ),
)
def put_answer(
    attempt_id: str,
    question_id: QuestionId,
    wanted: NewAnswer,
    context: Ctx,
    principal: CurrentPrincipal,
) -> SavedAnswer:
    """Save an answer, up to 30 seconds after the deadline. Saving the same again is no error.

    `revision` is one more than the one you saw last; when somebody saved meanwhile, 409 tells
    in `current` what is stored.
    """
    with context.database.write() as session:
        attempt = locked_own_attempt(session, principal, Action.CHANGE, attempt_id)
        return save_answer(session, attempt, question_id, wanted, context.clock())


@router.get("/answers")
def get_answers(
    attempt_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> ScoredAnswers:
    """Show every question with its answer, what is right and what was awarded."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_FIGURES, Attempt, attempt_id)
        answers = ScoredAnswers(items=scored_answers(session, principal, attempt))
    audit.record_look(context, principal, "attempt.seen", attempt_id, request_id)
    return answers


@router.post(
    "/answers/{question_id}/score",
    responses=problems.responses(problems.CsrfFailed, problems.AttemptNotStarted),
)
def post_score(
    attempt_id: str,
    question_id: QuestionId,
    wanted: NewScore,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
) -> AttemptAnswer:
    """Score an answer as a person; the sum of the attempt follows."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        score_by_person(session, context, person, attempt, question_id, wanted, request_id)
        return attempt_answer(session, context, person, attempt)
