"""Holes that an attack on the desk found; each must stay shut."""

import pytest
from sqlalchemy import select

from api.context import Context
from models.attempt import Attempt
from models.audit import AuditEntry
from models.statuses import AttemptState
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER, Sitting, prepare, sit
from tests.support.builders import make_attempt
from tests.support.incidents import make_incident

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def sitting(student: Caller, context: Context) -> Sitting:
    prepare(student, context)
    return sit(student, context)


@pytest.fixture
def incident_id(sitting: Sitting, context: Context) -> str:
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        return make_incident(session, attempt, now=context.clock()).id


@pytest.mark.parametrize("name", ["nothing", "\\ud800", "\\u0000"])
def test_a_policy_keeps_no_names_it_does_not_know(
    admin: Caller, sitting: Sitting, name: str
) -> None:
    address = f"/api/v1/exams/{sitting.exam_id}/incident-policy"
    refused = admin.put(address, content=f'{{"away": {{"{name}": null}}}}', headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert admin.get(address).json()["stored"] == {}
    usual = admin.put(address, content='{"away": {"opening_frames": null}}', headers=JSON)
    assert usual.status_code == 200


@pytest.mark.parametrize("url", ["https://example.org/\0", "https://example.org/\x7f"])
def test_a_webhook_address_holds_no_control_characters(system: Caller, url: str) -> None:
    wanted = {"url": url, "events": ["incident.opened"]}
    refused = system.post("/api/v1/webhooks", json=wanted)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "url"


def test_what_was_typed_comes_back_when_somebody_else_reviews(
    admin: Caller, reviewer: Caller, student: Caller, context: Context
) -> None:
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
    reviewer.put(f"/api/v1/attempts/{attempt_id}/review-claim")
    typed = {
        "decision": "questioned",
        "reason_codes": ["second_person"],
        "message": "Who was behind you at 14:02?",
    }
    refused = admin.post(f"/admin/attempts/{attempt_id}/decide", data=typed, headers=BROWSER)
    assert refused.status_code == 409
    assert "reva reviews this attempt just now" in refused.text
    assert typed["message"] in refused.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/incidents/{incident}"),
        ("POST", "/admin/incidents/{incident}/decide"),
        ("POST", "/admin/attempts/{attempt}/decide"),
        ("POST", "/admin/attempts/{attempt}/rescores"),
    ],
)
def test_no_way_to_look_at_an_attempt_is_off_the_record(
    reviewer: Caller, context: Context, sitting: Sitting, incident_id: str, method: str, path: str
) -> None:
    address = path.format(incident=incident_id, attempt=sitting.attempt_id)
    form = {"match_threshold": "nothing"} if method == "POST" else None
    shown = reviewer.client.request(method, address, data=form, headers=BROWSER)
    assert shown.status_code == (200 if method == "GET" else 422)
    with context.database.read() as session:
        looks = session.scalars(select(AuditEntry).where(AuditEntry.action == "attempt.seen")).all()
    assert [(look.actor, look.object_id) for look in looks] == [
        (reviewer.user_id, sitting.attempt_id)
    ]


def test_a_decision_sent_twice_is_one(reviewer: Caller, incident_id: str) -> None:
    address = f"/api/v1/incidents/{incident_id}/reviews"
    wanted = {"decision": "dismissed", "reason_codes": ["allowed"]}
    for _ in range(2):
        answer = reviewer.post(address, json=wanted)
        assert (answer.status_code, len(answer.json()["reviews"])) == (201, 1)
    other = reviewer.post(address, json={**wanted, "note": "A sister with a glass of water."})
    assert len(other.json()["reviews"]) == 2
