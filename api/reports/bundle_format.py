"""The format of evidence bundles: names, limits, and the manifest with its seal.

docs/decisions/0014-evidence-bundles.md describes it. Needs neither database nor settings.
"""

import hashlib
import hmac
import json
from typing import Any

FORMAT = "face-monitor-evidence"
FORMAT_VERSION = 1
"""Raised when a reader of the one before would misread the next."""

MANIFEST = "manifest.json"
ATTEMPT = "attempt.json"
TIMELINE = "timeline.json"
INCIDENTS = "incidents.json"
REVIEWS = "reviews.json"
AUDIT = "audit.json"
REPORT = "report.html"

DOCUMENTS = (ATTEMPT, TIMELINE, INCIDENTS, REVIEWS, AUDIT, REPORT)
"""In the order in which they lie in the zip; pictures follow, the manifest is last."""

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
"""Of pictures by their type."""

SEAL = "hmac_sha256"
"""The manifest's member that tells that this service made it."""


def frame_path(seq: int) -> str:
    """Return where a frame's picture lies; names sort as the numbers do."""
    return f"frames/{seq:07d}.jpg"


def reference_path(position: int, content_type: str) -> str:
    """Return where an enrolled picture lies."""
    return f"enrollment/{position:02d}.{EXTENSIONS[content_type]}"


def dumped(value: Any) -> str:
    """Return JSON that is the same for the same value, wherever it is made."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_of(manifest: dict[str, Any], secret_key: bytes) -> str:
    """Return the HMAC over all of a manifest but the seal itself.

    Its key is derived from the service's secret, so that no seal of another kind fits.
    """
    key = hmac.new(secret_key, b"evidence-bundle:1", hashlib.sha256).digest()
    content = {name: value for name, value in manifest.items() if name != SEAL}
    return hmac.new(key, dumped(content).encode(), hashlib.sha256).hexdigest()
