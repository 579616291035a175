"""The page on which one student's matters are decided: face, allowances, erasure.

Every form is sent without a script, and comes back with what was typed when it cannot be taken.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import audit
from api.allowances.service import grant, list_allowances, withdraw
from api.alternative_requests.service import newest_request
from api.attempts.answers import attempt_answers
from api.attempts.service import list_attempts
from api.authorization import Action, load
from api.context import Context, Ctx
from api.enrollments.schemas import Withdrawal
from api.enrollments.service import (
    approve_enrollment,
    find_enrollment,
    list_enrollments,
    withdraw_enrollments,
)
from api.enrollments.warnings import shown_warnings_of
from api.exams.listing import titles_of, titles_to_choose
from api.pages.allowance_form import AllowanceForm, new_allowance
from api.pages.dashboard import names_of
from api.pages.form_values import check_confirmation, typed_lines, validated
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.paging import Page
from api.principal import AdminPerson, CurrentPerson, Person
from api.problems import InvalidRequest, NotFound, Problem
from api.request_id import RequestId
from api.subjects.erasure import delete_files, erase_subject, receipt_of
from api.subjects.service import load_locked_subject, standing_consent
from api.subjects.students import user_of_subject
from api.users.names import user_names
from models.allowance import Allowance
from models.enrollment import FaceEnrollment
from models.statuses import EnrollmentState
from models.subject import Subject

router = APIRouter(prefix="/admin", include_in_schema=False)

_FIRST = Page(cursor=None, limit=100)
"""Of each list on a student's page; the rest is read over the API."""

_SERVING = (EnrollmentState.ACCEPTED, EnrollmentState.PENDING)


@router.get("/students/{subject_id}")
def show_student(
    request: Request, subject_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Show what is known of a student, and what was granted."""
    page = _student_page(request, context, admin, subject_id)
    audit.record_look(context, admin, "student.seen", subject_id, request_id)
    return page


@router.post("/students/{subject_id}/allowances")
def grant_allowance(
    request: Request,
    subject_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[AllowanceForm, Form()],
) -> Response:
    """Grant something to a student."""
    try:
        wanted = new_allowance(subject_id, form)
        with context.database.write() as session:
            grant(session, context, admin, wanted, request_id)
    except InvalidRequest as problem:
        typed = {"form": "allowance", "allowance": form}
        return _student_page(request, context, admin, subject_id, problem, typed)
    return see_other(f"/admin/students/{subject_id}#allowances")


@router.post("/allowances/{allowance_id}/withdraw")
def withdraw_allowance(
    allowance_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """End an allowance; attempts that run keep it."""
    with context.database.write() as session:
        allowance = load(session, admin, Action.MANAGE, Allowance, allowance_id)
        withdraw(session, context, admin, allowance, request_id)
    return see_other(f"/admin/students/{allowance.subject_id}#allowances")


@router.post("/students/{subject_id}/approve")
def approve(
    subject_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    version: Annotated[int, Form()],
) -> Response:
    """Approve an enrolled face."""
    with context.database.write() as session:
        load_locked_subject(session, person, Action.REVIEW, subject_id)
        enrollment = find_enrollment(session, person, subject_id, version)
        approve_enrollment(session, context, person, enrollment, request_id)
    return see_other(f"/admin/students/{subject_id}")


@router.post("/students/{subject_id}/new-pictures")
def ask_for_new_pictures(
    request: Request,
    subject_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Let the enrolled face serve no more; the student reads why and enrols anew."""
    try:
        wanted = withdrawal_reason(reason)
        with context.database.write() as session:
            load_locked_subject(session, person, Action.REVIEW, subject_id)
            enrollment = find_enrollment(session, person, subject_id, version)
            withdraw_enrollments(session, context, person, enrollment, wanted, request_id)
    except InvalidRequest as problem:
        typed = {"form": "new-pictures", "reason": reason}
        return _student_page(request, context, person, subject_id, problem, typed)
    return see_other(f"/admin/students/{subject_id}#faces")


@router.post("/students/{subject_id}/erase")
def erase(
    request: Request,
    subject_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    confirmation: Annotated[str, Form()] = "",
) -> Response:
    """Erase a student once the login was typed, and show the receipt."""
    try:
        with context.database.write() as session:
            subject = load_locked_subject(session, admin, Action.MANAGE, subject_id)
            if subject.erased_at is None:
                check_confirmation(confirmation, _word_to_type(session, subject))
            erasure = erase_subject(session, context, admin, subject, request_id)
    except InvalidRequest as problem:
        typed = {"form": "erase", "confirmation": confirmation}
        return _student_page(request, context, admin, subject_id, problem, typed)
    delete_files(context, erasure)
    return see_other(f"/admin/students/{subject_id}/receipt")


@router.get("/students/{subject_id}/receipt")
def show_receipt(request: Request, subject_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show what an erasure removed."""
    with context.database.read() as session:
        subject = load(session, admin, Action.MANAGE, Subject, subject_id)
        if subject.erased_at is None:
            raise NotFound("This student was not erased.")
        receipt = receipt_of(session, subject)
    return render_page(request, "admin/receipt.html", person=admin, receipt=receipt)


def _student_page(
    request: Request,
    context: Context,
    person: Person,
    subject_id: str,
    problem: Problem | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    typed = {"form": "", "reason": "", "confirmation": "", "allowance": AllowanceForm()} | (
        typed or {}
    )
    with context.database.read() as session:
        subject = load(session, person, Action.READ, Subject, subject_id)
        allowances, _ = list_allowances(session, person, _FIRST, subject_id=subject.id)
        attempts, _ = list_attempts(session, person, _FIRST, subject_id=subject.id)
        enrollments = list_enrollments(session, person, subject.id)
        warnings = shown_warnings_of(session, person, enrollments)
        return render_page(
            request,
            "admin/student.html",
            person=person,
            problem=problem,
            typed=typed,
            subject=subject,
            user=user_of_subject(session, subject.id),
            allowances=allowances,
            attempts=attempt_answers(session, context, person, attempts),
            names=names_of(session, {subject.id, *_alike(warnings)}),
            enrollments=enrollments,
            current=next((one for one in enrollments if one.state in _SERVING), None),
            warnings=warnings,
            deciders=_deciders(session, enrollments),
            consent=standing_consent(session, subject.id),
            asked=newest_request(session, subject.id),
            titles=titles_of(session, {one.exam_id for one in allowances if one.exam_id}),
            exams=titles_to_choose(
                session, context.clock(), also={one.exam_id for one in attempts if one.exam_id}
            ),
            word_to_type=_word_to_type(session, subject),
        )


def _alike(warnings: dict[str, Any]) -> set[str]:
    every = (warning for some in warnings.values() for warning in some or ())
    return {warning.subject_id for warning in every if warning.subject_id}


def _deciders(session: Session, enrollments: list[FaceEnrollment]) -> dict[str, str]:
    """Return the names of those who approved or withdrew, by user id."""
    ids = {one.approved_by for one in enrollments} | {one.withdrawn_by for one in enrollments}
    return user_names(session, ids)


def _word_to_type(session: Session, subject: Subject) -> str:
    """Return what confirms an erasure: the login, or what else the subject is called."""
    user = user_of_subject(session, subject.id)
    return user.login if user else subject.display_name or subject.id


def withdrawal_reason(typed: str) -> str:
    """Return the reason for asking for new pictures, as the student reads it.

    Raises
    ------
    InvalidRequest
        There is none, or it cannot be kept.
    """
    messages = {"reason": "must have 1 to 500 characters and no control characters"}
    return validated(Withdrawal, {"reason": typed_lines(typed)}, messages).reason
