"""Holes that an attack on the running service found; each must stay shut."""

import asyncio
import base64
import json
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from api import request_body
from api.context import Context
from api.multipart import UploadBudget
from api.problems import RequestTooSlow, ServiceUnavailable, TooManyRequests
from api.request_body import BodyLimits
from models.api_client import IdempotentAnswer
from models.statuses import AttemptState
from tests.api.conftest import Caller
from tests.support.builders import make_attempt, make_enrollment, make_subject
from tests.support.pictures import small_jpeg

BROKEN_ORIGIN = {"Origin": "http://["}


def test_an_origin_that_is_no_address_is_refused_and_breaks_nothing(
    anonymous: Caller, student: Caller
) -> None:
    assert anonymous.post("/login", headers=BROKEN_ORIGIN, data={}).status_code == 403
    assert anonymous.post("/register", headers=BROKEN_ORIGIN, data={}).status_code == 403
    answer = student.post("/api/v1/attempts/att_x/start", headers=BROKEN_ORIGIN)
    assert answer.status_code == 403


@pytest.mark.parametrize("row_id", ["\ud800", "a\0b", "x" * 500])
def test_a_forged_timeline_cursor_is_refused(system: Caller, context: Context, row_id: str) -> None:
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        attempt = make_attempt(session, subject.id)
    parts = ["2026-01-01T00:00:00+00:00", 2, 0, 0, row_id]
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    answer = system.get(f"/api/v1/attempts/{attempt.id}/timeline", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_at_the_ends_of_time_are_refused(
    admin: Caller, context: Context, moment: str
) -> None:
    exam = {"title": "History", "duration_seconds": 60, "opens_at": moment}
    assert admin.post("/api/v1/exams", json=exam).status_code == 422
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring)
        attempt = make_attempt(session, subject.id)
    page = admin.get(f"/admin/attempts/{attempt.id}", params={"before": moment})
    assert page.status_code == 422


@pytest.mark.parametrize("name", ["A\0B", "\u202eevil", "x\x1b[2J"])
def test_a_display_name_cannot_carry_hidden_characters(system: Caller, name: str) -> None:
    subject = {"external_ref": "a", "display_name": name}
    assert system.post("/api/v1/subjects", json=subject).status_code == 422


def test_a_student_consents_to_the_text_in_use_only(student: Caller) -> None:
    address = f"/api/v1/subjects/{student.subject_id}/consents"
    assert student.post(address, json={"text_version": "no-such-text"}).status_code == 422
    assert student.post(address, json={"text_version": "2026-12"}).status_code == 201


def test_nobody_consents_in_a_students_name(admin: Caller, student: Caller) -> None:
    address = f"/api/v1/subjects/{student.subject_id}/consents"
    answer = admin.post(address, json={"text_version": "2026-12"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_erasing_a_subject_forgets_the_answers_that_name_it(
    system: Caller, context: Context
) -> None:
    wanted = {"external_ref": "er", "display_name": "Erase Me"}
    key = {"Idempotency-Key": "era"}
    subject_id = system.post("/api/v1/subjects", json=wanted, headers=key).json()["id"]
    assert system.delete(f"/api/v1/subjects/{subject_id}").status_code == 200
    with context.database.read() as session:
        bodies = session.scalars(select(IdempotentAnswer.body)).all()
    assert "Erase Me" not in json.dumps(bodies)
    again = system.post("/api/v1/subjects", json=wanted, headers=key)
    assert again.json()["id"] != subject_id


def test_one_attempt_cannot_flood_the_queue(system: Caller, context: Context) -> None:
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        enrollment = make_enrollment(session, subject.id)
        flooding, other = (
            make_attempt(
                session, subject.id, AttemptState.STARTED, enrollment_id=enrollment.id, **columns
            )
            for columns in ({"frame_interval_seconds": 60.0}, {})
        )

    def put(attempt_id: str, seq: int) -> Any:
        return system.put(
            f"/api/v1/attempts/{attempt_id}/frames/{seq}",
            content=small_jpeg(seq % 200),
            headers={"Content-Type": "image/jpeg"},
        )

    answers = [put(flooding.id, seq) for seq in range(1, 304)]
    assert [answer.status_code for answer in answers[:302]] == [202] * 302
    assert (answers[302].status_code, answers[302].json()["code"]) == (429, "too_many_requests")
    assert int(answers[302].headers["Retry-After"]) > 0
    assert put(other.id, 1).status_code == 202


def test_one_principal_cannot_hold_all_the_memory_for_uploads() -> None:
    budget = UploadBudget(max_bytes=300, max_bytes_each=100)
    budget.take("usr_a", 100)
    with pytest.raises(TooManyRequests):
        budget.take("usr_a", 1)
    budget.take("usr_b", 100)
    budget.take("usr_c", 100)
    with pytest.raises(ServiceUnavailable):
        budget.take("usr_d", 1)
    budget.give_back("usr_a", 100)
    budget.take("usr_d", 100)
    assert set(budget.held_by) == {"usr_b", "usr_c", "usr_d"}


def test_a_body_that_falls_silent_is_given_up(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "SILENCE_SECONDS", 0.05)
    parts = iter([{"type": "http.request", "body": b"a", "more_body": True}])

    async def receive() -> Message:
        for part in parts:
            return part
        await asyncio.sleep(3600)
        raise AssertionError

    async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def send(_message: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": "http", "headers": []}
    with pytest.raises(RequestTooSlow):
        asyncio.run(BodyLimits(read_all)(scope, receive, send))
