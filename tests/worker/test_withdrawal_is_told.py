"""An incident that a later look finds no more: who was told of it hears so, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.attempt import Attempt
from models.attempt_states import SYSTEM_ACTOR, move
from models.database import database_now
from models.exam import Exam
from models.incident import Incident
from models.job import BACKLOG_PRIORITY, LOOK_PRIORITY, Job, arm
from models.settings import Settings
from models.statuses import AlertEvent, AttemptState, DeliveryState, JobKind, Verdict
from models.webhook import WebhookDelivery
from tests.support.builders import (
    make_attempt,
    make_exam,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.incidents import new_webhook
from worker.mailer import MailMessage, composed
from worker.runtime import Runtime
from worker.use_cases import do_job

WANTED = (AlertEvent.INCIDENT_OPENED, AlertEvent.INCIDENT_WITHDRAWN)


def sat_by_somebody_else(runtime: Runtime, state: AttemptState = AttemptState.STARTED) -> Attempt:
    with runtime.database.write() as session:
        now = database_now(session)
        key_ring = runtime.images.key_ring
        begin = now - timedelta(seconds=60)
        exam = make_exam(session, now=begin)
        subject = make_subject(session, key_ring)
        attempt = make_attempt(session, subject.id, now=begin, exam_id=exam.id)
        new_webhook(session, key_ring, "https://lms.example/hook", now=now, events=WANTED)
        for seq in range(1, 11):
            at = begin + timedelta(seconds=5 * seq)
            frame = make_frame(session, attempt, seq, now=at)
            make_verification(session, attempt=attempt, frame=frame, verdict=Verdict.MISMATCH)
        if state is not AttemptState.STARTED:
            move(session, attempt, state, actor=SYSTEM_ACTOR, reason="Handed in.", now=now)
    return attempt


def look(
    runtime: Runtime, attempt: Attempt, priority: int = LOOK_PRIORITY
) -> list[WebhookDelivery]:
    with runtime.database.write() as session:
        arm(session, JobKind.FIND_INCIDENTS, attempt.id, now=database_now(session))
        session.flush()
        job = session.scalars(select(Job).where(Job.target_id == attempt.id)).one()
        job.priority = priority
    do_job(runtime, job.id)
    with runtime.database.read() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def test_withdrawal_by_another_policy_is_told(runtime: Runtime) -> None:
    attempt = sat_by_somebody_else(runtime)
    [opened] = look(runtime, attempt)
    assert opened.event == "incident.opened"
    with runtime.database.write() as session:
        message = session.get_one(WebhookDelivery, opened.id)
        message.state, message.tries = DeliveryState.DELIVERED, 1
        message.finished_at = database_now(session)
        exam = session.get_one(Exam, attempt.exam_id)
        exam.incident_policy = {"wrong_person": {"is_on": False}}
    _, withdrawn = look(runtime, attempt)
    assert withdrawn.event == "incident.withdrawn"
    told = withdrawn.payload["data"]
    assert told["incident_id"] == opened.payload["data"]["incident_id"]
    assert told["withdrawn_at"]


@pytest.mark.parametrize(
    ("state", "priority", "told"),
    [
        (AttemptState.STARTED, BACKLOG_PRIORITY, 1),
        (AttemptState.SUBMITTED, LOOK_PRIORITY, 1),
        (AttemptState.SUBMITTED, BACKLOG_PRIORITY, 0),
    ],
)
def test_what_a_new_policy_finds_in_an_attempt_that_is_over_alerts_nobody(
    runtime: Runtime, state: AttemptState, priority: int, told: int
) -> None:
    attempt = sat_by_somebody_else(runtime, state)
    assert len(look(runtime, attempt, priority)) == told
    with runtime.database.read() as session:
        assert session.scalars(select(Incident.kind)).all() == ["wrong_person"]


def item(event: str, kind: str) -> dict[str, object]:
    first_at = "2026-11-23T10:00:00.000000Z"
    data = {"kind": kind, "severity": "high", "first_at": first_at, "attempt_id": "att_1"}
    return {"event": event, "data": data}


def mailed(settings: Settings, *items: dict[str, object]) -> tuple[str, str]:
    payload = {**items[0], "more": list(items[1:]), "more_count": len(items) - 1}
    event = str(items[0]["event"])
    message = MailMessage("aev_1", event, payload, datetime(2026, 11, 23, 10, 1, tzinfo=UTC))
    mail = composed(settings.model_copy(update={"alert_email_to": "a@example.org"}), message)
    return mail["Subject"], mail.get_content()


def test_mail_says_that_an_incident_was_withdrawn(settings: Settings) -> None:
    withdrawn = item("incident.withdrawn", "wrong_person")
    subject, text = mailed(settings, withdrawn)
    assert subject == "Face Monitor: withdrawn: Wrong person (high severity)"
    assert "a later look found it no more" in text
    assert "needs a look" not in text
    _, text = mailed(settings, item("incident.opened", "nobody"), withdrawn)
    assert "An incident needs a look." in text
    assert "- withdrawn: Wrong person (high severity), since 2026-11-23 10:00:00 UTC" in text
