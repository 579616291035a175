"""The public surface, and what importing it costs."""

import subprocess
import sys

import cv2

import verifier


def test_every_exported_name_exists_once() -> None:
    assert len(set(verifier.__all__)) == len(verifier.__all__)
    assert all(hasattr(verifier, name) for name in verifier.__all__)


def test_import_loads_no_network_and_reads_no_weights() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0]))"
        " if event == 'open' else None)\n"
        "import verifier\n"
        "assert 'dlib' not in sys.modules\n"
        "assert 'face_recognition_models' not in sys.modules\n"
        "assert not [path for path in opened if path.endswith('.dat')]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_weights_package_is_never_imported_and_68_points_never_read() -> None:
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0]))"
        " if event == 'open' else None)\n"
        "import verifier\n"
        "verifier.load_engine()\n"
        "assert 'face_recognition_models' not in sys.modules\n"
        "names = {path.rsplit('/', 1)[-1] for path in opened if path.endswith('.dat')}\n"
        "assert names == {'shape_predictor_5_face_landmarks.dat',"
        " 'dlib_face_recognition_resnet_model_v1.dat', 'mmod_human_face_detector.dat'}, names\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_native_threads_are_limited_only_when_asked() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(2)
        verifier.limit_native_threads()
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
