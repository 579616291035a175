"""`python -m tests.support.seed DATA_DIR`: an exam of many attempts, as after a busy afternoon.

For looking at the desk, and for measuring it: 300 attempts with 400 verified frames each, of which
some are somebody else's, empty chairs, poor light or none at all. Distances come from the measured
distributions of the tests; incidents are found by the worker's own rules. Pictures are a few
for each student, so that a page shows faces; the admin is `admin` with the password below.
"""

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from api.app import make_app
from api.context import Context
from api.users.service import create_admin
from clients.simulator.scenes import empty_room, two_people, webcam_frame
from models.attempt import Attempt, AttemptTransition
from models.base import new_id
from models.client_event import ClientEvent
from models.exam import Exam
from models.frame import Frame
from models.schema import upgrade_schema
from models.sealed_images import subject_key
from models.settings import Settings
from models.statuses import AttemptState, Verdict
from models.user import User
from models.verification import Verification
from tests.conftest import ENCRYPTION_KEY
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject
from tests.verifier.exams import OTHERS_DISTANCES, OWN_DISTANCES, POLICY, drawn
from worker.find_incidents import look_through, record_incidents

PASSWORD = "a password of the demo"

INTERVAL_SECONDS = 5.0

STRANGE_SHARE = 0.25
"""Part of the attempts in which something happens that asks for a look."""

NOISE = 0.01
"""Part of all frames that are wrong for no reason."""

FIRST_NAMES = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elif",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jan",
    "Katja",
    "Luis",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
]
LAST_NAMES = [
    "Adler",
    "Brandt",
    "Çelik",
    "Dietz",
    "Ebert",
    "Fuchs",
    "Graf",
    "Haas",
    "Ivanova",
    "Jung",
    "Klein",
    "Lang",
    "Maier",
    "Nowak",
]

