"""What listeners hear, and what they must not."""

import itertools
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from api.authorization import visible_to
from api.field_types import moment_text
from api.principal import System
from api.stream import hub, listening
from api.stream.hub import STREAMS_PER_PRINCIPAL
from models.base import new_id
from models.incident import Incident
from models.statuses import AttemptState, Verdict
from models.subject import Subject
from models.user import SignIn, User
from models.verification import Verification
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import new_student
from tests.api.stream.conftest import headers_of
from tests.support.builders import make_exam, make_frame, make_verification
from tests.support.event_stream import EventStream
from tests.support.incidents import make_incident
from tests.support.waiting import wait_until


def ids(events):
    return [event["id"] for event in events]


def test_verdict_is_told_with_claim_and_both_thresholds(listen, admin, system, elsewhere) -> None:
    attempt = elsewhere.attempt(system)
    with listen(admin) as stream:
        row = elsewhere.verdict(
            attempt, 7, Verdict.MISMATCH, signals=[{"code": "client_disagrees", "claimed": 1}]
        )
        (event,) = stream.wait_for("verification")
    assert event == {
        "id": row.id,
        "attempt_id": attempt.id,
        "exam_id": None,
        "seq": 7,
        "received_at": moment_text(row.received_at),
        "created_at": moment_text(row.created_at),
        "verdict": "mismatch",
        "distance": row.distance,
        "match_threshold": 0.5,
        "mismatch_threshold": 0.6,
        "claim_status": "one_face",
        "signals": ["client_disagrees"],
    }
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"


def test_each_change_of_an_incident_is_told_once(listen, admin, system, elsewhere) -> None:
    attempt = elsewhere.attempt(system)
    with listen(admin) as stream:
        with elsewhere.database.write() as session:
            incident = make_incident(session, attempt, now=datetime.now(UTC))
        stream.wait_for("incident")
        with elsewhere.database.write() as session:
            now = datetime.now(UTC)
            changed = session.get_one(Incident, incident.id)
            changed.last_seq, changed.withdrawn_at, changed.updated_at = 9, now, now
        events = stream.wait_for("incident", 2)
        elsewhere.verdict(attempt, 1)
        stream.wait_for("verification")
    assert [event["last_seq"] for event in stream.of("incident")] == [3, 9]
    assert events[0]["withdrawn_at"] is None
    assert events[1]["withdrawn_at"] == events[1]["updated_at"]


def test_erased_student_is_called_so_in_every_event(listen, admin, student, elsewhere) -> None:
    with elsewhere.database.write() as session:
        subject = session.get_one(Subject, student.subject_id)
        subject.display_name, subject.erased_at = None, datetime.now(UTC)
    with listen(admin) as stream:
        attempt = elsewhere.attempt(student)
        with elsewhere.database.write() as session:
            make_incident(session, attempt, now=datetime.now(UTC))
        told = [*stream.wait_for("attempt"), *stream.wait_for("incident")]
    assert {event["shown_name"] for event in told} == {"Erased student"}
    assert {event["display_name"] for event in told} == {None}


def test_change_of_state_is_told_with_whom_it_concerns(listen, admin, app, context, elsewhere):
    with context.database.write() as session:
        exam = make_exam(session, title="Optics")
    with listen(admin, f"?exam_id={exam.id}") as stream:
        student = new_student(app, context, "anna")
        attempt = elsewhere.attempt(student, AttemptState.READY, exam_id=exam.id)
        elsewhere.attempt(student, AttemptState.STARTED)
        events = stream.wait_for("attempt", 2)
    assert {(event["from"], event["to"]) for event in events} == {
        (None, "created"),
        ("created", "ready"),
    }
    assert {event["attempt_id"] for event in stream.of("attempt")} == {attempt.id}
    assert (events[0]["display_name"], events[0]["title"]) == ("Anna", "Optics")
    # Both happened at once: whichever comes last says where the attempt stands.
    assert [event["state"] for event in events] == ["ready", "ready"]


