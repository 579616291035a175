"""The review desk: the plainest first, one reviewer at a time, and nothing typed is lost."""

import pytest
from sqlalchemy import select

from models.attempt import Attempt
from models.exam import Exam
from models.incident import Incident, IncidentReview
from models.statuses import AttemptState
from models.subject import Subject
from tests.api.attempts.test_standing import counted_statements
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document, values
from tests.support.builders import make_attempt, make_exam
from tests.support.incidents import make_incident


@pytest.fixture
def incident_id(context, sitting):
    return add(context, sitting, evidence=210.0)


def add(context, sitting, **columns):
    with context.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt_id)
        return make_incident(session, attempt, now=context.clock(), **columns).id


def queued(caller, query=""):
    page = document(caller.get(f"/admin/review{query}", headers=BROWSER).text)
    links = [a for a in page.all("a") if a.attributes.get("class") == "queue-link"]
    return [a.attributes["href"].rsplit("/", 1)[-1].partition("?")[0] for a in links]


def decide(caller, incident_id, **form):
    return caller.post(f"/admin/incidents/{incident_id}/decide", data=form, headers=BROWSER)


def test_the_queue_has_the_plainest_first_and_nothing_decided(context, admin, sitting):
    low = add(context, sitting, evidence=20.0, kind="away", severity="low")
    high = add(context, sitting, evidence=240.0)
    add(context, sitting, evidence=250.0, review_state="dismissed")
    withdrawn = add(context, sitting, evidence=260.0, withdrawn_at=context.clock())
    again = add(context, sitting, evidence=120.0, review_state="second_review")
    assert queued(admin) == [high, again, low]
    assert queued(admin, "?severity=low") == [low]
    assert queued(admin, "?kind=away&exam=" + sitting.exam_id) == [low]
    assert queued(admin, "?state=second_review") == [again]
    assert withdrawn not in queued(admin, "?state=all")
    assert len(queued(admin, "?state=all")) == 4


def test_a_long_queue_comes_in_parts(context, admin, sitting):
    ids = [add(context, sitting, evidence=100.0 + index % 3) for index in range(60)]
    page = document(admin.get("/admin/review", headers=BROWSER).text)
    [more] = [a for a in page.all("a") if a.attributes.get("rel") == "next"]
    first = queued(admin)
    rest = queued(admin, more.attributes["href"].removeprefix("/admin/review"))
    assert len(first) == 50
    assert sorted([*first, *rest]) == sorted(ids)


def test_a_narrowed_queue_stays_narrowed_from_incident_to_incident(
    context, admin, student, sitting, incident_id
):
    with context.database.write() as session:
        elsewhere = make_exam(session, title="Elsewhere", now=context.clock())
        attempt = make_attempt(
            session, student.subject_id, exam_id=elsewhere.id, now=context.clock()
        )
        make_incident(session, attempt, now=context.clock(), evidence=190.0)
    query = f"?exam={sitting.exam_id}&severity=high"
    last = add(context, sitting, evidence=110.0)
    add(context, sitting, evidence=150.0, severity="low")
    shown = document(admin.get(f"/admin/review{query}", headers=BROWSER).text)
    assert "2 of 4 incidents wait" in shown.whole_text()
    assert shown.by_id("start").attributes["href"] == f"/admin/incidents/{incident_id}{query}"

    page = document(admin.get(f"/admin/incidents/{incident_id}{query}", headers=BROWSER).text)
    assert page.by_id("to-following").attributes["href"] == f"/admin/incidents/{last}{query}"
    assert page.by_id("to-queue").attributes["href"] == f"/admin/review{query}"
    action = page.by_id("decide").attributes["action"]
    form = {"decision": "dismissed", "reason_codes": ["allowed"]}
    decided = admin.post(action, data=form, headers=BROWSER)
    assert decided.headers["location"] == f"/admin/incidents/{last}{query}"
    page = document(admin.get(decided.headers["location"], headers=BROWSER).text)
    decided = admin.post(page.by_id("decide").attributes["action"], data=form, headers=BROWSER)
    assert decided.headers["location"] == f"/admin/review{query}"


def test_what_narrows_a_queue_is_checked_before_an_address_carries_it(admin, incident_id):
    address = f"/admin/incidents/{incident_id}"
    page = document(admin.get(f"{address}?exam=%22%3E%3Cb", headers=BROWSER).text)
    assert page.by_id("to-queue").attributes["href"] == "/admin/review"
    assert admin.get(f"{address}?kind=x", headers=BROWSER).status_code == 422


def test_exams_of_one_title_can_be_told_apart(context, admin, sitting):
    with context.database.write() as session:
        title = session.get_one(Exam, sitting.exam_id).title
        twin = make_exam(session, title=title, now=context.clock())
        make_exam(session, title="Alone", now=context.clock())
    for address, field in (("/admin/review", "filter-exam"), ("/admin/wall", "wall-exam")):
        page = document(admin.get(address, headers=BROWSER).text)
        texts = [option.text for option in page.by_id(field).all("option")][1:]
        assert f"{title} ({twin.join_code})" in texts
        assert "Alone" in texts
        assert len(set(texts)) == 3


