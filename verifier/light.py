"""Brightening dark pictures for the detectors' eyes.

Measured on 1,800 webcam-like pairs: brightened pictures lose fewer faces to the detectors, but
*encodings* of brightened pixels are no better (of the dark pairs 10.3 % are rejected at FMR 1 %,
of the raw ones 8.2 %), local equalisation is worse still, and landmarks of brightened pixels gain
nothing. So only the detectors see what this module makes.
"""

import math

import cv2
import numpy as np

from verifier.faces import Pixels

DARK_BELOW = 70.0
"""Mean grey, 0..255, of a picture that is brightened. Plain pictures have 62 and more."""

TARGET = 110.0
"""Mean grey it is brightened towards."""

MIN_GAMMA = 0.3
"""The strongest correction: beyond it only noise is amplified."""

SAMPLE_STEP = 4
"""Every fourth row and column tell how bright a picture is."""


def brightened(pixels: Pixels) -> Pixels:
    """Return a dark picture lifted by a gamma curve, any other as it is."""
    sample = np.ascontiguousarray(pixels[::SAMPLE_STEP, ::SAMPLE_STEP])
    mean = float(cv2.cvtColor(sample, cv2.COLOR_RGB2GRAY).mean())
    if mean >= DARK_BELOW:
        return pixels
    gamma = max(math.log(TARGET / 255) / math.log(max(mean, 1.0) / 255), MIN_GAMMA)
    curve = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, curve), np.uint8)