def test_system_hears_of_its_own_subjects_alone(
    listen, admin, system, other_system, student, elsewhere, context
) -> None:
    with listen(system) as own, listen(other_system) as foreign, listen(admin) as desk:
        attempts = [elsewhere.attempt(owner) for owner in (system, student)]
        for seq in range(1, 4):
            for attempt in attempts:
                elsewhere.verdict(attempt, seq)
        with elsewhere.database.write() as session:
            for attempt in attempts:
                make_incident(session, attempt, now=datetime.now(UTC))
        marker = elsewhere.verdict(elsewhere.attempt(other_system), 1)
        foreign.wait_for("verification")
        desk.wait_for("verification", 7)
        own.wait_for("incident")
    assert ids(foreign.of("verification")) == [marker.id]
    assert not foreign.of("incident")
    assert len(desk.of("incident")) == 2
    principal = System(client_id=system.client_id, name="lms")
    with context.database.read() as session:
        visible = session.scalars(visible_to(principal, select(Verification.id), Verification))
        assert set(ids(own.of("verification"))) == set(visible)
    for kind in ("verification", "incident", "attempt"):
        assert {event["attempt_id"] for event in own.of(kind)} == {attempts[0].id}


def test_what_a_system_missed_is_its_own_alone(listen, system, other_system, elsewhere) -> None:
    since = moment_text(datetime.now(UTC))
    own, foreign = elsewhere.attempt(system), elsewhere.attempt(other_system)
    mine = elsewhere.verdict(own, 1)
    elsewhere.verdict(foreign, 1)
    with listen(system, f"?last_event_id={since}") as stream:
        stream.wait_for("alive")
    assert ids(stream.of("verification")) == [mine.id]


def test_who_may_not_listen(url, listen, student, other_system, system, elsewhere) -> None:
    attempt = elsewhere.attempt(system)
    for who, query, status in (
        (student, "", 403),
        (other_system, f"?attempt_id={attempt.id}", 404),
        (system, "?last_event_id=yesterday", 422),
        (system, "?exam_id=1", 422),
    ):
        with listen(who, query) as stream:
            assert stream.status == status
    with EventStream(url) as stream:
        assert stream.status == 401


def test_filter_by_attempt(listen, admin, system, elsewhere) -> None:
    wanted, other = elsewhere.attempt(system), elsewhere.attempt(system)
    with listen(admin, f"?attempt_id={wanted.id}") as stream:
        elsewhere.verdict(other, 1)
        row = elsewhere.verdict(wanted, 1)
        stream.wait_for("verification")
    assert ids(stream.of("verification")) == [row.id]


def test_row_that_commits_late_is_told_all_the_same(listen, admin, system, elsewhere) -> None:
    attempt = elsewhere.attempt(system)
    with elsewhere.database.write() as session:
        frame = make_frame(session, attempt, 1, now=datetime.now(UTC))
    late_id = new_id("ver")
    with listen(admin) as stream:
        row = elsewhere.verdict(attempt, 2)
        stream.wait_for("verification")
        with elsewhere.database.write() as session:
            make_verification(session, attempt=attempt, frame=frame, id=late_id)
        stream.wait_for("verification", 2)
    assert late_id < row.id
    assert ids(stream.of("verification")) == [row.id, late_id]


def test_reconnecting_loses_nothing_while_rows_are_written(listen, admin, system, elsewhere):
    attempt = elsewhere.attempt(system)
    written: list[str] = []
    heard: set[str] = set()
    is_over = threading.Event()

    def write() -> None:
        for seq in itertools.count(1):
            if is_over.is_set():
                return
            written.append(elsewhere.verdict(attempt, seq).id)

    writer = threading.Thread(target=write)
    writer.start()
    cursor: dict[str, str] = {}
    try:
        for _ in range(6):
            with listen(admin, **cursor) as stream:
                # As soon as something new was told: in the middle of what else waits to be sent.
                wait_until(
                    lambda stream=stream, known=frozenset(heard): (
                        set(ids(stream.of("verification"))) - known
                    ),
                    what="something new",
                    pause=0.001,
                )
            heard |= set(ids(stream.of("verification")))
            cursor = {"Last-Event-ID": stream.last_event_id or cursor["Last-Event-ID"]}
    finally:
        is_over.set()
        writer.join()
    with listen(admin, **cursor) as stream:
        wait_until(
            lambda: set(written) <= heard | set(ids(stream.of("verification"))), what="all rows"
        )
    assert len(written) > 10


