"""Questions as JSON: a round trip changes nothing, and a mistake is named where it stands."""

import json

import pytest
from hypothesis import given

from api.questions.importing import ListUnusable
from api.questions.question_json import read_json, write_json
from api.questions.schemas import QuestionText
from tests.api.questions.lists import QUESTION_LISTS


@given(QUESTION_LISTS)
def test_round_trip_changes_nothing(questions: list[QuestionText]) -> None:
    text = write_json(questions)
    assert read_json(text) == questions
    assert read_json(json.dumps({"items": json.loads(text)["questions"]})) == questions
    assert read_json(json.dumps(json.loads(text)["questions"])) == questions


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        ("", 1, "column 0"),
        ('[\n {"kind": "long_text" "text"}]', 2, "column 23"),
        ('{"question": []}', 1, "the list"),
        ("7", 1, "the list"),
        ("[" * 50_000 + "]" * 50_000, 1, "column 202"),
        ('[\n\n{"kind": "essay", "text": "?"}]', 3, "question 1, kind"),
        ('{"questions": [\n{"kind": "long_text", "text": "?"},\n7]}', 3, "question 2, question"),
        ('[{"kind": "long_text", "text": "?", "weight": 1}]', 1, "question 1, weight"),
        (
            '[{"kind": "single_choice", "text": "?", "choices": [{"text": "a"}, {"text": ""}]}]',
            1,
            "question 1, choices 2",
        ),
        ('[{"kind": "single_choice", "text": "?"}]', 1, "question 1, choices"),
        (json.dumps([{"kind": "long_text", "text": "?"}] * 301), None, "the list"),
    ],
)
def test_mistake_is_named_with_its_place(text: str, line: int | None, place: str) -> None:
    with pytest.raises(ListUnusable) as refused:
        read_json(text)
    assert [(one.line, one.place) for one in refused.value.list_errors] == [(line, place)]
    assert refused.value.status == 422
