"""Messages arrive at least once, signed, and whatever the other side does."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from models.alerts import queue_incident_alerts, queue_test
from models.attempt import Attempt
from models.database import Database, database_now
from models.sealing import KeyRing
from models.settings import Settings
from models.statuses import DeliveryState, Severity
from models.webhook import AlertMail, Webhook, WebhookDelivery, webhook_secret
from tests.support.builders import make_attempt, make_subject
from tests.support.certificates import self_signed
from tests.support.incidents import make_incident, new_webhook
from tests.support.receiver import MailServer, Received, Receiver, mail_server, receiving
from tests.support.waiting import wait_until
from worker import mailer, webhook_sender
from worker.notifier import LEASE_SECONDS, Notifier
from worker.outgoing import PAUSES_SECONDS, SWITCHED_OFF
from worker.webhook_sender import Outcome

ROOT = Path(__file__).parents[2]


@dataclass
class Desk:
    """A database with an attempt and a webhook, and a notifier."""

    database: Database
    settings: Settings
    key_ring: KeyRing
    attempt: Attempt
    hook: Webhook
    receiver: Receiver
    sent: list[WebhookDelivery] = field(default_factory=list)

    @property
    def notifier(self) -> Notifier:
        return Notifier(self.settings, self.database, self.key_ring)

    def incident(self, **columns: Any) -> None:
        with self.database.write() as session:
            now = database_now(session)
            incident = make_incident(session, self.attempt, now=now, **columns)
            queue_incident_alerts(session, self.settings, incident, "incident.opened", now=now)

    def message(self, table: type[Any] = WebhookDelivery) -> Any:
        with self.database.read() as session:
            return session.scalars(select(table)).one()

    def webhook(self) -> Webhook:
        with self.database.read() as session:
            return session.get_one(Webhook, self.hook.id)

    def let_pass(self, seconds: float) -> None:
        """Move every moment that decides back, as if time had passed."""
        back = timedelta(seconds=seconds)
        with self.database.write() as session:
            for table in (WebhookDelivery, AlertMail):
                for message in session.scalars(select(table)):
                    for name in ("not_before", "give_up_at", "lease_until", "finished_at"):
                        if (moment := getattr(message, name)) is not None:
                            setattr(message, name, moment - back)
            for hook in session.scalars(select(Webhook)):
                hook.failing_since = hook.failing_since and hook.failing_since - back


def held_until(release: threading.Event) -> Callable[[Received], int]:
    """Answer when it is let go, or the test is long over."""

    def answer(_request: Received) -> int:
        release.wait(20)
        return 204

    return answer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as mailbox:
        yield mailbox


def make_desk(database: Database, settings: Settings, receiver: Receiver) -> Desk:
    settings = settings.model_copy(update={"webhook_allow_private": True})
    key_ring = KeyRing(settings.required_encryption_keys())
    with database.write() as session:
        now = database_now(session)
        attempt = make_attempt(session, make_subject(session, key_ring).id, now=now)
        hook = new_webhook(session, key_ring, receiver.url, now=now)
    return Desk(database, settings, key_ring, attempt, hook, receiver)


@pytest.fixture
def desk(database: Database, settings: Settings, receiver: Receiver) -> Desk:
    return make_desk(database, settings, receiver)


def test_message_arrives_signed_on_every_database(
    any_database: Database, settings: Settings, receiver: Receiver
) -> None:
    desk = make_desk(any_database, settings, receiver)
    desk.incident()
    assert desk.notifier.sweep() == 1
    assert desk.notifier.sweep() == 0
    [request] = receiver.requests
    secret = webhook_secret(desk.key_ring, desk.hook)
    parts = dict(one.split("=") for one in request.headers["Face-Monitor-Signature"].split(","))
    signed = f"{parts['t']}.".encode() + request.body
    assert parts["v1"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    payload = json.loads(request.body)
    assert payload["event"] == request.headers["Face-Monitor-Event"] == "incident.opened"
    assert payload["id"] == request.headers["Face-Monitor-Event-Id"]
    message = desk.message()
    assert (message.state, message.response_status, message.tries) == ("delivered", 204, 1)
    assert desk.webhook().delivered_at is not None


def test_refused_message_is_tried_again_after_growing_pauses_with_the_same_id(desk: Desk) -> None:
    desk.receiver.answer = lambda _request: 503
    desk.incident()
    for tries, pause in enumerate(PAUSES_SECONDS[:3], start=1):
        assert desk.notifier.sweep() == 1
        assert desk.notifier.sweep() == 0
        message = desk.message()
        assert (message.tries, message.state) == (tries, "pending")
        assert "503" in message.last_error
        desk.let_pass(pause)
    desk.receiver.answer = lambda _request: 200
    assert desk.notifier.sweep() == 1
    assert desk.message().state == "delivered"
    assert desk.webhook().failing_since is None
    ids = {request.headers["Face-Monitor-Event-Id"] for request in desk.receiver.requests}
    assert len(desk.receiver.requests) == 4
    assert len(ids) == 1
    assert len({request.body for request in desk.receiver.requests}) == 1


def test_message_is_given_up_after_a_day_and_the_webhook_switched_off_with_a_note(
    desk: Desk,
) -> None:
    desk.receiver.answer = lambda _request: 500
    desk.incident()
    desk.notifier.sweep()
    desk.let_pass(25 * 3600)
    desk.notifier.sweep()
    assert desk.message().state == "failed"
    hook = desk.webhook()
    assert hook.disabled_at is not None
    assert "24 hours" in (hook.disabled_note or "")
    assert "500" in (hook.disabled_note or "")
    desk.incident()
    assert desk.notifier.sweep() == 0


def test_webhook_that_says_gone_is_asked_no_more(desk: Desk) -> None:
    desk.receiver.answer = lambda _request: 410
    desk.incident()
    desk.notifier.sweep()
    assert desk.message().state == "failed"
    assert "410" in (desk.webhook().disabled_note or "")


def test_redirects_are_not_followed(desk: Desk) -> None:
    desk.receiver.answer = lambda _request: 302
    desk.incident()
    desk.notifier.sweep()
    assert [request.path for request in desk.receiver.requests] == ["/hook"]
    assert "not followed" in desk.message().last_error


def test_nothing_is_sent_to_a_private_address_unless_allowed(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(update={"webhook_allow_private": False})
    desk.incident()
    desk.notifier.sweep()
    assert desk.receiver.requests == []
    assert "https://" in desk.message().last_error


@pytest.mark.parametrize(("name", "state"), [("localhost", "delivered"), ("other", "pending")])
def test_certificate_must_be_for_the_name_although_the_address_is_connected_to(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, state: str
) -> None:
    tls, trusted = self_signed(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with receiving(tls) as secure:
        with desk.database.write() as session:
            session.execute(update(Webhook).values(url=secure.url))
        desk.incident()
        desk.notifier.sweep()
        assert desk.message().state == state, desk.message().last_error
        if state == "delivered":
            assert secure.requests[0].headers["Host"] == secure.url.split("/")[2]
        else:
            assert "Hostname mismatch" in desk.message().last_error


def test_slow_webhook_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.webhook_sender.STEP_SECONDS", 0.3)
    release = threading.Event()
    with receiving() as slow:
        slow.answer = held_until(release)
        with desk.database.write() as session:
            new_webhook(session, desk.key_ring, slow.url, now=database_now(session))
        for _ in range(2):
            desk.incident()
        assert desk.notifier.sweep() == 2
        release.set()
    with desk.database.read() as session:
        found = session.execute(
            select(WebhookDelivery.state, WebhookDelivery.last_error).order_by(
                WebhookDelivery.state
            )
        ).all()
    assert [state for state, _error in found] == ["delivered", "pending"]
    assert "Timeout" in found[1][1]


@contextmanager
def running(notifier: Notifier) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=notifier.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def test_dead_webhooks_keep_no_other_waiting_however_many(desk: Desk) -> None:
    """All that can be sent at once hangs; the one that works gets a burst meanwhile."""
    release = threading.Event()
    with receiving() as dead:
        dead.answer = held_until(release)
        with desk.database.write() as session:
            now = database_now(session)
            for _ in range(12):
                failing = new_webhook(
                    session, desk.key_ring, dead.url, now=now, failing_since=now, events=()
                )
                queue_test(session, failing, now=now)
        with running(desk.notifier):
            wait_until(lambda: len(dead.requests) == 4, what="the dead ones to be tried")
            with desk.database.write() as session:
                hook = session.get_one(Webhook, desk.hook.id)
                for _ in range(3):
                    queue_test(session, hook, now=database_now(session))
            wait_until(lambda: len(desk.receiver.requests) == 3, what="the burst")
            assert len(dead.requests) == 4
            release.set()


@pytest.mark.parametrize("away", ["worker.notifier.database_now", "httpx.create_ssl_context"])
def test_notifier_goes_on_when_what_was_away_comes_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    monkeypatch.setattr("worker.notifier.PAUSE_AFTER_FAILURE_SECONDS", 0.05)
    asked: list[object] = []

    def fail(*given: object) -> None:
        asked.append(given)
        raise OSError

    desk.incident()
    with monkeypatch.context() as outage:
        outage.setattr(away, fail)
        stopping = threading.Event()
        thread = threading.Thread(target=desk.notifier.run, args=(stopping,))
        thread.start()
        wait_until(lambda: len(asked) >= 2, what="the outage to be noticed")
    try:
        wait_until(lambda: desk.receiver.requests, what="the message")
    finally:
        stopping.set()
        thread.join()


def test_message_that_cannot_be_sent_touches_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something nobody thought of: the others are marked, and it comes back after a pause."""
    with desk.database.write() as session:
        now = database_now(session)
        broken = new_webhook(session, desk.key_ring, "http://broken.example/", now=now)
    real = webhook_sender.resolve

    def resolve(url: str, *, allow_private: bool) -> Any:
        if "broken" in url:
            raise RuntimeError(url)
        return real(url, allow_private=allow_private)

    monkeypatch.setattr("worker.webhook_sender.resolve", resolve)
    desk.incident()
    assert desk.notifier.sweep() == 2
    assert desk.notifier.sweep() == 0
    with desk.database.read() as session:
        messages = {one.webhook_id: one for one in session.scalars(select(WebhookDelivery))}
    assert messages[desk.hook.id].state == "delivered"
    assert messages[broken.id].state == "pending"
    assert messages[broken.id].last_error == "Not sent: an unexpected error (RuntimeError)."
    assert messages[broken.id].lease_until is None


