"""Whether what stands in a bundle fits together: frames, enrolled pictures, audit entries."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from api.reports import bundle_format as names
from models.audit import AuditEntry, entry_hash

Read = Callable[[str], bytes | None]
"""Returns a file of the bundle that is as the manifest lists it, else None."""

_FRAME = re.compile(r"frames/([0-9]+)\.jpg\Z")

_ENTRY_MEMBERS = frozenset(
    {"number", "at", "actor", "action", "object_id", "detail", "request_id"}
) | {"previous_hash", "entry_hash"}


def contradictions(
    manifest: Mapping[str, Any], digests: Mapping[str, str], read: Read
) -> list[str]:
    """Return where the bundle contradicts itself, each in words.

    Parameters
    ----------
    digests
        Of every file that is as the manifest lists it.
    """
    found: list[str] = []
    for name, check in _CHECKS.items():
        content = read(name)
        if content is None:
            continue  # It is missing or altered, which was told already.
        try:
            document = json.loads(content)
            found += check(document, manifest, digests)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            found.append(f"{name} does not hold what it should.")
    return found


def _check_attempt(
    document: Any, manifest: Mapping[str, Any], digests: Mapping[str, str]
) -> Iterator[str]:
    yield from _check_id(names.ATTEMPT, document["attempt"]["id"], manifest)
    images = (document["enrollment"] or {"images": []})["images"]
    known = {
        names.reference_path(image["position"], image["content_type"]): image["sha256"]
        for image in images
    }
    for path, digest in digests.items():
        if path.startswith("enrollment/") and known.get(path) != digest:
            yield f"{path} is not the picture that {names.ATTEMPT} names."


def _check_timeline(
    document: Any, manifest: Mapping[str, Any], digests: Mapping[str, str]
) -> Iterator[str]:
    yield from _check_id(names.TIMELINE, document["attempt_id"], manifest)
    recorded = {
        item["seq"]: item["sha256"] for item in document["items"] if item["type"] == "frame"
    }
    for path, digest in digests.items():
        named = _FRAME.match(path)
        if named is None:
            continue
        expected = recorded.get(int(named[1]))
        if expected is None:
            yield f"{path} is of no frame that {names.TIMELINE} lists."
        elif expected != digest:
            yield f"{path} is not the picture that {names.TIMELINE} recorded."


def _check_others(name: str) -> "Check":
    def check(
        document: Any, manifest: Mapping[str, Any], _digests: Mapping[str, str]
    ) -> Iterator[str]:
        yield from _check_id(name, document["attempt_id"], manifest)

    return check


def _check_audit(
    document: Any, manifest: Mapping[str, Any], _digests: Mapping[str, str]
) -> Iterator[str]:
    yield from _check_id(names.AUDIT, document["attempt_id"], manifest)
    before: AuditEntry | None = None
    for item in document["entries"]:
        entry = _entry(item)
        if entry_hash(entry) != entry.entry_hash:
            yield f"Audit entry {entry.number} was altered: its hash does not fit it."
        if before is not None and entry.number <= before.number:
            yield f"Audit entry {entry.number} does not stand in its place."
        is_next = before is not None and entry.number == before.number + 1
        if before is not None and is_next and entry.previous_hash != before.entry_hash:
            yield f"Audit entry {entry.number} does not follow the one before it."
        before = entry


def _entry(item: Mapping[str, Any]) -> AuditEntry:
    if item.keys() != _ENTRY_MEMBERS:
        message = "an audit entry has other members"
        raise ValueError(message)
    return AuditEntry(**{**item, "at": datetime.fromisoformat(item["at"])})


def _check_id(name: str, found: Any, manifest: Mapping[str, Any]) -> Iterator[str]:
    if found != manifest["attempt_id"]:
        yield f"{name} is of another attempt."


Check = Callable[[Any, Mapping[str, Any], Mapping[str, str]], Iterator[str]]

_CHECKS: dict[str, Check] = {
    names.ATTEMPT: _check_attempt,
    names.TIMELINE: _check_timeline,
    names.INCIDENTS: _check_others(names.INCIDENTS),
    names.REVIEWS: _check_others(names.REVIEWS),
    names.AUDIT: _check_audit,
}
