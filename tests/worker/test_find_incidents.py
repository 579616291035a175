"""Incidents on record follow what is on record, whatever comes first and however often."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from clients.simulator.scenes import webcam_frame
from models.attempt import Attempt, AttemptTransition
from models.attempt_states import SYSTEM_ACTOR, move
from models.base import new_id
from models.client_event import ClientEvent
from models.database import Database, database_now
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.incident import Incident, IncidentReview
from models.job import BACKLOG_PRIORITY, LOOK_PRIORITY, Job, arm, arm_all
from models.statuses import (
    AlertEvent,
    AttemptState,
    IncidentKind,
    IncidentReviewState,
    JobKind,
    JobState,
    Role,
    Verdict,
)
from models.subject import Subject
from models.user import User
from models.webhook import WebhookDelivery
from tests.support.builders import (
    NOW,
    make_attempt,
    make_event,
    make_exam,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.incidents import make_incident, new_webhook
from tests.worker.conftest import Sitting
from worker.find_incidents import update_incidents
from worker.job_protocol import claim_job, finish_job
from worker.runtime import Runtime
from worker.silence_watch import arm_silent_attempts
from worker.use_cases import do_job
from worker.verify_frame import may_change_incidents

VERDICTS = {
    "m": Verdict.MATCH,
    "X": Verdict.MISMATCH,
    "0": Verdict.NO_FACE,
    "2": Verdict.MULTIPLE_FACES,
    "q": Verdict.LOW_QUALITY,
}


class Record:
    """An attempt whose frames are written as letters, a frame each five seconds."""

    def __init__(self, runtime: Runtime, *, is_practice: bool = False, **exam: Any) -> None:
        self.runtime = runtime
        self.database: Database = runtime.database
        with self.database.write() as session:
            subject = make_subject(session, runtime.images.key_ring)
            made = make_exam(session, now=NOW, is_practice=is_practice, **exam)
            self.exam_id = made.id
            # The looks go by the real clock: its time must not be over for them.
            deadline = NOW + timedelta(days=36500)
            self.attempt = make_attempt(
                session,
                subject.id,
                exam_id=made.id,
                deadline_at=deadline,
                is_practice=is_practice,
            )

    def add(self, seq: int, letter: str, *, came_late: float | None = None, **columns: Any) -> None:
        """Store a verified frame, live or so many seconds after the start; its job is left out."""
        moment = NOW + timedelta(seconds=5 * seq if came_late is None else came_late)
        signals = [] if came_late is None else [{"code": "late"}]
        with self.database.write() as session:
            frame = make_frame(session, self.attempt, seq, now=moment, signals=signals)
            make_verification(
                session,
                attempt=self.attempt,
                frame=frame,
                verdict=VERDICTS[letter],
                now=moment,
                **columns,
            )

    def add_all(self, letters: str, first: int = 1) -> None:
        for seq, letter in enumerate(letters, start=first):
            self.add(seq, letter)

    def look(self) -> list[Incident]:
        """Do the attempt's job, as whatever came in has made it due."""
        with self.database.write() as session:
            arm(session, JobKind.FIND_INCIDENTS, self.attempt.id, now=NOW)
        self.do_due()
        return self.standing()

    def do_due(self) -> None:
        do_job(self.runtime, self.job().id)

    def job(self) -> Job:
        with self.database.read() as session:
            return session.scalars(select(Job).where(Job.target_id == self.attempt.id)).one()

    def standing(self) -> list[Incident]:
        return [row for row in self.all() if row.withdrawn_at is None]

    def all(self) -> list[Incident]:
        with self.database.read() as session:
            rows = select(Incident).where(Incident.attempt_id == self.attempt.id)
            return list(session.scalars(rows.order_by(Incident.opened_at, Incident.kind)))

    def end(self, at: datetime) -> None:
        with self.database.write() as session:
            attempt = session.get_one(Attempt, self.attempt.id)
            move(
                session,
                attempt,
                AttemptState.SUBMITTED,
                actor=SYSTEM_ACTOR,
                reason="Handed in.",
                now=at,
            )


@pytest.fixture
def record(any_runtime: Runtime) -> Record:
    return Record(any_runtime)


@pytest.fixture
def on_sqlite(runtime: Runtime) -> Record:
    """Where nothing depends on the kind of database."""
    return Record(runtime)


