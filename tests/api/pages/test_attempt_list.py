"""The list of attempts: found by student, and those that wait for a decision."""

import pytest

from models.statuses import AttemptState, IncidentReviewState
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document
from tests.support.builders import make_attempt, make_subject
from tests.support.incidents import make_incident

STATES = {
    "Ready": AttemptState.READY,
    "Started": AttemptState.STARTED,
    "Submitted": AttemptState.SUBMITTED,
    "Expired": AttemptState.EXPIRED,
    "Asked": AttemptState.SECOND_REVIEW_REQUIRED,
    "Verified": AttemptState.VERIFIED,
}


@pytest.fixture
def attempts(context):
    """An attempt in each state, of a student named after it, and one for practice."""
    made = {}
    with context.database.write() as session:
        for name, state in {**STATES, "Practice": AttemptState.SUBMITTED}.items():
            subject = make_subject(session, context.key_ring)
            subject.display_name = f"{name} Student"
            is_practice = name == "Practice"
            made[name] = make_attempt(session, subject.id, state, is_practice=is_practice)
        for review_state in IncidentReviewState:
            make_incident(session, made["Submitted"], review_state=review_state)
        make_incident(session, made["Verified"], review_state=IncidentReviewState.CONFIRMED)
    return made


def shown(admin, query=""):
    page = document(admin.get(f"/admin/attempts{query}", headers=BROWSER).text)
    rows = page.all("tbody")[0].all("tr") if page.all("tbody") else []
    return {row.all("a")[0].text.partition(" ")[0]: row.whole_text() for row in rows}


def test_everything_is_shown_with_what_waits(admin, attempts):
    rows = shown(admin)
    assert set(rows) == {*STATES, "Practice"}
    assert "2 to review" in rows["Submitted"]
    assert not any("to review" in text for name, text in rows.items() if name != "Submitted")


def test_filters_show_what_runs_and_what_waits_for_a_decision(admin, attempts):
    assert set(shown(admin, "?show=running")) == {"Started"}
    assert set(shown(admin, "?show=to_decide")) == {"Submitted", "Expired", "Asked"}


def test_attempts_are_found_by_student(admin, attempts):
    assert set(shown(admin, "?search=asKED")) == {"Asked"}
    assert set(shown(admin, "?search=student&show=running")) == {"Started"}
    assert shown(admin, "?search=nobody") == {}
    assert "No such attempt." in admin.get("/admin/attempts?search=nobody").text


def test_dashboard_leads_to_what_it_counts(admin, attempts):
    page = document(admin.get("/admin/dashboard", headers=BROWSER).text)
    [link] = [one for one in page.all("a") if one.text == "Attempts to decide"]
    assert link.attributes["href"] == "/admin/attempts?show=to_decide"


@pytest.mark.parametrize("query", ["?show=everything", "?search=" + "x" * 201])
def test_senseless_query_is_refused(admin, query):
    assert admin.get(f"/admin/attempts{query}", headers=BROWSER).status_code == 422
