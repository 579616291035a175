"""What must hold when grants race, on each database the service runs on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.attempts.service import open_attempt_for_exam
from api.principal import Person
from models.allowance import Allowance
from models.exam import Exam
from models.statuses import Role
from tests.support.papers import set_up_exam


@pytest.fixture
def database_url(any_database_url: str) -> str:
    return any_database_url


def test_a_request_answered_many_times_at_once_is_granted_once(admin, student, context):
    wish = {"text_version": context.settings.consent_text_version}
    address = f"/api/v1/subjects/{student.subject_id}/alternative-requests"
    request = student.post(address, json=wish).json()
    answer = f"/api/v1/alternative-requests/{request['id']}/answer"
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: admin.post(answer, json={"granted": True}), range(6)))
    assert {one.json()["granted"] for one in answers} == {True}
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Allowance)) == 1


def test_an_attempt_opened_while_something_is_granted_has_it(admin, student, context):
    exam_id = set_up_exam(admin)["id"]
    person = Person(student.user_id, Role.STUDENT, student.subject_id, "Anna", "sgn_1", "token")
    wanted = {"subject_id": student.subject_id, "extra_time_percent": 50}
    with ThreadPoolExecutor(1) as threads:
        with context.database.write() as session:
            exam = session.get_one(Exam, exam_id)
            attempt_id = open_attempt_for_exam(session, context, person, exam)[0].id
            granting = threads.submit(lambda: admin.post("/api/v1/allowances", json=wanted))
            time.sleep(0.5)
            # Granted now, it would miss the attempt that nobody else sees yet.
            assert not granting.done()
        assert granting.result().status_code == 201
    shown = admin.get(f"/api/v1/attempts/{attempt_id}").json()
    assert shown["allowances"]["allowance_ids"] == [granting.result().json()["id"]]
