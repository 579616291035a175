"""A POST that is sent again has one effect and one answer."""

import threading

from sqlalchemy import func, select

from models.api_client import IdempotentAnswer
from models.subject import Subject

SUBJECTS = "/api/v1/subjects"


def post(caller, key, ref="17"):
    headers = {"Idempotency-Key": key}
    return caller.post(SUBJECTS, json={"external_ref": ref}, headers=headers)


def count(context, table):
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_repetition_gets_the_first_answer(context, system):
    first, again = post(system, "k"), post(system, "k")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(context, Subject) == 1


def test_same_key_for_another_request_is_a_conflict(system):
    post(system, "k")
    answer = post(system, "k", "18")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_keys_of_two_systems_are_apart(system, other_system):
    assert post(system, "k").json()["id"] != post(other_system, "k").json()["id"]


def test_refused_request_keeps_no_answer(context, system):
    system.post(SUBJECTS, json={"external_ref": "17"})
    assert post(system, "k").json()["code"] == "subject_exists"
    assert count(context, IdempotentAnswer) == 0
    assert post(system, "k", "18").status_code == 201


def test_old_answer_is_forgotten(context, system, clock, settings):
    post(system, "k")
    clock.advance(settings.idempotency_lifetime_seconds)
    assert post(system, "k", "18").status_code == 201


def test_twins_at_once_have_one_effect(context, system):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(system, "k"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count(context, Subject) == 1


def test_key_has_a_length(system):
    assert post(system, "k" * 200).status_code == 201
    assert post(system, "k" * 201).status_code == 422
    assert post(system, "").status_code == 422


def test_without_a_key_nothing_is_kept(context, system):
    system.post(SUBJECTS, json={"external_ref": "17"})
    assert count(context, IdempotentAnswer) == 0
