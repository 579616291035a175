"""The incident policy of an exam: changed at any time, and applied to what is on record."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.incidents.schemas import IncidentPolicyAnswer
from api.principal import Person
from api.problems import InvalidRequest
from models.attempt import Attempt
from models.exam import Exam
from models.incident_policy import IncidentPolicy, IncidentPolicyInvalid, policy_of_exam
from models.job import BACKLOG_PRIORITY, arm_all
from models.statuses import JobKind


def policy_answer(exam: Exam) -> IncidentPolicyAnswer:
    """Return the exam's policy as it is applied."""
    policy = policy_of_exam(exam.incident_policy)
    return IncidentPolicyAnswer(
        policy_id=policy.policy_id, policy=policy.as_dict(), stored=exam.incident_policy
    )


def change_policy(
    session: Session,
    context: Context,
    person: Person,
    exam: Exam,
    wanted: dict[str, Any],
    request_id: str,
) -> int:
    """Give the exam another policy, and have the incidents of its attempts computed anew.

    Returns
    -------
    int
        How many attempts will be looked at again.

    Raises
    ------
    InvalidRequest
        It is no policy; the field says where.
    """
    try:
        policy = IncidentPolicy.from_dict(wanted)
    except IncidentPolicyInvalid as problem:
        raise InvalidRequest.at(problem.where, problem.what) from None
    exam.incident_policy = wanted
    started = session.scalars(
        select(Attempt.id).where(Attempt.exam_id == exam.id, Attempt.started_at.is_not(None))
    ).all()
    arm_all(
        session,
        JobKind.FIND_INCIDENTS,
        started,
        now=context.clock(),
        priority=BACKLOG_PRIORITY,
    )
    detail = {"policy_id": policy.policy_id, "attempts": len(started)}
    audit.record(
        session, context, person, "exam.incident_policy_changed", exam.id, request_id, detail
    )
    return len(started)
