from pathlib import Path

import cv2
import numpy as np
import pytest

from clients.simulator.fake_camera import hold, write_y4m
from clients.simulator.scenes import empty_room, webcam_frame

FRAME_BYTES = 640 * 480 * 3 // 2


def test_film_holds_each_image_as_long_as_wanted(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    person, nobody = webcam_frame("obama.jpg"), empty_room()

    count = write_y4m(
        path, [*hold(person, seconds=0.4, fps=5), *hold(nobody, seconds=0.2, fps=5)], fps=5
    )

    header, _, rest = path.read_bytes().partition(b"\n")
    assert header.startswith(b"YUV4MPEG2 W640 H480 F5:1 ")
    assert count == 3
    assert len(rest) == 3 * (len(b"FRAME\n") + FRAME_BYTES)
    frames = [rest[i * (6 + FRAME_BYTES) :][6 : 6 + FRAME_BYTES] for i in range(3)]
    assert frames[0] == frames[1] != frames[2]


def test_film_shows_what_the_image_showed(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    image = webcam_frame("obama.jpg")
    write_y4m(path, [image], fps=5)

    planes = np.frombuffer(path.read_bytes()[-FRAME_BYTES:], np.uint8).reshape(720, 640)
    shown = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)

    meant = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    assert meant is not None
    assert cv2.absdiff(shown, meant).mean() < 3


@pytest.mark.parametrize("image", [b"no image", b""])
def test_film_refuses_what_is_no_image(tmp_path: Path, image: bytes) -> None:
    with pytest.raises(ValueError, match="no image"):
        write_y4m(tmp_path / "camera.y4m", [image], fps=5)


def test_film_refuses_another_size(tmp_path: Path) -> None:
    small = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1].tobytes()

    with pytest.raises(ValueError, match="640x480"):
        write_y4m(tmp_path / "camera.y4m", [small], fps=5)
