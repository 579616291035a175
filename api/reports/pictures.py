"""Pictures for reports and bundles: opened and checked, within a budget, and never decoded."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.image_header import JPEG
from api.reports.blocks import Box, Picture
from api.reports.record import AttemptRecord, ShownFrame
from models.enrollment import ReferenceImage
from models.frame import Frame
from models.frame_store import ImageMissing
from models.sealed_images import ImageChanged, SealedImages

logger = logging.getLogger(__name__)

PICTURES_MAX_BYTES = 24_000_000
"""Of one report, all pictures together: it is put together in memory."""

ERASED = "The student was erased: no picture is left."
MISSING = "The stored file is missing."
CHANGED = "The stored file is not what was sent."
OVER_BUDGET = "Left out, because the report would grow too large. The evidence bundle holds it."


@dataclass
class Album:
    """Opens the pictures of one attempt, and knows which were shown."""

    images: SealedImages
    record: AttemptRecord
    shown_seqs: set[int] = field(default_factory=set)
    shown_reference_ids: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """What was wrong, by picture, for the audit record."""
    _used_bytes: int = 0

    def frame(self, seq: int) -> Picture:
        """Return the picture of a frame with the faces found and claimed in it."""
        shown = self.record.shown_frames[seq]
        content, trouble = self._open(shown.frame, f"frame {seq}")
        if content is not None:
            self.shown_seqs.add(seq)
        verification = shown.verification
        return Picture(
            content=content,
            content_type=JPEG,
            width=(verification and verification.image_width) or shown.frame.width,
            height=(verification and verification.image_height) or shown.frame.height,
            alt=f"Frame {seq}",
            boxes=_boxes(shown),
            trouble=trouble,
        )

    def reference(self, image: ReferenceImage) -> Picture:
        """Return an enrolled picture with the face found in it."""
        content, trouble = self._open(image, f"reference {image.id}")
        if content is not None:
            self.shown_reference_ids.append(image.id)
        return Picture(
            content=content,
            content_type=image.content_type,
            width=image.width or 4,
            height=image.height or 3,
            alt=f"Enrolled picture {image.position}",
            boxes=[_box(image.box, "subject")] if image.box else [],
            trouble=trouble,
        )

    def _open(self, row: Frame | ReferenceImage, name: str) -> tuple[bytes | None, str]:
        if self.record.key is None:
            return None, ERASED
        if self._used_bytes + row.byte_count > PICTURES_MAX_BYTES:
            return None, OVER_BUDGET
        content, trouble = open_picture(
            self.images, row, key=self.record.key, owner_id=self.record.subject.id
        )
        if trouble:
            self.troubles.append(f"{name}: {trouble}")
        self._used_bytes += len(content or b"")
        return content, trouble


def open_picture(
    images: SealedImages, row: Frame | ReferenceImage, *, key: bytes, owner_id: str
) -> tuple[bytes | None, str]:
    """Return a stored picture as it was sent, or None and what is wrong with it."""
    try:
        return images.get(row.storage_key, key=key, owner_id=owner_id, sha256=row.sha256), ""
    except ImageMissing:
        trouble = MISSING
    except ImageChanged:
        trouble = CHANGED
    logger.error("picture %s: %s", row.id, trouble)
    return None, trouble


def _boxes(shown: ShownFrame) -> list[Box]:
    claimed: Sequence[Any] = (shown.frame.claim or {}).get("boxes") or []
    found: Sequence[Any] = shown.verification.faces if shown.verification else []
    return [
        *(_box(box, "claimed") for box in claimed),
        *(_box(face["box"], "subject" if face.get("is_subject") else "other") for face in found),
    ]


def _box(box: dict[str, Any], kind: str) -> Box:
    return Box(x=box["x"], y=box["y"], width=box["width"], height=box["height"], kind=kind)
