"""Webcam-like frames for the tests: people, rooms and walls at 640x480."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.verifier.pictures import Picture
from verifier import Box

WIDTH, HEIGHT = 640, 480


def people(*portraits: Picture) -> Picture:
    """Return a frame with the portraits side by side before a grey wall."""
    frame = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    left = 20
    for portrait in portraits:
        width = round(portrait.shape[1] * HEIGHT / portrait.shape[0])
        scaled = cv2.resize(portrait, (width, HEIGHT), interpolation=cv2.INTER_AREA)
        frame[:, left : left + width] = scaled
        left += width + 40
    return frame


def placed(
    frame: Picture, portrait: Picture, face: Box, size_px: int, centre: tuple[int, int]
) -> Picture:
    """Return the frame with the portrait on it, its face so large and there (x, y).

    What of the portrait lies outside the frame is cut off.
    """
    scale = size_px / face.width
    scaled = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left = round(centre[0] - scale * (face.left + face.width / 2))
    top = round(centre[1] - scale * (face.top + face.height / 2))
    (height, width), (rows, columns) = frame.shape[:2], scaled.shape[:2]
    above, before = max(-top, 0), max(-left, 0)
    below, after = min(height - top, rows), min(width - left, columns)
    composed = frame.copy()
    composed[top + above : top + below, left + before : left + after] = scaled[
        above:below, before:after
    ]
    return composed


def turned(frame: Picture, degrees: float, centre: tuple[int, int]) -> Picture:
    """Return the frame turned counter-clockwise; its border is repeated where nothing was."""
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
    size = (frame.shape[1], frame.shape[0])
    done = cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(done, np.uint8)


def blurred(frame: Picture, sigma_px: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma_px), np.uint8)


def dimmed(frame: Picture, factor: float) -> Picture:
    return (frame * factor).astype(np.uint8)


def wall(shading: float = 0.0, noise: float = 6.0) -> Picture:
    """Return a plain wall, lit from one side, with a camera's noise."""
    light = 120 + shading * np.linspace(-0.5, 0.5, WIDTH)[None, :, None]
    grain = np.random.default_rng(5).normal(0, noise, (HEIGHT, WIDTH, 3))
    return np.clip(light + grain, 0, 255).astype(np.uint8)


def room() -> Picture:
    """Return an empty room: a wall with a shelf of books, a door and a floor."""
    frame = np.full((HEIGHT, WIDTH, 3), (176, 170, 158), np.uint8)
    frame[400:] = (110, 84, 60)
    cv2.rectangle(frame, (430, 70), (570, 400), (92, 70, 54), -1)
    rng = np.random.default_rng(9)
    for shelf in (90, 200, 310):
        left = 40
        while left < 330:
            width = int(rng.integers(10, 26))
            colour = tuple(int(value) for value in rng.integers(30, 220, 3))
            cv2.rectangle(frame, (left, shelf), (left + width, shelf + 90), colour, -1)
            left += width + 2
    grain: NDArray[np.float64] = rng.normal(0, 5, frame.shape)
    return np.clip(frame + grain, 0, 255).astype(np.uint8)
