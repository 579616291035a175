"""A zip from anywhere, looked at before a byte of its contents is unpacked."""

import re
import stat
import zipfile
from collections import Counter
from pathlib import Path

from api.reports.bundle_format import MANIFEST

FILES_MAX = 1_000_100
"""As many frames as an attempt can have, and what lies beside them."""

DOCUMENT_MAX_BYTES = 1_000_000_000
"""Of one JSON or HTML file, unpacked."""

PICTURE_MAX_BYTES = 100_000_000

TOTAL_MAX_BYTES = 200_000_000_000
"""Of all files, unpacked. They are read one by one and never kept."""

_DOCUMENT = re.compile(r"[a-z]+\.(json|html)\Z")
_PICTURE = re.compile(r"(frames|enrollment)/[0-9]+\.(jpg|png|webp)\Z")


class BundleUnreadable(Exception):
    """The file is no bundle that this program can read; the message says why."""


def open_zip(path: Path) -> zipfile.ZipFile:
    """Return the zip with its list of contents read.

    Raises
    ------
    BundleUnreadable
        There is no such file, or it is no zip.
    """
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        message = f"It is no zip, or its end is missing ({error})."
        raise BundleUnreadable(message) from None
    except (OSError, NotImplementedError, ValueError) as error:
        message = f"It cannot be read: {error}."
        raise BundleUnreadable(message) from None


def hostile_entries(archive: zipfile.ZipFile) -> list[str]:
    """Return why a zip must not be unpacked: names that lead elsewhere, doubles, bombs."""
    entries = archive.infolist()
    if len(entries) > FILES_MAX:
        return [f"It lists {len(entries)} files; at most {FILES_MAX} belong in a bundle."]
    problems = [problem for entry in entries if (problem := _trouble_with(entry))]
    doubles = Counter(entry.filename for entry in entries)
    problems += [
        f"{name!r} is in it {count} times." for name, count in doubles.items() if count > 1
    ]
    total = sum(entry.file_size for entry in entries)
    if total > TOTAL_MAX_BYTES:
        problems.append(f"Unpacked it would have {total} bytes: it is not opened.")
    return problems


def _trouble_with(entry: zipfile.ZipInfo) -> str:
    """Return what is wrong with one entry of the list, or nothing."""
    name = entry.filename
    is_document = _DOCUMENT.match(name) is not None
    if not is_document and not _PICTURE.match(name):
        return f"{name!r} is no name of a bundle's file."
    if entry.flag_bits & 1:
        return f"{name} is encrypted."
    # Many programs leave out what kind of file it is.
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        return f"{name} is no plain file."
    limit = DOCUMENT_MAX_BYTES if is_document or name == MANIFEST else PICTURE_MAX_BYTES
    if entry.file_size > limit:
        return f"{name} would have {entry.file_size} bytes unpacked: it is not opened."
    return ""
