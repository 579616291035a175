"""What the frames look like."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from verifier import FaceEngine, decode_image
from verifier.alignment import box_around
from verifier.benchmark.webcam_frame import (
    FACE_PX,
    as_jpeg,
    changed_copy,
    empty_room,
    scaled,
    side_by_side,
    webcam_frame,
)
from verifier.drawn_face import draw_face
from verifier.faces import Box

PixelsOf = Callable[[str], NDArray[np.uint8]]


@pytest.mark.parametrize("name", ["obama", "biden"])
def test_face_is_in_the_middle_at_webcam_size(
    engine: FaceEngine, pixels_of: PixelsOf, name: str
) -> None:
    picture = pixels_of(name)
    (face,) = engine.detect_faces(picture)
    frame = webcam_frame(picture, box_around(face.landmarks))
    assert (frame.shape, frame.dtype) == ((480, 640, 3), np.uint8)
    (found,) = engine.detect_faces(frame)
    box = box_around(found.landmarks)
    assert box.height == pytest.approx(FACE_PX, rel=0.1)
    assert box.left + box.width / 2 == pytest.approx(320, abs=10)
    assert box.top + box.height / 2 == pytest.approx(240, abs=10)


def test_border_is_repeated_where_the_picture_ends() -> None:
    picture = np.full((100, 100, 3), 60, np.uint8)
    picture[:, 99] = (200, 0, 0)
    frame = webcam_frame(picture, Box(left=10, top=10, width=80, height=80))
    assert frame[240, 0].tolist() == [60, 60, 60]
    assert frame[240, 639].tolist() == [200, 0, 0]


def test_changed_copy_is_another_picture_of_the_same_person(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    picture = pixels_of("obama")
    frame = webcam_frame(picture, engine.detect_faces(picture)[0].box)
    copy = changed_copy(frame)
    assert copy.shape == frame.shape
    assert np.abs(copy.astype(int) - frame.astype(int)).mean() > 10
    one, other = (
        engine.encode_faces(pixels, engine.detect_faces(pixels))[0] for pixels in (frame, copy)
    )
    assert 0.01 < float(np.linalg.norm(one - other)) < 0.4


def test_nobody_is_in_the_empty_room(engine: FaceEngine) -> None:
    room = empty_room()
    assert (room.shape, room.dtype) == ((480, 640, 3), np.uint8)
    assert engine.detect_faces(room) == ()
    assert np.array_equal(room, empty_room())


def test_two_people_sit_side_by_side(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    one, other = (
        webcam_frame(picture, engine.detect_faces(picture)[0].box)
        for picture in (pixels_of("obama"), pixels_of("biden"))
    )
    assert len(engine.detect_faces(side_by_side(one, other))) == 2


def test_jpeg_is_what_a_browser_sends() -> None:
    data = as_jpeg(scaled(draw_face(), 640, 480))
    image = decode_image(data)
    assert (image.format, image.width, image.height) == ("jpeg", 640, 480)
    assert as_jpeg(draw_face()[:, ::-1]) != as_jpeg(draw_face(eye_gap_px=30))
