"""Other subjects whose face is as close to a new one as their own pictures: a warning, no refusal.

Two people who show the same face at the same moment must not both pass without one. Therefore
everybody is compared twice: all others before the new templates are recorded, with no lock held,
and then, in the transaction that records them, whoever was recorded in the meantime. Recorders
take turns at that second look, so that of any two the later one sees the earlier one's templates.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from models.attempt_states import SYSTEM_ACTOR
from models.audit import append_audit_entry, locked_audit_head
from models.database import database_now
from models.enrollment import FaceEnrollment, FaceTemplate
from models.face_templates import is_current_enrollment
from models.sealing import KeyRing, SealBroken
from models.subject import SubjectKey
from worker.runtime import Runtime
from worker.sealed_encodings import EncodingPurpose, open_encoding

logger = logging.getLogger(__name__)

RESEMBLES_OTHER = "resembles_other_subject"
"""The code of a warning that names another subject."""

NOT_ALL_COMPARED = "not_compared_with_all"
"""The code of a warning that not everybody could be compared."""

WARNINGS_KEPT = 5
"""The closest other subjects of one enrollment: enough for a person to look at."""

BATCH = 500
"""Templates read at once, still sealed: 350 kB. Opened they are one at a time."""

LOOK_SECONDS = 4.0
"""How long the look at all others may take; then the enrollment says that it was cut short. Well
below a task's soft limit: enrolling must not fail because many are enrolled. A template costs
0.02 ms (2,000 of them 42 ms on SQLite, 94 ms on PostgreSQL), so that this is enough for 150,000."""

RECORDING_LIMIT = timedelta(seconds=60)
"""No recording takes so long from its clock to its commit: its process would have been killed."""


@dataclass(frozen=True, eq=False)
class NewFace:
    """Encodings about to become a subject's templates."""

    subject_id: str
    engine_id: str
    encodings: NDArray[np.float32]
    """(n, 128) float32."""
    threshold: float
    """At or below this distance two faces are alike."""
    compared_by: str | None = None
    """For renewed templates, the engine that decided their enrollment: with all whom it decided
    too they were compared back then, and are not again."""


@dataclass(frozen=True)
class Lookalike:
    """Another subject's current enrollment, as close as `distance`."""

    subject_id: str
    enrollment_id: str
    distance: float


@dataclass(frozen=True)
class Look:
    """What a look at all others found."""

    began_at: datetime
    """On the database's clock."""
    lookalikes: tuple[Lookalike, ...]
    saw_all: bool


def look_at_others(runtime: Runtime, face: NewFace) -> Look:
    """Compare a new face with the templates of all other subjects, with no lock held.

    Each subject counts with its current enrollment alone, and only templates of the same engine
    are compared.
    """
    with runtime.database.read() as session:
        began_at = database_now(session)
    found: list[Lookalike] = []
    after = ""
    deadline = time.monotonic() + LOOK_SECONDS
    while time.monotonic() < deadline:
        batch = _others(face).where(FaceTemplate.id > after).order_by(FaceTemplate.id).limit(BATCH)
        with runtime.database.read() as session:
            rows = session.execute(batch).all()
        if not rows:
            return Look(began_at, _closest(found), saw_all=True)
        found += _alike(runtime.images.key_ring, face, rows)
        after = rows[-1][0]
    logger.warning("%s was not compared with everybody in %.0f s", face.subject_id, LOOK_SECONDS)
    return Look(began_at, _closest(found), saw_all=False)


