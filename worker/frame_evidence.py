"""What decides about a frame, and the look at it: the same whoever asks for it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select

from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.frame import Frame
from models.granted import Granted
from models.sealed_images import SubjectErased
from models.statuses import FaceCheck
from models.subject import SubjectKey
from verifier import (
    FaceEngine,
    Look,
    MatchPolicy,
    VerificationResult,
    check_presence,
    verify_image,
)
from worker.limits import frame_limits
from worker.references import open_references
from worker.renewal import renewing_templates
from worker.runtime import Runtime


@dataclass(frozen=True)
class Sitting:
    """The frame's attempt and subject, read once: a verdict is of one moment, all of it."""

    attempt_id: str
    subject_id: str
    enrollment_id: str | None
    enrollment_version: int | None
    policy: dict[str, Any]
    granted: Granted
    storage_key: str
    sha256: str
    sealed_key: bytes | None
    """None once the subject was erased."""


@dataclass(frozen=True)
class Evidence:
    """All that may decide about a frame. What the client claimed is not among it."""

    key: bytes
    """The subject's: what is kept of the frame is sealed with it."""
    image: bytes
    references: NDArray[np.float32] | None
    """(n, 128) float32; None where by an allowance nothing is compared."""
    second_person_allowed: bool


# Made once: making a statement costs more than running it.
_SITTING = (
    select(
        Frame.attempt_id,
        Attempt.subject_id,
        Attempt.enrollment_id,
        FaceEnrollment.version.label("enrollment_version"),
        Attempt.policy,
        Attempt.allowances,
        Frame.storage_key,
        Frame.sha256,
        SubjectKey.sealed_key,
    )
    .join(Attempt, Attempt.id == Frame.attempt_id)
    .outerjoin(SubjectKey, SubjectKey.subject_id == Attempt.subject_id)
    .outerjoin(FaceEnrollment, FaceEnrollment.id == Attempt.enrollment_id)
    .where(Frame.id == bindparam("frame_id"))
)


def sitting_of(runtime: Runtime, frame_id: str) -> Sitting:
    """Return what is known of the frame and whose it is.

    Raises
    ------
    NoResultFound
        There is no such frame.
    """
    with runtime.database.read() as session:
        row = session.execute(_SITTING, {"frame_id": frame_id}).one()
    columns = row._asdict()
    return Sitting(granted=Granted.from_dict(columns.pop("allowances")), **columns)


def gather_evidence(runtime: Runtime, engine: FaceEngine, sitting: Sitting) -> Evidence:
    """Open the picture and the templates; those that the engine lacks are made anew.

    Raises
    ------
    SubjectErased, ImageMissing, ImageChanged, SealBroken, ReferencesMissing
        As `LASTING_FAILURES` says: trying again cannot help.
    """
    return renewing_templates(runtime, engine, lambda: _gather(runtime, engine, sitting))


def look_at_frame(
    runtime: Runtime,
    engine: FaceEngine,
    policy: MatchPolicy,
    frame_id: str,
    evidence: Evidence,
) -> VerificationResult:
    """Return what the engine finds in the frame under the policy.

    Raises
    ------
    UnreadableImage
        The bytes are no picture that can be judged.
    """
    limits = frame_limits(runtime.settings)
    closeness = first_look(frame_id, runtime.settings.close_look_every_frames)
    allowed = evidence.second_person_allowed
    if evidence.references is None:
        return check_presence(
            engine,
            policy,
            evidence.image,
            limits,
            first_look=closeness,
            second_person_allowed=allowed,
        )
    return verify_image(
        engine,
        policy,
        evidence.image,
        evidence.references,
        limits,
        first_look=closeness,
        second_person_allowed=allowed,
    )


def _gather(runtime: Runtime, engine: FaceEngine, sitting: Sitting) -> Evidence:
    subject_id, granted = sitting.subject_id, sitting.granted
    if sitting.sealed_key is None:
        raise SubjectErased(subject_id)
    key = runtime.images.key_ring.open_key(subject_id, sitting.sealed_key)
    references = None
    if granted.face_check is FaceCheck.MATCH:
        with runtime.database.read() as session:
            references = open_references(
                session, sitting.enrollment_id, engine.engine_id, key=key, owner_id=subject_id
            )
    image = runtime.images.get(
        sitting.storage_key, key=key, owner_id=subject_id, sha256=sitting.sha256
    )
    return Evidence(key, image, references, granted.second_person_allowed)


def first_look(frame_id: str, close_look_every_frames: int) -> Look:
    """Return how closely a frame is looked at even if it seems fine.

    A helper whom the cheap detector misses must not sit there unseen for hours. Which frames are
    looked at closely follows from the frame's id, which the server draws and no client knows
    beforehand; a frame that is verified again gets the same look.
    """
    if close_look_every_frames == 0:
        return Look.GLANCE
    number = int.from_bytes(hashlib.sha256(frame_id.encode()).digest()[:8])
    return Look.CLOSE if number % close_look_every_frames == 0 else Look.GLANCE
