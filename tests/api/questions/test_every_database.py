"""Questions written by several admins at once, on each database the service runs on."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.pages.conftest import BROWSER
from tests.support.papers import set_up_exam


@pytest.fixture
def database_url(any_database_url: str) -> str:
    return any_database_url


def test_no_question_is_lost_when_several_are_added_and_moved_at_once(admin):
    exam = set_up_exam(admin)
    address = f"/admin/exams/{exam['id']}/questions"
    ids = [one["id"] for one in questions(admin, exam)]

    def write(number):
        if number % 3 == 2:
            return admin.post(f"{address}/move", data={"up": ids[number % 4]}, headers=BROWSER)
        fields = {"kind": "long_text", "text": f"Number {number}", "points": "1"}
        return admin.post(f"{address}/new", data=fields, headers=BROWSER)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(write, range(12)))
    assert Counter(answer.status_code for answer in answers) == {303: 12}
    after = questions(admin, exam)
    assert {one["id"] for one in after} >= set(ids)
    added = {one["text"] for one in after if one["id"] not in ids}
    assert added == {f"Number {number}" for number in range(12) if number % 3 != 2}


def test_copy_and_table_work_alike(admin):
    exam = set_up_exam(admin)
    copy = admin.post(f"/api/v1/exams/{exam['id']}/copy").json()
    table = admin.get(f"/api/v1/exams/{copy['id']}/questions.csv").content
    before = questions(admin, copy)
    answer = admin.put(f"/api/v1/exams/{copy['id']}/questions.csv", content=table)
    assert answer.json()["items"] == before
    renewed = admin.post(f"/api/v1/exams/{copy['id']}/join-code").json()
    assert renewed["join_code"] != copy["join_code"]
    found = admin.get("/api/v1/exams", params={"show": "open", "search": "NUMBERS (co"}).json()
    assert [one["id"] for one in found["items"]] == [copy["id"]]


def questions(admin, exam):
    return admin.get(f"/api/v1/exams/{exam['id']}/questions").json()["items"]
