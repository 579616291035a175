"""What must hold when requests race, on each database the service runs on."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from api.attempts.service import open_attempt_for_exam
from api.principal import Person
from models.frame import Frame
from models.settings import Settings
from models.statuses import AttemptState, Role
from tests.api.frames.conftest import Left, Sender
from tests.support.builders import make_exam
from tests.support.pictures import small_jpeg


@pytest.fixture
def settings(tmp_path: Path, any_database_url: str) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=any_database_url,
        secret_key="a secret of the tests",
        key_encryption_key=base64.b64encode(bytes(range(32))).decode(),
    )


def at_once(do, items):
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(do, items))


def test_uploads_at_once(context, sender, left):
    answers = at_once(lambda _: sender.put(1), range(16))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["received_at"] for answer in answers}) == 1
    assert left() == Left(1, 1, 1)
    answers = at_once(lambda shade: sender.put(2, small_jpeg(shade)), range(10))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    assert left() == Left(2, 2, 2)
    answers = at_once(sender.put, range(3, 23))
    assert {answer.status_code for answer in answers} == {202}
    assert left() == Left(22, 22, 22)


def test_frames_and_submit_at_once(context, system, sender, left):
    path = f"/api/v1/attempts/{sender.attempt_id}/submit"
    answers = at_once(
        lambda seq: system.post(path) if seq in {5, 6} else sender.put(seq), range(1, 20)
    )
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    assert left() == Left(len(accepted), len(accepted), len(accepted))
    with context.database.read() as session:
        received = session.scalars(select(Frame.received_at)).all()
    assert len(received) == len(accepted)


def test_joins_starts_and_reports_at_once(context, student, new_attempt, clock):
    person = Person(student.user_id, Role.STUDENT, student.subject_id, "Anna", "sgn_1", "token")
    with context.database.write() as session:
        exam = make_exam(session, now=clock.now)

    def join(_number):
        with context.database.write() as session:
            return open_attempt_for_exam(session, context, person, exam)[0].id

    assert len(set(at_once(join, range(8)))) == 1
    attempt = new_attempt(student, AttemptState.READY)
    path = f"/api/v1/attempts/{attempt.id}"
    answers = at_once(lambda _: student.post(f"{path}/start"), range(8))
    assert {answer.status_code for answer in answers} == {200}
    event = {"kind": "tab", "reason": "tab_switch", "client_at": "2026-11-23T10:00:00Z"}
    body = {"events": [{"id": str(number), **event} for number in range(30)]}
    answers = at_once(lambda _: student.post(f"{path}/events", json=body), range(8))
    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["accepted"] for answer in answers) == 30


def test_story_is_told(context, system, sender, clock):
    for seq in (1, 2, 5):
        clock.advance(1)
        assert sender.put(seq).status_code == 202
    path = f"/api/v1/attempts/{sender.attempt_id}"
    assert Sender(system, sender.attempt_id).put(1, small_jpeg(9)).status_code == 409
    assert system.post(f"{path}/submit").json()["counts"]["frames"] == 3
    seen, query = [], {"limit": 2}
    while True:
        page = system.get(f"{path}/timeline", params=query).json()
        seen += [item["type"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(seen) == ["frame"] * 3 + ["gap"] + ["transition"] * 4
