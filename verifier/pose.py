"""Which way a face looks, as far as five points can tell.

Sizes are divided by the distance between the eyes, so that they mean the same for near and far
faces. They are no angles: a yaw of 0.25 is a head turned by about 20 degrees.
"""

import math
from dataclasses import dataclass

import numpy as np

_NOSE_OF_THE_MEAN_FACE = 0.774
"""How far the nose's base lies below the eyes in dlib's mean face, in eye distances."""


@dataclass(frozen=True)
class Pose:
    """Turn, nod and tilt of a head."""

    yaw: float
    """How far the nose's base lies beside the middle of the eyes, in eye distances; positive
    towards the picture's right. 0 looks straight ahead."""

    pitch: float
    """How much lower the nose's base lies than in the mean face, in eye distances."""

    roll_degrees: float
    """How far the line through the eyes is turned clockwise."""


def pose_of(landmarks: tuple[tuple[int, int], ...]) -> Pose:
    """Return the pose of a face; `landmarks` are those of `DetectedFace`."""
    points = np.array(landmarks, np.float64)
    right, left, nose = points[:2].mean(axis=0), points[2:4].mean(axis=0), points[4]
    across = right - left
    eye_distance = max(float(np.hypot(*across)), 1e-6)
    along = across / eye_distance
    below = np.array([-along[1], along[0]])
    from_eyes = (nose - (right + left) / 2) / eye_distance
    return Pose(
        yaw=float(from_eyes @ along),
        pitch=float(from_eyes @ below) - _NOSE_OF_THE_MEAN_FACE,
        roll_degrees=math.degrees(math.atan2(along[1], along[0])),
    )
