"""The desk: what admins grant and decide by forms, as a browser without scripts sends them."""

import pytest

from models.statuses import AttemptState, IncidentReviewState
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document, values
from tests.support.builders import make_attempt
from tests.support.incidents import make_incident
from tests.support.papers import join, prepare, set_up_exam


def post(caller: Caller, path: str, **fields):
    return caller.post(path, data={"csrf_token": caller.csrf_token, **fields}, headers=BROWSER)


def attempt_of(caller, attempt_id):
    return caller.get(f"/api/v1/attempts/{attempt_id}").json()


def test_allowance_is_granted_shown_to_the_reviewer_and_withdrawn(admin, student, context):
    exam = set_up_exam(admin)
    prepare(student, context)
    attempt_id = join(student, exam)["id"]
    address = f"/admin/students/{student.subject_id}"
    nothing = post(admin, f"{address}/allowances")
    assert nothing.status_code == 422
    for minutes in ("nan", "inf", "1e308", "-1", "a lot"):
        odd = post(admin, f"{address}/allowances", extra_time_minutes=minutes)
        assert odd.status_code == 422, minutes
        assert minutes in odd.text
    granted = post(
        admin,
        f"{address}/allowances",
        extra_time_percent="25",
        extra_time_minutes="1,5",
        second_person_allowed="on",
        note="Certificate seen.",
    )
    assert granted.status_code == 303, granted.text
    allowances = attempt_of(admin, attempt_id)["allowances"]
    assert (allowances["extra_time_percent"], allowances["extra_time_seconds"]) == (25, 90)
    page = admin.get(f"/admin/attempts/{attempt_id}", headers=BROWSER).text
    assert "25 % more time" in page
    assert "a second person may be there" in page
    (allowance_id,) = allowances["allowance_ids"]
    assert post(admin, f"/admin/allowances/{allowance_id}/withdraw").status_code == 303
    assert attempt_of(admin, attempt_id)["allowances"] == {}


def test_wish_and_identity_check_are_answered_on_one_page(admin, student, context):
    exam = set_up_exam(admin)
    attempt_id = join(student, exam)["id"]
    version = context.settings.consent_text_version
    asked = post(student, "/consent/alternative", text_version=version, message="No camera.")
    assert asked.status_code == 303, asked.text
    page = admin.get("/admin/requests", headers=BROWSER).text
    assert "No camera." in page
    request_id = page.split("/admin/requests/", 1)[1].split('"', 1)[0]
    assert post(admin, f"/admin/requests/{request_id}", decision="grant").status_code == 303
    page = admin.get("/admin/requests", headers=BROWSER).text
    assert f"/admin/attempts/{attempt_id}/identity-check" in page
    assert post(admin, f"/admin/attempts/{attempt_id}/identity-check").status_code == 303
    assert attempt_of(student, attempt_id)["state"] == "ready"


def test_history_of_a_decision_is_told_in_its_order_and_in_words(admin, student, context, clock):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
    address = f"/admin/attempts/{attempt_id}"
    reasons = {"reason_codes": ["different_person"], "message": "Who was it?"}
    assert post(admin, f"{address}/decide", decision="questioned", **reasons).status_code == 303
    clock.advance(60)
    assert post(student, f"/attempts/{attempt_id}/reply", text="My twin.").status_code == 303
    clock.advance(60)
    assert post(admin, f"{address}/decide", decision="rejected", **reasons).status_code == 303
    page = document(admin.get(address, headers=BROWSER).text)
    told = [one for one in page.all("div") if one.attributes.get("class") == "reply"]
    asked, answered, rejected = (" ".join(one.whole_text().split()) for one in told)
    assert "The student was asked" in asked
    assert "Another person seems to have sat the exam for a time." in asked
    assert "The student answered" in answered
    assert "My twin." in answered
    assert "Rejected" in rejected
    assert "different person" not in page.whole_text()


def test_decision_is_made_and_recorded_under_a_name(admin, student, context):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
    address = f"/admin/attempts/{attempt_id}"
    bare = post(admin, f"{address}/decide", decision="questioned", note="Seen at 14:02.")
    assert bare.status_code == 422
    assert "Seen at 14:02." in bare.text, "what was typed is lost"
    asked = post(
        admin,
        f"{address}/decide",
        decision="questioned",
        reason_codes=["absent"],
        message="Where were you?",
    )
    assert asked.status_code == 303, asked.text
    assert post(student, f"/attempts/{attempt_id}/reply", text="At the door.").status_code == 303
    page = admin.get(address, headers=BROWSER).text
    assert "At the door." in page
    assert "Where were you?" in page
    assert attempt_of(student, attempt_id)["outcome"]["replies"]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/requests/alt_00000000000000000000000000",
        "/admin/students/{subject_id}/allowances",
        "/admin/students/{subject_id}/approve",
        "/admin/attempts/{attempt_id}/decide",
        "/admin/attempts/{attempt_id}/identity-check",
        "/admin/attempts/{attempt_id}/break-off",
    ],
)
def test_desk_is_not_for_students(student, context, path):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id).id
    address = path.format(subject_id=student.subject_id, attempt_id=attempt_id)
    fields = {"decision": "grant", "version": "1", "reason": "me", "extra_time_percent": "9"}
    answer = post(student, address, **fields)
    assert answer.status_code in {403, 404, 422}
    assert attempt_of(student, attempt_id)["state"] == "started"


