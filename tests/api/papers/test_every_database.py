"""What must hold when saves, starts and mending race, on each database the service runs on."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from models.attempt import Answer, AttemptTransition
from models.exam import Exam
from models.statuses import AttemptState
from tests.support.papers import be_seen, join, paper_of, prepare, save, set_up_exam, start


@pytest.fixture
def database_url(any_database_url: str) -> str:
    return any_database_url


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


def at_once(do, items):
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(do, items))


def test_saves_at_once_keep_one_answer_of_each_revision(context, exam, student):
    prepare(student, context)
    attempt_id = start(student, context, exam)["id"]
    question_id = paper_of(student, attempt_id)[3]["id"]
    for revision in (1, 2, 3):
        answers = at_once(
            lambda tab, revision=revision: save(
                student, attempt_id, question_id, {"text": f"tab {tab}, {revision}"}, revision
            ),
            range(8),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
        kept = next(answer.json()["value"] for answer in answers if answer.status_code == 200)
        lost = [answer.json() for answer in answers if answer.status_code == 409]
        assert {one["code"] for one in lost} == {"answer_conflict"}
        assert all(one["current"]["value"] == kept for one in lost)
    with context.database.read() as session:
        assert session.scalars(select(Answer.revision)).all() == [3]


def test_the_same_save_many_times_at_once_is_one(context, exam, student):
    prepare(student, context)
    attempt_id = start(student, context, exam)["id"]
    question_id = paper_of(student, attempt_id)[3]["id"]
    answers = at_once(lambda _: save(student, attempt_id, question_id, {"text": "once"}), range(8))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["revision"] for answer in answers} == {1}


def test_saves_and_handing_in_at_once(context, admin, exam, student):
    prepare(student, context)
    attempt_id = start(student, context, exam)["id"]
    question_id = paper_of(student, attempt_id)[2]["id"]
    right = {"text": "Leonardo-secret"}
    address = f"/api/v1/attempts/{attempt_id}"

    def hand_in_or_save(number):
        if number % 4 == 3:
            return student.post(f"{address}/submit")
        return save(student, attempt_id, question_id, right)

    answers = at_once(hand_in_or_save, range(16))
    assert {answer.status_code for answer in answers} <= {200, 409}
    was_saved = any("revision" in answer.json() for answer in answers if answer.is_success)
    handed_in = admin.get(address).json()
    assert handed_in["state"] == "submitted"
    # What was confirmed counts, what was refused does not.
    assert handed_in["awarded_points"] == (1 if was_saved else 0)
    with context.database.read() as session:
        submissions = select(func.count()).where(
            AttemptTransition.to_state == AttemptState.SUBMITTED
        )
        assert session.scalar(submissions) == 1


def test_two_exams_started_at_once_are_one(context, admin, exam, student):
    prepare(student, context)
    exams = [exam, *(set_up_exam(admin, title=f"Other {number}") for number in range(3))]
    attempts = [join(student, one)["id"] for one in exams]
    for attempt_id in attempts:
        be_seen(context, attempt_id)
    answers = at_once(
        lambda attempt_id: student.post(f"/api/v1/attempts/{attempt_id}/start"), attempts[::-1]
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"another_attempt_runs"}


def test_a_start_and_other_questions_at_once(context, admin, exam, student):
    prepare(student, context)
    attempt_id = join(student, exam)["id"]
    be_seen(context, attempt_id)
    address = f"/api/v1/exams/{exam['id']}/questions"

    def start_or_replace(number):
        if number == 3:
            return student.post(f"/api/v1/attempts/{attempt_id}/start")
        question = {"kind": "long_text", "text": f"New question {number}"}
        return admin.put(address, json={"questions": [question] * (number + 1)})

    answers = at_once(start_or_replace, range(8))
    assert answers[3].status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 409}
    shown = [question["id"] for question in paper_of(student, attempt_id)]
    assert shown == [item["id"] for item in admin.get(address).json()["items"]]


def test_handing_in_and_mending_at_once(context, admin, exam, student):
    prepare(student, context)
    attempt_id = start(student, context, exam)["id"]
    question_id = paper_of(student, attempt_id)[2]["id"]
    save(student, attempt_id, question_id, {"text": "Raffael"})
    address = f"/api/v1/exams/{exam['id']}/questions"
    items = admin.get(address).json()["items"]
    items[2]["accepted_answers"] = ["Raffael"]

    def hand_in_or_mend(number):
        if number % 2:
            return student.post(f"/api/v1/attempts/{attempt_id}/submit")
        return admin.put(address, json={"questions": items})

    answers = at_once(hand_in_or_mend, range(8))
    assert {answer.status_code for answer in answers} == {200}
    assert admin.get(f"/api/v1/attempts/{attempt_id}").json()["awarded_points"] == 1


def test_first_practices_at_once_share_one_exam(context, admin, student, other_student):
    answers = at_once(
        lambda number: (student, other_student)[number % 2].post("/api/v1/attempts/practice"),
        range(8),
    )
    assert Counter(answer.status_code for answer in answers) == {201: 2, 200: 6}
    assert len({answer.json()["id"] for answer in answers}) == 2
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Exam)) == 1