def told(rows: list[Incident]) -> list[dict[str, Any]]:
    """All that was found, without what is of a row alone."""
    apart = {"id", "attempt_id", "created_at", "updated_at", "withdrawn_at", "review_state"}
    columns = [column.key for column in Incident.__table__.columns if column.key not in apart]
    return [{name: getattr(row, name) for name in columns} for row in rows]


def test_a_swap_is_recorded_once_and_closed_when_it_is_over(record: Record) -> None:
    record.add_all("mmmXXX")
    record.end(NOW + timedelta(seconds=60))
    [opened] = [row for row in record.look() if row.kind == "wrong_person"]
    assert (opened.first_seq, opened.last_seq, opened.severity) == (4, 6, "high")
    record.add_all("Xmmm", first=7)
    [closed] = [row for row in record.look() if row.kind == "wrong_person"]
    assert closed.id == opened.id
    assert (closed.last_seq, closed.ending) == (7, "refuted")


def test_looking_again_changes_nothing(record: Record) -> None:
    record.add_all("mmmXXXmmm")
    record.end(NOW + timedelta(seconds=50))
    before = record.look()
    again = record.look()
    assert [(row.id, row.updated_at) for row in again] == [
        (row.id, row.updated_at) for row in before
    ]


def test_a_late_frame_that_refutes_withdraws_and_keeps_the_row(on_sqlite: Record) -> None:
    record = on_sqlite
    record.add_all("mm00")
    record.add_all("00mmm", first=6)
    record.end(NOW + timedelta(seconds=60))
    assert [row.kind for row in record.look()] == ["nobody"]
    record.add(5, "m")
    assert record.look() == []
    [row] = record.all()
    assert row.withdrawn_at is not None


def test_frames_in_any_order_end_in_the_same_incidents(on_sqlite: Record) -> None:
    letters = "mmXXXXmmmm0000mmm22222mmmmmmm"
    other = Record(on_sqlite.runtime)
    for record, order in ((on_sqlite, 1), (other, -1)):
        for seq, letter in list(enumerate(letters, start=1))[::order]:
            record.add(seq, letter)
            record.look()
        record.end(NOW + timedelta(seconds=5 * len(letters)))
        record.look()
    assert len(on_sqlite.standing()) == 3
    assert told(other.standing()) == told(on_sqlite.standing())


def test_frames_that_come_late_end_in_the_same_incidents_in_any_order(on_sqlite: Record) -> None:
    letters = "mm0000" + "m" * 6 + "XXXXmmmm"
    other = Record(on_sqlite.runtime)
    for record, order in ((on_sqlite, 1), (other, -1)):
        for seq, letter in list(enumerate(letters, start=1))[::order]:
            record.add(seq, letter, came_late=90 + seq / 50 if 4 <= seq <= 14 else None)
            record.look()
        record.end(NOW + timedelta(seconds=5 * len(letters)))
        record.look()
    found = told(on_sqlite.standing())
    assert told(other.standing()) == found
    assert [
        (row["kind"], row["figures"]["lasted_seconds"]) for row in found if row["first_seq"]
    ] == [
        ("nobody", 15.0),
        ("wrong_person", 15.0),
    ]


def test_another_policy_gives_what_it_would_have_given_live(on_sqlite: Record) -> None:
    policy = {
        "wrong_person": {"severity": "medium", "opening_frames": 4, "raised_after_seconds": 30},
        "nobody": {"is_on": False},
        "away_times": 2,
        "silence_seconds": 60,
    }
    letters = "mmXXXmmXXXXXXXXmmmm0000mmm22222mm" + "m" * 30
    live = Record(on_sqlite.runtime, incident_policy=policy)
    for record in (on_sqlite, live):
        for seq, letter in enumerate(letters, start=1):
            record.add(seq, letter)
            if seq in {20, 26}:
                left = NOW + timedelta(seconds=5 * seq + 1)
                with record.database.write() as session:
                    make_event(session, record.attempt, "tab", "tab_switch", now=left)
                    back = left + timedelta(seconds=2)
                    make_event(session, record.attempt, "tab", "tab_return", now=back)
            if seq % 3 == 0:
                record.look()
        record.end(NOW + timedelta(seconds=5 * len(letters)))
        record.look()
    assert told(on_sqlite.standing()) != told(live.standing())
    with on_sqlite.database.write() as session:
        session.get_one(Exam, on_sqlite.exam_id).incident_policy = policy
    assert told(on_sqlite.look()) == told(live.standing())
    assert [row.kind for row in live.standing()] == ["wrong_person", "away", "somebody_else_too"]
    assert live.standing()[0].severity == "high"


