"""Reference images as they are offered: checked first, then sealed, then named in rows."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import UploadFile

from api.context import Context
from api.image_header import REFERENCE_TYPES, check_image
from api.multipart import read_image
from api.problems import InvalidRequest, Problem, StorageIsFull
from models.base import new_id

IMAGES_MAX = 10
"""Of one enrollment: beyond some five good ones nothing is gained."""


@dataclass(frozen=True)
class OfferedImage:
    """An image whose header was found in order."""

    id: str
    part: UploadFile
    storage_key: str
    content_type: str
    sha256: str
    byte_count: int


def checked_images(
    context: Context, parts: Sequence[UploadFile], subject_id: str
) -> list[OfferedImage]:
    """Return the images in their order.

    Raises
    ------
    InvalidRequest
        There is none.
    Problem
        One cannot be an image; the problem names its position.
    """
    if not parts:
        raise InvalidRequest.at("images", f"send 1 to {IMAGES_MAX} parts of this name")
    offered = []
    for position, part in enumerate(parts, start=1):
        try:
            offered.append(_checked(context, part, subject_id))
        except Problem as problem:
            message = str(problem.detail)
            raise type(problem)(
                f"Image {position} of {len(parts)}: {message} Nothing was stored.",
                errors=[{"field": f"images.{position}", "message": message}],
            ) from None
    return offered


@contextmanager
def stored_images(
    context: Context, offered: Sequence[OfferedImage], key: bytes, subject_id: str
) -> Iterator[None]:
    """Store the images sealed; when the block refuses, they are deleted again.

    The files come first, the rows in the block: a row never names a file that is not there. When
    the commit's outcome is unknown (a connection that broke), the files stay: if no row came to
    name them, housekeeping sweeps them.
    """
    needed = context.settings.storage_reserve_bytes + sum(image.byte_count for image in offered)
    if context.images.store.free_bytes() < needed:
        raise StorageIsFull
    try:
        for image in offered:
            content = read_image(image.part)
            context.images.put(image.storage_key, content, key=key, owner_id=subject_id)
    except BaseException:
        _delete(context, offered)
        raise
    try:
        yield
    except DBAPIError:
        raise
    except BaseException:
        _delete(context, offered)
        raise


def _delete(context: Context, offered: Sequence[OfferedImage]) -> None:
    for image in offered:
        context.images.store.delete(image.storage_key)


def _checked(context: Context, part: UploadFile, subject_id: str) -> OfferedImage:
    content = read_image(part)
    header = check_image(
        content,
        types=REFERENCE_TYPES,
        max_bytes=context.settings.reference_image_max_bytes,
        max_pixels=context.settings.reference_image_max_pixels,
    )
    image_id = new_id("img")
    return OfferedImage(
        id=image_id,
        part=part,
        storage_key=f"references/{subject_id}/{image_id}",
        content_type=header.content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        byte_count=len(content),
    )
