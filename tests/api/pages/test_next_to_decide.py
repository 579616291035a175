"""After a decision: what waits next in the same exam, in the order of the list."""

import re
from datetime import timedelta

import pytest

from models.base import new_id
from models.incident import ReviewClaim
from models.review import StudentReply
from models.statuses import AttemptState
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document
from tests.api.pages.forms import look, send
from tests.support.builders import make_attempt, make_exam, make_subject

NAMES = ("Anna", "Berta", "Carl", "Dora")
QUESTION = {"decision": "questioned", "reason_codes": ["absent"], "message": "Where were you?"}


def add_attempts(context, *names: str, exam_id: str | None = None, **columns) -> dict[str, str]:
    with context.database.write() as session:
        exam_id = exam_id or make_exam(session).id
        made = {}
        for name in names:
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            values = {"state": AttemptState.SUBMITTED, "exam_id": exam_id} | columns
            made[name] = make_attempt(session, subject.id, **values).id
    return made


@pytest.fixture
def attempts(context) -> dict[str, str]:
    """Attempts to decide in one exam, and others that are none of its business."""
    made = add_attempts(context, *NAMES)
    add_attempts(context, "Elsewhere")
    add_attempts(context, "Without", exam_id=None)
    return made


def decide(caller: Caller, attempt_id: str, **form) -> str:
    """Decide as a browser does; return what the page it is led to tells."""
    form = form or {"decision": "verified"}
    answer = send(caller, f"/admin/attempts/{attempt_id}/decide", **form)
    assert answer.status_code == 303, answer.text
    address, _, place = answer.headers["location"].partition("#")
    assert place == "decided"
    return told(caller, address)


def told(caller: Caller, address: str) -> str:
    """Return what stands in the notice after a decision, as it is read."""
    text = caller.get(address, headers=BROWSER).text
    document(text).by_id("decided")
    notice = text.partition('id="decided"')[2].partition("All that wait")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]*>", "", notice).split())


def links(page: Element) -> dict[str, str]:
    """Return where the head of a page leads, by what it says."""
    [steps] = [one for one in page.all("p") if one.attributes.get("class") == "desk-steps"] or [
        Element("p", {})
    ]
    return {one.text: one.attributes["href"] for one in steps.all("a")}


def test_decision_leads_on_in_the_order_of_the_list(admin, attempts):
    list_page = look(admin, "/admin/attempts?show=to_decide")
    listed = [row.all("a")[0].text for row in list_page.all("tbody")[0].all("tr")]
    assert [name for name in listed if name in NAMES] == ["Dora", "Carl", "Berta", "Anna"]
    said = decide(admin, attempts["Carl"])
    assert said.startswith("It was in order. You decided")
    assert said.endswith("Next to decide: Berta. 3 attempts of this exam wait for a decision.")
    page = look(admin, f"/admin/attempts/{attempts['Carl']}?decided=true")
    [following] = [one for one in page.by_id("decided").all("a") if one.text == "Berta"]
    assert following.attributes["href"] == f"/admin/attempts/{attempts['Berta']}"


def test_after_the_last_of_the_list_comes_the_first(admin, attempts):
    assert "Next to decide: Dora." in decide(admin, attempts["Anna"])


def test_last_decision_says_that_nothing_waits(admin, attempts):
    for name in ("Anna", "Berta", "Carl"):
        said = decide(admin, attempts[name])
    assert said.endswith("Next to decide: Dora. One attempt of this exam waits for a decision.")
    said = decide(admin, attempts["Dora"])
    assert "Next to decide" not in said
    assert said.endswith("No attempt of this exam waits for a decision.")


def test_student_who_was_asked_is_waited_for(admin, attempts, context):
    assert decide(admin, attempts["Carl"], **QUESTION).startswith("The student was asked.")
    said = decide(admin, attempts["Dora"])
    assert "Next to decide: Berta." in said, "Carl's waits for the student"
    asked = "2 attempts of this exam wait for a decision, one for what the student will answer."
    assert said.endswith(asked)
    reviews = admin.get(f"/api/v1/attempts/{attempts['Carl']}/reviews").json()["items"]
    with context.database.write() as session:
        reply = StudentReply(
            id=new_id("rep"),
            attempt_id=attempts["Carl"],
            review_id=reviews[-1]["id"],
            text="At the door.",
            created_at=context.clock(),
        )
        session.add(reply)
    said = told(admin, f"/admin/attempts/{attempts['Dora']}?decided=true")
    assert said.endswith("Next to decide: Carl. 3 attempts of this exam wait for a decision.")


def test_what_somebody_else_reviews_comes_last(admin, reviewer, attempts, context):
    with context.database.write() as session:
        until = context.clock() + timedelta(minutes=5)
        session.add(
            ReviewClaim(
                attempt_id=attempts["Berta"], reviewer_id=reviewer.user_id, claimed_until=until
            )
        )
    assert "Next to decide: Anna." in decide(admin, attempts["Carl"])
    assert "Next to decide: Berta." in decide(reviewer, attempts["Dora"])


def test_head_of_the_page_leads_to_the_attempts_beside_it(admin, attempts):
    page = look(admin, f"/admin/attempts/{attempts['Carl']}")
    assert links(page) == {
        "Before: Dora": f"/admin/attempts/{attempts['Dora']}",
        "Next to decide: Berta": f"/admin/attempts/{attempts['Berta']}",
    }
    assert list(links(look(admin, f"/admin/attempts/{attempts['Dora']}"))) == [
        "Next to decide: Carl"
    ]


def test_attempts_without_an_exam_are_among_themselves(admin, context):
    made = {}
    for name in ("Anna", "Berta"):
        with context.database.write() as session:
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            made[name] = make_attempt(session, subject.id, AttemptState.SUBMITTED).id
    said = decide(admin, made["Berta"])
    assert said.endswith("Next to decide: Anna. One attempt without an exam waits for a decision.")


def test_page_claims_no_decision_that_nobody_made(admin, attempts):
    page = look(admin, f"/admin/attempts/{attempts['Anna']}?decided=true")
    assert not [one for one in page.everything() if one.attributes.get("id") == "decided"]
    junk = admin.get(f"/admin/attempts/{attempts['Anna']}?decided=perhaps", headers=BROWSER)
    assert junk.status_code == 422


def test_as_many_queries_beside_many_attempts_as_beside_few(admin, context):
    with context.database.write() as session:
        exam_id = make_exam(session).id
    made = add_attempts(context, "Anna", exam_id=exam_id)
    look(admin, f"/admin/attempts/{made['Anna']}")  # That somebody looks is written down once.
    with counted_statements(context.database) as few:
        look(admin, f"/admin/attempts/{made['Anna']}")
    add_attempts(context, *NAMES, exam_id=exam_id)
    with counted_statements(context.database) as many:
        look(admin, f"/admin/attempts/{made['Anna']}")
    assert len(few) == len(many)