def test_a_decision_stays_with_its_incident_until_it_matters_more(on_sqlite: Record) -> None:
    record = on_sqlite
    record.add_all("mm0000")
    record.end(NOW + timedelta(seconds=600))
    [opened] = [row for row in record.look() if row.kind == "nobody"]
    with record.database.write() as session:
        session.execute(
            update(Incident)
            .where(Incident.id == opened.id)
            .values(review_state=IncidentReviewState.DISMISSED)
        )
    record.add_all("0000", first=7)
    [longer] = [row for row in record.look() if row.kind == "nobody"]
    assert (longer.id, longer.review_state) == (opened.id, "dismissed")
    record.add_all("0" * 30, first=11)
    [graver] = [row for row in record.look() if row.kind == "nobody"]
    assert (graver.id, graver.severity, graver.review_state) == (opened.id, "high", "unreviewed")


def dismiss(record: Record, row: Incident) -> None:
    """Dismiss an incident as a reviewer does who sees all that there is of it."""
    with record.database.write() as session:
        reviewer_id = new_id("usr")
        reviewer = User(id=reviewer_id, login=reviewer_id, login_key=reviewer_id)
        reviewer.display_name, reviewer.password_hash = "Reva", "x"
        reviewer.role, reviewer.created_at = Role.REVIEWER, NOW
        session.add(reviewer)
        session.flush()
        review = IncidentReview(
            id=new_id("rev"), incident_id=row.id, reviewer_id=reviewer_id, decision="dismissed"
        )
        review.reason_codes, review.created_at = ["short_and_harmless"], NOW
        review.severity, review.lasted_seconds = row.severity, row.lasted_seconds
        session.add(review)
        dismissed = update(Incident).where(Incident.id == row.id)
        session.execute(dismissed.values(review_state=IncidentReviewState.DISMISSED))


