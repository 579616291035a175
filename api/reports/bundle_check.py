"""Checking an evidence bundle offline: whether it is whole, unaltered and consistent.

Needs neither database nor settings. Whoever has no secret of the service learns whether the
bundle contradicts itself; only with the secret is it certain that this service made it.
"""

import hashlib
import hmac
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.reports import bundle_format as names
from api.reports.bundle_consistency import contradictions
from api.reports.bundle_zip import BundleUnreadable, hostile_entries, open_zip

_READ_BYTES = 1_048_576

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
"""What reading one file of a damaged zip can raise."""

ORIGIN_UNCHECKED = (
    "Origin not checked: without the service's secret (FACE_MONITOR_SECRET_KEY) nobody can tell "
    "who made this bundle."
)
ORIGIN_CONFIRMED = "This service made the bundle: its seal fits."
ORIGIN_REFUTED = (
    "The seal does not fit: this service did not make this manifest, or its secret has changed."
)


@dataclass
class CheckedBundle:
    """What a check found."""

    problems: list[str] = field(default_factory=list)
    """What was altered or is missing, each in words; none when the bundle is fine."""
    notes: list[str] = field(default_factory=list)
    """What the bundle itself says is not in it."""
    origin: str = ORIGIN_UNCHECKED
    manifest: dict[str, Any] = field(default_factory=dict)
    files_checked: int = 0

    @property
    def is_fine(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs."""
        about = {name: self.manifest.get(name) for name in ("attempt_id", "made_at", "made_by")}
        return {
            "is_fine": self.is_fine,
            "origin": self.origin,
            "files_checked": self.files_checked,
            **about,
            "problems": self.problems,
            "notes": self.notes,
        }


def check_bundle(path: Path, secret_key: bytes | None = None) -> CheckedBundle:
    """Return what is wrong with a bundle.

    Raises
    ------
    BundleUnreadable
        It is no zip, or of a format that this version does not know.
    """
    checked = CheckedBundle()
    with open_zip(path) as archive:
        checked.problems += hostile_entries(archive)
        if checked.problems:
            return checked  # Nothing of it is read.
        manifest = _manifest(archive, checked)
        if manifest is None:
            return checked
        checked.manifest = manifest
        _check_seal(checked, secret_key)
        digests = _check_files(archive, checked)
        checked.problems += contradictions(
            manifest, digests, lambda name: archive.read(name) if name in digests else None
        )
    return checked


def _manifest(archive: zipfile.ZipFile, checked: CheckedBundle) -> dict[str, Any] | None:
    try:
        manifest = json.loads(archive.read(names.MANIFEST))
    except KeyError:
        checked.problems.append(f"{names.MANIFEST} is missing: nothing can be checked.")
        return None
    except (*_DAMAGED, ValueError, RecursionError):
        checked.problems.append(f"{names.MANIFEST} cannot be read: nothing can be checked.")
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != names.FORMAT:
        message = "It is no evidence bundle: its manifest is of another format."
        raise BundleUnreadable(message)
    if manifest.get("format_version") != names.FORMAT_VERSION:
        message = (
            f"It has format version {manifest.get('format_version')}; this program knows "
            f"{names.FORMAT_VERSION}."
        )
        raise BundleUnreadable(message)
    if not _is_sound(manifest):
        checked.problems.append(f"{names.MANIFEST} does not list its files as it should.")
        return None
    return manifest


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    files, left_out = manifest.get("files"), manifest.get("left_out")
    return (
        isinstance(files, list)
        and isinstance(left_out, list)
        and all(
            isinstance(one, dict)
            and isinstance(one.get("path"), str)
            and isinstance(one.get("sha256"), str)
            and isinstance(one.get("byte_count"), int)
            for one in files
        )
        and all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in left_out)
        and isinstance(manifest.get("attempt_id"), str)
    )


def _check_seal(checked: CheckedBundle, secret_key: bytes | None) -> None:
    if secret_key is None:
        return
    seal = str(checked.manifest.get(names.SEAL, ""))
    expected = names.seal_of(checked.manifest, secret_key)
    if hmac.compare_digest(seal.encode(), expected.encode()):
        checked.origin = ORIGIN_CONFIRMED
    else:
        checked.origin = ORIGIN_REFUTED
        checked.problems.append(ORIGIN_REFUTED)


def _check_files(archive: zipfile.ZipFile, checked: CheckedBundle) -> dict[str, str]:
    """Compare every file with the manifest; return the digest of each that is as listed."""
    listed = {one["path"]: one for one in checked.manifest["files"]}
    left_out = {one["path"]: one.get("why", "") for one in checked.manifest["left_out"]}
    checked.problems += _list_problems(set(archive.namelist()), listed, left_out)
    if len(listed) != len(checked.manifest["files"]):
        checked.problems.append(f"{names.MANIFEST} lists a file twice.")
    checked.notes += [f"{path} is not in it. {why}" for path, why in left_out.items()]
    digests: dict[str, str] = {}
    for path in sorted(listed.keys() & set(archive.namelist())):
        checked.files_checked += 1
        try:
            digest, byte_count = _digest(archive, path)
        except _DAMAGED:
            checked.problems.append(f"{path} is damaged.")
            continue
        if (digest, byte_count) != (listed[path]["sha256"], listed[path]["byte_count"]):
            checked.problems.append(f"{path} was altered: it is not what the manifest lists.")
        else:
            digests[path] = digest
    return digests


def _list_problems(
    there: set[str], listed: Mapping[str, Any], left_out: Mapping[str, Any]
) -> list[str]:
    """Return which files are missing from the zip or the manifest."""
    return [
        *(f"{path} is missing." for path in sorted(listed.keys() - there)),
        *(
            f"{path} was added: the manifest does not list it."
            for path in sorted(there - listed.keys() - {names.MANIFEST})
        ),
        *(
            f"{path} is missing, and the manifest does not say why."
            for path in names.DOCUMENTS
            if path not in listed and path not in left_out
        ),
    ]


def _digest(archive: zipfile.ZipFile, path: str) -> tuple[str, int]:
    digest, byte_count = hashlib.sha256(), 0
    with archive.open(path) as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
            byte_count += len(chunk)
    return digest.hexdigest(), byte_count
