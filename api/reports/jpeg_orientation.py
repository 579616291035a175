"""How a JPEG is to be turned for people, read from its header without decoding a pixel."""

import struct

_ORIENTATION = 0x0112
_UPRIGHT = 1


def jpeg_orientation(jpeg: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1 (upright) where none can be read."""
    position = 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF and jpeg[position + 1] != 0xDA:
        length = int.from_bytes(jpeg[position + 2 : position + 4], "big")
        body = jpeg[position + 4 : position + 2 + length]
        if jpeg[position + 1] == 0xE1 and body.startswith(b"Exif\0\0"):
            return _of_tiff(body[6:])
        position += 2 + length
    return _UPRIGHT


def _of_tiff(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return _UPRIGHT
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _kind, _count, value = struct.unpack_from(
                f"{order}HHIH", tiff, first + 2 + 12 * number
            )
            if tag == _ORIENTATION:
                return int(value) if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        return _UPRIGHT
    return _UPRIGHT
