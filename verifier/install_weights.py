"""`python -m verifier.install_weights FOLDER`: copy face-api.js's detector to where engines look.

`make install` and the container's build run it on the `model` folder of the npm package that
`clients/browser` pins.
"""

import shutil
import sys
from pathlib import Path

from verifier.weights import (
    TINY_DETECTOR_MANIFEST,
    TINY_DETECTOR_WEIGHTS,
    WeightsError,
    checked_weights,
    copied_weights_folder,
)


def install_weights(source: Path) -> None:
    """Copy the detector's files out of the npm package's `model` folder.

    Raises
    ------
    WeightsError
        A file is missing or not the pinned one; nothing of it is copied.
    """
    folder = copied_weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for weights in (TINY_DETECTOR_WEIGHTS, TINY_DETECTOR_MANIFEST):
        shutil.copyfile(checked_weights(weights, source), folder / weights.name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m verifier.install_weights FOLDER")
    try:
        install_weights(Path(sys.argv[1]))
    except WeightsError as problem:
        sys.exit(str(problem))
