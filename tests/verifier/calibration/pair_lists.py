"""Lists of pairs for the tests, written into a folder with real portraits."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from clients.simulator.portraits import portrait_path
from tests.verifier import pictures, scenes

PAIRS = (
    ("obama.jpg", "obama2.jpg", "1", "plain"),
    ("obama.jpg", "wall.jpg", "1", "wall"),
    ("wall.jpg", "obama2.jpg", "1", "wall"),
    ("obama.jpg", "biden.jpg", "0", "plain"),
    ("biden.jpg", "obama2.jpg", "0", "plain"),
)
"""Two pairs with a picture that shows nobody, one as enrolled picture and one as frame."""

HEADER = ("path_a", "path_b", "same", "group")


def write_pair_list(
    folder: Path,
    pairs: Sequence[Sequence[str]] = PAIRS,
    header: Sequence[str] = HEADER,
) -> Path:
    """Write the list beside the pictures that `PAIRS` names, and return its path."""
    for name in ("obama.jpg", "obama2.jpg", "biden.jpg"):
        shutil.copy(portrait_path(name), folder / name)
    (folder / "wall.jpg").write_bytes(pictures.jpeg(scenes.wall()))
    path = folder / "pairs.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *pairs])
    return path
