"""Writing questions by forms, without a script: nothing typed is lost, the list's rules hold."""

import pytest

from api.questions.schemas import CHOICES_MAX
from tests.api.pages.conftest import NASTY
from tests.api.pages.document import document
from tests.api.pages.forms import filled, look, send, text_of
from tests.support.papers import QUESTIONS, prepare, set_up_exam, start


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


def address(exam, page=""):
    return f"/admin/exams/{exam['id']}/questions{page}"


def items(admin, exam):
    return admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]


def change(admin, exam, question, **fields):
    """Open a question's form, type `fields` and send it."""
    path = address(exam, f"/{question['id']}")
    return send(admin, path, **filled(look(admin, path), "question-form") | fields)


@pytest.mark.parametrize("number", range(4))
def test_form_sent_as_it_stands_changes_nothing(admin, exam, number):
    before = items(admin, exam)
    answer = change(admin, exam, before[number])
    assert answer.status_code == 303
    assert answer.headers["location"] == address(exam, f"#{before[number]['id']}")
    assert items(admin, exam) == before


NEW = {
    "single_choice": {
        "text": "Which is it?\r\nLook closely.",
        "points": "2,5",
        "choice_text": ["This", "", "That\r\none", "  "],
        "choice_id": ["", "", "", ""],
        "is_correct": ["2"],
    },
    "multiple_choice": {
        "text": "Which are prime?",
        "points": "3",
        "choice_text": ["2", "3", "4"],
        "choice_id": ["", "", ""],
        "is_correct": ["0", "1"],
    },
    "short_text": {"text": "Who?", "points": "1", "accepted_answers": "Anna\r\n\r\n Berta "},
    "long_text": {"text": "Why?", "points": "0"},
}


def test_question_of_each_kind_is_added_at_the_end(admin, exam):
    for kind, fields in NEW.items():
        page = look(admin, address(exam, f"/new?kind={kind}"))
        assert page.by_id("question-form").attributes["action"] == address(exam, "/new")
        answer = send(admin, address(exam, "/new"), kind=kind, **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, address(exam))
    single, multiple, short, long = items(admin, exam)[4:]
    assert (single["text"], single["points"]) == ("Which is it?\nLook closely.", 2.5)
    chosen = [(one["text"], one["is_correct"]) for one in single["choices"]]
    assert chosen == [("This", False), ("That\none", True)]
    assert [one["is_correct"] for one in multiple["choices"]] == [True, True, False]
    assert short["accepted_answers"] == ["Anna", "Berta"]
    assert (long["kind"], long["points"]) == ("long_text", 0)


def test_next_question_of_the_kind_is_one_press_away(admin, exam):
    answer = send(admin, address(exam, "/new"), kind="long_text", text="?", points="1", then="new")
    assert answer.headers["location"] == address(exam, "/new?kind=long_text")


def test_refused_question_comes_back_as_it_was_typed(admin, exam):
    typed = {
        "kind": "multiple_choice",
        "text": " ",
        "points": "many",
        "choice_text": [NASTY, "", "x" * 2001],
        "choice_id": ["", "", ""],
        "is_correct": ["1"],
    }
    answer = send(admin, address(exam, "/new"), **typed)
    assert answer.status_code == 422
    page = document(answer.text)
    for name in ("text", "points", "choice-1", "choice-2"):
        assert page.by_id(f"{name}-error").text, name
        assert page.by_id(name).attributes["aria-invalid"] == "true"
    assert page.by_id("points").attributes["value"] == "many"
    assert [page.by_id(f"choice-{at}").text for at in range(3)] == typed["choice_text"]
    right = ["checked" in page.by_id(f"right-{at}").attributes for at in range(3)]
    assert right == [False, True, False]
    assert len(items(admin, exam)) == 4


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("single_choice", {"choice_text": ["a", "b"], "is_correct": ["0", "1"]}, "choices"),
        ("single_choice", {"choice_text": ["a", "b"]}, "choices"),
        ("multiple_choice", {"choice_text": ["a", "b"]}, "choices"),
        ("single_choice", {"choice_text": ["a", ""], "is_correct": ["0"]}, "choices"),
        ("short_text", {"accepted_answers": "x" * 501}, "accepted"),
        ("long_text", {"text": "a\x00b"}, "text"),
        ("long_text", {"points": ""}, "points"),
        ("long_text", {"points": "nan"}, "points"),
    ],
)
def test_mistake_stands_beside_its_field(admin, exam, kind, fields, field):
    wanted = {"kind": kind, "text": "?", "points": "1", **fields}
    wanted.setdefault("choice_id", [""] * len(wanted.get("choice_text", [])))
    answer = send(admin, address(exam, "/new"), **wanted)
    assert answer.status_code == 422
    assert document(answer.text).by_id(f"{field}-error").text


@pytest.mark.parametrize("kind", ["", "essay"])
def test_there_is_no_form_for_another_kind(admin, exam, kind):
    look(admin, address(exam, f"/new?kind={kind}"), 422)
    assert send(admin, address(exam, "/new"), kind=kind, text="?").status_code == 422


def test_row_is_added_without_a_script_and_nothing_is_saved(admin, exam):
    typed = {
        "kind": "single_choice",
        "text": "?",
        "points": "x",
        "choice_text": ["a", "b"],
        "choice_id": ["", ""],
        "is_correct": ["1"],
        "add_row": "1",
    }
    answer = send(admin, address(exam, "/new"), **typed)
    assert answer.status_code == 200
    form = filled(document(answer.text), "question-form")
    assert form["choice_text"] == ["a", "b", ""]
    assert (form["is_correct"], form["points"]) == (["1"], ["x"])
    assert len(items(admin, exam)) == 4