def test_who_was_away_too_long_is_told_to_read_anew(listen, admin, system, elsewhere) -> None:
    attempt = elsewhere.attempt(system)
    elsewhere.verdict(attempt, 1)
    long_ago = moment_text(datetime.now(UTC) - timedelta(minutes=16))
    with listen(admin, **{"Last-Event-ID": long_ago}) as stream:
        assert stream.wait_for("lost") == [{"reason": "too_long_ago"}]
        row = elsewhere.verdict(attempt, 2)
        stream.wait_for("verification")
    assert ids(stream.of("verification")) == [row.id]


def test_signs_of_life_carry_a_cursor_and_how_fresh_the_stream_is(listen, admin) -> None:
    began = datetime.now(UTC)
    with listen(admin) as stream:
        stream.wait_for("alive", 2)
    alive = [event for event in stream.heard if event.kind == "alive"]
    assert [event.comment for event in alive] == ["keep-alive", "keep-alive"]
    assert alive[1].id == alive[1].data["read_at"]
    read_at = datetime.fromisoformat(alive[1].data["read_at"])
    assert read_at > began + timedelta(seconds=4)


@pytest.mark.parametrize("how", ["signed out", "disabled", "made a student"])
def test_stream_ends_with_the_sign_in(listen, admin, context, monkeypatch, how) -> None:
    monkeypatch.setattr(listening, "RECHECK_SECONDS", 0.3)
    with listen(admin) as stream:
        time.sleep(0.5)
        assert not stream.has_ended
        with context.database.write() as session:
            if how == "signed out":
                session.query(SignIn).delete()
            else:
                change = {"is_disabled": True} if how == "disabled" else {"role": "student"}
                session.execute(update(User).where(User.id == admin.user_id).values(**change))
        assert stream.wait_for("end") == [{"reason": "not_signed_in"}]
        wait_until(lambda: stream.has_ended, what="the end of the stream")


def test_streams_of_one_principal_are_counted_and_given_back(listen, admin, system) -> None:
    streams = [listen(admin) for _ in range(STREAMS_PER_PRINCIPAL)]
    for stream in streams:
        stream.__enter__()
    with listen(admin) as one_more:
        assert one_more.status == 429
        assert one_more.headers["retry-after"]
    with listen(system) as other:
        assert other.status == 200
    for stream in streams:
        stream.hang_up()

    def is_free() -> bool:
        with listen(admin) as again:
            return again.status == 200

    wait_until(is_free, what="a free seat", pause=0.2)


def test_database_is_read_once_for_all_and_only_while_somebody_listens(
    app, listen, admin, system, elsewhere, context
) -> None:
    attempt = elsewhere.attempt(system)
    own_hub = app.state.hub
    assert not own_hub.is_reading
    with listen(admin), listen(admin), listen(system) as third:
        with counted_statements(context.database) as statements:
            for seq in range(1, 40):
                elsewhere.verdict(attempt, seq)
            third.wait_for("verification", 39)
        polls = sum("FROM incident" in text for text in statements)
        of_rows = [text for text in statements if "verification" in text]
        assert len(of_rows) <= 2 * polls + 1
    wait_until(lambda: not own_hub.is_reading, what="the end of reading")


def test_reader_that_stops_is_told_so_and_holds_up_nobody(
    app, url, listen, admin, system, elsewhere, monkeypatch
) -> None:
    monkeypatch.setattr(hub, "QUEUE_LENGTH", 60)
    attempt = elsewhere.attempt(system)
    signals = [{"code": "x" * 20_000}]
    with listen(admin) as quick, socket.create_connection(address_of(url)) as slow:
        slow.settimeout(20)
        cookie = headers_of(admin)["Cookie"]
        slow.sendall(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        seats = app.state.hub._subscriptions
        wait_until(lambda: len(seats) == 2, what="the second listener")
        seq = 0
        while not any(seat.is_over for seat in list(seats)):
            assert seq < 2000
            for _ in range(20):
                seq += 1
                elsewhere.verdict(attempt, seq, signals=signals)
            quick.wait_for("verification", seq)
        ending = read_to_the_end(slow)
    assert b'event: lost\ndata: {"reason":"too_slow"}' in ending
    assert not quick.of("lost")


def address_of(url: str) -> tuple[str, int]:
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def read_to_the_end(connection: socket.socket) -> bytes:
    """Return the last bytes that come before an answer's end."""
    ending = b""
    while b"\r\n0\r\n\r\n" not in ending:
        part = connection.recv(1 << 20)
        assert part, ending
        ending = (ending + part)[-4000:]
    return ending
