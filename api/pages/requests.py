"""What waits for a person: wishes, identity checks, second people, and enrolled faces in a row.

Every form is sent without a script, and comes back with what was typed when it cannot be taken.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.alternative_requests.service import answer_alternative
from api.attempts.answers import attempt_answers
from api.authorization import ID_PATTERN, Action, load
from api.context import Context, Ctx
from api.enrollments.service import approve_enrollment, find_enrollment, withdraw_enrollments
from api.enrollments.warnings import shown_warnings_of
from api.pages.dashboard import names_of
from api.pages.face_queue import (
    check_still_in_use,
    check_still_waits,
    waiting_face_count,
    waiting_faces,
)
from api.pages.one_student import withdrawal_reason
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.pages.waiting import Head, asked_alternatives, attempts_for_second, unseen_attempts
from api.principal import AdminPerson, CurrentPerson, Person
from api.problems import ChangedMeanwhile, InvalidRequest, Problem
from api.request_id import RequestId
from api.subjects.names import shown_name
from api.subjects.service import load_locked_subject
from models.allowance import AlternativeRequest
from models.enrollment import FaceEnrollment

router = APIRouter(prefix="/admin", include_in_schema=False)

After = Annotated[str, Form(pattern=f"^$|{ID_PATTERN}")]
"""Where the page of faces began on which a form stood; empty for the first one."""


@dataclass(frozen=True)
class TypedReason:
    """What was typed about somebody's pictures and could not be taken."""

    subject_id: str = ""
    version: int = 0
    reason: str = ""

    def is_about(self, enrollment: FaceEnrollment) -> bool:
        """Tell whether it was typed about this very set."""
        return (self.subject_id, self.version) == (enrollment.subject_id, enrollment.version)


@router.get("/requests")
def show_requests(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    after: Annotated[str, Query(pattern=f"^$|{ID_PATTERN}")] = "",
) -> Response:
    """Show what waits for a person: wishes, identity checks and enrolled faces to approve."""
    return _requests_page(request, context, admin, after)


@router.post("/requests/{alternative_request_id}")
def answer_request(
    alternative_request_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    decision: Annotated[str, Form()] = "",
) -> Response:
    """Grant or refuse a way without the camera."""
    if decision not in {"grant", "refuse"}:
        raise InvalidRequest.at("decision", "must be grant or refuse")
    with context.database.write() as session:
        asked = load(session, admin, Action.MANAGE, AlternativeRequest, alternative_request_id)
        granted = decision == "grant"
        answer_alternative(session, context, admin, asked, granted=granted, request_id=request_id)
    return see_other("/admin/requests")


@router.post("/requests/faces/{subject_id}/approve")
def approve_face(
    request: Request,
    subject_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    version: Annotated[int, Form()],
    after: After = "",
) -> Response:
    """Approve the set of pictures that was shown, and go on with the next."""
    try:
        with context.database.write() as session:
            enrollment, name = _locked_set(session, person, subject_id, version)
            check_still_in_use(session, person, enrollment, name)
            approve_enrollment(session, context, person, enrollment, request_id)
    except (ChangedMeanwhile, InvalidRequest) as problem:
        return _requests_page(request, context, person, after, problem)
    return see_other(_place(after))


@router.post("/requests/faces/{subject_id}/new-pictures")
def ask_for_new_face(
    request: Request,
    subject_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form()] = "",
    after: After = "",
) -> Response:
    """Let the set that was shown serve no more; the student reads why and enrols anew."""
    try:
        with context.database.write() as session:
            enrollment, name = _locked_set(session, person, subject_id, version)
            check_still_waits(session, person, enrollment, name)
            wanted = withdrawal_reason(reason)
            withdraw_enrollments(session, context, person, enrollment, wanted, request_id)
    except (ChangedMeanwhile, InvalidRequest) as problem:
        typed = TypedReason(subject_id, version, reason)
        return _requests_page(request, context, person, after, problem, typed)
    return see_other(_place(after))


def _locked_set(
    session: Session, person: Person, subject_id: str, version: int
) -> tuple[FaceEnrollment, str]:
    """Return the set that was shown, its subject locked, and whose it is."""
    subject = load_locked_subject(session, person, Action.REVIEW, subject_id)
    enrollment = find_enrollment(session, person, subject_id, version)
    return enrollment, shown_name(subject.display_name, subject.erased_at)


def _requests_page(
    request: Request,
    context: Context,
    person: Person,
    after: str,
    problem: Problem | None = None,
    typed: TypedReason = TypedReason(),
) -> Response:
    with context.database.read() as session:
        asked = asked_alternatives(session, person)
        faces, next_after = waiting_faces(session, after or None)
        warnings = shown_warnings_of(session, person, faces)
        unseen = unseen_attempts(session)
        alike = {
            one.subject_id for some in warnings.values() for one in some or () if one.subject_id
        }
        named = {one.subject_id for rows in (asked.rows, faces, unseen.rows) for one in rows}
        return render_page(
            request,
            "admin/requests.html",
            person=person,
            problem=problem,
            typed=typed,
            is_told_at_its_set=any(map(typed.is_about, faces)),
            asked=asked,
            unseen=Head(attempt_answers(session, context, person, unseen.rows), unseen.has_more),
            seconds=attempts_for_second(session, person, context.clock()),
            faces=faces,
            face_count=waiting_face_count(session),
            warnings=warnings,
            after=after,
            next_after=next_after,
            names=names_of(session, named | alike | {typed.subject_id}),
        )


def _place(after: str) -> str:
    return f"/admin/requests?after={after}#unapproved" if after else "/admin/requests#unapproved"