def test_form_takes_as_many_choices_as_a_question_may_have(admin, exam):
    everything = {
        "kind": "multiple_choice",
        "text": "?",
        "points": "1",
        "seen": "",
        "choice_text": [str(at) for at in range(CHOICES_MAX)],
        "choice_id": [""] * CHOICES_MAX,
        "is_correct": [str(at) for at in range(CHOICES_MAX)],
    }
    # As a browser without scripts: the token stands in the form.
    token = admin.client.headers.pop("X-CSRF-Token")
    more = send(admin, address(exam, "/new"), **everything, add_row="1")
    assert "add-row" not in more.text
    assert send(admin, address(exam, "/new"), **everything).status_code == 303
    admin.client.headers["X-CSRF-Token"] = token
    assert len(items(admin, exam)[4]["choices"]) == CHOICES_MAX


def test_choices_come_and_go_and_keep_their_ids(admin, exam):
    question = items(admin, exam)[0]
    paris, lyon, nice = (choice["id"] for choice in question["choices"])
    form = filled(look(admin, address(exam, f"/{question['id']}")), "question-form")
    assert form["choice_id"] == [paris, lyon, nice, ""]
    changed = change(
        admin, exam, question, choice_text=["Paris", "", "Nice", "Lille"], is_correct=["2"]
    )
    assert changed.status_code == 303
    after = items(admin, exam)[0]["choices"]
    assert [choice["text"] for choice in after] == ["Paris", "Nice", "Lille"]
    assert [choice["id"] for choice in after[:2]] == [paris, nice]
    assert [choice["is_correct"] for choice in after] == [False, True, False]


def test_questions_move_by_one_and_stop_at_the_ends(admin, exam):
    def order():
        return [one["text"] for one in items(admin, exam)]

    first, second, third, fourth = order()
    ids = [one["id"] for one in items(admin, exam)]
    answer = send(admin, address(exam, "/move"), down=ids[0])
    assert answer.headers["location"] == address(exam, f"#{ids[0]}")
    assert order() == [second, first, third, fourth]
    send(admin, address(exam, "/move"), up=ids[3])
    assert order() == [second, first, fourth, third]
    send(admin, address(exam, "/move"), up=ids[1])
    send(admin, address(exam, "/move"), down=ids[2])
    assert order() == [second, first, fourth, third]
    assert send(admin, address(exam, "/move"), up="qst_none").status_code == 404


def test_deleting_asks_first(admin, exam):
    before = items(admin, exam)
    path = address(exam, f"/{before[1]['id']}/delete")
    assert "Which are prime?" in text_of(look(admin, path))
    assert items(admin, exam) == before
    assert send(admin, path).headers["location"] == address(exam)
    assert items(admin, exam) == [before[0], *before[2:]]
    assert send(admin, path).status_code == 404


def test_question_of_another_exam_is_not_found(admin, exam):
    other = items(admin, set_up_exam(admin))[0]["id"]
    look(admin, address(exam, f"/{other}"), 404)
    look(admin, address(exam, "/qst_1%00"), 404)
    for page in (f"/{other}", f"/{other}/delete"):
        fields = {"kind": "long_text", "text": "?", "points": "1"}
        assert send(admin, address(exam, page), **fields).status_code == 404


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(admin, exam):
    question = items(admin, exam)[3]
    path = address(exam, f"/{question['id']}")
    mine = filled(look(admin, path), "question-form") | {"text": "Mine"}
    change(admin, exam, question, text="Theirs")
    answer = send(admin, path, **mine)
    assert answer.status_code == 409
    page = document(answer.text)
    assert page.by_id("text").text == "Mine"
    assert "Theirs" in text_of(page)
    assert items(admin, exam)[3]["text"] == "Theirs"
    assert send(admin, path, **filled(page, "question-form")).status_code == 303
    assert items(admin, exam)[3]["text"] == "Mine"


def test_started_exam_is_mended_and_not_more(admin, student, context, exam):
    question = items(admin, exam)[0]
    path = address(exam, f"/{question['id']}")
    early = filled(look(admin, path), "question-form")
    prepare(student, context)
    start(student, context, exam)
    assert "Somebody has started this exam" in text_of(look(admin, address(exam)))
    assert "/new?kind=" not in str(look(admin, address(exam)))
    grown = early | {"choice_text": ["Paris", "Lyon", "Nice", "One more"]}
    refused = send(admin, path, **grown)
    assert refused.status_code == 409
    assert "One more" in document(refused.text).by_id("choice-3").text, "what was typed is lost"
    new = send(admin, address(exam, "/new"), kind="long_text", text="Typed", points="1")
    assert new.status_code == 409
    assert document(new.text).by_id("text").text == "Typed"
    assert send(admin, f"{path}/delete").status_code == 409
    mended = change(admin, exam, question, text="Mended", points="5", is_correct=["1"])
    assert mended.status_code == 303
    after = items(admin, exam)
    assert (after[0]["text"], after[0]["points"]) == ("Mended", 5)
    assert [one["is_correct"] for one in after[0]["choices"]] == [False, True, False]
    assert [one["id"] for one in after[0]["choices"]] == [one["id"] for one in question["choices"]]


def test_mending_scores_what_was_handed_in_anew(admin, student, context, exam):
    prepare(student, context)
    attempt_id = start(student, context, exam)["id"]
    student.post(f"/api/v1/attempts/{attempt_id}/submit")
    change(admin, exam, items(admin, exam)[3], points="30")
    assert admin.get(f"/api/v1/attempts/{attempt_id}").json()["possible_points"] == 37


def test_list_shows_what_is_right(admin, exam):
    page = text_of(look(admin, address(exam)))
    for one in QUESTIONS:
        assert one["text"] in page
    assert "Leonardo-secret" in page
    assert "4 questions, 10 points" in page
