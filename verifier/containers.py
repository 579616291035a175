"""The outer structure of JPEG, PNG and WebP files, read before any decoder sees them.

The decoders are native code and forgiving: they draw what they can of a broken file. What is
complete, still and intact is decided here, on the file's own lengths and checksums.

Sources: PNG third edition (W3C, 2025), sections 5 and 11; WebP container specification
(RFC 9649); JPEG (ITU-T T.81), annex B; Exif 2.32 for where each of them keeps its Exif block.
"""

import struct
import zlib
from collections.abc import Iterator

from verifier.unreadable import CorruptImage, TruncatedImage, UnsupportedImageType

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
"""Chunks that make pixels. All others (texts, colour profiles) are dropped before decoding:
compressed ones can be bombs, and libpng prints its warnings about them to stderr."""

MAX_JPEG_SCANS = 100
"""Passes over a progressive JPEG. Encoders write about 10; each costs a walk over the whole
picture, so a small file with thousands of them would keep a core busy for minutes."""

_EXIF_PREFIX = b"Exif\x00\x00"
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9


def sniff_format(data: bytes) -> str:
    """Return "jpeg", "png" or "webp" by magic bytes.

    Raises
    ------
    UnsupportedImageType
        The bytes begin like none of them.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(PNG_SIGNATURE):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    raise UnsupportedImageType


def checked_png(data: bytes) -> tuple[bytes, bytes]:
    """Return the PNG reduced to `PNG_KEPT_CHUNKS`, and its Exif block (may be empty).

    Raises
    ------
    TruncatedImage
        The file ends before its IEND chunk.
    CorruptImage
        A chunk's checksum is wrong.
    UnsupportedImageType
        It is an animation (APNG).
    """
    kept = [PNG_SIGNATURE]
    exif = b""
    for kind, body, whole in _png_chunks(data):
        if kind == b"acTL":
            raise UnsupportedImageType("an animated PNG")
        if kind == b"eXIf":
            exif = body
        if kind in PNG_KEPT_CHUNKS:
            kept.append(whole)
    return b"".join(kept), exif


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield (type, body, whole chunk) up to and with IEND."""
    position = len(PNG_SIGNATURE)
    while True:
        if position + 12 > len(data):
            raise TruncatedImage
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise TruncatedImage
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[position + 4 : end - 4]) != checksum:
            raise CorruptImage("a checksum is wrong")
        yield kind, data[position + 8 : end - 4], data[position:end]
        if kind == b"IEND":
            return
        position = end


def checked_webp(data: bytes) -> bytes:
    """Return the Exif block (may be empty) of a complete, still WebP file.

    Raises
    ------
    TruncatedImage
        The file is shorter than it says.
    UnsupportedImageType
        It is an animation.
    """
    exif = b""
    for kind, body in _webp_chunks(data):
        if kind in {b"ANIM", b"ANMF"}:
            raise UnsupportedImageType("an animated WebP")
        if kind == b"EXIF":
            exif = body
    return exif


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (FourCC, body) of each chunk inside the RIFF container."""
    if len(data) < 20:
        raise TruncatedImage
    container_end = 8 + int.from_bytes(data[4:8], "little")
    if container_end > len(data):
        raise TruncatedImage
    position = 12
    while position + 8 <= container_end:
        kind, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length
        if end > container_end:
            raise TruncatedImage
        yield kind, data[position + 8 : end]
        position = end + length % 2


def checked_jpeg(data: bytes) -> bytes:
    """Return the Exif block (may be empty) of a JPEG file.

    Whether its entropy-coded part is complete only the decoder can say.

    Raises
    ------
    TruncatedImage
        The file ends before its first scan.
    CorruptImage
        It has more than `MAX_JPEG_SCANS` scans.
    """
    # Inside coded data 0xFF is always followed by 0x00 or a restart marker, so counting the
    # marker's bytes never counts too few.
    if data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise CorruptImage("it has too many scans")
    blocks = [
        body.removeprefix(_EXIF_PREFIX)
        for marker, body in _jpeg_segments(data)
        if marker == 0xE1 and body.startswith(_EXIF_PREFIX)
    ]
    return blocks[0] if blocks else b""


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, body) of the segments before the first scan."""
    position = 2
    while True:
        if position + 4 > len(data):
            raise TruncatedImage
        fill, marker, length = struct.unpack_from(">BBH", data, position)
        if fill != 0xFF or marker in {_START_OF_SCAN, _END_OF_IMAGE}:
            return  # What stands there instead is the decoder's to judge.
        if marker == 0xFF:  # A fill byte before the marker.
            position += 1
            continue
        end = position + 2 + length
        if end > len(data):
            raise TruncatedImage
        yield marker, data[position + 4 : end]
        position = end
