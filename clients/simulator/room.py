"""The room behind the student: a wall, a window, a bookshelf, a door and a plant."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

FRAME_WIDTH_PX = 640
FRAME_HEIGHT_PX = 480


def paint_room() -> NDArray[np.uint8]:
    """Return a fresh copy of the empty room, (480, 640, 3) BGR."""
    return _room().copy()


@cache
def _room() -> NDArray[np.uint8]:
    dice = np.random.default_rng(1)
    room = _wall(dice)
    _hang_window(room)
    _fill_bookshelf(room, dice)
    cv2.rectangle(room, (300, 60), (395, 150), (60, 75, 95), cv2.FILLED)
    cv2.rectangle(room, (308, 68), (387, 142), (150, 170, 160), cv2.FILLED)
    cv2.line(room, (308, 128), (387, 96), (90, 120, 90), 9)
    cv2.rectangle(room, (0, 425), (FRAME_WIDTH_PX, FRAME_HEIGHT_PX), (58, 82, 118), cv2.FILLED)
    cv2.line(room, (0, 425), (FRAME_WIDTH_PX, 425), (40, 58, 86), 4)
    return room


def _wall(dice: np.random.Generator) -> NDArray[np.uint8]:
    """Return a plastered wall, lit from the left."""
    light = np.linspace(1.08, 0.82, FRAME_WIDTH_PX, dtype=np.float32)[None, :, None]
    grain = dice.normal(0, 1, (FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 1)).astype(np.float32)
    plaster = cv2.GaussianBlur(grain, (0, 0), 2)[..., None] * 18
    colour = np.array([168, 186, 194], np.float32)
    return np.asarray(np.clip(colour * light + plaster, 0, 255), np.uint8)


def _hang_window(room: NDArray[np.uint8]) -> None:
    cv2.rectangle(room, (24, 50), (190, 270), (235, 240, 240), cv2.FILLED)
    cv2.rectangle(room, (36, 62), (178, 258), (222, 196, 150), cv2.FILLED)
    cv2.rectangle(room, (36, 190), (178, 258), (96, 140, 104), cv2.FILLED)
    cv2.line(room, (107, 50), (107, 270), (235, 240, 240), 8)
    cv2.line(room, (24, 150), (190, 150), (235, 240, 240), 8)


def _fill_bookshelf(room: NDArray[np.uint8], dice: np.random.Generator) -> None:
    cv2.rectangle(room, (462, 30), (632, 400), (48, 74, 110), cv2.FILLED)
    for shelf_top in (40, 132, 224, 316):
        cv2.rectangle(room, (470, shelf_top), (624, shelf_top + 78), (30, 44, 62), cv2.FILLED)
        left = 473
        while left < 606:
            width = int(dice.integers(9, 20))
            top = shelf_top + int(dice.integers(6, 24))
            colour = tuple(int(value) for value in dice.integers(50, 200, 3))
            cv2.rectangle(room, (left, top), (left + width, shelf_top + 78), colour, cv2.FILLED)
            left += width + 2
