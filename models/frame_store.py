"""Where sealed images lie: an interface, and a folder on disk behind it."""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlparse
from urllib.request import url2pathname

from models.base import new_id

_STORAGE_KEY = re.compile(r"[a-z]+(/[a-z0-9_]+){1,3}\Z")
_HALF_WRITTEN = ".half"


class ImageMissing(Exception):
    """No image is stored under the key."""


class StorageFull(Exception):
    """The store has no room left; nothing was stored."""


@dataclass(frozen=True)
class StoreUsage:
    """How much a store holds."""

    file_count: int
    byte_count: int


class FrameStore(Protocol):
    """Durable storage of byte strings. A `put` that returned survives a power cut."""

    def put(self, storage_key: str, content: bytes) -> None:
        """Store `content`; raise `StorageFull` when there is no room."""

    def get(self, storage_key: str) -> bytes:
        """Return what was stored; raise `ImageMissing` when nothing is."""

    def delete(self, storage_key: str) -> None:
        """Remove what is stored, if anything is."""

    def free_bytes(self) -> int:
        """Return how much can still be stored."""

    def keys_older_than(self, age_seconds: float) -> Iterator[str]:
        """Yield the keys last written at least `age_seconds` ago."""

    def sweep_half_written(self, age_seconds: float) -> int:
        """Remove what a killed writer left behind at least `age_seconds` ago; return how many."""

    def usage(self) -> StoreUsage:
        """Return what is stored. Looks at every file: for the background alone."""


class DiskFrameStore:
    """A folder. A file appears whole or not at all: temporary file, fsync, rename, fsync."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, storage_key: str, content: bytes) -> None:
        """Store `content`, durable once this returns.

        Raises
        ------
        StorageFull
            The disk or the quota is full; nothing was stored.
        """
        path = self._path(storage_key)
        try:
            _make_folder(path.parent, below=self._folder)
            half_written = path.with_name(f"{path.name}.{new_id('tmp')}{_HALF_WRITTEN}")
            try:
                _write_through(half_written, content)
                half_written.replace(path)
            except BaseException:
                half_written.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(storage_key) from error
            raise

    def get(self, storage_key: str) -> bytes:
        """Return what was stored.

        Raises
        ------
        ImageMissing
            Nothing is stored under the key.
        """
        try:
            return self._path(storage_key).read_bytes()
        except FileNotFoundError:
            raise ImageMissing(storage_key) from None

    def delete(self, storage_key: str) -> None:
        """Remove what is stored, if anything is."""
        self._path(storage_key).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return the free space of the folder's file system."""
        return shutil.disk_usage(self._folder).free

    def keys_older_than(self, age_seconds: float) -> Iterator[str]:
        """Yield the keys of whole files last written at least `age_seconds` ago."""
        for path in self._old_files(age_seconds):
            key = path.relative_to(self._folder).as_posix()
            if _STORAGE_KEY.match(key):  # Not half-written, and nothing a system left here.
                yield key

    def sweep_half_written(self, age_seconds: float) -> int:
        """Remove what a killed writer left behind at least `age_seconds` ago; return how many."""
        leftovers = [p for p in self._old_files(age_seconds) if p.suffix == _HALF_WRITTEN]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def usage(self) -> StoreUsage:
        """Return how many files there are, and their bytes together."""
        file_count = byte_count = 0
        for path in self._old_files(0):
            with suppress(FileNotFoundError):
                byte_count += path.stat().st_size
                file_count += 1
        return StoreUsage(file_count, byte_count)

    def _old_files(self, age_seconds: float) -> Iterator[Path]:
        newest = time.time() - age_seconds
        for path in self._folder.rglob("*"):
            try:
                if path.is_file() and path.stat().st_mtime <= newest:
                    yield path
            except FileNotFoundError:
                continue  # Somebody removed it meanwhile.

    def _path(self, storage_key: str) -> Path:
        if not _STORAGE_KEY.match(storage_key):
            message = f"not a storage key: {storage_key!r}"
            raise ValueError(message)
        return self._folder / storage_key


def open_frame_store(url: str) -> FrameStore:
    """Return the store at `url`; today that is a folder, `file:///…`."""
    parts = urlparse(url)
    if parts.scheme != "file":
        message = f"FACE_MONITOR_FRAME_STORE_URL must be a file:// address, not {parts.scheme}://"
        raise ValueError(message)
    return DiskFrameStore(Path(url2pathname(parts.path)))


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(folder: Path, *, below: Path) -> None:
    """Make `folder` durable: every folder that gains an entry is synchronised."""
    missing = []
    current = folder
    while current != below and not current.is_dir():
        missing.append(current)
        current = current.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True, mode=0o700)
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
