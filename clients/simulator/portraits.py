"""Real portraits for the demo and the tests, taken from a pinned source package.

`make install` downloads the source package of face_recognition 1.3.0 (MIT; photographs by
the government of the United States, public domain) by its sha256 and unpacks its portraits
below the virtual environment. Nothing of them is part of this repository.
"""

import sys
import tarfile
from pathlib import Path

PORTRAIT_NAMES = (
    "obama.jpg",
    "obama2.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "biden.jpg",
)
"""Four photographs of one person and one of another; each shows exactly one face."""


class PortraitsMissing(Exception):
    """The portraits have not been unpacked; the message says how to do it."""


def portraits_folder() -> Path:
    """Return the folder below the running virtual environment that holds the portraits."""
    return Path(sys.prefix) / "share" / "face-monitor" / "portraits"


def portrait_path(name: str) -> Path:
    """Return the path of one portrait of `PORTRAIT_NAMES`.

    Raises
    ------
    PortraitsMissing
        `make install` has not unpacked them into this environment.
    """
    path = portraits_folder() / name
    if not path.is_file():
        raise PortraitsMissing(f"The portrait {name} is not installed. Run `make install` once.")
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


if __name__ == "__main__":
    unpack_portraits(Path(sys.argv[1]))
