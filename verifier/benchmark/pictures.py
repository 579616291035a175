"""The pictures a benchmark is made of."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verifier.decode import ImageLimits

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})

PICTURE_LIMITS = ImageLimits(max_bytes=64_000_000, max_pixels=100_000_000)
"""Wider than for frames: a camera's originals may be benchmarked. What is timed is the frame that
is made of them."""


class NoPictures(Exception):
    """There is nothing to measure with; the message says what was found instead."""


@dataclass(frozen=True)
class Picture:
    """One picture, and which others show the same person, as far as folders tell."""

    path: Path
    person: tuple[Path, ...]
    """Every picture of its folder, itself among them, if that is a sub-folder: one is taken for a
    person. Only itself if it lies in the searched folder."""

    number: int
    """Its place in `person`, from 0 on."""

    @property
    def others(self) -> tuple[Path, ...]:
        """The other pictures of the same person, the next one first."""
        return self.person[self.number + 1 :] + self.person[: self.number]


def portraits_folder() -> Path:
    """Return where `make install` puts the demo's portraits: below the virtual environment."""
    return Path(sys.prefix) / "share" / "face-monitor" / "portraits"


def find_pictures(folder: Path) -> tuple[Picture, ...]:
    """Return every picture below a folder, however deep, by the end of its name.

    Sorted by path. Folders inside that may not be read are passed over.

    Raises
    ------
    OSError
        The folder itself cannot be read.
    NoPictures
        There is none.
    """
    with os.scandir(folder):
        pass  # os.walk says nothing about a folder that it cannot read.
    found = [
        Picture(path, (path,), 0) if parent == folder else Picture(path, paths, number)
        for parent, paths in _folders(folder)
        for number, path in enumerate(paths)
    ]
    if not found:
        raise NoPictures(
            f"There is no picture in {folder} or below it. Name a folder with files that end in "
            f"{', '.join(sorted(PICTURE_SUFFIXES))}."
        )
    return tuple(sorted(found, key=lambda picture: picture.path))


def spread_over_people(pictures: tuple[Picture, ...], wanted: int) -> Iterator[Picture]:
    """Yield every picture, in an order whose beginning is a fair sample.

    Pictures with others of the same person come first; among these each person's first picture
    before anybody's second, and of many people every so-manieth before their neighbours. The same
    pictures always come in the same order.
    """
    ordered = sorted(pictures, key=lambda picture: (*_turn(picture), picture.path))
    first = sum(_turn(picture) == _turn(ordered[0]) for picture in ordered)
    step = max(first // max(wanted, 1), 1)
    for start in range(step):
        yield from ordered[start:first:step]
    yield from ordered[first:]


def _turn(picture: Picture) -> tuple[bool, int]:
    return len(picture.person) == 1, picture.number


def _folders(folder: Path) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    for parent, _, names in os.walk(folder):
        paths = (Path(parent) / name for name in sorted(names))
        yield Path(parent), tuple(p for p in paths if p.suffix.lower() in PICTURE_SUFFIXES)
