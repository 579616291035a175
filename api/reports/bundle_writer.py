"""Writing an evidence bundle: each file hashed on its way into the zip."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from api.reports.bundle_format import dumped
from api.reports.sealed_spool import SealedSpool

_FILE_MODE = 0o100644 << 16


class BundleWriter:
    """Puts files into a zip, one after the other, and remembers the digest of each."""

    def __init__(self, spool: SealedSpool, made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(spool, "w")
        self._moment = made_at.astimezone(UTC).timetuple()[:6]
        self.files: list[dict[str, Any]] = []
        """Path, sha256 and size of each, as the manifest lists them."""

    def add(self, path: str, content: bytes, *, is_packed: bool) -> None:
        """Add a file; pictures are stored as they are, because they do not get smaller."""
        with self._file(path, is_packed=is_packed) as file:
            file.write(content)

    def add_list(self, path: str, about: dict[str, Any], name: str, items: Iterable[Any]) -> None:
        """Add a JSON object whose member `name` is a list, an item on each line."""
        with self._file(path, is_packed=True) as file:
            file.write(f"{dumped(about)[:-1]},{dumped(name)}:[\n".encode())
            separator = ""
            for item in items:
                file.write(f"{separator}{dumped(item)}".encode())
                separator = ",\n"
            file.write(b"\n]}\n")

    def close(self, manifest_path: str, manifest: dict[str, Any]) -> None:
        """Add the manifest, which lists all but itself, and end the zip."""
        self.add(manifest_path, f"{dumped(manifest)}\n".encode(), is_packed=True)
        self._zip.close()

    def abandon(self) -> None:
        """End the zip, whatever is missing from it: nobody will get it."""
        with suppress(OSError):
            self._zip.close()

    @contextmanager
    def _file(self, path: str, *, is_packed: bool) -> Iterator["_HashedFile"]:
        info = zipfile.ZipInfo(path, self._moment)
        info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        info.external_attr = _FILE_MODE
        # Its size is not known before, and the zip cannot be rewound.
        with self._zip.open(info, "w", force_zip64=True) as target:
            file = _HashedFile(target)
            yield file
        self.files.append(
            {"path": path, "sha256": file.digest.hexdigest(), "byte_count": file.byte_count}
        )


class _HashedFile:
    def __init__(self, target: Any) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.byte_count = 0

    def write(self, content: bytes) -> None:
        self._target.write(content)
        self.digest.update(content)
        self.byte_count += len(content)
