"""Questions as files over the API: down and up again, and by nobody but admins."""

import json

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from tests.support.papers import prepare, set_up_exam, start


def address(exam, ending=""):
    return f"/api/v1/exams/{exam['id']}/questions{ending}"


def put_csv(caller, exam, text):
    return caller.put(
        address(exam, ".csv"), content=text, headers={"Content-Type": "text/csv; charset=utf-8"}
    )


@pytest.fixture
def exam(admin):
    return set_up_exam(admin, title="Künste & Zahlen")


@pytest.mark.parametrize("separator", ["comma", "semicolon"])
def test_table_comes_back_as_it_went(admin, exam, separator):
    before = admin.get(address(exam)).json()["items"]
    file = admin.get(address(exam, ".csv"), params={"separator": separator})
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == (
        'attachment; filename="kunste-zahlen-questions.csv"'
    )
    assert file.content.startswith(b"\xef\xbb\xbf")
    again = put_csv(admin, exam, file.content)
    assert again.status_code == 200, again.text
    assert again.json()["items"] == before
    assert put_csv(admin, exam, file.content.removeprefix(b"\xef\xbb\xbf")).status_code == 200


def test_json_file_is_what_the_api_takes(admin, exam):
    file = admin.get(address(exam, ".json"))
    assert file.headers["content-disposition"].endswith('-questions.json"')
    assert json.loads(file.text)["questions"] == admin.get(address(exam)).json()["items"]
    assert admin.put(address(exam), json=json.loads(file.text)).status_code == 200


def test_table_of_another_exam_brings_questions_of_its_own(admin, exam):
    other = set_up_exam(admin)
    before = admin.get(address(other)).json()["items"]
    taken = put_csv(admin, other, admin.get(address(exam, ".csv")).content).json()["items"]
    assert [one["text"] for one in taken] == [one["text"] for one in before]
    assert not {one["id"] for one in taken} & {one["id"] for one in before}
    assert len(admin.get(address(exam)).json()["items"]) == 4


def test_bad_table_changes_nothing_and_names_line_and_column(admin, exam):
    before = admin.get(address(exam)).json()["items"]
    answer = put_csv(admin, exam, "kind,text,points\nlong_text,Why?,1\nlong_text,How?,many\n")
    assert (answer.status_code, answer.json()["code"]) == (422, "questions_unusable")
    assert [error["field"] for error in answer.json()["errors"]] == ["line 3, points"]
    latin = put_csv(admin, exam, "kind,text\nlong_text,Größe\n".encode("latin-1"))
    assert [error["field"] for error in latin.json()["errors"]] == ["line 2, byte 23"]
    assert admin.get(address(exam)).json()["items"] == before


def test_larger_table_than_an_ordinary_body_is_taken(admin, exam):
    lines = "".join(f"long_text,{number} {'x' * 9000}\n" for number in range(100))
    answer = put_csv(admin, exam, f"kind,text\n{lines}")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == 100
    assert put_csv(admin, exam, "x" * 5_000_000).status_code == 413


def test_started_exam_is_mended_by_a_table_and_not_more(admin, student, context, exam):
    prepare(student, context)
    start(student, context, exam)
    before = admin.get(address(exam)).json()["items"]
    table = admin.get(address(exam, ".csv")).text
    mended = put_csv(admin, exam, table.replace("Lyon", "Lille").replace("capital", "chief city"))
    assert mended.status_code == 200, mended.text
    after = mended.json()["items"]
    assert after[0]["choices"][1]["text"] == "Lille"
    ids = [choice["id"] for choice in before[0]["choices"]]
    assert [choice["id"] for choice in after[0]["choices"]] == ids
    one_more = put_csv(admin, exam, f'{table}"","long_text","One more"\n')
    assert (one_more.status_code, one_more.json()["code"]) == (409, "exam_in_use")


def test_taking_a_table_is_recorded(admin, context, exam):
    put_csv(admin, exam, "kind,text\nlong_text,Why?\n")
    with context.database.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (entry.action, entry.object_id) == ("exam.questions", exam["id"])
        assert entry.detail == {"questions": 1, "from": "csv"}


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_right_answers_are_downloaded_by_nobody_else(student, system, exam, ending):
    for caller in (student, system):
        answer = caller.get(address(exam, ending))
        assert answer.status_code == 403
        assert "Paris" not in answer.text
    assert put_csv(student, exam, "kind,text\n").status_code == 403