@pytest.mark.parametrize("after", ["x", "nan_inc_1", "1.0_nothing", "_"])
def test_an_odd_place_in_the_queue_is_a_clear_refusal(admin, after):
    assert admin.get(f"/admin/review?after={after}", headers=BROWSER).status_code == 422


def test_deciding_goes_on_with_the_next(context, admin, sitting, incident_id):
    following = add(context, sitting, evidence=110.0)
    answer = decide(admin, incident_id, decision="confirmed", reason_codes=["different_person"])
    assert answer.headers["location"] == f"/admin/incidents/{following}"
    last = decide(admin, following, decision="dismissed", reason_codes=["poor_light"])
    assert last.headers["location"] == "/admin/review"
    assert queued(admin) == []


def test_without_a_script_the_reasons_of_other_decisions_do_not_count(context, admin, incident_id):
    decide(admin, incident_id, decision="dismissed", reason_codes=["different_person", "allowed"])
    with context.database.read() as session:
        assert session.scalars(select(IncidentReview.reason_codes)).one() == ["allowed"]


def test_what_could_not_be_taken_comes_back(context, admin, incident_id):
    answer = decide(admin, incident_id, decision="dismissed", note="A lamp stood behind.")
    assert answer.status_code == 422
    page = document(answer.text)
    assert "must name at least one reason" in answer.text
    assert page.by_id("note").text == "A lamp stood behind."
    assert "checked" in page.by_id("decision-dismissed").attributes
    nothing = decide(admin, incident_id, note="Hm.")
    assert nothing.status_code == 422
    assert "The decision</strong> must be chosen" in nothing.text
    with context.database.read() as session:
        assert session.get_one(Incident, incident_id).review_state == "unreviewed"


def test_who_looks_at_it_is_said_and_nobody_else_decides(
    context, admin, reviewer, sitting, incident_id
):
    reviewer.put(f"/api/v1/attempts/{sitting.attempt_id}/review-claim")
    assert "reva looks" in admin.get("/admin/review", headers=BROWSER).text
    shown = admin.get(f"/admin/incidents/{incident_id}", headers=BROWSER).text
    assert "reva reviews this attempt just now" in shown
    refused = decide(admin, incident_id, decision="dismissed", reason_codes=["allowed"])
    assert refused.status_code == 409
    assert "reva reviews this attempt just now" in refused.text


def test_attempt_somebody_else_reviews_is_not_decided_and_what_was_typed_stays(
    context, admin, reviewer, student
):
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, student.subject_id, AttemptState.SUBMITTED, now=now)
    reviewer.put(f"/api/v1/attempts/{attempt.id}/review-claim")
    refused = admin.post(
        f"/admin/attempts/{attempt.id}/decide",
        data={"decision": "verified", "note": "All is well.", "csrf_token": admin.csrf_token},
        headers=BROWSER,
    )
    assert refused.status_code == 409
    assert "reva reviews this attempt just now" in refused.text
    assert document(refused.text).by_id("note").text == "All is well."


def test_what_was_decided_meanwhile_is_not_passed_over_unseen(
    context, admin, reviewer, clock, incident_id
):
    address = f"/admin/incidents/{incident_id}"

    def seen():
        fields = document(admin.get(address, headers=BROWSER).text).all("input")
        [field] = [one for one in fields if one.attributes.get("name") == "seen_review_id"]
        return field.attributes["value"]

    opened = seen()
    assert opened == "none"
    theirs = {"decision": "confirmed", "reason_codes": ["other"], "note": "See there."}
    assert decide(reviewer, incident_id, **theirs).status_code == 303
    clock.advance(3600)  # The other one's claim has run out.
    mine = {"decision": "dismissed", "reason_codes": ["poor_light"], "note": "A lamp."}
    refused = decide(admin, incident_id, seen_review_id=opened, **mine)
    assert refused.status_code == 409
    assert "Somebody decided about this incident since you opened it." in refused.text
    assert "A lamp." in refused.text
    taken = decide(admin, incident_id, seen_review_id=seen(), **mine)
    assert taken.status_code == 303
    odd = decide(admin, incident_id, seen_review_id="x", **mine)
    assert odd.status_code == 422


def test_what_has_become_graver_meanwhile_is_looked_at_again(context, admin, sitting):
    incident_id = add(context, sitting, severity="medium", kind="nobody")
    page = document(admin.get(f"/admin/incidents/{incident_id}", headers=BROWSER).text)
    seen = {name: one for name, one in values(page).items() if name.startswith("seen_")}
    assert (seen["seen_severity"], seen["seen_lasted_seconds"]) == ("medium", "10.0")
    with context.database.write() as session:
        session.get_one(Incident, incident_id).severity = "high"
    form = {"decision": "dismissed", "reason_codes": ["short_and_harmless"], "note": "A lamp."}
    refused = decide(admin, incident_id, **form, **seen)
    assert refused.status_code == 409
    assert "has become high; it was medium when you opened it" in refused.text
    shown = values(document(refused.text))
    assert (shown["note"], shown["seen_severity"]) == ("A lamp.", "high")
    assert decide(admin, incident_id, **form, seen_severity="high").status_code == 303
    page = admin.get(f"/admin/incidents/{incident_id}", headers=BROWSER).text
    assert "at 10 s, high" in page