_SCENES = {
    Verdict.MATCH: "right",
    Verdict.MISMATCH: "wrong",
    Verdict.NO_FACE: "empty",
    Verdict.MULTIPLE_FACES: "two",
}


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored for one subject."""

    storage_key: str
    sha256: str
    byte_count: int


def settings_of(folder: Path, **changes: Any) -> Settings:
    """Return the settings of a service whose data lie in `folder`."""
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": f"sqlite:///{folder / 'face-monitor.db'}",
        "secret_key": "a secret of the tests",
        "key_encryption_key": ENCRYPTION_KEY,
        **changes,
    }
    return Settings(_env_file=None, **values)


def seed(
    context: Context, *, attempts: int, frames: int, still_running: bool = False, number: int = 1
) -> str:
    """Fill a database with the newest schema; return the exam's id.

    Parameters
    ----------
    attempts, frames
        How many attempts, and how many verified frames in each.
    still_running
        Whether the attempts go on, with their newest frame just now; else they were handed in.
    number
        Of the random draw: the same number gives the same attempts.
    """
    rng = np.random.default_rng(number)
    length = timedelta(seconds=INTERVAL_SECONDS * (frames + 1))
    began = context.clock() - length - timedelta(seconds=0 if still_running else 600)
    with context.database.write() as session:
        # The few pictures of a student come again and again; that is no finding here.
        policy = {"repeated_picture": {"is_on": False}}
        exam = make_exam(session, title="Linear algebra I", incident_policy=policy, now=began)
        exam_id = exam.id
    for index in range(attempts):
        with context.database.write() as session:
            exam = session.get_one(Exam, exam_id)
            state = AttemptState.STARTED if still_running else AttemptState.SUBMITTED
            _add_attempt(session, context, rng, exam, index, frames, began, state)
    return exam_id


def _add_attempt(
    session: Session,
    context: Context,
    rng: np.random.Generator,
    exam: Exam,
    index: int,
    frames: int,
    began: datetime,
    state: AttemptState,
) -> None:
    moment = began + timedelta(seconds=float(rng.uniform(0, INTERVAL_SECONDS)))
    name = f"{FIRST_NAMES[index % len(FIRST_NAMES)]} {LAST_NAMES[index % len(LAST_NAMES)]}"
    subject = make_subject(session, context.images.key_ring, now=began)
    subject.display_name = name
    _add_user(session, subject.id, name, index, began)
    enrollment = make_enrollment(
        session, subject.id, images=context.images, contents=[_scene("right")], now=began
    )
    over_at = moment + timedelta(seconds=INTERVAL_SECONDS * (frames + 1))
    attempt = make_attempt(
        session,
        subject.id,
        state,
        exam_id=exam.id,
        enrollment_id=enrollment.id,
        now=moment,
        submitted_at=over_at if state is AttemptState.SUBMITTED else None,
        deadline_at=over_at + timedelta(seconds=3600),
    )
    _move_submission(session, attempt, over_at)
    pictures = _pictures(session, context, subject.id)
    figures = list(_figures(rng, frames))
    _add_frames(session, attempt, moment, figures, pictures)
    _add_events(session, attempt, rng, moment, frames)
    session.flush()
    found, policy_id = look_through(session, attempt.id, context.clock())
    record_incidents(session, attempt.id, found, policy_id, now=context.clock())


def _add_user(session: Session, subject_id: str, name: str, index: int, now: datetime) -> None:
    login = f"student{index:04}"
    session.add(
        User(
            id=new_id("usr"),
            login=login,
            login_key=login,
            display_name=name,
            password_hash="no password opens this",
            role="student",
            subject_id=subject_id,
            created_at=now,
        )
    )


def _move_submission(session: Session, attempt: Attempt, at: datetime) -> None:
    """Let the attempt be handed in when its frames end, not when it began."""
    session.execute(
        update(AttemptTransition)
        .where(
            AttemptTransition.attempt_id == attempt.id,
            AttemptTransition.to_state == AttemptState.SUBMITTED,
        )
        .values(at=at)
    )


def _figures(rng: np.random.Generator, frames: int) -> Iterator[tuple[int, Verdict, float | None]]:
    """Yield seq, verdict and distance of each frame; seqs that are left out never came."""
    strange: dict[int, str] = {}
    if rng.random() < STRANGE_SHARE:
        kind = str(rng.choice(["other", "other", "nobody", "two", "gap", "poor"]))
        start = int(rng.integers(frames // 8 + 1, max(frames - frames // 4, frames // 8 + 2)))
        strange = dict.fromkeys(range(start, start + int(rng.integers(8, 40))), kind)
    good = np.minimum(drawn(rng, OWN_DISTANCES, frames) * 0.78, 0.58)
    far = drawn(rng, OTHERS_DISTANCES, frames)
    for seq in range(1, frames + 1):
        kind = strange.get(seq, "good" if rng.random() > NOISE else "noise")
        if kind == "gap":
            continue
        if kind in {"nobody", "noise"}:
            yield seq, Verdict.NO_FACE, None
        elif kind == "two":
            yield seq, Verdict.MULTIPLE_FACES, float(good[seq - 1])
        elif kind == "poor":
            yield seq, Verdict.LOW_QUALITY, float(good[seq - 1])
        else:
            distance = float(far[seq - 1] if kind == "other" else good[seq - 1])
            yield seq, _judged(distance), round(distance, 4)


def _judged(distance: float) -> Verdict:
    if distance <= POLICY.match_threshold:
        return Verdict.MATCH
    return Verdict.MISMATCH if distance >= POLICY.mismatch_threshold else Verdict.INCONCLUSIVE


@cache
def _scene(name: str) -> bytes:
    return {
        "right": lambda: webcam_frame("obama.jpg"),
        "wrong": lambda: webcam_frame("biden.jpg"),
        "empty": empty_room,
        "two": lambda: two_people("obama.jpg", "biden.jpg"),
    }[name]()


def _pictures(session: Session, context: Context, subject_id: str) -> dict[str, Picture]:
    key = subject_key(session, context.images.key_ring, subject_id)
    stored = {}
    for name in sorted(set(_SCENES.values())):
        content = _scene(name)
        storage_key = f"frames/{subject_id}/{name}"
        context.images.put(storage_key, content, key=key, owner_id=subject_id)
        digest = hashlib.sha256(content).hexdigest()
        stored[name] = Picture(storage_key, digest, len(content))
    return stored


def _add_frames(
    session: Session,
    attempt: Attempt,
    began: datetime,
    figures: list[tuple[int, Verdict, float | None]],
    pictures: dict[str, Picture],
) -> None:
    frames, verifications = [], []
    policy_id = "policy/seed"
    for seq, verdict, distance in figures:
        received = began + timedelta(seconds=INTERVAL_SECONDS * seq)
        picture = pictures[_SCENES.get(verdict, "right")]
        frame_id = new_id("frm")
        claims_one = verdict is not Verdict.NO_FACE
        disagrees = verdict in {Verdict.MISMATCH, Verdict.MULTIPLE_FACES}
        signals = [{"code": "client_disagrees", "claim_status": "one_face"}] if disagrees else []
        frames.append(
            {
                "id": frame_id,
                "attempt_id": attempt.id,
                "seq": seq,
                "storage_key": picture.storage_key,
                "sha256": picture.sha256,
                "byte_count": picture.byte_count,
                "width": 640,
                "height": 480,
                "captured_at": received - timedelta(milliseconds=240),
                "received_at": received,
                "claim": {"status": "one_face" if claims_one else "no_face"},
                "signals": [],
            }
        )
        verifications.append(
            _verification(attempt, frame_id, verdict, distance, signals, received, policy_id)
        )
    if frames:
        session.execute(insert(Frame), frames)
        session.execute(insert(Verification), verifications)


def _verification(
    attempt: Attempt,
    frame_id: str,
    verdict: Verdict,
    distance: float | None,
    signals: list[dict[str, Any]],
    received: datetime,
    policy_id: str,
) -> dict[str, Any]:
    box = {"x": 230, "y": 150, "width": 180, "height": 180}
    face = {"box": box, "is_subject": True, "detector_score": 1.2, "distance": distance}
    return {
        "id": new_id("ver"),
        "frame_id": frame_id,
        "attempt_id": attempt.id,
        "subject_id": attempt.subject_id,
        "verdict": verdict.value,
        "distance": distance,
        "match_score": None if distance is None else round(max(0.0, 100 - 80 * distance), 1),
        "match_threshold": POLICY.match_threshold,
        "mismatch_threshold": POLICY.mismatch_threshold,
        "distances": [] if distance is None else [distance],
        "face_count": 0 if verdict is Verdict.NO_FACE else 1,
        "faces": [] if distance is None else [face],
        "unmatched_faces": [],
        "quality": {"frame_layout": 24.0, "frame_brightness": 120.0},
        "reasons": [{"code": verdict.value, "message": "Made for looking at the desk."}],
        "signals": signals,
        "image_width": 640,
        "image_height": 480,
        "look": "glance",
        "engine_id": "seed",
        "policy_id": policy_id,
        "enrollment_version": 1,
        "timings_ms": {"total": 13.0},
        "captured_at": received - timedelta(milliseconds=240),
        "received_at": received,
        "created_at": received + timedelta(milliseconds=180),
    }


def _add_events(
    session: Session, attempt: Attempt, rng: np.random.Generator, began: datetime, frames: int
) -> None:
    rows = []
    for _ in range(int(rng.integers(0, 4))):
        left = began + timedelta(seconds=float(rng.uniform(10, INTERVAL_SECONDS * frames)))
        away = timedelta(seconds=float(rng.exponential(6.0)) + 1)
        for reason, at in (("tab_switch", left), ("tab_return", left + away)):
            event_id = new_id("evt")
            rows.append(
                {
                    "id": event_id,
                    "attempt_id": attempt.id,
                    "client_event_id": event_id,
                    "kind": "tab",
                    "reason": reason,
                    "client_at": at,
                    "received_at": at,
                }
            )
    if rows:
        session.execute(insert(ClientEvent), rows)


def main() -> None:
    """Fill a new data directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--attempts", type=int, default=300)
    parser.add_argument("--frames", type=int, default=400, help="verified frames an attempt")
    parser.add_argument("--running", action="store_true", help="the attempts go on")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    context: Context = make_app(settings_of(arguments.folder)).state.context
    upgrade_schema(context.database)
    with context.database.write() as session:
        create_admin(session, context, "admin", PASSWORD)
    seed(
        context,
        attempts=arguments.attempts,
        frames=arguments.frames,
        still_running=arguments.running,
    )
    context.database.close()


if __name__ == "__main__":
    main()
