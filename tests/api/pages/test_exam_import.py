"""Questions from a file on the page: looked at first, and nothing is replaced by a bad list."""

import json
from html import unescape

import pytest

from models.statuses import QuestionKind
from tests.api.pages.conftest import BROWSER, NASTY
from tests.api.pages.document import document
from tests.api.pages.forms import look, text_of
from tests.support.papers import prepare, set_up_exam, start

TABLE = "kind,text,points\nlong_text,Why?,2\nlong_text,How?,3\n"


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


def items(admin, exam):
    return admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]


def send(admin, exam, *, file=None, name="questions.csv", **fields):
    """Send the form as a browser without scripts does: as multipart, the token in it."""
    data = {"csrf_token": admin.csrf_token, "mode": "replace", **fields}
    files = {"file": (name if file is not None else "", file or b"", "text/csv")}
    token = admin.client.headers.pop("X-CSRF-Token")
    answer = admin.post(
        f"/admin/exams/{exam['id']}/import", data=data, files=files, headers=BROWSER
    )
    admin.client.headers["X-CSRF-Token"] = token
    return answer


def confirm(admin, exam, preview):
    """Press the button of a preview."""
    form = next(one for one in document(preview.text).all("form") if "import" in str(one))
    fields = {
        one.attributes["name"]: one.attributes["value"]
        for one in form.all("input")
        if one.attributes["name"] != "csrf_token"
    }
    return send(admin, exam, **fields)


def figures(answer):
    page = document(answer.text)
    return [int(one.text) for one in page.all("dl")[0].all("dd")]


def test_file_is_looked_at_and_then_saved(admin, exam):
    before = items(admin, exam)
    preview = send(admin, exam, file=b"\xef\xbb\xbf" + TABLE.encode())
    assert preview.status_code == 200, preview.text
    assert figures(preview) == [2, 0, 0, 4]
    assert "Which are prime?" in preview.text
    assert items(admin, exam) == before
    saved = confirm(admin, exam, preview)
    assert saved.headers["location"] == f"/admin/exams/{exam['id']}/questions"
    assert [one["text"] for one in items(admin, exam)] == ["Why?", "How?"]


def test_pasted_list_is_put_behind_the_others(admin, exam):
    before = items(admin, exam)
    preview = send(admin, exam, text=TABLE, mode="append")
    assert figures(preview) == [2, 0, 4, 0]
    assert confirm(admin, exam, preview).status_code == 303
    assert items(admin, exam)[:4] == before
    assert len(items(admin, exam)) == 6


@pytest.mark.parametrize("ending", ["json", "csv", "csv?separator=semicolon"])
def test_download_goes_in_again_and_changes_nothing(admin, exam, ending):
    before = items(admin, exam)
    file = admin.get(f"/api/v1/exams/{exam['id']}/questions.{ending}")
    preview = send(admin, exam, file=file.content)
    assert figures(preview) == [0, 0, 4, 0]
    assert confirm(admin, exam, preview).status_code == 303
    assert items(admin, exam) == before


def test_download_with_a_change_changes_that_question(admin, exam):
    file = admin.get(f"/api/v1/exams/{exam['id']}/questions.csv").text
    preview = send(admin, exam, text=file.replace("leaves", "apples"))
    assert figures(preview) == [0, 1, 3, 0]


