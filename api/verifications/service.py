"""Images that other systems want compared: taken in durably, answered by a worker."""

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.attempts.service import load_own_subject
from api.authorization import Action, authorize
from api.context import Context
from api.image_header import REFERENCE_TYPES, check_image
from api.principal import System
from api.problems import ConsentRequired, EnrollmentRequired, InvalidRequest, StorageIsFull
from models.attempt_readiness import accepted_enrollment_id, subjects_with_consent
from models.attempt_states import match_policy
from models.base import new_id
from models.database import database_now
from models.frame import VerificationRequest
from models.job import enqueue
from models.sealed_images import subject_key
from models.statuses import JobKind


@dataclass(frozen=True)
class WantedVerification:
    """An image to compare with a subject's face, or with a reference image."""

    image: bytes
    subject_id: str | None
    reference: bytes | None


@dataclass(frozen=True)
class StoredVerification:
    """Its images, stored and sealed, and all that its row will say."""

    id: str
    subject_id: str | None
    enrollment_id: str | None
    sealed_key: bytes | None
    """The request's own key, where no subject owns the images."""
    image_sha256: str
    reference_sha256: str | None

    @property
    def image_key(self) -> str:
        """The image's storage key."""
        return f"verifications/{self.id}/image"

    @property
    def reference_key(self) -> str | None:
        """The reference image's storage key, when there is one."""
        return f"verifications/{self.id}/reference" if self.reference_sha256 else None


def check_wanted(context: Context, wanted: WantedVerification) -> None:
    """Return when the request makes sense and its images may be handed to a worker.

    Raises
    ------
    InvalidRequest
        Neither or both of subject and reference are named.
    StorageIsFull, EmptyImage, UnsupportedImageType, …
        See `check_image`.
    """
    if (wanted.subject_id is None) == (wanted.reference is None):
        raise InvalidRequest.at("subject_id", "send either subject_id or a reference image")
    settings = context.settings
    if context.images.store.free_bytes() < settings.storage_reserve_bytes:
        raise StorageIsFull
    for image in (wanted.image, wanted.reference):
        if image is not None:
            check_image(
                image,
                types=REFERENCE_TYPES,
                max_bytes=settings.reference_image_max_bytes,
                max_pixels=settings.reference_image_max_pixels,
            )


def store_wanted(
    context: Context, system: System, wanted: WantedVerification
) -> StoredVerification:
    """Seal and store the images, with no transaction open while they are written.

    Raises
    ------
    NotFound
        The subject is none of this system's.
    ConsentRequired, EnrollmentRequired
        The subject has nothing to compare with.
    """
    stored_id = new_id("ver")
    enrollment_id: str | None = None
    sealed_key: bytes | None = None
    with context.database.read() as session:
        if wanted.subject_id is None:
            sealed_key = context.key_ring.new_sealed_key(stored_id)
            owner_id, key = stored_id, context.key_ring.open_key(stored_id, sealed_key)
        else:
            owner_id = load_own_subject(session, system, wanted.subject_id).id
            enrollment_id = _enrollment_to_compare(session, owner_id)
            key = subject_key(session, context.key_ring, owner_id)
    stored = StoredVerification(
        id=stored_id,
        subject_id=wanted.subject_id,
        enrollment_id=enrollment_id,
        sealed_key=sealed_key,
        image_sha256=hashlib.sha256(wanted.image).hexdigest(),
        reference_sha256=hashlib.sha256(wanted.reference).hexdigest() if wanted.reference else None,
    )
    context.images.put(stored.image_key, wanted.image, key=key, owner_id=owner_id)
    if wanted.reference is not None and stored.reference_key is not None:
        context.images.put(stored.reference_key, wanted.reference, key=key, owner_id=owner_id)
    return stored


def add_request(
    session: Session, context: Context, system: System, stored: StoredVerification
) -> VerificationRequest:
    """Return the request's row, inserted with its job."""
    authorize(system, Action.CREATE, VerificationRequest)
    request = VerificationRequest(
        id=stored.id,
        owner_client_id=system.client_id,
        subject_id=stored.subject_id,
        enrollment_id=stored.enrollment_id,
        storage_key=stored.image_key,
        sha256=stored.image_sha256,
        reference_storage_key=stored.reference_key,
        reference_sha256=stored.reference_sha256,
        sealed_key=stored.sealed_key,
        policy=match_policy(context.settings),
        received_at=context.clock(),
    )
    session.add(request)
    enqueue(session, JobKind.VERIFY_IMAGE, request.id, now=database_now(session))
    return request


def forget_stored(context: Context, stored: StoredVerification) -> None:
    """Remove images whose request was answered before."""
    for storage_key in (stored.image_key, stored.reference_key):
        if storage_key is not None:
            context.images.store.delete(storage_key)


def _enrollment_to_compare(session: Session, subject_id: str) -> str:
    if not subjects_with_consent(session, [subject_id]):
        raise ConsentRequired
    enrollment_id = accepted_enrollment_id(session, subject_id)
    if enrollment_id is None:
        raise EnrollmentRequired
    return enrollment_id
