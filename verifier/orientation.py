"""Exif orientation: which way up the camera was held."""

import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

UPRIGHT = 1
"""Exif's value for a picture that is stored as it should be seen."""

_ORIENTATION_TAG = 0x0112
_SHORT = 3


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, of an Exif block (a TIFF header and its first directory).

    A missing, broken or out-of-range value is `UPRIGHT`: viewers show such a picture as it is
    stored, and a person reviewing it must see what the machine saw.
    """
    exif = exif.removeprefix(b"Exif\x00\x00")  # Some WebP writers keep JPEG's prefix.
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return UPRIGHT
    try:
        return _find_orientation(exif, order)
    except struct.error:
        return UPRIGHT


def _find_orientation(exif: bytes, order: str) -> int:
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    (entries,) = struct.unpack_from(f"{order}H", exif, directory)
    for index in range(entries):
        tag, kind, _count, value = struct.unpack_from(
            f"{order}HHIH", exif, directory + 2 + 12 * index
        )
        if tag == _ORIENTATION_TAG and kind == _SHORT and 1 <= value <= 8:
            return int(value)
    return UPRIGHT


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return the picture as it should be seen.

    Parameters
    ----------
    pixels
        (h, w, 3) as stored in the file.
    orientation
        Exif 2.32, tag 0x0112: 1 upright, 2 mirrored left to right, 3 upside down,
        4 mirrored top to bottom, 5 transposed, 6 to be turned clockwise,
        7 transposed over the other diagonal, 8 to be turned counter-clockwise.
    """
    turned: Any = pixels
    if orientation in {5, 6, 7, 8}:
        turned = cv2.transpose(turned)
    flip_axis = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if flip_axis is not None:
        turned = cv2.flip(turned, flip_axis)
    return np.ascontiguousarray(turned, dtype=np.uint8)
