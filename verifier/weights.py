"""Trained files: where they are and which ones we trust."""

import hashlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

WEIGHTS_PACKAGE = "face_recognition_models"
"""Package that carries the files. It is never imported: it needs `pkg_resources`, which
setuptools has dropped."""


class WeightsError(Exception):
    """A weights file is missing or not the pinned one; no face can be compared."""


@dataclass(frozen=True)
class WeightsFile:
    """A file by name and the sha256 its bytes must have."""

    name: str
    sha256: str


LANDMARK_WEIGHTS = WeightsFile(
    "shape_predictor_5_face_landmarks.dat",
    "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
)
"""Five landmarks. The 68-point file is never read: its training set (iBUG 300-W) excludes
commercial use."""

DESCRIPTOR_WEIGHTS = WeightsFile(
    "dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)
"""ResNet v1 with 128 outputs: 99.13 % on LFW without jitter (dlib.net, 2017)."""

DETECTOR_WEIGHTS = WeightsFile(
    "mmod_human_face_detector.dat",
    "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6",
)
"""The CNN face detector."""

TINY_DETECTOR_WEIGHTS = WeightsFile(
    "tiny_face_detector_model.bin",
    "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871",
)
"""face-api.js's tiny face detector (MIT), the one that also runs in the student's browser."""

TINY_DETECTOR_MANIFEST = WeightsFile(
    "tiny_face_detector_model-weights_manifest.json",
    "5d1af4849ac48d5b985f4a9b16010c512353ddd6fcc63d50fd0bc9e9e64296e5",
)
"""Names, shapes and scales of the values in `TINY_DETECTOR_WEIGHTS`."""


def engine_id_of(name: str, pipeline_version: str, *files: WeightsFile) -> str:
    """Return an engine's id, as "dlib-3f2a9c01b7de-p1"; it changes with any of its weights."""
    digest = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    return f"{name}-{digest[:12]}-{pipeline_version}"


def weights_folder() -> Path:
    """Return the folder that holds the files.

    Raises
    ------
    WeightsError
        The package that carries them is not installed.
    """
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"The package {WEIGHTS_PACKAGE} is not installed, so there are no weights. "
            "Run `make install`."
        )
    return Path(spec.submodule_search_locations[0]) / "models"


def copied_weights_folder() -> Path:
    """Return the folder below the running virtual environment for files of npm packages."""
    return Path(sys.prefix) / "share" / "face-monitor" / "weights"


def checked_weights(weights: WeightsFile, folder: Path | None = None) -> Path:
    """Return the path of a weights file whose bytes are the pinned ones.

    `folder` defaults to `weights_folder()`. Hashing all files of an engine takes about 40 ms.

    Raises
    ------
    WeightsError
        The file is missing, unreadable or has another sha256.
    """
    path = (folder or weights_folder()) / weights.name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise WeightsError(
            f"The weights file {weights.name} cannot be read from {path.parent} "
            f"({problem.strerror}). Run `make install` again."
        ) from problem
    if found != weights.sha256:
        raise WeightsError(
            f"The weights file {weights.name} in {path.parent} is not the trusted one "
            f"(sha256 {found[:12]}…, expected {weights.sha256[:12]}…). Delete it and run "
            "`make install` again."
        )
    return path
