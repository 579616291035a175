"""A machine finds incidents; named persons, one at a time, say what they are."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.incident import Incident, IncidentReview
from models.job import Job
from models.review import Review
from models.statuses import AttemptState
from tests.support.builders import make_attempt, make_exam
from tests.support.incidents import make_incident

CONFIRMED = {"decision": "confirmed", "reason_codes": ["different_person"]}
DISMISSED = {"decision": "dismissed", "reason_codes": ["poor_light"], "note": "A lamp behind."}
SECOND = {"decision": "second_review", "reason_codes": ["cannot_tell"]}


@pytest.fixture
def attempt_id(context, student):
    with context.database.write() as session:
        exam = make_exam(session, now=context.clock())
        return make_attempt(
            session,
            student.subject_id,
            AttemptState.SUBMITTED,
            exam_id=exam.id,
            now=context.clock(),
        ).id


@pytest.fixture
def incident_id(context, attempt_id):
    with context.database.write() as session:
        attempt = session.get_one(Attempt, attempt_id)
        return make_incident(session, attempt, now=context.clock()).id


def decide(caller, incident_id, wanted):
    return caller.post(f"/api/v1/incidents/{incident_id}/reviews", json=wanted)


def test_an_incident_is_shown_with_every_decision(admin, reviewer, incident_id, attempt_id):
    shown = reviewer.get(f"/api/v1/incidents/{incident_id}").json()
    assert (shown["kind"], shown["severity"], shown["review_state"], shown["reviews"]) == (
        "wrong_person",
        "high",
        "unreviewed",
        [],
    )
    assert shown["attempt_id"] == attempt_id
    assert decide(reviewer, incident_id, DISMISSED).status_code == 201
    after = admin.get(f"/api/v1/incidents/{incident_id}").json()
    assert after["review_state"] == "dismissed"
    [review] = after["reviews"]
    assert (review["reviewer_id"], review["note"]) == (reviewer.user_id, "A lamp behind.")


def test_decisions_are_appended_and_on_record(context, admin, incident_id):
    decide(admin, incident_id, DISMISSED)
    assert decide(admin, incident_id, CONFIRMED).json()["review_state"] == "confirmed"
    with context.database.read() as session:
        kept = session.scalars(select(IncidentReview.decision)).all()
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.object_id == incident_id)
        ).all()
    assert sorted(kept) == ["confirmed", "dismissed"]
    assert list(actions) == ["incident.reviewed"] * 2


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"decision": "confirmed"}, "reason_codes"),
        ({"decision": "confirmed", "reason_codes": ["poor_light"]}, "reason_codes"),
        ({"decision": "dismissed", "reason_codes": ["other"]}, "note"),
        ({"decision": "rejected", "reason_codes": ["other"]}, "decision"),
        ({**CONFIRMED, "reviewer_id": "usr_somebody"}, "reviewer_id"),
    ],
)
def test_a_decision_without_its_reasons_changes_nothing(admin, incident_id, wanted, field):
    answer = decide(admin, incident_id, wanted)
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])
    assert admin.get(f"/api/v1/incidents/{incident_id}").json()["review_state"] == "unreviewed"


def test_students_neither_see_nor_decide(student, other_student, incident_id):
    for caller in (student, other_student):
        assert caller.get(f"/api/v1/incidents/{incident_id}").status_code == 404
        assert decide(caller, incident_id, DISMISSED).status_code == 404
        assert caller.get("/api/v1/incidents").status_code == 403


def test_a_confirmed_incident_rejects_nobody(admin, incident_id, attempt_id):
    decide(admin, incident_id, CONFIRMED)
    assert admin.get(f"/api/v1/attempts/{attempt_id}").json()["state"] == "submitted"


def test_who_asked_for_another_pair_of_eyes_does_not_decide(admin, reviewer, clock, incident_id):
    assert decide(admin, incident_id, SECOND).json()["review_state"] == "second_review"
    again = decide(admin, incident_id, DISMISSED)
    assert (again.status_code, again.json()["code"]) == (409, "not_to_review")
    clock.advance(301)
    assert decide(reviewer, incident_id, DISMISSED).json()["review_state"] == "dismissed"


def test_what_was_withdrawn_is_not_decided(context, admin, incident_id):
    with context.database.write() as session:
        session.get_one(Incident, incident_id).withdrawn_at = context.clock()
    assert decide(admin, incident_id, CONFIRMED).status_code == 409
    assert admin.get("/api/v1/incidents").json()["items"] == []
    [kept] = admin.get("/api/v1/incidents?with_withdrawn=true").json()["items"]
    assert kept["withdrawn_at"]


def figures_of(seconds):
    return {"lasted_seconds": seconds, "worst_distance": 0.8}


def test_a_decision_is_refused_that_saw_a_milder_incident(context, admin, incident_id):
    seen = {"seen_severity": "medium", "seen_lasted_seconds": 25}
    for wanted in (DISMISSED, CONFIRMED):
        refused = decide(admin, incident_id, {**wanted, **seen})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_to_review")
        assert "it was medium when you opened it" in refused.json()["detail"]
    taken = decide(admin, incident_id, {**DISMISSED, **seen, "seen_severity": "high"})
    [review] = taken.json()["reviews"]
    # It lasted ten seconds: nobody saw more of it than there is.
    assert (review["severity"], review["lasted_seconds"]) == ("high", 10.0)


def test_a_dismissal_is_refused_that_saw_far_less_of_it(context, admin, incident_id):
    with context.database.write() as session:
        session.get_one(Incident, incident_id).figures = figures_of(700.0)
    seen = {"seen_severity": "high", "seen_lasted_seconds": 30}
    refused = decide(admin, incident_id, {**DISMISSED, **seen})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_to_review")
    # What is confirmed is no less true for having gone on.
    assert decide(admin, incident_id, {**CONFIRMED, **seen}).status_code == 201
    shown = decide(admin, incident_id, {**DISMISSED, "seen_lasted_seconds": 400}).json()
    assert shown["reviews"][-1]["lasted_seconds"] == 400


def test_a_dismissed_absence_is_looked_at_again_when_it_has_doubled(context, admin, attempt_id):
    with context.database.write() as session:
        attempt = session.get_one(Attempt, attempt_id)
        now = context.clock()
        away = make_incident(session, attempt, kind="away", now=now, figures=figures_of(90.0)).id
    decide(admin, away, DISMISSED)
    with context.database.read() as session:
        job = session.scalars(select(Job)).one()
    assert (job.target_id, job.not_before) == (attempt_id, now + timedelta(seconds=90))


def test_two_reviewers_do_not_decide_at_once(admin, reviewer, clock, incident_id, attempt_id):
    claim = f"/api/v1/attempts/{attempt_id}/review-claim"
    assert admin.get(claim).json() is None
    assert admin.put(claim).json()["reviewer_id"] == admin.user_id
    assert reviewer.get(claim).json()["reviewer_id"] == admin.user_id
    refused = reviewer.put(claim)
    assert (refused.status_code, refused.json()["code"]) == (409, "review_claimed")
    assert decide(reviewer, incident_id, DISMISSED).json()["code"] == "review_claimed"
    verified = reviewer.post(
        f"/api/v1/attempts/{attempt_id}/reviews", json={"decision": "verified"}
    )
    assert verified.json()["code"] == "review_claimed"
    reviewer.delete(claim)
    assert reviewer.put(claim).status_code == 409
    clock.advance(299)
    assert reviewer.put(claim).status_code == 409
    clock.advance(2)
    assert reviewer.put(claim).status_code == 200
    assert reviewer.delete(claim).status_code == 204
    assert admin.put(claim).status_code == 200


def test_the_list_is_filtered(context, admin, student, attempt_id, incident_id):
    with context.database.write() as session:
        attempt = session.get_one(Attempt, attempt_id)
        other = make_incident(
            session,
            attempt,
            kind="away",
            severity="low",
            closed_at=context.clock(),
            ending="refuted",
            now=context.clock(),
        ).id
        exam_id = attempt.exam_id

    def ids(query):
        return [item["id"] for item in admin.get(f"/api/v1/incidents?{query}").json()["items"]]

    assert ids("") == [other, incident_id]
    assert ids(f"exam_id={exam_id}&kind=away") == [other]
    assert ids("severity=high") == [incident_id]
    assert ids("is_open=true") == [incident_id]
    assert ids("is_open=false&attempt_id=" + attempt_id) == [other]
    assert ids("review_state=confirmed") == []
    first = admin.get("/api/v1/incidents?limit=1").json()
    assert ids(f"limit=1&cursor={first['next_cursor']}") == [incident_id]


def test_another_policy_makes_the_exams_attempts_due_again(context, admin, attempt_id):
    with context.database.read() as session:
        exam_id = session.get_one(Attempt, attempt_id).exam_id
    address = f"/api/v1/exams/{exam_id}/incident-policy"
    shipped = admin.get(address).json()
    assert shipped["stored"] == {}
    changed = admin.put(address, json={"away": {"severity": "high"}, "silence_seconds": 60}).json()
    assert changed["policy"]["away"]["severity"] == "high"
    assert changed["policy_id"] != shipped["policy_id"]
    with context.database.read() as session:
        assert session.scalars(select(Job.target_id)).all() == [attempt_id]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"away": {"severity": "dire"}}, "away.severity"), ({"nobodies": {}}, "nobodies")],
)
def test_a_policy_that_is_none_is_refused_by_name(context, admin, attempt_id, wanted, field):
    with context.database.read() as session:
        exam_id = session.get_one(Attempt, attempt_id).exam_id
    answer = admin.put(f"/api/v1/exams/{exam_id}/incident-policy", json=wanted)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_reviewers_change_no_policy(context, reviewer, attempt_id):
    with context.database.read() as session:
        exam_id = session.get_one(Attempt, attempt_id).exam_id
    address = f"/api/v1/exams/{exam_id}/incident-policy"
    assert reviewer.get(address).status_code == 200
    assert reviewer.put(address, json={}).status_code == 403


def test_two_have_to_agree_where_the_exam_says_so(context, admin, reviewer, clock, attempt_id):
    with context.database.read() as session:
        exam_id = session.get_one(Attempt, attempt_id).exam_id
    assert admin.patch(f"/api/v1/exams/{exam_id}", json={"rejection_needs_two": True}).json()[
        "rejection_needs_two"
    ]
    reasons = {"reason_codes": ["second_person"], "message": "Who was it?"}
    reviews = f"/api/v1/attempts/{attempt_id}/reviews"
    admin.post(reviews, json={"decision": "questioned", **reasons})
    with context.database.write() as session:
        session.scalars(select(Review)).one().reply_until = clock() - timedelta(seconds=1)
    alone = admin.post(reviews, json={"decision": "rejected", **reasons})
    assert (alone.status_code, alone.json()["code"]) == (409, "not_to_review")
    assert reviewer.post(reviews, json={"decision": "rejected", **reasons}).status_code == 201
