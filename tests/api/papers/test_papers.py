"""Papers and answers: saved with revisions, scored by the server, right answers never shown."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models.attempt_states import SUBMIT_GRACE, expire_overdue
from tests.api.conftest import new_client
from tests.support.builders import make_enrollment
from tests.support.papers import (
    be_seen,
    join,
    paper_of,
    prepare,
    right_values,
    save,
    set_up_exam,
    start,
)


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


@pytest.fixture
def attempt(exam, student, context):
    prepare(student, context)
    return start(student, context, exam)


def attempt_now(caller, attempt):
    return caller.get(f"/api/v1/attempts/{attempt['id']}").json()


def test_saved_answers_come_back(student, attempt):
    questions = paper_of(student, attempt["id"])
    assert [question["answer"] for question in questions] == [None] * 4
    values = right_values(questions)
    for question_id, value in values.items():
        assert save(student, attempt["id"], question_id, value).status_code == 200
    again = paper_of(student, attempt["id"])
    assert all(question["answer"]["revision"] == 1 for question in again)
    assert again[3]["answer"]["value"] == {"text": "Because."}
    assert attempt_now(student, attempt)["answered_count"] == 4


def test_the_same_save_again_changes_nothing(student, attempt):
    question = paper_of(student, attempt["id"])[3]
    first = save(student, attempt["id"], question["id"], {"text": "a"}).json()
    assert save(student, attempt["id"], question["id"], {"text": "a"}).json() == first


def test_another_tab_loses_nothing(student, attempt):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    save(student, attempt["id"], question_id, {"text": "first tab"})
    answer = save(student, attempt["id"], question_id, {"text": "second tab"})
    assert (answer.status_code, answer.json()["code"]) == (409, "answer_conflict")
    assert answer.json()["current"]["value"] == {"text": "first tab"}
    assert answer.json()["current"]["revision"] == 1
    assert save(student, attempt["id"], question_id, {"text": "second tab"}, 2).status_code == 200
    assert save(student, attempt["id"], question_id, {"text": "x"}, 9).status_code == 409


def test_saves_at_once_take_turns(app, student, attempt):
    question_id = paper_of(student, attempt["id"])[3]["id"]

    def save_from_a_tab(number):
        client = new_client(app)
        client.cookies.update(student.client.cookies)
        client.headers["X-CSRF-Token"] = student.csrf_token
        address = f"/api/v1/attempts/{attempt['id']}/answers/{question_id}"
        body = {"value": {"text": f"tab {number}"}, "revision": 1}
        return client.put(address, json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(save_from_a_tab, range(4)))
    assert statuses == [200, 409, 409, 409]


def test_an_answer_can_be_cleared(student, attempt):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    save(student, attempt["id"], question_id, {"text": "no"})
    assert save(student, attempt["id"], question_id, {"text": "  "}, 2).json()["value"] == {}
    assert attempt_now(student, attempt)["answered_count"] == 0


def test_a_text_keeps_its_indent_and_its_lines(student, attempt):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    text = "    def answer():\n\treturn 42\n\n"
    assert save(student, attempt["id"], question_id, {"text": text}).json()["value"]["text"] == text
    assert paper_of(student, attempt["id"])[3]["answer"]["value"] == {"text": text}


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (0, {"choice_ids": ["cho_00000000000000000000000000"]}),
        (0, {"choice_ids": "all"}),
        (0, {"text": "Paris-is-right"}),
        (2, {"choice_ids": ["x"]}),
        (2, {"text": "x" * 501}),
        (3, {"text": "x" * 20_001}),
        (3, {"text": "a\u0000b"}),
        (3, {"text": "a", "awarded_points": 100}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(student, attempt, index, value):
    question_id = paper_of(student, attempt["id"])[index]["id"]
    assert save(student, attempt["id"], question_id, value).status_code == 422
    assert paper_of(student, attempt["id"])[index]["answer"] is None


def test_single_choice_takes_one(student, attempt):
    question = paper_of(student, attempt["id"])[0]
    both = [choice["id"] for choice in question["choices"][:2]]
    answer = save(student, attempt["id"], question["id"], {"choice_ids": both})
    assert answer.status_code == 422


def test_the_server_scores_when_it_is_handed_in(admin, student, attempt):
    values = right_values(paper_of(student, attempt["id"]))
    for question_id, value in values.items():
        save(student, attempt["id"], question_id, value)
    handed_in = student.post(f"/api/v1/attempts/{attempt['id']}/submit").json()
    assert handed_in["awarded_points"] is None
    seen = attempt_now(admin, attempt)
    assert (seen["awarded_points"], seen["possible_points"]) == (None, 10)
    address = f"/api/v1/attempts/{attempt['id']}/answers"
    items = admin.get(address).json()["items"]
    assert [item["awarded_points"] for item in items] == [2, 4, 1, None]
    long_text = f"{address}/{items[3]['question_id']}/score"
    assert admin.post(long_text, json={"awarded_points": 99}).status_code == 422
    scored = admin.post(long_text, json={"awarded_points": 1.5, "comment": "Short."}).json()
    assert scored["awarded_points"] == 8.5


def test_mending_a_right_answer_scores_again(admin, student, exam, attempt):
    questions = paper_of(student, attempt["id"])
    lyon = next(choice for choice in questions[0]["choices"] if choice["text"] == "Lyon")
    save(student, attempt["id"], questions[0]["id"], {"choice_ids": [lyon["id"]]})
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert attempt_now(admin, attempt)["awarded_points"] == 0
    items = admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]
    for choice in items[0]["choices"]:
        choice["is_correct"] = choice["text"] == "Lyon"
    admin.put(f"/api/v1/exams/{exam['id']}/questions", json={"questions": items})
    assert attempt_now(admin, attempt)["awarded_points"] == 2


def test_points_of_a_person_are_never_more_than_the_question_is_worth(
    admin, student, exam, attempt
):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    save(student, attempt["id"], question_id, {"text": "Because."})
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    address = f"/api/v1/attempts/{attempt['id']}/answers/{question_id}/score"
    assert admin.post(address, json={"awarded_points": 3}).json()["awarded_points"] == 3
    items = admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]
    items[3]["points"] = 2
    admin.put(f"/api/v1/exams/{exam['id']}/questions", json={"questions": items})
    seen = attempt_now(admin, attempt)
    assert (seen["awarded_points"], seen["possible_points"]) == (2, 9)


def test_nothing_changes_after_handing_in_or_after_the_end(student, attempt, clock):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    clock.advance(3600)
    assert save(student, attempt["id"], question_id, {"text": "in time"}).status_code == 200
    clock.advance(SUBMIT_GRACE.total_seconds())
    late = save(student, attempt["id"], question_id, {"text": "too late"}, 2)
    assert (late.status_code, late.json()["code"]) == (409, "attempt_closed")
    late = student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert (late.status_code, late.json()["code"]) == (409, "attempt_closed")


def test_what_was_saved_counts_when_time_runs_out(admin, student, attempt, context, clock):
    questions = paper_of(student, attempt["id"])
    right = right_values(questions)[questions[0]["id"]]
    save(student, attempt["id"], questions[0]["id"], right)
    clock.advance(3700)
    with context.database.write() as session:
        assert expire_overdue(session, clock()) == 1
    seen = attempt_now(admin, attempt)
    assert (seen["state"], seen["awarded_points"]) == ("expired", 2)


def test_paper_needs_a_start_and_is_nobody_elses(student, other_student, admin, exam, context):
    prepare(student, context)
    attempt = join(student, exam)
    address = f"/api/v1/attempts/{attempt['id']}/paper"
    assert student.get(address).json()["code"] == "attempt_not_started"
    be_seen(context, attempt["id"])
    student.post(f"/api/v1/attempts/{attempt['id']}/start")
    assert other_student.get(address).status_code == 404
    assert admin.get(address).status_code == 403
    question_id = paper_of(student, attempt["id"])[0]["id"]
    for caller, status in ((other_student, 404), (admin, 403)):
        assert save(caller, attempt["id"], question_id, {}).status_code == status


def test_order_is_the_attempts_own_and_stays(admin, student, other_student, context):
    exam = set_up_exam(admin, shuffles_questions=True, shuffles_choices=True)
    orders = set()
    for person in (student, other_student):
        prepare(person, context)
        attempt = start(person, context, exam)
        orders.add(shown_order(person, attempt["id"]))
        assert {shown_order(person, attempt["id"]) for _ in range(3)} <= orders
    # 24 orders of questions, times 6 and 24 of choices: the same twice is one in 3456.
    assert len(orders) == 2


def shown_order(person, attempt_id):
    return tuple(
        (question["text"], *(choice["text"] for choice in question["choices"]))
        for question in paper_of(person, attempt_id)
    )


def test_no_right_answer_reaches_a_student(admin, student, exam, attempt):
    items = admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]
    right = {item["id"] for item in items}
    assert right
    html = {"Accept": "text/html"}
    for path, headers in (
        (f"/api/v1/attempts/{attempt['id']}/paper", {}),
        (f"/api/v1/attempts/{attempt['id']}", {}),
        ("/api/v1/attempts", {}),
        (f"/attempts/{attempt['id']}", html),
        ("/", html),
    ):
        text = student.get(path, headers=headers).text
        for secret in ("is_correct", '"correct"', "accepted_answers", "Leonardo-secret"):
            assert secret not in text, path
    for path in (f"/api/v1/attempts/{attempt['id']}/answers", f"/api/v1/exams/{exam['id']}"):
        assert student.get(path).status_code == 403


def test_another_system_sees_its_answers_and_not_what_is_right(admin, system, exam, context):
    subject = system.post("/api/v1/subjects", json={"external_ref": "curious"}).json()
    system.post(f"/api/v1/subjects/{subject['id']}/consents", json={"text_version": "theirs"})
    with context.database.write() as session:
        make_enrollment(session, subject["id"])
    wanted = {"subject_id": subject["id"], "exam_id": exam["id"]}
    address = f"/api/v1/attempts/{system.post('/api/v1/attempts', json=wanted).json()['id']}"
    assert system.post(f"{address}/start").json()["state"] == "started"
    seen_by_system = system.get(f"{address}/answers").json()["items"]
    assert [one["correct"] for one in seen_by_system] == [None] * 4
    seen_by_admin = admin.get(f"{address}/answers").json()["items"]
    assert any(one["correct"] for one in seen_by_admin)
    assert [one["text"] for one in seen_by_admin] == [one["text"] for one in seen_by_system]
