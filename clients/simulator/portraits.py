"""Real portraits for the demo and the tests, taken from a pinned source package.

`make install` downloads the source package of face_recognition 1.3.0 (MIT; photographs by
the government of the United States, public domain) by its sha256 and unpacks its portraits
below the virtual environment. Nothing of them is part of this repository.
"""

import sys
import tarfile
import zipfile
from pathlib import Path

PORTRAIT_NAMES = (
    "obama.jpg",
    "obama2.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "biden.jpg",
)
"""Four photographs of one person and one of another; each shows exactly one face."""

ASTRONAUT_NAME = "astronaut.png"
"""Eileen Collins, photographed by NASA (public domain): the person of the screenshots, installed by
`make screenshots` alone."""


class PortraitsMissing(Exception):
    """The portraits have not been unpacked; the message says how to do it."""


def portraits_folder() -> Path:
    """Return the folder below the running virtual environment that holds the portraits."""
    return Path(sys.prefix) / "share" / "face-monitor" / "portraits"


def portrait_path(name: str) -> Path:
    """Return the path of one portrait of `PORTRAIT_NAMES`, or of the astronaut.

    Raises
    ------
    PortraitsMissing
        It was not unpacked into this environment.
    """
    path = portraits_folder() / name
    if not path.is_file():
        target = "screenshots" if name == ASTRONAUT_NAME else "install"
        raise PortraitsMissing(f"The portrait {name} is not installed. Run `make {target}` once.")
    return path


def unpack_portraits(source_package: Path) -> None:
    """Copy the portraits out of face_recognition's source package (`.tar.gz`)."""
    folder = portraits_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(source_package) as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            if name not in PORTRAIT_NAMES or "/test_images/" not in member.name:
                continue
            content = archive.extractfile(member)
            if content is not None:
                (folder / name).write_bytes(content.read())


def unpack_astronaut(wheel: Path) -> None:
    """Copy the astronaut out of scikit-image's wheel."""
    folder = portraits_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        (folder / ASTRONAUT_NAME).write_bytes(archive.read(f"skimage/data/{ASTRONAUT_NAME}"))


if __name__ == "__main__":
    package = Path(sys.argv[1])
    (unpack_astronaut if package.suffix == ".whl" else unpack_portraits)(package)