def test_bad_list_names_line_and_column_and_can_be_mended_in_place(admin, exam):
    before = items(admin, exam)
    broken = f"kind,text,points\nlong_text,{NASTY},1\nessay,How?,many\n"
    for answer in (send(admin, exam, text=broken), send(admin, exam, file=broken.encode())):
        assert answer.status_code == 422
        page = document(answer.text)
        assert "line 3, kind: must be one of single_choice" in text_of(page)
        assert "line 3, points: must be a number" in text_of(page)
        assert page.by_id("text").text == broken
        assert NASTY not in answer.text
    assert items(admin, exam) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "is empty"),
        ({"file": b""}, "is empty"),
        ({"file": "kind,text\nlong_text,Größe\n".encode("latin-1")}, "line 2, byte 23"),
        ({"file": "kind,text\n".encode("utf-16")}, "line 1, byte 1"),
        ({"text": "[{"}, "line 1, column"),
        ({"text": "[" * 40_000 + "]" * 40_000}, "recursion"),
        ({"text": '[{"kind": "essay"}]'}, "line 1, question 1, kind"),
        ({"text": json.dumps([{"kind": "long_text", "text": "?"}] * 301)}, "more questions"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(admin, exam, fields, said):
    answer = send(admin, exam, **fields)
    assert answer.status_code == 422
    assert said in text_of(document(answer.text))


def test_too_large_a_file_is_refused(admin, exam):
    assert send(admin, exam, file=b"x" * 300_000).status_code == 413
    assert len(items(admin, exam)) == 4


def test_file_of_the_size_the_page_names_is_taken_to_the_end(admin, exam):
    lines = "".join(f"long_text,{at} {'ä' * 400}\n" for at in range(300))
    file = f"kind,text\n{lines}".encode()
    assert 240_000 < len(file) < 252_000
    preview = send(admin, exam, file=file)
    assert preview.status_code == 200
    assert confirm(admin, exam, preview).status_code == 303
    assert len(items(admin, exam)) == 300


def test_list_that_would_be_too_long_is_refused(admin, exam):
    many = json.dumps([{"kind": "long_text", "text": "?"}] * 299)
    answer = send(admin, exam, text=many, mode="append")
    assert answer.status_code == 422
    assert "303 questions" in text_of(document(answer.text))


def test_questions_that_changed_since_the_preview_are_looked_at_again(admin, exam):
    preview = send(admin, exam, text=TABLE)
    admin.put(f"/api/v1/exams/{exam['id']}/questions", json={"questions": []})
    again = confirm(admin, exam, preview)
    assert again.status_code == 409
    assert figures(again) == [2, 0, 0, 0]
    assert items(admin, exam) == []
    assert confirm(admin, exam, again).status_code == 303
    assert len(items(admin, exam)) == 2


def test_started_exam_takes_a_file_that_only_mends(admin, student, context, exam):
    file = admin.get(f"/api/v1/exams/{exam['id']}/questions.csv").text
    prepare(student, context)
    start(student, context, exam)
    refused = send(admin, exam, text=TABLE)
    assert refused.status_code == 409
    assert document(refused.text).by_id("text").text == TABLE
    preview = send(admin, exam, text=file.replace("Lyon", "Lille"))
    assert confirm(admin, exam, preview).status_code == 303
    assert items(admin, exam)[0]["choices"][1]["text"] == "Lille"


@pytest.mark.parametrize("example", ["csv-example", "json-example"])
def test_example_of_the_page_can_be_taken_as_it_stands(admin, exam, example):
    page = look(admin, f"/admin/exams/{exam['id']}/import")
    preview = send(admin, exam, text=unescape(page.by_id(example).text))
    assert figures(preview) == [4, 0, 0, 4], preview.text
    assert confirm(admin, exam, preview).status_code == 303
    assert {one["kind"] for one in items(admin, exam)} == set(QuestionKind)


def test_file_form_needs_its_token(admin, exam):
    for token in ("", "wrong"):
        assert send(admin, exam, text=TABLE, csrf_token=token).status_code == 403
    foreign = admin.post(
        f"/admin/exams/{exam['id']}/import",
        data={"text": TABLE},
        headers={**BROWSER, "Sec-Fetch-Site": "cross-site"},
    )
    assert foreign.status_code == 403


def test_form_of_the_page_is_sent_whole(admin, exam):
    form = look(admin, f"/admin/exams/{exam['id']}/import").all("form")
    upload = next(one for one in form if one.attributes.get("enctype") == "multipart/form-data")
    names = {one.attributes.get("name") for one in upload.everything()}
    assert {"csrf_token", "file", "text", "mode"} <= names