def test_a_dismissed_incident_that_goes_on_for_long_waits_again(
    on_sqlite: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.alerts.NEWS_FOR", timedelta(days=99_999))
    record = on_sqlite
    with record.database.write() as session:
        key_ring = record.runtime.images.key_ring
        new_webhook(session, key_ring, "https://hook.example", now=NOW)

    def swapped() -> Incident:
        [row] = [row for row in record.look() if row.kind == "wrong_person"]
        return row

    def opened(row: Incident) -> int:
        with record.database.read() as session:
            told = [key for one in session.scalars(select(WebhookDelivery)) for key in one.told]
        return sum(key.startswith(f"incident.opened:{row.id}") for key in told)

    record.add_all("mmXXXXXX")
    first = swapped()
    dismiss(record, first)
    assert opened(first) == 1
    record.add_all("X" * 10, first=9)
    held = swapped()
    assert (held.lasted_seconds, held.review_state, opened(held)) == (75, "dismissed", 1)
    record.add_all("XX", first=19)
    grown = swapped()
    assert (grown.lasted_seconds, grown.review_state, opened(grown)) == (85, "unreviewed", 2)
    record.add(21, "X")
    assert (swapped().review_state, opened(grown)) == ("unreviewed", 2)
    dismiss(record, grown)
    record.add_all("X" * 10, first=22)
    assert swapped().review_state == "dismissed"


def test_a_dismissed_absence_that_goes_on_is_looked_at_when_it_waits_again(
    on_sqlite: Record,
) -> None:
    record = on_sqlite
    with record.database.write() as session:
        now = database_now(session)
        attempt = session.get_one(Attempt, record.attempt.id)
        left = now - timedelta(seconds=400)
        make_event(session, attempt, "tab", "tab_switch", now=left)
        make_frame(session, attempt, 1, now=now)
    [away] = [row for row in record.look() if row.kind == "away"]
    assert record.job().state == JobState.DONE
    dismiss(record, away)
    record.look()
    assert timedelta(seconds=395) < record.job().not_before - now < timedelta(seconds=405)


def arm_look(record: Record, **wanted: Any) -> None:
    with record.database.write() as session:
        now = wanted.pop("now", NOW)
        arm(session, JobKind.FIND_INCIDENTS, record.attempt.id, now=now, **wanted)


def test_what_comes_in_during_a_look_is_looked_at_once_more(record: Record) -> None:
    arm_look(record)
    claim = claim_job(record.database, record.job().id, lease_seconds=30)
    assert claim is not None
    soon = NOW + timedelta(seconds=7)
    arm_look(record, now=soon)
    held = record.job()
    assert (held.state, held.token) == (JobState.RUNNING, claim.token)
    with record.database.write() as session:
        finish_job(session, claim)
    again = record.job()
    assert (again.state, again.not_before, again.hinted_at) == (JobState.PENDING, soon, None)
    assert (again.attempts, again.is_wanted_again) == (0, False)


def test_a_look_that_nothing_disturbed_is_done(record: Record) -> None:
    arm_look(record)
    claim = claim_job(record.database, record.job().id, lease_seconds=30)
    assert claim is not None
    with record.database.write() as session:
        finish_job(session, claim)
    assert record.job().state == JobState.DONE


def test_a_look_that_fails_on_every_try_says_so_until_one_succeeds(
    on_sqlite: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise MemoryError

    arm_look(on_sqlite)
    with monkeypatch.context() as broken:
        broken.setattr("worker.find_incidents.find_incidents", fail)
        while on_sqlite.job().state != JobState.DONE:
            do_job(on_sqlite.runtime, on_sqlite.job().id)
            with on_sqlite.database.write() as session:
                session.execute(update(Job).values(not_before=Job.created_at))
    assert on_sqlite.job().last_error == "poison"
    arm_look(on_sqlite)
    do_job(on_sqlite.runtime, on_sqlite.job().id)
    assert (on_sqlite.job().state, on_sqlite.job().last_error) == (JobState.DONE, None)


def test_reports_without_end_keep_no_look_from_being_recorded(record: Record) -> None:
    """Whoever sends reports all the time would otherwise never have an incident."""
    record.add_all("mmmXXXX")
    arm_look(record)
    claim = claim_job(record.database, record.job().id, lease_seconds=30)
    assert claim is not None
    arm_look(record)
    assert record.runtime.engine is not None
    update_incidents(record.runtime, record.runtime.engine, claim)
    assert "wrong_person" in [row.kind for row in record.standing()]
    assert record.job().state == JobState.PENDING


def test_a_job_that_was_done_is_due_when_it_is_armed_for(record: Record) -> None:
    record.look()
    later = NOW + timedelta(seconds=30)
    arm_look(record, now=later)
    job = record.job()
    assert (job.state, job.not_before, job.hinted_at) == (JobState.PENDING, later, None)


def test_computing_an_exam_anew_waits_behind_what_is_live(record: Record) -> None:
    arm_look(record)
    assert record.job().priority == LOOK_PRIORITY
    record.do_due()
    with record.database.write() as session:
        arm_all(
            session,
            JobKind.FIND_INCIDENTS,
            [record.attempt.id],
            now=NOW,
            priority=BACKLOG_PRIORITY,
        )
    assert record.job().priority == BACKLOG_PRIORITY
    # Something happens meanwhile: then it is live again, and stays it.
    arm_look(record, now=NOW + timedelta(seconds=5))
    assert record.job().priority == LOOK_PRIORITY
    with record.database.write() as session:
        arm_all(
            session,
            JobKind.FIND_INCIDENTS,
            [record.attempt.id],
            now=NOW,
            priority=BACKLOG_PRIORITY,
        )
    assert record.job().priority == LOOK_PRIORITY


def test_arming_twice_is_one_job_due_at_the_earlier_moment(record: Record) -> None:
    for seconds in (60, 10, 40):
        with record.database.write() as session:
            moment = NOW + timedelta(seconds=seconds)
            arm(session, JobKind.FIND_INCIDENTS, record.attempt.id, now=moment)
    assert record.job().not_before == NOW + timedelta(seconds=10)


def test_an_absence_that_goes_on_is_looked_at_again(on_sqlite: Record) -> None:
    record = on_sqlite
    with record.database.write() as session:
        now = database_now(session)
        attempt = session.get_one(Attempt, record.attempt.id)
        make_event(session, attempt, "tab", "tab_switch", now=now)
        make_frame(session, attempt, 1, now=now)
    record.look()
    job = record.job()
    assert job.state == JobState.PENDING
    assert timedelta(seconds=5) < job.not_before - now < timedelta(seconds=11)


def test_who_was_granted_a_slower_camera_is_not_silent(record: Record) -> None:
    granted = Granted(frame_interval_factor=10.0, allowance_ids=("alw_1",)).as_dict()
    with record.database.write() as session:
        now = database_now(session)
        began = now - timedelta(seconds=210)
        attempt = session.get_one(Attempt, record.attempt.id)
        attempt.allowances, attempt.started_at = granted, began
        session.execute(update(AttemptTransition).values(at=began))
        for seq in range(1, 4):
            moment = began + timedelta(seconds=50 * seq)
            frame = make_frame(session, attempt, seq, now=moment)
            make_verification(session, attempt=attempt, frame=frame, now=moment)
    assert arm_silent_attempts(record.database) == 0
    assert record.look() == []


@pytest.mark.parametrize("heard", [False, True])
def test_a_silent_attempt_is_noticed(record: Record, heard: bool) -> None:
    with record.database.write() as session:
        now = database_now(session)
        session.execute(update(Attempt).values(started_at=now - timedelta(seconds=120)))
        if heard:
            make_frame(session, record.attempt, 1, now=now - timedelta(seconds=5))
    assert arm_silent_attempts(record.database) == (0 if heard else 1)
    # A look is under way: there is no second one.
    assert arm_silent_attempts(record.database) == 0


def test_a_silence_on_record_is_not_noticed_again(on_sqlite: Record) -> None:
    record = on_sqlite
    assert arm_silent_attempts(record.database) == 1
    record.do_due()
    assert [row.kind for row in record.standing()] == ["no_frames"]
    with record.database.write() as session:
        session.execute(update(Job).values(state=JobState.DONE))
    assert arm_silent_attempts(record.database) == 0


def _bears(record: Record, seq: int, letter: str, **columns: Any) -> bool:
    record.add(seq, letter, **columns)
    with record.database.read() as session:
        frame = session.scalars(
            select(Frame).where(Frame.attempt_id == record.attempt.id, Frame.seq == seq)
        ).one()
        verification = make_verification(
            session,
            attempt=record.attempt,
            frame=frame,
            verdict=VERDICTS[letter],
            policy_id="policy/again",
            **columns,
        )
        return may_change_incidents(session, frame.id, record.attempt.id, verification)


def test_frames_of_the_right_person_are_spared_the_look(record: Record) -> None:
    assert not _bears(record, 1, "m")
    assert not _bears(record, 2, "q", distance=None)
    assert _bears(record, 3, "q", distance=None, quality={"frame_layout": 1.0})
    assert _bears(record, 4, "X")
    assert _bears(record, 5, "m", signals=[{"code": "client_disagrees"}])


def test_every_frame_counts_while_an_incident_is_open_and_late_ones_ever_after(
    record: Record,
) -> None:
    record.add_all("mmXXX", first=2)
    record.look()
    assert _bears(record, 7, "m")
    record.add_all("mm", first=8)
    record.end(NOW + timedelta(seconds=46))
    assert all(row.closed_at for row in record.look())
    assert not _bears(record, 12, "m")
    assert _bears(record, 1, "m")


def test_the_same_bytes_again_are_looked_at(on_sqlite: Record) -> None:
    with on_sqlite.database.write() as session:
        for seq in (1, 2):
            make_frame(session, on_sqlite.attempt, seq, content=b"the same picture")
        frame = session.scalars(select(Frame).where(Frame.seq == 2)).one()
        verification = make_verification(session, attempt=on_sqlite.attempt, frame=frame)
        assert may_change_incidents(session, frame.id, on_sqlite.attempt.id, verification)


def test_a_verdict_makes_the_look_due(sitting: Sitting) -> None:
    for seq in (1, 2, 3):
        _, job = sitting.add_frame(seq, webcam_frame("biden.jpg"), now=NOW + timedelta(seconds=seq))
        do_job(sitting.runtime, job.id)
    with sitting.runtime.database.read() as session:
        look = session.scalars(select(Job).where(Job.target_id == sitting.attempt.id)).one()
    do_job(sitting.runtime, look.id)
    with sitting.runtime.database.read() as session:
        rows = session.scalars(select(Incident).where(Incident.kind == "wrong_person")).all()
    assert [(row.first_seq, row.last_seq) for row in rows] == [(1, 3)]


@pytest.mark.parametrize("had_returned", [True, False])
def test_what_an_erased_students_browser_reported_is_not_withdrawn(
    record: Record, *, had_returned: bool
) -> None:
    record.add_all("mmm")
    reports = [(20, "tab_switch")] + [(50, "tab_return")] * had_returned
    with record.database.write() as session:
        for at, reason in reports:
            make_event(session, record.attempt, "tab", reason, now=NOW + timedelta(seconds=at))
    if had_returned:
        record.end(NOW + timedelta(seconds=60))
    [away] = [row for row in record.look() if row.kind == IncidentKind.AWAY]
    with record.database.write() as session:
        row = session.get_one(Incident, away.id)
        row.review_state = IncidentReviewState.CONFIRMED
        # As erasing does.
        session.execute(delete(ClientEvent).where(ClientEvent.attempt_id == record.attempt.id))
        session.get_one(Subject, record.attempt.subject_id).erased_at = NOW
    if not had_returned:
        record.end(NOW + timedelta(seconds=60))
    [after] = [row for row in record.look() if row.kind == IncidentKind.AWAY]
    assert (after.id, after.review_state) == (away.id, "confirmed")
    assert after.closed_at is not None


def sat_to_the_end(record: Record, *, expired_after: float | None) -> None:
    """Have the time run out 20 s ago, with a frame each five seconds until it did."""
    with record.database.write() as session:
        deadline = database_now(session) - timedelta(seconds=20)
        began = deadline - timedelta(seconds=60)
        attempt = session.get_one(Attempt, record.attempt.id)
        attempt.started_at, attempt.deadline_at = began, deadline
        session.execute(update(AttemptTransition).values(at=began))
        for seq in range(1, 12):
            moment = began + timedelta(seconds=5 * seq)
            frame = make_frame(session, attempt, seq, now=moment)
            make_verification(session, attempt=attempt, frame=frame, now=moment)
        if expired_after is not None:
            at = deadline + timedelta(seconds=expired_after)
            reason = "Its time ran out before it was handed in."
            move(session, attempt, AttemptState.EXPIRED, actor=SYSTEM_ACTOR, reason=reason, now=at)


@pytest.mark.parametrize("expired_after", [None, 50.0])
def test_after_the_deadline_no_frame_is_missed(
    on_sqlite: Record, expired_after: float | None
) -> None:
    sat_to_the_end(on_sqlite, expired_after=expired_after)
    assert on_sqlite.look() == []


def test_silence_before_the_deadline_lasts_until_it(on_sqlite: Record) -> None:
    sat_to_the_end(on_sqlite, expired_after=50)
    with on_sqlite.database.write() as session:
        attempt = session.get_one(Attempt, on_sqlite.attempt.id)
        assert attempt.deadline_at is not None
        attempt.deadline_at += timedelta(seconds=40)
        deadline = attempt.deadline_at
    [silent] = on_sqlite.look()
    assert (silent.kind, silent.figures["lasted_seconds"]) == ("no_frames", 45.0)
    assert (silent.closed_at, silent.ending) == (deadline, "attempt_ended")


def test_the_watch_lets_an_attempt_be_whose_time_is_over(on_sqlite: Record) -> None:
    with on_sqlite.database.write() as session:
        deadline = database_now(session) - timedelta(seconds=1)
        session.execute(
            update(Attempt).values(started_at=deadline - timedelta(hours=1), deadline_at=deadline)
        )
    assert arm_silent_attempts(on_sqlite.database) == 0


def test_practice_has_no_incidents(runtime: Runtime) -> None:
    record = Record(runtime, is_practice=True)
    with record.database.write() as session:
        make_event(session, record.attempt, "tab", "tab_switch", now=NOW + timedelta(seconds=3))
    record.add_all("mmXXXX0000mm")
    assert record.look() == []
    assert record.all() == []
    assert record.job().state == JobState.DONE


def test_an_incident_of_practice_from_before_is_withdrawn(runtime: Runtime) -> None:
    record = Record(runtime, is_practice=True)
    with record.database.write() as session:
        make_incident(session, record.attempt)
    assert record.look() == []


def test_practice_is_not_looked_at_and_nobody_is_told(runtime: Runtime) -> None:
    record = Record(runtime, is_practice=True)
    with record.database.write() as session:
        events = (AlertEvent.ATTEMPT_SUBMITTED,)
        new_webhook(session, runtime.images.key_ring, "https://h.example/", now=NOW, events=events)
    assert arm_silent_attempts(record.database) == 0
    record.end(NOW + timedelta(seconds=60))
    with record.database.read() as session:
        assert session.scalars(select(Job)).all() == []
        assert session.scalars(select(WebhookDelivery)).all() == []
