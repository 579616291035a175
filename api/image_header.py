"""What an image's header says about it, read without decoding a single pixel."""

import io
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import imagesize

from api.problems import (
    CorruptImage,
    EmptyImage,
    ImageDimensionsTooLarge,
    ImageTooLarge,
    TruncatedImage,
    UnsupportedImageType,
)

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"

FRAME_TYPES = frozenset({JPEG})
"""What a frame may be."""

REFERENCE_TYPES = frozenset({JPEG, PNG, WEBP})
"""What a reference image or an image to verify may be."""

HEADER_BYTES = 1_000_000
"""Where the dimensions must stand. Cameras write up to some 100 kB of metadata before them;
searching megabytes of rubbish for them would take a second of the processor."""

TRAILER_BYTES = 65_536
"""Some programs append a few bytes after a PNG's last chunk; it is looked for in these."""


@dataclass(frozen=True)
class ImageHeader:
    """Type by the magic bytes, and the size in pixels as stored (before EXIF orientation)."""

    content_type: str
    width: int
    height: int


def check_image(
    data: bytes, *, types: AbstractSet[str], max_bytes: int, max_pixels: int
) -> ImageHeader:
    """Return the header of an image that may be handed to the worker.

    Raises
    ------
    EmptyImage, ImageTooLarge, UnsupportedImageType, TruncatedImage, CorruptImage,
    ImageDimensionsTooLarge
    """
    if not data:
        raise EmptyImage
    if len(data) > max_bytes:
        raise ImageTooLarge(f"It has {len(data)} bytes; at most {max_bytes} are taken.")
    content_type = _type_by_magic(data)
    if content_type is None or content_type not in types:
        names = ", ".join(sorted(types))
        raise UnsupportedImageType(f"The bytes are no image of a type taken here ({names}).")
    width, height = imagesize.get(io.BytesIO(data[:HEADER_BYTES]), exif_rotation=False)
    if width > 0 and height > 0 and width * height > max_pixels:
        raise ImageDimensionsTooLarge(
            f"It is {width} x {height} pixels; at most {max_pixels} pixels are taken."
        )
    if not _has_its_end(data, content_type):
        raise TruncatedImage
    if width <= 0 or height <= 0:
        raise CorruptImage("Its header names no width and height.")
    return ImageHeader(content_type, int(width), int(height))


def _type_by_magic(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    return None


def _has_its_end(data: bytes, content_type: str) -> bool:
    """Cheap and forgiving: what slips through is refused by the decoder in the worker."""
    if content_type == JPEG:
        return data.find(b"\xff\xd9", _start_of_scan(data)) >= 0
    if content_type == PNG:
        return b"IEND" in data[-TRAILER_BYTES:]
    return len(data) >= int.from_bytes(data[4:8], "little") + 8


def _start_of_scan(data: bytes) -> int:
    """Return where a JPEG's pixels begin: a thumbnail before them has an end marker too."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        if data[position + 1] == 0xDA:
            return position
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return position
