"""Very many frames with their verdicts, inserted by the thousand: what load leaves behind."""

import random
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert
from ulid import ULID

from models.attempt import Attempt
from models.database import Database
from models.frame import Frame
from models.job import FRAME_PRIORITY, Job
from models.statuses import JobKind, JobState, Verdict
from models.verification import Verification

BATCH = 2000

MIX = (
    (Verdict.MATCH, 0.93),
    (Verdict.MISMATCH, 0.02),
    (Verdict.NO_FACE, 0.03),
    (Verdict.LOW_QUALITY, 0.02),
)
"""As in an exam in which little happens."""


def seed_verifications(
    database: Database, attempt: Attempt, count: int, *, since: datetime, until: datetime
) -> None:
    """Insert `count` frames of the attempt, each done and verified, evenly from `since` on."""
    step = (until - since) / count
    moments = (since + step * number for number in range(count))
    rows = (_rows(attempt, seq, at) for seq, at in enumerate(moments, start=1))
    while batch := list(islice(rows, BATCH)):
        with database.write() as session:
            for table, column in ((Frame, 0), (Job, 1), (Verification, 2)):
                session.execute(insert(table), [row[column] for row in batch])


def id_at(prefix: str, moment: datetime) -> str:
    """Return an id as `models.base.new_id` would have given it out at `moment`."""
    return f"{prefix}_{ULID.from_datetime(moment)}".lower()


def _rows(
    attempt: Attempt, seq: int, at: datetime
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    frame_id, verified_at = id_at("frm", at), at + timedelta(seconds=0.4 + random.random() / 5)
    verdict = random.choices([one for one, _ in MIX], [share for _, share in MIX])[0]
    frame = {
        "id": frame_id,
        "attempt_id": attempt.id,
        "seq": seq,
        "storage_key": f"frames/{attempt.id}/{frame_id}",
        "sha256": f"{seq:064}",
        "byte_count": 24_000,
        "width": 640,
        "height": 480,
        "captured_at": at,
        "received_at": at,
        "claim": {"status": "one_face", "face_count": 1, "detector_score": 0.93},
        "signals": [],
    }
    job = {
        "id": id_at("job", at),
        "kind": JobKind.VERIFY_FRAME,
        "target_id": frame_id,
        "priority": FRAME_PRIORITY,
        "state": JobState.DONE,
        "attempts": 1,
        "not_before": at,
        "created_at": at,
        "finished_at": verified_at,
    }
    verification = {
        "id": id_at("ver", verified_at),
        "frame_id": frame_id,
        "attempt_id": attempt.id,
        "subject_id": attempt.subject_id,
        "verdict": verdict,
        "distance": 0.31,
        "match_score": 82.0,
        "match_threshold": 0.5,
        "mismatch_threshold": 0.6,
        "distances": [0.31, 0.34, 0.38],
        "reference_agreement": {"best": 0.31, "median": 0.34, "agreeing": 3, "count": 3},
        "face_count": 1,
        "faces": [{"box": {"x": 210, "y": 120, "width": 180, "height": 180}, "is_subject": True}],
        "unmatched_faces": [],
        "quality": {"sharpness": 118.2, "brightness": 121.0, "contrast": 48.1, "yaw": 3.1},
        "reasons": [{"code": verdict.value, "message": "Seeded by a test."}],
        "signals": [],
        "image_width": 640,
        "image_height": 480,
        "look": "glance",
        "engine_id": "onnx/test",
        "policy_id": "policy/test",
        "enrollment_version": 1,
        "timings_ms": {"decode": 3.1, "detect": 9.8, "encode": 11.2, "total": 24.9},
        "sealed_encoding": b"x" * 543,
        "captured_at": at,
        "received_at": at,
        "created_at": verified_at,
    }
    return frame, job, verification
