"""A room full of students in the middle of an exam, as the live wall shows it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session
from ulid import ULID

from api.context import Context
from models.attempt import Attempt
from models.frame import Frame
from models.job import enqueue
from models.sealed_images import SealedImages
from models.statuses import (
    AttemptState,
    IncidentEnding,
    IncidentKind,
    JobKind,
    Severity,
    Verdict,
)
from models.verification import Verification
from tests.support.builders import (
    POLICY,
    make_attempt,
    make_exam,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.incidents import make_incident

FIRST_NAMES = [
    "Amara",
    "Anna",
    "Benedikt",
    "Carla",
    "Chidi",
    "Davina",
    "Elif",
    "Emre",
    "Fatima",
    "Finn",
    "Giulia",
    "Hannah",
    "Ibrahim",
    "Ines",
    "Jakub",
    "Johanna",
    "Kofi",
    "Laila",
    "Lukas",
    "Mai",
    "Malik",
    "Mateo",
    "Nadia",
    "Nils",
    "Olga",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Sofia",
    "Thandi",
    "Timo",
    "Ulrike",
    "Viktor",
    "Wiebke",
    "Yasmin",
    "Yusuf",
    "Zoe",
]
LAST_NAMES = [
    "Adeyemi",
    "Bauer",
    "Celik",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kaya",
    "Lindqvist",
    "Moreau",
    "Nowak",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ursu",
    "Vogel",
    "Weber",
    "Yilmaz",
    "Zhang",
]

INTERVAL = timedelta(seconds=5)


@dataclass
class ExamRoom:
    """An exam and who sits it."""

    exam_id: str
    attempts: list[Attempt] = field(default_factory=list)
    next_seq: dict[str, int] = field(default_factory=dict)
    images: SealedImages | None = None
    """Where frames leave their pictures; none where nobody looks at them."""
    pictures: Sequence[bytes] = ()


def fill_room(
    session: Session,
    context: Context,
    count: int,
    *,
    title: str = "Introduction to statistics",
    checks: int = 60,
    pictures: Sequence[bytes] = (),
    now: datetime | None = None,
) -> ExamRoom:
    """Return a room of `count` students with `checks` verdicts each, most of them as it should be.

    With `pictures` the newest frame of each can be looked at.
    """
    now = now or datetime.now(UTC)
    draw = random.Random(count)
    room = ExamRoom(make_exam(session, title=title, now=now).id, pictures=pictures)
    room.images = context.images if pictures else None
    for number in range(count):
        name = f"{FIRST_NAMES[number % 38]} {LAST_NAMES[(number * 7 + number // 38) % 25]}"
        subject = make_subject(session, context.key_ring, now=now)
        subject.display_name = name
        state = AttemptState.READY if number % 29 == 17 else AttemptState.STARTED
        attempt = make_attempt(
            session, subject.id, state, exam_id=room.exam_id, now=now - timedelta(minutes=34)
        )
        room.attempts.append(attempt)
        room.next_seq[attempt.id] = checks + 1
        is_silent = number % 41 == 20
        last_at = now - (timedelta(seconds=75) if is_silent else draw.random() * INTERVAL)
        _sit(session, attempt, checks, last_at, draw, waits=number % 23 == 9)
        if pictures and checks:
            picture = pictures[number % len(pictures)]
            at = last_at + timedelta(milliseconds=1)
            frame = make_frame(
                session, attempt, checks + 1, images=context.images, content=picture, now=at
            )
            verdict_of(session, attempt, frame, usual_distance(draw), at)
            room.next_seq[attempt.id] += 1
    session.flush()
    return room


def add_incidents(session: Session, room: ExamRoom, now: datetime | None = None) -> None:
    """Add an incident of several kinds to every seventeenth attempt, some of them over."""
    now = now or datetime.now(UTC)
    kinds = (
        (IncidentKind.WRONG_PERSON, Severity.HIGH),
        (IncidentKind.NOBODY, Severity.MEDIUM),
        (IncidentKind.SOMEBODY_ELSE_TOO, Severity.HIGH),
        (IncidentKind.AWAY, Severity.LOW),
        (IncidentKind.CAMERA_COVERED, Severity.MEDIUM),
    )
    for place, attempt in enumerate(room.attempts[2::17]):
        kind, severity = kinds[place % len(kinds)]
        began = now - timedelta(seconds=25 + 47 * place)
        is_over = place % 3 == 2
        make_incident(
            session,
            attempt,
            kind,
            severity,
            now=began,
            first_seq=40,
            worst_seq=45,
            last_seq=50,
            last_at=began + timedelta(seconds=20),
            closed_at=began + timedelta(seconds=24) if is_over else None,
            ending=IncidentEnding.REFUTED if is_over else None,
            updated_at=now - timedelta(seconds=1),
        )


def next_check(
    session: Session, room: ExamRoom, attempt: Attempt, verdict: Verdict = Verdict.MATCH
) -> Verification:
    """Return the verdict of one more frame of an attempt, as a worker records it now."""
    now = datetime.now(UTC)
    seq = room.next_seq[attempt.id]
    room.next_seq[attempt.id] = seq + 1
    content = (
        room.pictures[room.attempts.index(attempt) % len(room.pictures)] if room.pictures else None
    )
    frame = make_frame(session, attempt, seq, images=room.images, content=content, now=now)
    distance = {Verdict.MATCH: 0.34, Verdict.MISMATCH: 0.82}.get(verdict)
    return make_verification(
        session, verdict=verdict, attempt=attempt, frame=frame, distance=distance, now=now
    )


def usual_distance(draw: random.Random) -> float:
    return min(0.49, max(0.18, draw.gauss(0.34, 0.05)))


def verdict_of(
    session: Session, attempt: Attempt, frame: Frame, distance: float | None, at: datetime
) -> None:
    if distance is None:
        verdict = Verdict.NO_FACE
    elif distance <= POLICY["match_threshold"]:
        verdict = Verdict.MATCH
    else:
        below = distance < POLICY["mismatch_threshold"]
        verdict = Verdict.INCONCLUSIVE if below else Verdict.MISMATCH
    make_verification(
        session,
        id=id_at("ver", at),
        verdict=verdict,
        attempt=attempt,
        frame=frame,
        distance=distance,
        now=at,
    )


def id_at(prefix: str, at: datetime) -> str:
    """Return an id as it would have been made at another time."""
    return f"{prefix}_{ULID.from_timestamp(at.timestamp())}".lower()


def _sit(
    session: Session,
    attempt: Attempt,
    checks: int,
    last_at: datetime,
    draw: random.Random,
    *,
    waits: bool,
) -> None:
    kind = draw.random()
    for seq in range(1, checks + 1):
        at = last_at - (checks - seq) * INTERVAL
        frame = make_frame(session, attempt, seq, now=at)
        if waits and seq > checks - 2:
            enqueue(session, JobKind.VERIFY_FRAME, frame.id, now=at)
            continue
        distance: float | None = usual_distance(draw)
        if kind < 0.04 and seq > checks - 8:
            distance = draw.gauss(0.84, 0.04)
        elif kind < 0.09 and draw.random() < 0.3:
            distance = draw.gauss(0.55, 0.02)
        elif kind < 0.13 and seq > checks - 5:
            distance = None
        verdict_of(session, attempt, frame, distance, at)
