"""Templates are made anew, from the stored reference images, where an engine has none of them.

Encodings of two engines are never compared. After a change of engine the stored images, which
were accepted before, give the templates that are missing: for one enrollment when one of its
frames is met, and for all with `face-monitor reencode`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.attempt_states import match_policy
from models.database import database_now
from models.enrollment import FaceEnrollment, ReferenceImage
from models.face_templates import has_template, images_without_template
from models.sealed_images import subject_key
from verifier import FaceEngine, MatchPolicy, encode_reference
from worker.failures import LASTING_FAILURES, failure_of
from worker.limits import reference_limits
from worker.lookalikes import NewFace, look_at_others, record_warnings
from worker.references import ReferencesMissing, lock_living_subject, seal_template
from worker.runtime import Runtime

logger = logging.getLogger(__name__)

Gathered = TypeVar("Gathered")


@dataclass(frozen=True)
class LostImage:
    """An accepted image that gives this engine no template, and why."""

    position: int
    code: str
    message: str


@dataclass(frozen=True)
class Renewal:
    """What became of the templates of one enrollment."""

    subject_id: str
    version: int
    template_count: int
    """How many were added."""
    lost_images: tuple[LostImage, ...]
    has_templates: bool
    """Whether the engine can compare with the enrollment now."""


@dataclass(frozen=True)
class _Stale:
    """An enrollment, and its accepted images that the engine has no template of."""

    enrollment: FaceEnrollment
    key: bytes
    images: Sequence[ReferenceImage]
    has_templates: bool
    """Whether the engine has any of its others."""


def renew_templates(runtime: Runtime, engine: FaceEngine, enrollment_id: str) -> Renewal:
    """Make the templates that an enrollment lacks for this engine.

    Doing it again, or in several processes at once, adds nothing twice. All that can be made are
    recorded at once: no frame is ever compared with half of them.

    Raises
    ------
    SubjectErased
        Nothing of the subject can be read any more.
    """
    stale = _gather(runtime, enrollment_id, engine.engine_id)
    encodings, lost = _encode(runtime, engine, stale)
    added = _record(runtime, engine.engine_id, stale, encodings) if encodings else 0
    if added:
        logger.info("renewed %d templates of %s", added, enrollment_id)
    return Renewal(
        subject_id=stale.enrollment.subject_id,
        version=stale.enrollment.version,
        template_count=added,
        lost_images=tuple(lost),
        has_templates=bool(encodings) or stale.has_templates,
    )


def renewing_templates(
    runtime: Runtime, engine: FaceEngine, gather: Callable[[], Gathered]
) -> Gathered:
    """Return what `gather` returns; where it finds no template, once more after renewing them.

    Raises
    ------
    ReferencesMissing
        The engine has no template, and none can be made.
    SubjectErased
    """
    try:
        return gather()
    except ReferencesMissing as missing:
        if missing.enrollment_id is None:
            raise
        enrollment_id = missing.enrollment_id
    renew_templates(runtime, engine, enrollment_id)
    return gather()


def _gather(runtime: Runtime, enrollment_id: str, engine_id: str) -> _Stale:
    with runtime.database.read() as session:
        enrollment = session.get_one(FaceEnrollment, enrollment_id)
        key = subject_key(session, runtime.images.key_ring, enrollment.subject_id)
        images = images_without_template(session, enrollment_id, engine_id)
        is_comparable = has_template(session, enrollment_id, engine_id)
    return _Stale(enrollment, key, images, is_comparable)


def _encode(
    runtime: Runtime, engine: FaceEngine, stale: _Stale
) -> tuple[dict[str, NDArray[np.float32]], list[LostImage]]:
    """Return the encodings by image id, and the images that give none."""
    policy, limits = _policy(runtime), reference_limits(runtime.settings)
    encodings: dict[str, NDArray[np.float32]] = {}
    lost = []
    for image in stale.images:
        try:
            data = runtime.images.get(
                image.storage_key,
                key=stale.key,
                owner_id=stale.enrollment.subject_id,
                sha256=image.sha256,
            )
            encodings[image.id] = encode_reference(engine, policy, data, limits)
        except LASTING_FAILURES as error:
            code, message = failure_of(error)
            lost.append(LostImage(image.position, code, message))
            logger.warning("%s gives %s no template: %s", image.id, engine.engine_id, code)
    return encodings, lost


def _record(
    runtime: Runtime,
    engine_id: str,
    stale: _Stale,
    encodings: dict[str, NDArray[np.float32]],
) -> int:
    """Return how many templates were added; fewer if another process came first."""
    face = NewFace(
        subject_id=stale.enrollment.subject_id,
        engine_id=engine_id,
        encodings=np.stack([*encodings.values()]),
        threshold=_policy(runtime).resemblance_threshold,
        compared_by=stale.enrollment.engine_id,
    )
    look = look_at_others(runtime, face)
    with runtime.database.write() as session:
        lock_living_subject(session, face.subject_id)
        lacking = images_without_template(session, stale.enrollment.id, engine_id)
        added = [image.id for image in lacking if image.id in encodings]
        if not added:
            return 0
        now = database_now(session)
        for image_id in added:
            template = seal_template(
                encodings[image_id],
                key=stale.key,
                owner_id=face.subject_id,
                enrollment_id=stale.enrollment.id,
                reference_image_id=image_id,
                engine_id=engine_id,
                created_at=now,
            )
            session.add(template)
        enrollment = session.get_one(FaceEnrollment, stale.enrollment.id)
        record_warnings(session, runtime.images.key_ring, enrollment, face, look)
    return len(added)


def _policy(runtime: Runtime) -> MatchPolicy:
    return MatchPolicy.from_dict(match_policy(runtime.settings))