def test_message_that_cannot_be_marked_touches_no_other(desk: Desk) -> None:
    with desk.database.write() as session:
        other = new_webhook(session, desk.key_ring, desk.receiver.url, now=database_now(session))
    notifier = desk.notifier
    real = notifier._mark

    def mark(claimed: Any, outcome: Outcome) -> None:
        if claimed.hook.id == desk.hook.id:
            raise RuntimeError
        real(claimed, outcome)

    notifier._mark = mark  # type: ignore[method-assign]
    desk.incident()
    with pytest.raises(RuntimeError):
        notifier.sweep()
    with desk.database.read() as session:
        states = dict(
            session.execute(select(WebhookDelivery.webhook_id, WebhookDelivery.state)).all()
        )
    assert states == {desk.hook.id: "pending", other.id: "delivered"}


def test_messages_of_a_switched_off_webhook_wait_for_a_day_and_end(desk: Desk) -> None:
    desk.incident()
    with desk.database.write() as session:
        session.execute(update(Webhook).values(disabled_at=database_now(session)))
    desk.let_pass(23 * 3600)
    assert desk.notifier.sweep() == 0
    assert desk.message().state == "pending"
    desk.let_pass(2 * 3600)
    assert desk.notifier.sweep() == 0
    message = desk.message()
    assert (message.state, message.last_error) == ("failed", SWITCHED_OFF)
    assert message.finished_at is not None
    assert desk.receiver.requests == []


