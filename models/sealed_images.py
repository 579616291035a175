"""Images of faces: sealed on the way into the frame store, opened and checked on the way out."""

import hashlib

from sqlalchemy.orm import Session

from models.frame_store import FrameStore
from models.sealing import KeyRing, SealBroken, seal, unseal
from models.subject import SubjectKey

_PURPOSE = "image"


class ImageChanged(Exception):
    """What is stored is not what was sent: the file was altered, swapped or damaged."""


class SubjectErased(Exception):
    """The subject's key is gone, and with it everything that was sealed."""


class SealedImages:
    """A frame store in which nothing can be read without the owner's key."""

    def __init__(self, store: FrameStore, key_ring: KeyRing) -> None:
        self.store = store
        self.key_ring = key_ring

    def put(self, storage_key: str, image: bytes, *, key: bytes, owner_id: str) -> None:
        """Seal and store `image`; durable once this returns."""
        self.store.put(storage_key, seal(key, image, owner_id=owner_id, purpose=_PURPOSE))

    def get(self, storage_key: str, *, key: bytes, owner_id: str, sha256: str) -> bytes:
        """Return the image as it was sent.

        Raises
        ------
        ImageMissing
            Nothing is stored under the key.
        ImageChanged
            It does not open, or its sha256 is another than `sha256`.
        """
        sealed = self.store.get(storage_key)
        try:
            image = unseal(key, sealed, owner_id=owner_id, purpose=_PURPOSE)
        except SealBroken as error:
            raise ImageChanged(str(error)) from error
        if hashlib.sha256(image).hexdigest() != sha256:
            raise ImageChanged(storage_key)
        return image


def subject_key(session: Session, key_ring: KeyRing, subject_id: str) -> bytes:
    """Return the key that seals the subject's images and encodings.

    Raises
    ------
    SubjectErased
        The subject was erased.
    """
    row = session.get(SubjectKey, subject_id)
    if row is None:
        raise SubjectErased(subject_id)
    return key_ring.open_key(subject_id, row.sealed_key)
