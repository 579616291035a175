"""Tables of people: nothing runs that is written, and what was written is read as it was."""

import csv
import io

import pytest

from api.spreadsheet import NotATable, csv_text, guarded, read_rows, unguarded

ATTACKS = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1dA1",
    "  =1",
    "'=1",
    "' '=1",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_a_formula_and_each_comes_back(attack):
    assert guarded(attack) == f"'{attack}"
    assert unguarded(guarded(attack)) == attack
    rows = list(csv.reader(io.StringIO(csv_text([(attack, "a")]), newline="")))
    assert rows == [[f"'{attack}", "a"]]


@pytest.mark.parametrize("text", ["Anna", "", "'", "O'Neill", "'tis", "1-2", " a"])
def test_other_texts_stay_as_they_are(text):
    assert guarded(text) == text
    assert unguarded(text) == text


def test_numbers_stay_numbers():
    assert guarded(-1.5) == -1.5
    assert guarded(None) is None
    assert guarded(True) == "yes"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end_is_read(separator, end):
    text = end.join(["\ufeff", f"a{separator}c", f'"1{end}1"{separator}2'])
    rows = list(read_rows(text, ["a", "c"]))
    assert rows == [(2, ["a", "c"]), (3, ["1\n1", "2"])]


def test_what_is_no_table_names_its_line():
    with pytest.raises(NotATable) as refused:
        list(read_rows('a,b\n1,"never closed\n', ["a"]))
    assert (refused.value.line, refused.value.message) == (
        2,
        "a quotation mark is opened and never closed",
    )
