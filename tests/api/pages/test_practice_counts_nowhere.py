"""Practice can never be decided: nothing at the desk waits for it, and no figure holds it."""

import re
from datetime import timedelta

import pytest

from api.principal import Person
from api.stream.happenings import Wish, read_missed, read_news
from models.attempt import Attempt
from models.exam import Exam
from models.statuses import AttemptState, Role, Verdict
from tests.api.pages.conftest import BROWSER
from tests.support.builders import make_attempt, make_exam, make_frame, make_verification
from tests.support.incidents import make_incident


@pytest.fixture
def practised(context, student) -> Attempt:
    """One practice that goes on and one that was handed in, each with an incident."""
    now = context.clock()
    with context.database.write() as session:
        exam = make_exam(session, is_practice=True, title="Practice", now=now)
        for state in (AttemptState.SUBMITTED, AttemptState.EXPIRED, AttemptState.STARTED):
            attempt = make_attempt(
                session, student.subject_id, state, now=now, exam_id=exam.id, is_practice=True
            )
            make_incident(session, attempt, now=now)
            frame = make_frame(session, attempt, 1, now=now)
            make_verification(session, attempt=attempt, frame=frame, verdict=Verdict.MISMATCH)
    return attempt


def figures_of(page: str) -> dict[str, int]:
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    plain = [[re.sub(r"<[^>]+>", "", text) for text in pair] for pair in pairs]
    return {name: int(value) for name, value in plain if value.isdecimal()}


@pytest.mark.usefixtures("practised")
def test_dashboard_counts_no_practice(admin):
    page = admin.get("/admin/dashboard", headers=BROWSER).text
    figures = figures_of(page)
    assert figures["Attempts to decide"] == 0
    assert figures["Incidents to review"] == 0
    assert figures["With an open incident"] == 0
    assert figures["In progress"] == 0
    assert "No mismatch, no absence and no second person so far." in page
    assert "Nobody sits an exam right now." in page


def test_queue_and_exam_have_nothing_of_practice_to_review(admin, practised):
    for query in ("", "?state=all", f"?exam={practised.exam_id}"):
        assert "queue-link" not in admin.get(f"/admin/review{query}", headers=BROWSER).text
    page = admin.get(f"/admin/exams/{practised.exam_id}", headers=BROWSER).text
    assert figures_of(page.split("Waits for a person")[1])["Incidents to review"] == 0


def test_wall_hears_of_no_incident_of_practice(context, admin, practised):
    assert admin.get("/api/v1/wall").json()["incidents"] == []
    since = context.clock() - timedelta(minutes=1)
    person = Person(admin.user_id, Role.ADMIN, None, "root", "sgn_1", "token")
    with context.database.read() as session:
        news = read_news(session, since, seen=set(), most=100)
        missed = read_missed(session, Wish(person), since, most=100)
    for found in (news, missed):
        assert "incident" not in {happening.kind for happening in found.happenings}


def test_results_of_an_exam_that_counts_hold_no_practice(context, admin, student, practised):
    address = f"/api/v1/exams/{practised.exam_id}/results"
    assert {row["is_practice"] for row in admin.get(address).json()["items"]} == {True}
    with context.database.write() as session:
        session.get_one(Exam, practised.exam_id).is_practice = False
        counts = make_attempt(session, student.subject_id, exam_id=practised.exam_id)
    rows = admin.get(address).json()["items"]
    assert [row["attempt_id"] for row in rows] == [counts.id]