def test_answer_that_drips_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.webhook_sender.WHOLE_SECONDS", 0.2)
    release = threading.Event()
    desk.receiver.answer = held_until(release)
    desk.incident()
    desk.notifier.sweep()
    release.set()
    assert "No answer within" in desk.message().last_error


def test_message_is_sent_again_when_the_notifier_died_before_it_was_marked(desk: Desk) -> None:
    desk.incident()

    class Killed(BaseException):
        """As SIGKILL: nothing after it is run."""

    def die(*_given: object) -> None:
        raise Killed

    dying = desk.notifier
    dying._mark = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        dying.sweep()
    assert len(desk.receiver.requests) == 1
    assert desk.notifier.sweep() == 0, "its lease is not over"
    desk.let_pass(LEASE_SECONDS)
    assert desk.notifier.sweep() == 1
    assert len(desk.receiver.requests) == 2
    assert desk.message().state == "delivered"
    assert desk.message().tries == 2


def test_killed_process_loses_no_message(desk: Desk) -> None:
    """A real process, killed while the other side has the message and has not answered."""
    release = threading.Event()
    desk.receiver.answer = held_until(release)
    environment = {
        **os.environ,
        "FACE_MONITOR_DATABASE_URL": str(desk.database.engine.url),
        "FACE_MONITOR_DATA_DIR": str(desk.settings.data_dir),
        "FACE_MONITOR_KEY_ENCRYPTION_KEY": (
            desk.settings.key_encryption_key.get_secret_value()  # type: ignore[union-attr]
        ),
        "FACE_MONITOR_WEBHOOK_ALLOW_PRIVATE": "true",
        "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
    }
    desk.incident()
    process = subprocess.Popen([sys.executable, "-m", "worker.housekeeping"], env=environment)
    try:
        wait_until(lambda: desk.receiver.requests, what="the first try")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    release.set()
    assert desk.message().state == DeliveryState.PENDING
    desk.let_pass(LEASE_SECONDS)
    assert desk.notifier.sweep() == 1
    assert desk.message().state == "delivered"


