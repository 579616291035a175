"""What a face engine is: pixels in, faces and encodings out."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Protocol

import cv2

from verifier.faces import Chips, DetectedFace, Encodings, Pixels
from verifier.look import Look


class FaceEngine(Protocol):
    """Finds and encodes faces.

    An engine belongs to one process and one thread: load it after the fork. Encodings of two
    engines are comparable only if their `engine_id` is the same; the looks of one engine are.
    """

    @property
    def engine_id(self) -> str:
        """Weights (short sha256) and pipeline version; stored with every template and verdict."""
        ...

    def encoding_length(self, network_length: float) -> float:
        """Return the length that an encoding gets whose network gave it `network_length`."""
        ...

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first; the same for the same pixels."""
        ...

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return each face turned upright and scaled to 150x150, (n, 150, 150, 3) uint8 RGB."""
        ...

    def encode_chips(self, chips: Chips, look: Look = Look.THOROUGH) -> Encodings:
        """Return one row per chip of `align_faces`, (n, 128) float32, in their order."""
        ...

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        """Return `encode_chips` of `align_faces`: one row per face."""
        ...


DEFAULT_ENGINE = "onnx"
"""dlib's weights on ONNX Runtime; "dlib" is the same weights in dlib itself, as the reference."""


def load_engine(name: str = DEFAULT_ENGINE) -> FaceEngine:
    """Return a ready engine, "onnx" or "dlib".

    Raises
    ------
    WeightsError
        A weights file is missing or is not the pinned one.
    ValueError
        There is no engine of this name.
    """
    loader = _LOADERS.get(name)
    if loader is None:
        known = ", ".join(repr(known) for known in _LOADERS)
        raise ValueError(f"there is no face engine named {name!r}; known: {known}")
    return loader()


# Imported when an engine is loaded, not above: whoever only decodes or reads a result does not
# pay for dlib and ONNX Runtime.
def _load_onnx_engine() -> FaceEngine:
    from verifier.onnx_engine import OnnxEngine

    return OnnxEngine()


def _load_dlib_engine() -> FaceEngine:
    from verifier.dlib_engine import DlibEngine

    return DlibEngine()


_LOADERS: MappingProxyType[str, Callable[[], FaceEngine]] = MappingProxyType(
    {"onnx": _load_onnx_engine, "dlib": _load_dlib_engine}
)

ENGINE_NAMES = tuple(_LOADERS)
"""Every name that `load_engine` knows."""


def limit_native_threads() -> None:
    """Keep native code on the calling thread; a worker process calls it once after its fork.

    With one process per core, threads inside OpenCV only fight the neighbours. dlib-bin is
    built without BLAS and OpenMP and starts no threads; ONNX Runtime is told where its session
    is opened.
    """
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)
