"""Changing an exam: settings, proctoring, join code, copy, archive."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.authorization import Action
from api.context import Context, Ctx
from api.exams.copying import copy_exam, renew_join_code
from api.exams.listing import attempt_counts
from api.exams.presets import newer_thresholds, presets, thresholds
from api.exams.service import (
    archive_exam,
    change_exam,
    exam_answer,
    load_exam,
    renew_thresholds,
    restore_exam,
)
from api.pages.exam_form import LABELS, OPTIONS, ExamForm, exam_change, form_of
from api.pages.form_values import typed_lines
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.principal import AdminPerson, Person
from api.problems import ChangedMeanwhile, InvalidRequest, Problem
from api.request_id import RequestId

router = APIRouter(prefix="/admin/exams/{exam_id}", include_in_schema=False)


@router.get("/edit")
def show_settings(request: Request, exam_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show the form with what an exam is set to."""
    return _settings_page(request, context, admin, exam_id)


@router.post("/edit")
def save_settings(
    request: Request,
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[ExamForm, Form()],
) -> Response:
    """Save what is different; attempts that exist keep what they were opened with."""
    try:
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            change = exam_change(form, exam)
            if change.model_fields_set:
                change_exam(session, context, admin, exam, change, request_id)
    except (InvalidRequest, ChangedMeanwhile) as problem:
        return _settings_page(request, context, admin, exam_id, form, problem)
    return _see(exam_id)


@router.get("/proctoring")
def show_proctoring(request: Request, exam_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show how closely attempts are watched, what that costs, and the presets."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        return render_page(
            request,
            "admin/exam_proctoring.html",
            person=admin,
            exam=exam_answer(session, exam),
            presets=[(preset, preset.is_set(exam)) for preset in presets(context.settings)],
            thresholds=thresholds(exam, context.settings),
            newer=newer_thresholds(exam, context.settings),
        )


@router.post("/proctoring")
def use_preset(
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    preset: Annotated[str, Form()] = "",
) -> Response:
    """Set an exam up as a preset says."""
    wanted = next((one for one in presets(context.settings) if one.code == preset), None)
    if wanted is None:
        raise InvalidRequest.at("preset", "is not one of those offered")
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        change_exam(session, context, admin, exam, wanted.change, request_id)
    return _see(exam_id, "/proctoring")


@router.post("/thresholds")
def use_newer_thresholds(
    exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Judge new attempts by the service's thresholds of today."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        renew_thresholds(session, context, admin, exam, request_id)
    return _see(exam_id, "/proctoring")


@router.post("/join-code")
def new_join_code(
    exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Give an exam another join code."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        renew_join_code(session, context, admin, exam, request_id)
    return _see(exam_id)


@router.post("/copy")
def copy(exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId) -> Response:
    """Copy an exam with its questions, and show the settings of the copy."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.READ, exam_id, archived_too=True)
        copied = copy_exam(session, context, admin, exam, request_id)
    return _see(copied.id, "/edit")


@router.get("/archive")
def ask_before_archiving(
    request: Request, exam_id: str, context: Ctx, admin: AdminPerson
) -> Response:
    """Say what archiving does, and ask."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        return render_page(
            request,
            "admin/exam_archive.html",
            person=admin,
            exam=exam_answer(session, exam),
            counts=attempt_counts(session, [exam.id]).get(exam.id, {}),
        )


@router.post("/archive")
def archive(exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId) -> Response:
    """Take an exam off the lists."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.MANAGE, exam_id)
        archive_exam(session, context, admin, exam, request_id)
    return see_other("/admin/exams")


@router.post("/restore")
def restore(exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId) -> Response:
    """Put an archived exam back on the lists."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.MANAGE, exam_id)
        restore_exam(session, context, admin, exam, request_id)
    return _see(exam_id)


def _settings_page(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    form: ExamForm | None = None,
    problem: Problem | None = None,
) -> Response:
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        stored = form_of(exam)
        is_stale = isinstance(problem, ChangedMeanwhile)
        if form and is_stale:
            # Sent once more, it takes the place of what is shown beside it now.
            form = form.model_copy(update={"seen": stored.seen})
        return render_page(
            request,
            "admin/exam_edit.html",
            person=admin,
            problem=problem,
            form=form or stored,
            stored=_differing(form, stored) if form and is_stale else [],
            exam=exam_answer(session, exam),
            options=OPTIONS,
            attempts=sum(attempt_counts(session, [exam.id]).get(exam.id, {}).values()),
        )


def _differing(form: ExamForm, stored: ExamForm) -> list[tuple[str, str]]:
    """Return the fields in which the stored exam differs from the form, with what is stored."""
    names = LABELS | OPTIONS
    return [
        (name, getattr(stored, field) or "—")
        for field, name in names.items()
        if typed_lines(getattr(form, field)) != typed_lines(getattr(stored, field))
    ]


def _see(exam_id: str, page: str = "") -> Response:
    return see_other(f"/admin/exams/{exam_id}{page}")