def test_late_mark_of_a_notifier_that_was_given_up_changes_nothing(desk: Desk) -> None:
    desk.incident()
    late = desk.notifier
    [claimed] = late._claim(Counter())
    desk.let_pass(LEASE_SECONDS)
    assert desk.notifier.sweep() == 1
    late._mark(claimed, Outcome(error="too late"))
    assert desk.message().state == "delivered"


def test_two_notifiers_send_no_message_twice(desk: Desk) -> None:
    for _ in range(6):
        with desk.database.write() as session:
            queue_test(session, session.get_one(Webhook, desk.hook.id), now=database_now(session))
    notifiers = [desk.notifier, desk.notifier]
    stopping = threading.Event()
    threads = [threading.Thread(target=one.run, args=(stopping,)) for one in notifiers]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(desk.receiver.requests) >= 6, what="all messages")
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    ids = [request.headers["Face-Monitor-Event-Id"] for request in desk.receiver.requests]
    assert len(ids) == len(set(ids)) == 6


def test_webhook_whose_secret_does_not_open_is_told_about(desk: Desk) -> None:
    desk.incident()
    desk.key_ring = KeyRing([b"x" * 32])
    desk.notifier.sweep()
    assert "KEY_ENCRYPTION_KEY" in desk.message().last_error
    assert desk.receiver.requests == []


