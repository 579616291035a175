"""Rows as tests need them, inserted directly: what a journey would take seconds to reach.

Every builder takes a session of a write transaction. Figures are plausible, not computed.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.attempt import Attempt, AttemptTransition
from models.attempt_states import SYSTEM_ACTOR
from models.base import new_id
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam, Question
from models.frame import Frame
from models.sealed_images import SealedImages, subject_key
from models.sealing import KeyRing
from models.statuses import (
    AttemptState,
    EnrollmentState,
    QuestionKind,
    Role,
    Verdict,
)
from models.subject import Consent, Subject, SubjectKey
from models.user import User
from models.verification import Verification

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""When everything happened, unless a test says otherwise."""

POLICY = {"match_threshold": 0.5, "mismatch_threshold": 0.6}

_STEPS = (AttemptState.CREATED, AttemptState.READY, AttemptState.STARTED, AttemptState.SUBMITTED)
"""The way to the usual states; any other is reached by one more step from the last."""

DISTANCES: dict[Verdict, float] = {
    Verdict.MATCH: 0.31,
    Verdict.INCONCLUSIVE: 0.55,
    Verdict.MISMATCH: 0.83,
}


def make_subject(
    session: Session,
    key_ring: KeyRing,
    *,
    owner_client_id: str | None = None,
    external_ref: str | None = None,
    with_consent: bool = True,
    now: datetime = NOW,
) -> Subject:
    """Return a subject with its key and, unless told otherwise, its consent."""
    subject_id = new_id("sub")
    subject = Subject(
        id=subject_id,
        owner_client_id=owner_client_id,
        external_ref=external_ref or subject_id,
        display_name="Test subject",
        created_at=now,
    )
    session.add(subject)
    session.flush()
    session.add(
        SubjectKey(
            subject_id=subject_id,
            sealed_key=key_ring.new_sealed_key(subject_id),
            created_at=now,
        )
    )
    if with_consent:
        give_consent(session, subject_id, now=now)
    session.flush()
    return subject


def give_consent(session: Session, subject_id: str, *, now: datetime = NOW) -> Consent:
    """Return a consent of the subject."""
    consent = Consent(
        id=new_id("con"),
        subject_id=subject_id,
        text_version="2026-12",
        recorded_by=SYSTEM_ACTOR,
        given_at=now,
    )
    session.add(consent)
    session.flush()
    return consent


def make_enrollment(
    session: Session,
    subject_id: str,
    *,
    state: EnrollmentState = EnrollmentState.ACCEPTED,
    version: int = 1,
    images: SealedImages | None = None,
    contents: Sequence[bytes] = (b"a picture",),
    now: datetime = NOW,
    **columns: Any,
) -> FaceEnrollment:
    """Return a decided (or pending) enrollment without a template; `columns` override.

    Each of `contents` becomes an image; with `images` their sealed files are stored too.
    """
    values: dict[str, Any] = {"engine_id": "dlib/test", **columns}
    enrollment = FaceEnrollment(
        id=new_id("enr"),
        subject_id=subject_id,
        version=version,
        state=state,
        created_at=now,
        decided_at=None if state is EnrollmentState.PENDING else now,
        **values,
    )
    enrollment.images = [
        _reference_image(enrollment.id, state, position, content)
        for position, content in enumerate(contents, start=1)
    ]
    session.add(enrollment)
    session.flush()
    if images is not None:
        key = subject_key(session, images.key_ring, subject_id)
        for image, content in zip(enrollment.images, contents, strict=True):
            images.put(image.storage_key, content, key=key, owner_id=subject_id)
    return enrollment


def make_exam(session: Session, *, now: datetime = NOW, **columns: Any) -> Exam:
    """Return an open exam of one hour; `columns` override."""
    admin = _user(session, Role.ADMIN, now)
    values: dict[str, Any] = {
        "title": "Algebra",
        "description": "",
        "join_code": new_id("jc")[-9:].upper(),
        "duration_seconds": 3600,
        "frame_interval_seconds": 5.0,
        "policy": {},
        **columns,
    }
    exam = Exam(id=new_id("exm"), created_by=admin.id, created_at=now, **values)
    session.add(exam)
    session.flush()
    return exam


def make_question(session: Session, exam_id: str, **columns: Any) -> Question:
    """Return the first question of an exam, of two choices; `columns` override."""
    choices = [{"id": new_id("cho"), "text": text} for text in ("Right", "Wrong")]
    values: dict[str, Any] = {
        "position": 1,
        "kind": QuestionKind.SINGLE_CHOICE,
        "text": "Which of them is right?",
        "points": 1.0,
        "choices": choices,
        "correct": [choices[0]["id"]],
        "created_at": NOW,
        **columns,
    }
    question = Question(id=new_id("qst"), exam_id=exam_id, **values)
    session.add(question)
    session.flush()
    return question