def test_students_and_forged_forms_stay_outside(student, admin, incident_id):
    assert student.get("/admin/review", headers=BROWSER).status_code == 403
    assert student.get(f"/admin/incidents/{incident_id}", headers=BROWSER).status_code == 403
    form = {"decision": "dismissed", "reason_codes": ["allowed"]}
    assert student.post(f"/admin/incidents/{incident_id}/decide", data=form).status_code == 404
    forged = admin.post(
        f"/admin/incidents/{incident_id}/decide", data=form, headers={"X-CSRF-Token": ""}
    )
    assert forged.status_code == 403


def test_a_withdrawn_incident_is_shown_and_not_decided(context, admin, sitting):
    gone = add(context, sitting, withdrawn_at=context.clock())
    page = admin.get(f"/admin/incidents/{gone}", headers=BROWSER)
    assert page.status_code == 200
    assert "was withdrawn" in page.text
    assert 'id="decide"' not in page.text


def test_pages_ask_the_database_as_often_for_many_as_for_few(context, admin, student, sitting):
    def statements(address):
        with counted_statements(context.database) as found:
            assert admin.get(address, headers=BROWSER).status_code == 200
        return len(found)

    first = add(context, sitting)
    addresses = ["/admin/review", f"/admin/incidents/{first}"]
    # The first look of somebody goes on record.
    admin.get(addresses[1], headers=BROWSER)
    few = [statements(address) for address in addresses]
    for _ in range(15):
        with context.database.write() as session:
            attempt = make_attempt(session, student.subject_id, now=context.clock())
            make_incident(session, attempt, now=context.clock())
        add(context, sitting)
    assert [statements(address) for address in addresses] == few


ASKED = {"decision": "questioned", "reason_codes": ["absent"], "message": "Where were you?"}


def answered(caller, query=""):
    """Return the attempts under `Answered, waits for you`, and what is counted there."""
    page = document(caller.get(f"/admin/review{query}", headers=BROWSER).text)
    found = [one for one in page.all("section") if "answered" in str(one.attributes)]
    return [a.attributes["href"].split("/")[-1] for one in found for a in one.all("a")]


def counted(caller, address):
    page = document(caller.get(address, headers=BROWSER).text)
    [figure] = [
        div
        for div in page.all("div")
        if [dt.whole_text().strip() for dt in div.all("dt")] == ["Answered, waits for you"]
    ]
    return int(figure.all("dd")[0].whole_text())


def test_what_a_student_answered_waits_for_a_person(context, admin, reviewer, student, clock):
    with context.database.write() as session:
        exam = make_exam(session)
        attempt_id = make_attempt(
            session, student.subject_id, AttemptState.SUBMITTED, exam_id=exam.id
        ).id
    url = f"/api/v1/attempts/{attempt_id}"
    pages = ("/admin/dashboard", f"/admin/exams/{exam.id}")
    admin.post(f"{url}/reviews", json=ASKED)
    assert (answered(reviewer), [counted(admin, page) for page in pages]) == ([], [0, 0])
    for text in ("At the door.", "It rang."):
        clock.advance(5)
        student.post(f"{url}/replies", json={"text": text})
    shown = [f"{attempt_id}#decision"]
    assert (answered(reviewer), [counted(admin, page) for page in pages]) == (shown, [1, 1])
    assert answered(admin, f"?exam={exam.id}") == shown
    assert answered(admin, "?exam=exm_00000000000000000000000000") == []
    # Asked again, it is the student's turn; decided, nobody's.
    clock.advance(5)
    admin.post(f"{url}/reviews", json=ASKED | {"message": "Who rang?"})
    assert (answered(admin), counted(admin, pages[0])) == ([], 0)
    student.post(f"{url}/replies", json={"text": "The postman."})
    assert answered(admin) == shown
    admin.post(f"{url}/reviews", json={"decision": "verified"})
    assert (answered(admin), counted(admin, pages[1])) == ([], 0)


def test_an_answer_of_somebody_erased_says_so(context, admin, student):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
    url = f"/api/v1/attempts/{attempt_id}"
    admin.post(f"{url}/reviews", json=ASKED)
    student.post(f"{url}/replies", json={"text": "At the door."})
    with context.database.write() as session:
        subject = session.get_one(Subject, student.subject_id)
        subject.display_name, subject.erased_at = None, context.clock()
    assert "Erased student" in admin.get("/admin/review", headers=BROWSER).text