def record_warnings(
    session: Session, key_ring: KeyRing, enrollment: FaceEnrollment, face: NewFace, look: Look
) -> None:
    """Warn of the look's findings, and of whoever was recorded since it began.

    Call it last in the transaction that records the face's templates: from here to the commit no
    other recorder gets past this line. The audit chain's head serves as the turnstile, because
    a warning ends up there anyway.
    """
    session.flush()
    locked_audit_head(session)
    since = look.began_at - RECORDING_LIMIT
    meanwhile = session.execute(_others(face).where(FaceTemplate.created_at >= since)).all()
    new = _closest([*look.lookalikes, *_alike(key_ring, face, meanwhile)])
    warnings = [_warning(lookalike) for lookalike in new]
    if not look.saw_all:
        warnings.append(_NOT_ALL)
    enrollment.warnings = _merged(enrollment.warnings or [], warnings)
    if new:
        append_audit_entry(
            session,
            at=database_now(session),
            actor=SYSTEM_ACTOR,
            action="enrollment.resembles_other",
            object_id=enrollment.id,
            detail={"resembles": [_figures(lookalike) for lookalike in new]},
        )


_TemplateColumns = tuple[str, bytes, str, str, bytes]
"""Template, sealed encoding, enrollment, subject, sealed key of the subject."""


def _others(face: NewFace) -> Select[*_TemplateColumns]:
    others = (
        select(
            FaceTemplate.id,
            FaceTemplate.sealed_encoding,
            FaceTemplate.enrollment_id,
            SubjectKey.subject_id,
            SubjectKey.sealed_key,
        )
        .join(FaceEnrollment, FaceEnrollment.id == FaceTemplate.enrollment_id)
        .join(SubjectKey, SubjectKey.subject_id == FaceEnrollment.subject_id)
        .where(
            FaceTemplate.engine_id == face.engine_id,
            FaceEnrollment.subject_id != face.subject_id,
            is_current_enrollment(),
        )
    )
    if face.compared_by is None:
        return others
    return others.where(FaceEnrollment.engine_id.is_distinct_from(face.compared_by))


def _alike(
    key_ring: KeyRing, face: NewFace, templates: Iterable[Row[*_TemplateColumns]]
) -> list[Lookalike]:
    keys: dict[str, bytes] = {}
    found = []
    for template_id, sealed_encoding, enrollment_id, subject_id, sealed_key in templates:
        try:
            if subject_id not in keys:
                keys[subject_id] = key_ring.open_key(subject_id, sealed_key)
            encoding = open_encoding(
                sealed_encoding,
                key=keys[subject_id],
                owner_id=subject_id,
                purpose=EncodingPurpose.REFERENCE,
            )
        except SealBroken as error:
            # Somebody else's broken template is no reason to refuse this enrollment.
            logger.error("template %s cannot be compared: %s", template_id, error)  # noqa: TRY400
            continue
        distance = float(np.linalg.norm(face.encodings - encoding, axis=1).min())
        if distance <= face.threshold:
            found.append(Lookalike(subject_id, enrollment_id, distance))
    return found


def _closest(found: Iterable[Lookalike]) -> tuple[Lookalike, ...]:
    """Return the closest of each subject, the closest subjects first."""
    by_subject: dict[str, Lookalike] = {}
    for lookalike in sorted(found, key=lambda one: one.distance):
        by_subject.setdefault(lookalike.subject_id, lookalike)
    return tuple(by_subject.values())[:WARNINGS_KEPT]


_NOT_ALL = {
    "code": NOT_ALL_COMPARED,
    "message": "So many people are enrolled that not all of them could be compared with this face.",
}


def _warning(lookalike: Lookalike) -> dict[str, Any]:
    return {
        "code": RESEMBLES_OTHER,
        "message": (
            "The face is as close to another subject's as pictures of one person are. "
            "Look at both before you rely on either."
        ),
        **_figures(lookalike),
    }


def _figures(lookalike: Lookalike) -> dict[str, Any]:
    return {
        "subject_id": lookalike.subject_id,
        "enrollment_id": lookalike.enrollment_id,
        "distance": round(lookalike.distance, 6),
    }


def _merged(earlier: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return both, each subject once with its newest figures, the closest `WARNINGS_KEPT`."""
    by_subject = {warning.get("subject_id"): warning for warning in [*earlier, *new]}
    not_all = by_subject.pop(None, None)
    closest = sorted(by_subject.values(), key=lambda warning: float(warning["distance"]))
    return closest[:WARNINGS_KEPT] + ([not_all] if not_all else [])
