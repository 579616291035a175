"""Results of an exam: a row an attempt, safe in a spreadsheet, streamed with few queries."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

import api.reports.results as results_module
from api.reports.results import COLUMNS, result_rows
from models.exam import Exam
from models.subject import Subject
from tests.api.reports.conftest import NAME, counted_queries
from tests.support.builders import make_attempt, make_exam, make_subject

DOCS = Path(__file__).parents[3] / "docs" / "results.md"


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_row_of_an_attempt(admin, story):
    answer = admin.get(f"/admin/exams/{story.exam_id}/results.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="results-{story.exam_id}.csv"' in answer.headers["Content-Disposition"]
    [row] = rows_of(answer.content.decode())
    assert list(row) == list(COLUMNS)
    assert {name: text for name, text in row.items() if text not in {"", "0"}} == {
        "student": NAME,
        "login": "anna",
        "attempt_id": story.attempt_id,
        "subject_id": story.subject_id,
        "state": "second_review_required",
        "is_practice": "no",
        "created_at": "2026-11-23T06:00:00.123456Z",
        "started_at": "2026-11-23T06:00:00.123456Z",
        "deadline_at": "2026-11-23T07:00:00.123456Z",
        "submitted_at": "2026-11-23T06:03:40.123456Z",
        "possible_points": "6.0",
        "frames": "37",
        "verdict_match": "31",
        "verdict_mismatch": "5",
        "verdict_no_face": "1",
        "incidents_high_confirmed": "1",
        "incidents_medium_unreviewed": "1",
        "decision": "questioned",
        "reasons": "different_person",
        "reviewer": "Rita Reviewer",
        "decided_at": "2026-11-23T08:00:00.123456Z",
    }


def test_json_holds_the_same_with_the_meaning_of_each_column(admin, story):
    answer = admin.get(f"/admin/exams/{story.exam_id}/results.json")
    body = json.loads(answer.content)
    assert body["exam"]["id"] == story.exam_id
    assert body["columns"] == dict(COLUMNS)
    [row] = body["items"]
    assert row["student"] == NAME
    assert row["frames"] == 37
    assert row["awarded_points"] is None
    same = admin.get(f"/api/v1/exams/{story.exam_id}/results").json()
    assert same["items"] == body["items"]
    as_csv = admin.get(f"/api/v1/exams/{story.exam_id}/results?form=csv")
    assert as_csv.headers["Content-Type"].startswith("text/csv")


def test_exam_without_attempts(context, admin):
    with context.database.write() as session:
        exam = make_exam(session)
    assert rows_of(admin.get(f"/admin/exams/{exam.id}/results.csv").text) == []
    assert admin.get(f"/admin/exams/{exam.id}/results.json").json()["items"] == []


@pytest.mark.parametrize(
    "name", ["=1+1", "+49 1", "-x", "@sum", "\tx", "\uff1dA1", "  =HYPERLINK(1)", "Anna"]
)
def test_no_name_runs_as_a_formula(context, admin, story, name):
    with context.database.write() as session:
        session.execute(update(Subject).values(display_name=name))
    [row] = rows_of(admin.get(f"/admin/exams/{story.exam_id}/results.csv").content.decode())
    assert row["student"] == (name if name == "Anna" else f"'{name}")


def test_chunks_take_the_same_queries_and_lose_no_attempt(context, monkeypatch):
    monkeypatch.setattr(results_module, "CHUNK", 10)
    with context.database.write() as session:
        exam = make_exam(session)
        subject = make_subject(session, context.key_ring)
        ids = [make_attempt(session, subject.id, exam_id=exam.id).id for _ in range(25)]
    rows = result_rows(context, exam.id)
    counts = []
    for _ in range(2):
        with counted_queries(context.database.engine) as statements:
            for _ in range(10):
                next(rows)
        counts.append(len(statements))
    assert counts[0] == counts[1] < 10
    assert len(list(rows)) == 5
    assert [row["attempt_id"] for row in result_rows(context, exam.id)] == sorted(ids)


def test_who_exported_is_on_record(admin, story, newest_entry):
    admin.get(f"/admin/exams/{story.exam_id}/results.csv")
    entry = newest_entry()
    assert (entry.action, entry.object_id) == ("results.exported", story.exam_id)
    assert (entry.actor, entry.detail) == (admin.user_id, {"form": "csv"})


def test_results_are_for_people_of_the_house(student, system, anonymous, story):
    path = f"/admin/exams/{story.exam_id}/results.csv"
    assert student.get(path).status_code == 403
    assert system.get(path).status_code == 403
    for caller, status in ((student, 404), (system, 403), (anonymous, 401)):
        answer = caller.get(f"/api/v1/exams/{story.exam_id}/results")
        assert answer.status_code == status, answer.text


def test_erased_student_and_archived_exam_stay_in_the_results(context, admin, story):
    admin.delete(f"/api/v1/subjects/{story.subject_id}")
    with context.database.write() as session:
        archived_at = context.clock() + timedelta(seconds=1)
        session.execute(update(Exam).values(archived_at=archived_at))
    [row] = rows_of(admin.get(f"/admin/exams/{story.exam_id}/results.csv").content.decode())
    assert (row["student"], row["login"], row["subject_id"]) == ("", "", story.subject_id)
    assert row["verdict_match"] == "31"


def test_attempts_of_other_exams_are_not_in_it(context, admin, story):
    with context.database.write() as session:
        other = make_exam(session)
        make_attempt(session, story.subject_id, exam_id=other.id)
    items = admin.get(f"/admin/exams/{story.exam_id}/results.json").json()["items"]
    assert [item["attempt_id"] for item in items] == [story.attempt_id]


def test_each_column_is_described_for_people():
    text = DOCS.read_text()
    for name in COLUMNS:
        plain = name
        for group in ("verdict_", "incidents_"):
            if name.startswith(group):
                plain = group
        assert f"`{plain}" in text, name
