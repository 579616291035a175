"""Five points tell which way a head looks, whatever the size of the face."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.verifier import scenes
from verifier import FaceEngine
from verifier.alignment import Landmarks
from verifier.pose import Pose, pose_of

PixelsOf = Callable[[str], NDArray[np.uint8]]

STRAIGHT: Landmarks = ((1100, 500), (1060, 500), (900, 500), (940, 500), (1000, 624))
"""A large mean face: its eyes are 160 px apart."""


def _turned(points: Landmarks, degrees: float, scale: float = 1.0) -> Landmarks:
    """Return the points turned clockwise about their first one, in the picture's eyes."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (np.array(points) - points[0]) @ turn * scale + (3000, 3000)
    return tuple((round(x), round(y)) for x, y in moved)


def _with_nose(x: int, y: int) -> Landmarks:
    return (*STRAIGHT[:4], (x, y))


def _pose_in(engine: FaceEngine, pixels: NDArray[np.uint8]) -> Pose:
    return pose_of(engine.detect_faces(pixels)[0].landmarks)


def test_mean_face_looks_straight_ahead() -> None:
    pose = pose_of(STRAIGHT)
    assert pose.yaw == pytest.approx(0, abs=0.01)
    assert pose.pitch == pytest.approx(0, abs=0.01)
    assert pose.roll_degrees == pytest.approx(0, abs=0.01)


def test_nose_beside_the_middle_is_a_turn_towards_that_side() -> None:
    assert pose_of(_with_nose(1040, 624)).yaw == pytest.approx(0.25, abs=0.01)
    assert pose_of(_with_nose(960, 624)).yaw == pytest.approx(-0.25, abs=0.01)


def test_low_nose_is_a_positive_pitch() -> None:
    assert pose_of(_with_nose(1000, 656)).pitch == pytest.approx(0.2, abs=0.01)
    assert pose_of(_with_nose(1000, 592)).pitch == pytest.approx(-0.2, abs=0.01)


@settings(deadline=None, derandomize=True)
@given(st.floats(-170, 170), st.floats(0.3, 2))
def test_roll_is_measured_clockwise_and_changes_nothing_else(degrees: float, scale: float) -> None:
    plain = _with_nose(1030, 640)
    pose, turned = pose_of(plain), pose_of(_turned(plain, degrees, scale))
    assert turned.roll_degrees == pytest.approx(degrees, abs=2)
    assert (turned.yaw, turned.pitch) == pytest.approx((pose.yaw, pose.pitch), abs=0.04)


def test_points_that_coincide_have_a_pose() -> None:
    pose = pose_of(((7, 7),) * 5)
    assert np.isfinite([pose.yaw, pose.pitch, pose.roll_degrees]).all()


def test_roll_of_a_real_face_follows_the_picture(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"))
    plain = _pose_in(engine, frame)
    clockwise = _pose_in(engine, scenes.turned(frame, -20, (150, 200)))
    assert clockwise.roll_degrees - plain.roll_degrees == pytest.approx(20, abs=4)
    assert clockwise.yaw == pytest.approx(plain.yaw, abs=0.1)


def test_mirror_image_of_a_real_face_looks_the_other_way(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    pixels = pixels_of("biden")
    plain, mirrored = _pose_in(engine, pixels), _pose_in(engine, cv2.flip(pixels, 1))
    assert mirrored.yaw == pytest.approx(-plain.yaw, abs=0.06)
    assert mirrored.pitch == pytest.approx(plain.pitch, abs=0.06)
    assert mirrored.roll_degrees == pytest.approx(-plain.roll_degrees, abs=2)
