"""Rescores for tests that do without a worker."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.frame import Frame
from models.rescore import Rescore, RescoredFrame
from models.statuses import RescoreState, Verdict
from tests.support.builders import DISTANCES, NOW, POLICY


def make_rescore(
    session: Session,
    attempt: Attempt,
    found: dict[Frame, Verdict],
    *,
    now: datetime = NOW,
    **columns: Any,
) -> Rescore:
    """Return a rescore that is done and found these verdicts."""
    seqs = [frame.seq for frame in found] or [0]
    values: dict[str, Any] = {
        "asked_by": "usr_1",
        "engine": "dlib",
        "engine_id": "dlib/test",
        "policy": {**POLICY, "match_threshold": 0.4},
        "policy_id": "policy/other",
        "state": RescoreState.DONE,
        "last_seq": max(seqs),
        "done_seq": max(seqs),
        "frame_count": len(found),
        "scored_count": len(found),
        "finished_at": now,
        **columns,
    }
    rescore = Rescore(id=new_id("rsc"), attempt_id=attempt.id, created_at=now, **values)
    session.add(rescore)
    session.flush()
    for frame, verdict in found.items():
        session.add(
            RescoredFrame(
                rescore_id=rescore.id,
                frame_id=frame.id,
                seq=frame.seq,
                verdict=verdict,
                distance=DISTANCES.get(verdict),
                face_count=1,
                reasons=[],
            )
        )
    session.flush()
    return rescore
