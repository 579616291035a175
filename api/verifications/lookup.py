"""Showing verifications: those of frames and those that were asked for."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.authorization import ID_PATTERN, Action, authorize, is_allowed, load, visible_to
from api.paging import Page, newest_first
from api.principal import Principal
from api.problems import NotFound
from api.verifications.schemas import (
    VerdictAnswer,
    VerificationAnswer,
    pending_answer,
    verdict_answer,
    verification_answer,
)
from models.frame import Frame, VerificationRequest
from models.match_policy import MatchPolicy
from models.statuses import Verdict
from models.verification import Verification


def find_verification(
    session: Session, principal: Principal, verification_id: str
) -> VerificationAnswer | VerdictAnswer:
    """Return a verification as `principal` may see it, pending or done.

    Raises
    ------
    NotFound
        There is none, or it is somebody else's.
    """
    if not re.match(ID_PATTERN, verification_id):
        raise NotFound
    if session.get(Verification, verification_id) is None:
        request = load(session, principal, Action.READ, VerificationRequest, verification_id)
        return pending_answer(request)
    verification = load(session, principal, Action.READ, Verification, verification_id)
    [answer] = shown_verifications(session, principal, [verification])
    return answer if isinstance(answer, VerdictAnswer) else _with_policy(session, answer)


def list_verifications(
    session: Session,
    principal: Principal,
    page: Page,
    *,
    attempt_id: str | None = None,
    subject_id: str | None = None,
    verdict: Verdict | None = None,
) -> tuple[list[VerificationAnswer | VerdictAnswer], str | None]:
    """Return the principal's verifications, newest first, and the next cursor."""
    authorize(principal, Action.LIST, Verification)
    statement = visible_to(principal, select(Verification), Verification)
    if attempt_id is not None:
        statement = statement.where(Verification.attempt_id == attempt_id)
    if subject_id is not None:
        statement = statement.where(Verification.subject_id == subject_id)
    if verdict is not None:
        statement = statement.where(Verification.verdict == verdict)
    verifications, next_cursor = newest_first(session, statement, Verification.id, page)
    return shown_verifications(session, principal, verifications), next_cursor


def done_verification(session: Session, verification_id: str) -> VerificationAnswer | None:
    """Return the answer to a request of the caller's own, or None while it is pending."""
    verification = session.get(Verification, verification_id)
    if verification is None:
        return None
    return _with_policy(session, verification_answer(verification, None))


def shown_verifications(
    session: Session, principal: Principal, verifications: Sequence[Verification]
) -> list[VerificationAnswer | VerdictAnswer]:
    """Return verifications that `principal` may read: students get no figures."""
    if not verifications:
        return []
    # To all that is visible to a principal it stands in the same relation: asked once a page.
    if not is_allowed(principal, Action.SEE_FIGURES, verifications[0]):
        return [verdict_answer(verification) for verification in verifications]
    frame_ids = {verification.frame_id for verification in verifications}
    found = session.execute(select(Frame.id, Frame.seq).where(Frame.id.in_(frame_ids - {None})))
    seqs = dict(found.all())
    return [
        verification_answer(verification, seqs.get(verification.frame_id or ""))
        for verification in verifications
    ]


def _with_policy(session: Session, answer: VerificationAnswer) -> VerificationAnswer:
    """Return the answer with the numbers of its policy version, where that was stored."""
    policy = session.get(MatchPolicy, answer.policy_id)
    return answer.model_copy(update={"policy": policy.numbers if policy else None})
