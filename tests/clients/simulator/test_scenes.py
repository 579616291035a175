import cv2
import numpy as np
import pytest

from clients.simulator import scenes
from clients.simulator.portraits import PORTRAIT_NAMES


def pixels_of(jpeg: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels)


def edges_of(jpeg: bytes) -> float:
    small = cv2.resize(pixels_of(jpeg), (160, 120), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(small, cv2.CV_32F).var())


@pytest.mark.parametrize("portrait", PORTRAIT_NAMES)
def test_every_portrait_can_sit_before_the_webcam(portrait: str) -> None:
    jpeg = scenes.webcam_frame(portrait)

    assert jpeg.startswith(b"\xff\xd8\xff")
    assert pixels_of(jpeg).shape == (480, 640, 3)


def test_same_call_gives_the_same_bytes() -> None:
    taken = scenes.shot(7)

    assert scenes.webcam_frame("obama.jpg", taken) == scenes.webcam_frame("obama.jpg", taken)
    assert scenes.shot(7) == taken


def test_two_shots_of_one_scene_differ() -> None:
    assert scenes.empty_room(scenes.shot(1)) != scenes.empty_room(scenes.shot(2))


def test_mirrored_person_stays_in_the_same_place() -> None:
    plain = pixels_of(scenes.webcam_frame("obama.jpg", scenes.Shot(noise_sigma=0)))
    mirrored = pixels_of(
        scenes.webcam_frame("obama.jpg", scenes.Shot(noise_sigma=0, is_mirrored=True))
    )

    face = np.s_[115:295, 230:410]
    difference = cv2.absdiff(plain[face][:, ::-1], mirrored[face])
    assert difference.mean() < 12


def test_dark_frame_is_nearly_black_and_blurred_frame_has_no_edges() -> None:
    sharp = edges_of(scenes.webcam_frame("obama.jpg"))

    assert pixels_of(scenes.dark("obama.jpg")).mean() < 8
    assert edges_of(scenes.blurred("obama.jpg")) < sharp / 50
