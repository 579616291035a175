"""A film for Chromium's fake camera (`--use-file-for-fake-video-capture`)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from clients.simulator.room import FRAME_HEIGHT_PX, FRAME_WIDTH_PX


def write_y4m(path: Path, frames: Iterable[bytes], fps: int) -> int:
    """Write images as YUV4MPEG2 (4:2:0 planar), one after the other; return how many.

    Chromium plays the file in a loop. `hold` makes one image last.

    Parameters
    ----------
    frames
        Encoded images (JPEG, PNG) of 640x480, as `scenes` returns them.

    Raises
    ------
    ValueError
        A frame is no image, or of another size.
    """
    header = f"YUV4MPEG2 W{FRAME_WIDTH_PX} H{FRAME_HEIGHT_PX} F{fps}:1 Ip A1:1 C420jpeg\n"
    count = 0
    with path.open("wb") as film:
        film.write(header.encode())
        for image in frames:
            film.write(b"FRAME\n" + _planes(image))
            count += 1
    return count


def hold(image: bytes, *, seconds: float, fps: int) -> Iterator[bytes]:
    """Yield one image as often as it takes to show it for so long."""
    for _ in range(round(seconds * fps)):
        yield image


def _planes(image: bytes) -> bytes:
    """Return Y, U and V, one plane after the other."""
    # OpenCV raises its own error for no bytes, and returns nothing for wrong ones.
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR) if image else None
    if pixels is None:
        raise ValueError("A frame of the film is no image.")
    if pixels.shape != (FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 3):
        raise ValueError(f"A frame of the film is not {FRAME_WIDTH_PX}x{FRAME_HEIGHT_PX}.")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), np.uint8).tobytes()
