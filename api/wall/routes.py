"""Routes of the live wall."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api import problems
from api.authorization import ID_PATTERN, Action, authorize
from api.context import Ctx
from api.frames.lookup import PictureUnavailable, open_picture
from api.principal import CurrentPerson, CurrentPrincipal
from api.request_id import RequestId
from api.wall.looks import begin_look, newest_picture
from api.wall.schemas import LookAnswer, NewLook, WallAnswer
from api.wall.service import POINTS_MOST, wall_answer
from models.incident import Incident

router = APIRouter(
    prefix="/api/v1/wall", tags=["stream"], responses=problems.responses(problems.NotAllowed)
)


@router.get("", response_model=WallAnswer)
def get_wall(
    context: Ctx,
    principal: CurrentPrincipal,
    exam_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    points: Annotated[
        int, Query(ge=0, le=POINTS_MOST, description="Checks of the last five minutes for a line.")
    ] = POINTS_MOST,
    incidents_of: Annotated[
        Literal["exam", "all"], Query(description="`all`: of every exam, whatever `exam_id` says.")
    ] = "exam",
) -> Response:
    """Show how all open attempts stand, and the incidents nobody has decided on.

    `GET /api/v1/stream` with `read_at` as `last_event_id` tells how it goes on. Practice counts
    nowhere and is left out.
    """
    authorize(principal, Action.LIST, Incident)
    # Before anything is read: what comes in meanwhile is told by the stream.
    now = context.clock()
    with context.database.read() as session:
        answer = wall_answer(
            session,
            principal,
            now=now,
            exam_id=exam_id,
            points=points,
            incidents_of_all=incidents_of == "all",
        )
    # Half a megabyte for a full room: as JSON at once, and not validated a second time.
    return Response(answer.model_dump_json(by_alias=True), media_type="application/json")


@router.post(
    "/looks",
    status_code=201,
    responses=problems.responses(problems.NotFound, problems.CsrfFailed),
)
def post_look(
    wanted: NewLook, context: Ctx, person: CurrentPerson, request_id: RequestId
) -> LookAnswer:
    """Put on record that you watch the pictures of these attempts, for an hour at most."""
    with context.database.write() as session:
        return begin_look(session, context, person, wanted, request_id)


@router.get(
    "/looks/{look_id}/pictures/{attempt_id}",
    response_class=Response,
    responses={
        200: {
            "content": {"image/jpeg": {}},
            "headers": {
                "X-Frame-Seq": {"description": "The frame's number.", "schema": {"type": "integer"}}
            },
        },
        **problems.responses(problems.NotFound, PictureUnavailable),
    },
)
def get_picture(look_id: str, attempt_id: str, context: Ctx, person: CurrentPerson) -> Response:
    """Show the newest picture of an attempt you are on record as watching."""
    with context.database.read() as session:
        sealed = newest_picture(session, context, person, look_id, attempt_id)
    image = open_picture(context, sealed)
    return Response(image, media_type="image/jpeg", headers={"X-Frame-Seq": str(sealed.frame.seq)})
