"""The page on which an admin says what is an incident in an exam, and how much it matters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from starlette.datastructures import FormData
from starlette.responses import Response

from api.authorization import Action
from api.context import Context, Ctx
from api.exams.service import load_exam
from api.incidents.policies import change_policy
from api.pages.page import render_page
from api.pages.posted_form import PostedForm, see_other
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest, Problem
from api.request_id import RequestId
from models.attempt import Attempt
from models.exam import Exam
from models.incident_policy import DEFAULT_KINDS, FRAME_KINDS, IncidentPolicy, policy_of_exam
from models.statuses import IncidentKind, Role

router = APIRouter(prefix="/admin/exams/{exam_id}/incidents", include_in_schema=False)

Preset = Literal["", "strict", "standard", "gentle"]

NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "silence_seconds": "Seconds without a frame that are a silence",
        "away_seconds": "Seconds away from the page that are an incident",
        "away_times": "Shorter absences that are one together",
        "away_window_seconds": "Seconds within which they must lie",
    }
)

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "strict": {
            "somebody_else_too": {"severity": "high", "raised_after_seconds": None},
            "nobody": {"severity": "medium", "raised_after_seconds": 60},
            "away": {"severity": "medium", "raised_after_seconds": 30},
            "away_seconds": 5,
            "away_times": 2,
            "no_frames": {"severity": "medium", "raised_after_seconds": 120},
        },
        "standard": {},
        "gentle": {
            "nobody": {"severity": "low", "opening_frames": 12, "raised_after_seconds": 300},
            "somebody_else_too": {"severity": "medium", "opening_frames": 8},
            "away": {"severity": "low", "raised_after_seconds": None},
            "away_seconds": 30,
            "away_times": 6,
            "silence_seconds": 120,
            "no_frames": {"severity": "low", "raised_after_seconds": 600},
            "client_disagrees": {"is_on": False},
        },
    }
)
"""Starting points. None of them touches how a wrong person is found: its rule is measured."""


@router.get("")
def show_policy(
    request: Request, exam_id: str, context: Ctx, admin: AdminPerson, preset: Preset = ""
) -> Response:
    """Show the policy of an exam, or to those who may change it a preset to start from."""
    shown: Preset = preset if admin.role is Role.ADMIN else ""
    return _page(request, context, admin, exam_id, preset=shown)


@router.post("")
def save_policy(
    request: Request,
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: PostedForm,
) -> Response:
    """Change the policy; the incidents of all attempts are computed anew."""
    try:
        wanted = differing(_typed_policy(form))
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            change_policy(session, context, admin, exam, wanted, request_id)
    except InvalidRequest as problem:
        return _page(request, context, admin, exam_id, problem=problem, typed=dict(form))
    return see_other(f"/admin/exams/{exam_id}/incidents?saved")


def differing(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs from the shipped policy, so that a better one reaches every exam."""
    shipped = IncidentPolicy().as_dict()
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if isinstance(value, Mapping):
            changed = {key: one for key, one in value.items() if one != shipped[name][key]}
            if changed:
                found[name] = changed
        elif value != shipped[name]:
            found[name] = value
    return found


def _typed_policy(form: FormData) -> dict[str, Any]:
    policy: dict[str, Any] = {
        name: _number(form, name, is_whole=name == "away_times", is_needed=True) for name in NUMBERS
    }
    for kind in IncidentKind:
        policy[kind.value] = {
            "is_on": form.get(f"{kind}.is_on") == "on",
            "severity": form.get(f"{kind}.severity") or DEFAULT_KINDS[kind].severity.value,
            "raised_after_seconds": _number(form, f"{kind}.raised_after_seconds"),
        }
        if kind in FRAME_KINDS:
            for name in ("opening_frames", "closing_frames"):
                policy[kind.value][name] = _number(form, f"{kind}.{name}", is_whole=True)
    return policy


def _number(
    form: FormData, name: str, *, is_whole: bool = False, is_needed: bool = False
) -> float | int | None:
    text = str(form.get(name) or "").strip().replace(",", ".")
    if not text:
        if is_needed:
            raise InvalidRequest.at(name, "cannot be empty")
        return None
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        what = "must be a whole number" if is_whole else "must be a number"
        raise InvalidRequest.at(name, what) from None


def _page(
    request: Request,
    context: Context,
    person: Person,
    exam_id: str,
    *,
    preset: Preset = "",
    problem: Problem | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    with context.database.read() as session:
        exam: Exam = load_exam(session, person, Action.READ, exam_id)
        stored = PRESETS[preset] if preset else exam.incident_policy
        policy = policy_of_exam(stored)
        started = session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(Attempt.exam_id == exam.id, Attempt.started_at.is_not(None))
        )
        return render_page(
            request,
            "admin/incident_policy.html",
            person=person,
            problem=problem,
            exam=exam,
            started=started or 0,
            preset=preset,
            presets=tuple(PRESETS),
            is_saved="saved" in request.query_params,
            frame_kinds=FRAME_KINDS,
            numbers=NUMBERS,
            values=typed if typed is not None else _as_form(policy),
        )


def _as_form(policy: IncidentPolicy) -> dict[str, str]:
    """Return the values of the form's fields."""
    values: dict[str, str] = {}
    for name, value in policy.as_dict().items():
        if not isinstance(value, Mapping):
            values[name] = f"{value:g}"
            continue
        for key, one in value.items():
            if key == "is_on":
                values[f"{name}.is_on"] = "on" if one else ""
            else:
                values[f"{name}.{key}"] = f"{one:g}" if isinstance(one, int | float) else one or ""
    return values
