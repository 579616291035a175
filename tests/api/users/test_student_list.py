"""Lists of students: what is taken, what is named as a mistake, and what a spreadsheet gets."""

import pytest

from api.users.student_list import STUDENTS_MAX, read_student_list


def read(text):
    found = read_student_list(text)
    assert found.mistakes == [], found.mistakes
    return [(one.new.display_name, one.new.login, one.extra_time_percent) for one in found.students]


def mistakes(text):
    return [(one.line, one.column) for one in read_student_list(text).mistakes]


@pytest.mark.parametrize(
    "text",
    [
        "name,login\nAnna Berg,anna\nRui Costa,rui",
        "\ufeffname,login\r\nAnna Berg,anna\r\nRui Costa,rui\r\n",
        "login;name\nanna;Anna Berg\nrui;Rui Costa\n",
        "login\tname\nanna\tAnna Berg\nrui\tRui Costa\n",
        'Name , LOGIN\n"Anna Berg", anna \n\n,\nRui Costa,rui\n',
        "\n\nname,login\rAnna Berg,anna\rRui Costa,rui",
    ],
)
def test_lists_are_read_as_spreadsheets_write_them(text):
    assert read(text) == [("Anna Berg", "anna", 0), ("Rui Costa", "rui", 0)]


def test_names_keep_commas_and_more_time_is_read():
    text = 'name,login,extra_time_percent\n"Costa, Rui",rui,25\nA,a,50%\nB,b,\n'
    assert read(text) == [("Costa, Rui", "rui", 25), ("A", "a", 50), ("B", "b", 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "")]),
        ("name,login\n", [(1, "")]),
        ("name\nAnna\n", [(1, "login")]),
        ("Anna Berg,anna\n", [(1, "name"), (1, "login")]),
        ("name,login,Extra time %\nA,a,25\n", [(1, "extra time %")]),
        ("name,login,login\nA,a,b\n", [(1, "login")]),
        ("name,login\nA,a\n,b\n", [(3, "name")]),
        ("name,login\nA,\n", [(2, "login")]),
        ("name,login\nA,two words\n", [(2, "login")]),
        ("name,login\nA,ann\u0430\n", [(2, "login")]),
        ("name,login\n" + "x" * 201 + ",a\n", [(2, "name")]),
        ("name,login\nA\u202e,a\n", [(2, "name")]),
        ("name,login\nA,a,b\n", [(2, "")]),
        ("name,login\nA,a\nB,A\nC,\uff41\n", [(3, "login"), (4, "login")]),
        ('name,login\n"A\nB",a b\nC,c\n', [(2, "login")]),
        ('name,login\n"A",a\n"B"x,b\n', [(3, "")]),
        ("name,login\nA\0,a\n\ufffd,b\nC,\ufffd\n", [(2, "name"), (3, "name"), (4, "login")]),
    ],
)
def test_every_mistake_is_named_with_its_line_and_column(text, expected):
    assert mistakes(text) == expected


@pytest.mark.parametrize(
    "column", ["Extra time (%)", "additional_time", "percent_extra_time", "extra_tme_percent"]
)
def test_more_time_under_another_name_is_not_left_out(column):
    assert mistakes(f"name,login,{column}\nA,a,25\n") == [(1, column.casefold())]


@pytest.mark.parametrize(
    "column", ["exam_percent", "extra_points", "attendance_percent", "time", "exercise_percent"]
)
def test_other_columns_are_left_out_however_alike(column):
    assert mistakes(f"name,login,{column}\nA,a,25\n") == []


def test_other_columns_are_left_out_and_named():
    text = "Matriculation;Name;E-mail;login;;\n17;Anna Berg;a@b.example;anna;;\n"
    assert read(text) == [("Anna Berg", "anna", 0)]
    assert read_student_list(text).columns_left_out == ["Matriculation", "E-mail", "", ""]


def test_each_number_that_cannot_be_used_is_named():
    text = "name,login,extra_time_percent\nA,a,-1\nB,b,401\nC,c,1e2\nD,d,\u0661\nE,e,%\n"
    assert mistakes(text) == [(line, "extra_time_percent") for line in range(2, 7)]


def test_too_long_a_list_is_refused_at_the_first_line_too_many():
    lines = [f"Student {number},s{number}" for number in range(STUDENTS_MAX + 1)]
    assert mistakes("\n".join(["name,login", *lines])) == [(STUDENTS_MAX + 2, "")]
