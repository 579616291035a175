"""Questions as a table: a round trip changes nothing, and a mistake is named where it stands."""

import csv
import io

import pytest
from hypothesis import given

from api.questions.importing import ListUnusable
from api.questions.question_csv import COLUMNS, Separator, read_csv, write_csv
from api.questions.schemas import Choice, QuestionText
from models.statuses import QuestionKind
from tests.api.questions.lists import QUESTION_LISTS

CAPITAL = QuestionText(
    kind=QuestionKind.SINGLE_CHOICE,
    text="Which is the capital?",
    points=2.5,
    choices=[Choice(text="Paris", is_correct=True), Choice(text="Lyon\n  on the Rhône")],
)


def errors(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(ListUnusable) as refused:
        read_csv(text)
    return [(one.line, one.place) for one in refused.value.list_errors]


@given(QUESTION_LISTS)
def test_round_trip_changes_nothing(questions: list[QuestionText]) -> None:
    for separator in Separator:
        assert read_csv(write_csv(questions, separator)) == questions


@given(QUESTION_LISTS)
def test_no_cell_begins_a_formula(questions: list[QuestionText]) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(questions), newline="")))
    assert rows[0] == list(COLUMNS)
    for row in rows[1:]:
        assert not [cell for cell in row if cell and cell[0] in "=+-@\t\r\n＝＋－＠"]  # noqa: RUF001


@pytest.mark.parametrize("text", ["=1+1", "-5 °C", "'=x", "''", "'tis", "+", "@a", "\uff1dx", "'"])
def test_what_looks_like_a_formula_comes_back_as_it_was(text: str) -> None:
    question = QuestionText(kind=QuestionKind.LONG_TEXT, text=text)
    assert read_csv(write_csv([question])) == [question]


def test_table_of_a_spreadsheet_is_read() -> None:
    table = (
        "\ufeffKind;Text;Points;Choices;Correct\r\n"
        'Single choice;"Which is\r\nthe capital?";2,5;"Paris\r\nLyon";1\r\n'
        ";;;;\r\n"
        'multiple_choice;"Which ""even""?";;"2\n3\n4";1, 3\r\n'
        "long_text;Why?\r\n"
    )
    capital, even, why = read_csv(table)
    assert (capital.text, capital.points) == ("Which is\nthe capital?", 2.5)
    assert [choice.is_correct for choice in capital.choices] == [True, False]
    assert even.text == 'Which "even"?'
    assert [choice.text for choice in even.choices if choice.is_correct] == ["2", "4"]
    assert (even.points, why.kind) == (1, QuestionKind.LONG_TEXT)


def test_cells_copied_out_of_a_spreadsheet_are_read() -> None:
    assert [one.text for one in read_csv("kind\ttext\nlong_text\tWhy, and how?\n")] == [
        "Why, and how?"
    ]


def test_line_that_begins_with_a_tab_goes_on_with_the_choice_above() -> None:
    table = 'kind,text,choices,correct\nsingle_choice,Which?,"a\n\tstill a\n\nb",2\n'
    (question,) = read_csv(table)
    assert [choice.text for choice in question.choices] == ["a\nstill a", "b"]


HEADER = "kind,text,points,choices,correct,accepted_answers\n"


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("", (1, "the table")),
        ("text,points\n", (1, "kind")),
        ("kind,text,weight\n", (1, "weight")),
        ("kind,text,text\n", (1, "text")),
        (HEADER + "essay,Why?\n", (2, "kind")),
        (HEADER + "long_text\n", (2, "text")),
        (HEADER + 'long_text,"a\nb"\nlong_text,\n', (4, "text")),
        (HEADER + "long_text,Why?,many\n", (2, "points")),
        (HEADER + "long_text,Why?,1001\n", (2, "points")),
        (HEADER + "long_text,Why?,nan\n", (2, "points")),
        (HEADER + 'single_choice,Which?,1,"a\nb",3\n', (2, "correct")),
        (HEADER + 'single_choice,Which?,1,"a\nb",0\n', (2, "correct")),
        (HEADER + 'single_choice,Which?,1,"a\nb",b\n', (2, "correct")),
        (HEADER + 'single_choice,Which?,1,"a\nb",1 2\n', (2, "correct")),
        (HEADER + 'single_choice,Which?,1,"a\nb",\n', (2, "correct")),
        (HEADER + "single_choice,Which?,1,a,1\n", (2, "choices")),
        (HEADER + "long_text,Why?,1,,,Because\n", (2, "accepted_answers")),
        (HEADER + "long_text,a\x00b\n", (2, "text")),
        (HEADER + f'short_text,Who?,1,,,"a\n{"b" * 501}"\n', (2, "accepted_answers 2")),
        (HEADER + "long_text,Why?,1,,,,one too many\n", (2, "")),
        (HEADER + 'long_text,Why?\nlong_text,"never closed\n', (3, "")),
        (HEADER + f"long_text,{'a' * 200_000}\n", (2, "")),
        ("id,kind,text\nq1,long_text,Why?\n", (2, "id")),
    ],
)
def test_mistake_is_named_with_line_and_column(table: str, where: tuple[int, str]) -> None:
    assert errors(table) == [where]


def test_every_mistake_is_named() -> None:
    table = HEADER + "essay,,x\nlong_text,Fine\nlong_text,,y\n"
    assert errors(table) == [(2, "kind"), (2, "text"), (2, "points"), (4, "text"), (4, "points")]


def test_question_that_stands_twice_is_refused() -> None:
    line = "qst_00000000000000000000000000,long_text,Why?\n"
    assert errors(f"id,kind,text\n{line}{line}") == [(3, "id")]


def test_too_long_a_table_is_not_read_to_its_end() -> None:
    assert errors(HEADER + "long_text,Why?\n" * 100_000) == [(302, "")]