QUESTION = {"decision": "questioned", "reason_codes": ["absent"], "message": "Where were you?"}
REJECTION = {"decision": "rejected", "reason_codes": ["absent"], "message": "We reject it."}


class Page:
    """An attempt's page as it was when somebody opened it, and the form on it."""

    def __init__(self, caller: Caller, attempt_id: str) -> None:
        self.caller = caller
        self.address = f"/admin/attempts/{attempt_id}"
        self.text = caller.get(self.address, headers=BROWSER).text
        shown = values(document(self.text))
        self.seen = {name: shown[name] for name in ("seen_review_id", "seen_reply_id")}

    def decide(self, **form):
        return post(self.caller, f"{self.address}/decide", **self.seen, **form)


@pytest.fixture
def attempt_id(student, context):
    with context.database.write() as session:
        return make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id


def reply(student, attempt_id, text):
    answer = student.post(f"/api/v1/attempts/{attempt_id}/replies", json={"text": text})
    assert answer.status_code == 201


def test_reply_that_the_page_did_not_show_is_read_before_anybody_is_rejected(
    admin, student, attempt_id
):
    assert Page(admin, attempt_id).decide(**QUESTION).status_code == 303
    reply(student, attempt_id, "I explain tonight.")
    page = Page(admin, attempt_id)
    reply(student, attempt_id, "It was the invigilator.")
    refused = page.decide(**REJECTION, note="Seen at 14:02.")
    assert refused.status_code == 409
    assert "The student replied something that you had not seen." in refused.text
    assert "It was the invigilator." in refused.text
    assert refused.text.count("New since you opened this page") == 1
    shown = values(document(refused.text))
    assert (shown["note"], shown["message"]) == ("Seen at 14:02.", "We reject it.")
    assert attempt_of(admin, attempt_id)["state"] == "second_review_required"
    assert Page(admin, attempt_id).decide(**REJECTION).status_code == 303
    assert attempt_of(admin, attempt_id)["state"] == "rejected"


def test_question_of_a_colleague_is_not_passed_over_unseen(admin, reviewer, student, attempt_id):
    page = Page(reviewer, attempt_id)
    assert page.seen == {"seen_review_id": "none", "seen_reply_id": "none"}
    assert Page(admin, attempt_id).decide(**QUESTION).status_code == 303
    refused = page.decide(decision="verified")
    assert refused.status_code == 409
    assert "There is a decision about this attempt that you had not seen." in refused.text
    asked_too = page.decide(**QUESTION | {"message": "Who was there?"})
    assert asked_too.status_code == 409
    reply(student, attempt_id, "At the door.")
    assert attempt_of(student, attempt_id)["outcome"]["message"] == "Where were you?"


def test_pressing_twice_is_no_decision_unseen(admin, attempt_id):
    page = Page(admin, attempt_id)
    assert [page.decide(**QUESTION).status_code for _ in range(2)] == [303, 303]


def test_who_reviews_an_attempt_is_said_where_it_is_decided(admin, reviewer, attempt_id):
    reviewer.put(f"/api/v1/attempts/{attempt_id}/review-claim")
    assert "reva reviews this attempt just now" in Page(admin, attempt_id).text
    assert "reviews this attempt just now" not in Page(reviewer, attempt_id).text


def test_what_waits_for_a_person_is_named_before_the_decision(admin, student, context):
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id, AttemptState.SUBMITTED)
        waiting = make_incident(session, attempt).id
        make_incident(session, attempt, review_state=IncidentReviewState.DISMISSED)
    page = document(admin.get(f"/admin/attempts/{attempt.id}", headers=BROWSER).text)
    notice = page.by_id("open-incidents")
    assert "One incident of this attempt waits for a person" in notice.whole_text()
    assert [one.attributes["href"] for one in notice.all("a")] == [f"/admin/incidents/{waiting}"]


def test_refused_decision_is_told_in_words_where_the_browser_goes(admin, student, context):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
    address = f"/admin/attempts/{attempt_id}"
    refused = post(admin, f"{address}/decide", decision="questioned", message="Who was it?")
    assert refused.status_code == 422
    page = document(refused.text)
    [sentence] = page.by_id("problem").all("p")
    assert sentence.all("strong")[0].text == "Reasons"
    assert sentence.text.strip() == "must name at least one reason."
    own = [
        one.attributes["action"]
        for one in page.all("form")
        if "attempts" in one.attributes["action"]
    ]
    assert own
    assert all(action.endswith("#problem") for action in own)
