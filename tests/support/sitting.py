"""A sitting of another system against a running stack: enrolled, started, ready for frames."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from face_monitor_client import Claim, FaceMonitorClient, RetryPolicy
from sqlalchemy import func, select

from clients.simulator.portraits import portrait_path
from clients.simulator.scenes import shot, webcam_frame
from models.base import new_id
from models.database import Database
from models.frame import Frame
from models.job import Job
from models.settings import Settings
from models.statuses import JobState
from models.verification import Verification
from tests.support.stack import RunningStack
from tests.support.waiting import wait_until

PATIENT = RetryPolicy(max_tries=200, longest_delay_seconds=0.5, give_up_after_seconds=60)
"""Goes on through a killed API."""


@dataclass
class Sitting:
    """A started attempt, and what was sent to it."""

    client: FaceMonitorClient
    attempt_id: str
    sha256_by_seq: dict[int, str] = field(default_factory=dict)
    """Of every frame that was answered with 2xx."""

    def send(self, seq: int, jpeg: bytes) -> None:
        """Send one frame with an honest claim, and note its hash once it was accepted."""
        receipt = self.client.send_frame(
            self.attempt_id, seq, jpeg, claim=Claim(status="one_face", face_count=1)
        )
        assert receipt.sha256 == hashlib.sha256(jpeg).hexdigest()
        self.sha256_by_seq[seq] = receipt.sha256


@contextmanager
def open_sitting(stack: RunningStack) -> Iterator[Sitting]:
    """Enrol a real face, open an attempt and start it."""
    key = stack.api_key(new_id("key"))
    with FaceMonitorClient(stack.url, key, retries=PATIENT) as client:
        yield start_sitting(client)


def start_sitting(client: FaceMonitorClient, *, frame_interval_seconds: float = 1) -> Sitting:
    """Enrol a real face as a new subject, open an attempt and start it."""
    subject = client.create_subject(new_id("ref"), display_name="A student")
    client.give_consent(subject.id, "2026-12")
    photograph = portrait_path("obama.jpg").read_bytes()
    enrollment = client.enrol(subject.id, [photograph], wait_seconds=30)
    assert enrollment.state == "accepted", enrollment
    attempt = client.open_attempt(
        subject.id, duration_seconds=3600, frame_interval_seconds=frame_interval_seconds
    )
    client.start(attempt.id)
    return Sitting(client, attempt.id)


def different_frames(count: int) -> list[bytes]:
    """Return `count` webcam frames of the enrolled person, no two with the same bytes."""
    frames = [webcam_frame("obama2.jpg", shot(number)) for number in range(count)]
    assert len(set(frames)) == count
    return frames


def wait_for_verdicts(sitting: Sitting, count: int, *, seconds: float) -> None:
    """Wait until the API counts `count` verdicts of the attempt."""
    wait_until(
        lambda: sitting.client.get_attempt(sitting.attempt_id).counts.verified >= count,
        what=f"{count} verdicts",
        seconds=seconds,
        pause=0.2,
    )


def database_of(stack: RunningStack) -> Database:
    """Return the stack's own database, read past the API."""
    settings = Settings(
        data_dir=stack.data_dir,
        database_url=stack.environment.get("FACE_MONITOR_DATABASE_URL"),
        _env_file=None,
    )
    return Database(settings.database)


@dataclass(frozen=True)
class Ledger:
    """What the database holds of an attempt, read past the API."""

    sha256_by_seq: dict[int, str]
    verdicts_by_seq: dict[int, Sequence[str]]
    jobs_not_done: int


def read_ledger(stack: RunningStack, attempt_id: str) -> Ledger:
    """Read frames, verdicts and jobs of the attempt from the stack's own database."""
    database = database_of(stack)
    try:
        with database.read() as session:
            frames = session.scalars(select(Frame).where(Frame.attempt_id == attempt_id)).all()
            rows = session.execute(
                select(Frame.seq, Verification.verdict)
                .join(Verification, Verification.frame_id == Frame.id)
                .where(Frame.attempt_id == attempt_id)
            ).all()
            open_jobs = session.scalar(
                select(func.count()).select_from(Job).where(Job.state != JobState.DONE)
            )
    finally:
        database.close()
    verdicts: dict[int, list[str]] = {}
    for seq, verdict in rows:
        verdicts.setdefault(seq, []).append(verdict)
    hashes = {frame.seq: frame.sha256 for frame in frames}
    return Ledger(hashes, dict(verdicts), open_jobs or 0)