def make_attempt(
    session: Session,
    subject_id: str,
    state: AttemptState = AttemptState.STARTED,
    *,
    now: datetime = NOW,
    **columns: Any,
) -> Attempt:
    """Return an attempt in `state` with the transitions that led there; `columns` override."""
    steps = _steps_to(state)
    started = AttemptState.STARTED in steps
    values: dict[str, Any] = {
        "policy": POLICY,
        "duration_seconds": 3600,
        "frame_interval_seconds": 5.0,
        "created_at": now,
        "ready_at": now if AttemptState.READY in steps else None,
        "started_at": now if started else None,
        "deadline_at": now + timedelta(seconds=3600) if started else None,
        "submitted_at": now if AttemptState.SUBMITTED in steps else None,
        **columns,
    }
    attempt = Attempt(id=new_id("att"), subject_id=subject_id, state=state, **values)
    session.add(attempt)
    session.flush()
    for before, after in zip((None, *steps), steps, strict=False):
        session.add(
            AttemptTransition(
                id=new_id("trn"),
                attempt_id=attempt.id,
                from_state=before,
                to_state=after,
                actor=SYSTEM_ACTOR,
                reason="Made by a test.",
                at=now,
            )
        )
    session.flush()
    return attempt


def make_frame(
    session: Session,
    attempt: Attempt,
    seq: int,
    *,
    images: SealedImages | None = None,
    content: bytes | None = None,
    now: datetime = NOW,
    **columns: Any,
) -> Frame:
    """Return a frame without a job; with `images` its sealed file is stored too."""
    frame_id = new_id("frm")
    content = content or f"frame {seq} of {attempt.id}".encode()
    values: dict[str, Any] = {
        "captured_at": now,
        "claim": {"status": "one_face", "face_count": 1},
        "signals": [],
        "width": 640,
        "height": 480,
        **columns,
    }
    frame = Frame(
        id=frame_id,
        attempt_id=attempt.id,
        seq=seq,
        storage_key=f"frames/{attempt.id}/{frame_id}",
        sha256=hashlib.sha256(content).hexdigest(),
        byte_count=len(content),
        received_at=now,
        **values,
    )
    session.add(frame)
    session.flush()
    if images is not None:
        owner_id = attempt.subject_id
        key = subject_key(session, images.key_ring, owner_id)
        images.put(frame.storage_key, content, key=key, owner_id=owner_id)
    return frame


def make_verification(
    session: Session,
    *,
    verdict: Verdict = Verdict.MATCH,
    attempt: Attempt | None = None,
    frame: Frame | None = None,
    now: datetime = NOW,
    **columns: Any,
) -> Verification:
    """Return a verification, of a frame of an attempt where they are given."""
    values: dict[str, Any] = {
        "id": new_id("ver"),
        "subject_id": attempt.subject_id if attempt else None,
        "distance": DISTANCES.get(verdict),
        "match_score": 80.0 if verdict is Verdict.MATCH else 10.0,
        "match_threshold": POLICY["match_threshold"],
        "mismatch_threshold": POLICY["mismatch_threshold"],
        "distances": [],
        "face_count": 0 if verdict is Verdict.NO_FACE else 1,
        "faces": [],
        "unmatched_faces": [],
        "quality": {},
        "reasons": [{"code": verdict.value, "message": "Made by a test."}],
        "signals": [],
        "image_width": 640,
        "image_height": 480,
        "engine_id": "dlib/test",
        "policy_id": "policy/test",
        "enrollment_version": 1,
        "timings_ms": {"total": 12.5},
        "received_at": frame.received_at if frame else now,
        "created_at": now,
        **columns,
    }
    verification = Verification(
        verdict=verdict,
        attempt_id=attempt.id if attempt else None,
        frame_id=frame.id if frame else None,
        **values,
    )
    session.add(verification)
    session.flush()
    return verification


def make_event(
    session: Session, attempt: Attempt, kind: str, reason: str, *, now: datetime = NOW
) -> ClientEvent:
    """Return an event the client of the attempt reported."""
    event_id = new_id("evt")
    event = ClientEvent(
        id=event_id,
        attempt_id=attempt.id,
        client_event_id=event_id,
        kind=kind,
        reason=reason,
        client_at=now,
        received_at=now,
    )
    session.add(event)
    session.flush()
    return event


def _reference_image(
    enrollment_id: str, state: EnrollmentState, position: int, content: bytes
) -> ReferenceImage:
    image_id = new_id("ref")
    return ReferenceImage(
        id=image_id,
        enrollment_id=enrollment_id,
        position=position,
        storage_key=f"references/{enrollment_id}/{image_id}",
        content_type="image/jpeg",
        sha256=hashlib.sha256(content).hexdigest(),
        byte_count=len(content),
        state=state,
        reasons=[],
        width=640,
        height=480,
    )


def _steps_to(state: AttemptState) -> tuple[AttemptState, ...]:
    if state in _STEPS:
        return _STEPS[: _STEPS.index(state) + 1]
    before = {
        AttemptState.DECLINED: AttemptState.CREATED,
        AttemptState.EXPIRED: AttemptState.STARTED,
        AttemptState.ERROR: AttemptState.STARTED,
        AttemptState.REJECTED: AttemptState.SECOND_REVIEW_REQUIRED,
    }.get(state, AttemptState.SUBMITTED)
    return (*_steps_to(before), state)


def _user(session: Session, role: Role, now: datetime) -> User:
    user_id = new_id("usr")
    user = User(
        id=user_id,
        login=user_id,
        login_key=user_id,
        display_name="Test admin",
        password_hash="no password opens this",
        role=role,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user
