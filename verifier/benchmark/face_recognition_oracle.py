"""face_recognition as the thing to be compared with. Nothing else may import it.

Importing it is not harmless: its weights package needs `pkg_resources`, which setuptools has
dropped, and without it face_recognition prints a line and *quits the interpreter*; it loads five
models at once, one of them trained on pictures whose licence rules out commercial use (iBUG
300-W); and it makes Pillow accept truncated pictures everywhere in the process. So a stand-in for
the weights package names the pinned files while it is imported, the 5-point file in place of the
68-point one (its `face_encodings` uses five points unless told otherwise), and Pillow is set back
afterwards.
"""

import io
import sys
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, Literal

from numpy.typing import NDArray

from verifier.faces import Encodings
from verifier.stopwatch import Stopwatch
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    DETECTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    WEIGHTS_PACKAGE,
    checked_weights,
)

_FILES_BY_FUNCTION = {
    "pose_predictor_model_location": LANDMARK_WEIGHTS,
    "pose_predictor_five_point_model_location": LANDMARK_WEIGHTS,
    "cnn_face_detector_model_location": DETECTOR_WEIGHTS,
    "face_recognition_model_location": DESCRIPTOR_WEIGHTS,
}


@dataclass(frozen=True)
class OracleAnswer:
    """What face_recognition says of one image."""

    face_count: int
    distance: float | None
    """From the reference to the closest face; None without a face."""

    timings_ms: dict[str, float]
    """Wall-clock time by stage: decode, detect, encode, compare, total."""


class FaceRecognition:
    """The package, loaded. Making one takes about a second and 150 MB, once for a process."""

    def __init__(self) -> None:
        self._api = _imported()

    def verify(
        self, data: bytes, reference: Encodings, model: Literal["hog", "cnn"], upsample: int
    ) -> OracleAnswer:
        """Return its answer on an image, as its documentation composes it.

        Parameters
        ----------
        reference
            (1, 128): one known encoding.
        upsample
            How often the picture is doubled before faces are looked for; its default is 1.
        """
        watch = Stopwatch()
        with watch.stage("decode"):
            pixels: NDArray[Any] = self._api.load_image_file(io.BytesIO(data))
        with watch.stage("detect"):
            boxes = self._api.face_locations(pixels, upsample, model)
        with watch.stage("encode"):
            encodings = self._api.face_encodings(pixels, boxes)
        with watch.stage("compare"):
            distances = [float(self._api.face_distance(reference, one)[0]) for one in encodings]
        return OracleAnswer(len(boxes), min(distances, default=None), watch.timings_ms())


def _imported() -> Any:
    """Return the module `face_recognition`, imported without its side effects."""
    # Comes with face_recognition, which is all that it is needed for.
    from PIL import ImageFile

    accepts_truncated = ImageFile.LOAD_TRUNCATED_IMAGES
    real = sys.modules.get(WEIGHTS_PACKAGE)
    sys.modules[WEIGHTS_PACKAGE] = _stand_in()
    try:
        import face_recognition
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = accepts_truncated
        if real is None:
            del sys.modules[WEIGHTS_PACKAGE]
        else:
            sys.modules[WEIGHTS_PACKAGE] = real
    return face_recognition


def _stand_in() -> ModuleType:
    """Return a module with the functions by which face_recognition asks for its files."""
    module = ModuleType(WEIGHTS_PACKAGE)
    for name, weights in _FILES_BY_FUNCTION.items():
        # The paths are looked up now: once the stand-in is in place, the package is hidden.
        setattr(module, name, partial(str, checked_weights(weights)))
    return module
