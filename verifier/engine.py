"""What a face engine is: pixels in, faces and encodings out."""

from typing import Protocol

import cv2

from verifier.faces import Chips, DetectedFace, Encodings, Pixels


class FaceEngine(Protocol):
    """Finds and encodes faces.

    An engine belongs to one process and one thread: load it after the fork. Encodings of two
    engines are comparable only if their `engine_id` is the same.
    """

    @property
    def engine_id(self) -> str:
        """Weights (short sha256) and pipeline version; stored with every template and verdict."""
        ...

    def detect_faces(self, pixels: Pixels) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first; the same for the same pixels."""
        ...

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return each face turned upright and scaled to 150x150, (n, 150, 150, 3) uint8 RGB."""
        ...

    def encode_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Encodings:
        """Return one row per face, (n, 128) float32, in the order of `faces`."""
        ...


def load_engine(name: str = "dlib") -> FaceEngine:
    """Return a ready engine; "dlib" is the only one so far. Takes about a second.

    Raises
    ------
    WeightsError
        A weights file is missing or is not the pinned one.
    ValueError
        There is no engine of this name.
    """
    if name != "dlib":
        raise ValueError(f"there is no face engine named {name!r}; known: 'dlib'")
    # Here, not above: whoever only decodes or reads a result does not pay for dlib.
    from verifier.dlib_engine import DlibEngine

    return DlibEngine()


def limit_native_threads() -> None:
    """Keep native code on the calling thread; a worker process calls it once after its fork.

    With one process per core, threads inside OpenCV only fight the neighbours. dlib-bin is
    built without BLAS and OpenMP and starts no threads.
    """
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
