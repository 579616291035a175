"""The encodings of a subject, sealed in the database, opened for one comparison."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import new_id
from models.enrollment import FaceTemplate
from models.sealing import seal, unseal

_PURPOSE = "encoding"
ENCODING_DTYPE = np.dtype("<f4")
"""Little-endian float32: what is sealed reads the same on every machine."""


class ReferencesMissing(Exception):
    """No template of the enrollment was made by the engine that is to compare."""


def seal_template(
    encoding: NDArray[np.float32], *, key: bytes, owner_id: str, **about: object
) -> FaceTemplate:
    """Return the row for one (128,) float32 encoding, sealed for `owner_id`."""
    plain = encoding.astype(ENCODING_DTYPE).tobytes()
    return FaceTemplate(
        id=new_id("tpl"),
        sealed_encoding=seal(key, plain, owner_id=owner_id, purpose=_PURPOSE),
        **about,
    )


def open_references(
    session: Session, enrollment_id: str | None, engine_id: str, *, key: bytes, owner_id: str
) -> NDArray[np.float32]:
    """Return the (n, 128) float32 encodings of the enrollment, in the order they were enrolled.

    Raises
    ------
    ReferencesMissing
        There are none of this engine: encodings of different engines are never compared.
    SealBroken
        A template was altered or belongs to somebody else.
    """
    templates = session.scalars(
        select(FaceTemplate)
        .where(FaceTemplate.enrollment_id == enrollment_id, FaceTemplate.engine_id == engine_id)
        .order_by(FaceTemplate.id)
    ).all()
    if not templates:
        raise ReferencesMissing(enrollment_id)
    encodings = [
        np.frombuffer(
            unseal(key, template.sealed_encoding, owner_id=owner_id, purpose=_PURPOSE),
            ENCODING_DTYPE,
        )
        for template in templates
    ]
    return np.stack(encodings).astype(np.float32)