def with_mail(desk: Desk, mailbox: MailServer, **settings: object) -> None:
    desk.settings = desk.settings.model_copy(
        update={
            "smtp_url": SecretStr(mailbox.url),
            "alert_email_to": "proctor@example.org, office@example.org",
            "alert_email_from": "face-monitor@example.org",
            "public_url": "https://exams.example.org/",
            **settings,
        }
    )
    with desk.database.write() as session:
        session.execute(update(Webhook).values(disabled_at=database_now(session)))


def test_mail_tells_where_to_look_and_no_name(desk: Desk, mailbox: MailServer) -> None:
    with_mail(desk, mailbox)
    for kind in ("wrong_person", "nobody", "away"):
        desk.incident(kind=kind)
    assert desk.notifier.sweep() == 1
    [mail] = mailbox.mails
    assert mailbox.recipients == ["proctor@example.org", "office@example.org"]
    assert mail["Subject"].startswith("Face Monitor: Wrong person (high")
    text = mail.get_content()
    assert f"https://exams.example.org/admin/attempts/{desk.attempt.id}" in text
    assert "And 2 more in the same attempt" in text
    assert "Nobody there" in text
    assert "Test subject" not in mail.as_string()
    assert mail.get_content_type() == "text/plain"
    assert desk.message(AlertMail).state == "delivered"


def test_mail_that_is_refused_is_tried_again_with_the_same_id(
    desk: Desk, mailbox: MailServer
) -> None:
    with_mail(desk, mailbox)
    mailbox.refuses = True
    desk.incident(severity=Severity.HIGH)
    desk.notifier.sweep()
    assert "451" in desk.message(AlertMail).last_error
    mailbox.refuses = False
    desk.let_pass(PAUSES_SECONDS[0])
    desk.notifier.sweep()
    message = desk.message(AlertMail)
    assert (message.state, message.tries) == ("delivered", 2)
    assert mailbox.mails[0]["Message-ID"] == f"<{message.event_id}@face-monitor>"


def test_mail_server_that_is_away_holds_up_no_webhook(desk: Desk, mailbox: MailServer) -> None:
    with_mail(desk, mailbox, smtp_url=SecretStr("smtp://127.0.0.1:1"))
    with desk.database.write() as session:
        session.execute(update(Webhook).values(disabled_at=None))
    desk.incident()
    assert desk.notifier.sweep() == 2
    assert desk.message().state == "delivered"
    assert "ConnectionRefused" in desk.message(AlertMail).last_error


def test_lease_outlasts_the_longest_try() -> None:
    assert LEASE_SECONDS >= webhook_sender.WHOLE_SECONDS + 20
    assert LEASE_SECONDS >= mailer.WHOLE_SECONDS + 20


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "DATA"])
def test_mail_server_that_drips_is_cut_off(
    desk: Desk, mailbox: MailServer, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Each line comes in time, and the last one never."""
    monkeypatch.setattr("worker.mailer.WHOLE_SECONDS", 1.5)
    with_mail(desk, mailbox)
    mailbox.drips_after = command
    desk.incident()
    assert desk.notifier.sweep() == 1
    assert "took too long" in desk.message(AlertMail).last_error
    assert mailbox.mails == []
    # The thread that could not be stopped has lost its connection.
    wait_until(lambda: mailbox.lost == 1, what="the end of the connection")


def test_no_mail_is_sent_after_its_time(desk: Desk, mailbox: MailServer) -> None:
    """As when looking the name up took longer than the lease: somebody else sends it now."""
    with_mail(desk, mailbox)
    desk.incident()
    message = desk.message(AlertMail)
    content = mailer.MailMessage(
        message.event_id, message.event, message.payload, message.created_at
    )
    with pytest.raises(TimeoutError, match="took too long"):
        mailer.send_mail(desk.settings, content, until=time.monotonic() - 1)
    assert mailbox.mails == []
