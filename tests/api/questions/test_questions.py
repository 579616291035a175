"""Questions: what goes in comes out, nothing changes under somebody's hands."""

import pytest

from tests.support.papers import QUESTIONS, join, paper_of, prepare, save, set_up_exam, start


def address(exam):
    return f"/api/v1/exams/{exam['id']}/questions"


def test_what_comes_out_goes_in_again(admin):
    exam = set_up_exam(admin)
    first = admin.get(address(exam)).json()["items"]
    assert [question["kind"] for question in first] == [one["kind"] for one in QUESTIONS]
    again = admin.put(address(exam), json={"questions": first})
    assert again.json()["items"] == first
    shown = admin.get(f"/api/v1/exams/{exam['id']}").json()
    assert (shown["question_count"], shown["possible_points"]) == (4, 10)


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "single_choice", "text": "?", "choices": [{"text": "a", "is_correct": True}]},
        {"kind": "single_choice", "text": "?", "choices": [{"text": "a"}, {"text": "b"}]},
        {
            "kind": "single_choice",
            "text": "?",
            "choices": [{"text": "a", "is_correct": True}, {"text": "b", "is_correct": True}],
        },
        {"kind": "multiple_choice", "text": "?", "choices": [{"text": "a"}, {"text": "b"}]},
        {"kind": "long_text", "text": "?", "accepted_answers": ["a"]},
        {"kind": "short_text", "text": "?", "choices": [{"text": "a"}]},
        {"kind": "essay", "text": "?"},
        {"kind": "long_text", "text": ""},
        {"kind": "long_text", "text": " \n "},
        {"kind": "short_text", "text": "?", "accepted_answers": ["  "]},
        {"kind": "long_text", "text": "?", "points": -1},
        {"kind": "long_text", "text": "?", "points": 1001},
        {"kind": "long_text", "text": "a\u0000b"},
        {"kind": "long_text", "text": "?", "id": "qst_00000000000000000000000000"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(admin, question):
    exam = set_up_exam(admin)
    answer = admin.put(address(exam), json={"questions": [question]})
    assert answer.status_code == 422, answer.text
    assert len(admin.get(address(exam)).json()["items"]) == 4


def test_choices_of_other_questions_are_refused(admin):
    exam = set_up_exam(admin)
    items = admin.get(address(exam)).json()["items"]
    items[0]["choices"][1]["id"] = items[1]["choices"][1]["id"]
    assert admin.put(address(exam), json={"questions": items}).status_code == 422


def test_started_exam_can_only_be_mended(admin, student, context):
    exam = set_up_exam(admin)
    prepare(student, context)
    start(student, context, exam)
    items = admin.get(address(exam)).json()["items"]
    for change in (
        items[:3],
        [*items, {"kind": "long_text", "text": "One more"}],
        [{**items[0], "kind": "multiple_choice"}, *items[1:]],
        [{**items[0], "choices": items[0]["choices"][:2]}, *items[1:]],
    ):
        answer = admin.put(address(exam), json={"questions": change})
        assert (answer.status_code, answer.json()["code"]) == (409, "exam_in_use")
    items[0]["text"] = "Which is the capital?"
    assert admin.put(address(exam), json={"questions": items}).status_code == 200


def test_started_practice_can_only_be_mended_too(admin, student, context):
    """Its answers stand on its questions as well."""
    exam = set_up_exam(admin, is_practice=True)
    prepare(student, context)
    attempt = start(student, context, exam)
    questions = paper_of(student, attempt["id"])
    save(student, attempt["id"], questions[3]["id"], {"text": "Because."})
    answer = admin.put(address(exam), json={"questions": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "exam_in_use")
    assert paper_of(student, attempt["id"])[3]["answer"]["value"] == {"text": "Because."}


def test_questions_are_no_students_business(admin, student, context, system):
    exam = set_up_exam(admin)
    prepare(student, context)
    join(student, exam)
    assert student.get(address(exam)).status_code == 403
    assert student.put(address(exam), json={"questions": []}).status_code == 403
    assert system.get(address(exam)).status_code == 403
