"""Making an evidence bundle: documents, pictures, manifest; never all of it in memory."""

import errno
import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from api import audit
from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.authorization import Action, authorize
from api.context import Context
from api.field_types import moment_text
from api.principal import Principal
from api.problems import StorageIsFull
from api.reports import bundle_format as names
from api.reports.bundle_documents import (
    CHUNK,
    attempt_document,
    audit_parts,
    incident_parts,
    reviews_document,
    timeline_parts,
)
from api.reports.bundle_writer import BundleWriter
from api.reports.content import report_of
from api.reports.html import html_of
from api.reports.key_frames import ranges_of
from api.reports.pictures import ERASED, Album, open_picture
from api.reports.reading import read_attempt
from api.reports.record import AttemptRecord
from api.reports.sealed_spool import SealedSpool
from api.reports.service import maker_of
from models.enrollment import ReferenceImage
from models.frame import Frame
from models.incident import Incident

BUNDLE_MADE: Final = "bundle.made"
"""The audit entry; it names the pictures that were in the bundle, and the bundle's digest."""

FOR_PEOPLE = "It is for people of the house."


@dataclass(frozen=True)
class Bundle:
    """A bundle ready to be handed out, once."""

    spool: SealedSpool
    name: str

    @property
    def byte_count(self) -> int:
        """Its size."""
        return self.spool.byte_count

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes."""
        return self.spool.chunks()


@dataclass
class _Making:
    """What is known while a bundle is made."""

    context: Context
    principal: Principal
    record: AttemptRecord
    answer: AttemptAnswer
    writer: BundleWriter
    made_at: datetime
    seqs: set[int] = field(default_factory=set)
    reference_ids: set[str] = field(default_factory=set)
    left_out: list[dict[str, str]] = field(default_factory=list)


def bundle(
    context: Context,
    principal: Principal,
    attempt_id: str,
    request_id: str,
    *,
    with_all_frames: bool,
) -> Bundle:
    """Return the evidence bundle of an attempt, once it is on record who has it.

    Raises
    ------
    NotFound
        There is no such attempt, or it is none of the principal's business.
    StorageIsFull
        There is no room to put it together.
    """
    spool = SealedSpool()
    made_at = context.clock()
    writer = BundleWriter(spool, made_at)
    try:
        making = _read(context, principal, attempt_id, writer, made_at)
        _add_report(making)
        _add_pictures(making, with_all_frames=with_all_frames)
        writer.close(names.MANIFEST, _manifest(making, with_all_frames=with_all_frames))
        _put_on_record(making, spool, request_id)
    except BaseException as error:
        writer.abandon()
        spool.close()
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageIsFull("There is no room to put the bundle together.") from None
        raise
    return Bundle(spool, f"{attempt_id}.zip")


def _put_on_record(making: _Making, spool: SealedSpool, request_id: str) -> None:
    context, attempt_id = making.context, making.record.attempt.id
    detail = {
        "frames": ranges_of(making.seqs),
        "reference_images": sorted(making.reference_ids),
        "left_out": [one["path"] for one in making.left_out],
        "sha256": spool.sha256(),
    }
    with context.database.write() as session:
        audit.record(
            session, context, making.principal, BUNDLE_MADE, attempt_id, request_id, detail
        )


def _read(
    context: Context,
    principal: Principal,
    attempt_id: str,
    writer: BundleWriter,
    made_at: datetime,
) -> _Making:
    """Read the record and add its documents, all as of one moment.

    An attempt that runs goes on meanwhile: what came in after the timeline was listed would
    contradict it.
    """
    with context.database.read_one_state() as session:
        record = read_attempt(session, context, principal, attempt_id)
        answer = attempt_answer(session, context, principal, record.attempt)
        making = _Making(context, principal, record, answer, writer, made_at)
        _add_documents(session, making)
    return making


def _add_documents(session: Session, making: _Making) -> None:
    record, writer = making.record, making.writer
    attempt_id = record.attempt.id
    about = {"attempt_id": attempt_id}
    attempt = names.dumped(attempt_document(record, making.answer))
    writer.add(names.ATTEMPT, attempt.encode(), is_packed=True)
    writer.add_list(names.TIMELINE, about, "items", timeline_parts(session, record.attempt))
    writer.add_list(names.INCIDENTS, about, "items", incident_parts(record))
    reviews = names.dumped(about | reviews_document(record))
    writer.add(names.REVIEWS, reviews.encode(), is_packed=True)
    if record.sees_notes:
        writer.add_list(names.AUDIT, about, "entries", audit_parts(session, attempt_id))
    else:
        making.left_out.append({"path": names.AUDIT, "why": FOR_PEOPLE})


def _add_report(making: _Making) -> None:
    album = Album(making.context.images, making.record)
    made_by = maker_of(making.principal)
    report = report_of(making.record, album, made_at=making.made_at, made_by=made_by)
    making.writer.add(names.REPORT, html_of(report).text.encode(), is_packed=True)
    making.seqs |= album.shown_seqs
    making.reference_ids |= set(album.shown_reference_ids)


def _add_pictures(making: _Making, *, with_all_frames: bool) -> None:
    if making.record.key is None:
        for folder in ("enrollment/", "frames/"):
            making.left_out.append({"path": folder, "why": ERASED})
        return
    for image in making.record.reference_images:
        path = names.reference_path(image.position, image.content_type)
        if _add_picture(making, path, image):
            making.reference_ids.add(image.id)
    for frame in _frames(making, with_all_frames=with_all_frames):
        if _add_picture(making, names.frame_path(frame.seq), frame):
            making.seqs.add(frame.seq)


def _add_picture(making: _Making, path: str, row: Frame | ReferenceImage) -> bool:
    record = making.record
    content, trouble = open_picture(
        making.context.images, row, key=record.key or b"", owner_id=record.subject.id
    )
    if content is None:
        making.left_out.append({"path": path, "why": trouble})
        return False
    making.writer.add(path, content, is_packed=False)
    return True


def _frames(making: _Making, *, with_all_frames: bool) -> Iterator[Frame]:
    """Yield the frames on record whose pictures are wanted, by number; a transaction a chunk."""
    on_record = {note.seq for note in making.record.frames}
    wanted = true() if with_all_frames else _is_of(making.record.incidents)
    seq = 0
    while True:
        with making.context.database.read() as session:
            frames = session.scalars(
                select(Frame)
                .where(Frame.attempt_id == making.record.attempt.id, Frame.seq > seq, wanted)
                .order_by(Frame.seq)
                .limit(CHUNK)
            ).all()
            for frame in frames:
                authorize(making.principal, Action.SEE_FACE, frame)
        yield from (frame for frame in frames if frame.seq in on_record)
        if len(frames) < CHUNK:
            return
        seq = frames[-1].seq


def _is_of(incidents: Sequence[Incident]) -> ColumnElement[bool]:
    """Return the condition that a frame lies within an incident; stretches that meet are one."""
    stretches: list[list[int]] = []
    known = [(one.first_seq, one.last_seq) for one in incidents]
    for first, last in sorted((a, b) for a, b in known if a is not None and b is not None):
        if stretches and first <= stretches[-1][1] + 1:
            stretches[-1][1] = max(stretches[-1][1], last)
        else:
            stretches.append([first, last])
    between = [Frame.seq.between(first, last) for first, last in stretches]
    return or_(*between) if between else Frame.seq < 0


def _manifest(making: _Making, *, with_all_frames: bool) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "format": names.FORMAT,
        "format_version": names.FORMAT_VERSION,
        "attempt_id": making.record.attempt.id,
        "made_at": moment_text(making.made_at),
        "made_by": {"id": making.principal.actor, "name": maker_of(making.principal)},
        "tool": {"name": "face-monitor", "version": importlib.metadata.version("face-monitor")},
        "frames": "all" if with_all_frames else "incidents",
        "left_out": making.left_out,
        "files": list(making.writer.files),
    }
    return manifest | {names.SEAL: names.seal_of(manifest, making.context.secret_key)}
