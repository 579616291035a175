"""Encodings of faces: sealed for their subject and one purpose, opened for one comparison."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.sealing import seal, unseal

ENCODING_DTYPE = np.dtype("<f4")
"""Little-endian float32: what is sealed reads the same on every machine."""


class EncodingPurpose(StrEnum):
    """What an encoding was sealed for: a frame's never opens as a reference."""

    REFERENCE = "encoding"
    """Of an accepted reference image: `FaceTemplate.sealed_encoding`."""
    FRAME = "frame_encoding"
    """Of the subject's face of a frame: `Verification.sealed_encoding`."""


def seal_encoding(
    encoding: NDArray[np.float32], *, key: bytes, owner_id: str, purpose: EncodingPurpose
) -> bytes:
    """Return a (128,) float32 encoding sealed for `owner_id`."""
    plain = encoding.astype(ENCODING_DTYPE).tobytes()
    return seal(key, plain, owner_id=owner_id, purpose=purpose)


def open_encoding(
    sealed: bytes, *, key: bytes, owner_id: str, purpose: EncodingPurpose
) -> NDArray[np.float32]:
    """Return the (128,) float32 encoding that was sealed.

    Raises
    ------
    SealBroken
        It was altered, belongs to somebody else or was sealed for another purpose.
    """
    plain = unseal(key, sealed, owner_id=owner_id, purpose=purpose)
    return np.frombuffer(plain, ENCODING_DTYPE).astype(np.float32)
