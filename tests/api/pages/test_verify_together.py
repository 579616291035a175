"""Attempts about which nothing is open are verified together, each by a decision of its own."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from api.pages import verify_together
from api.reviews import together
from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import new_id
from models.database import database_now
from models.frame import Frame
from models.incident import Incident, ReviewClaim
from models.job import enqueue
from models.review import Review
from models.statuses import (
    AttemptState,
    EnrollmentState,
    IncidentReviewState,
    JobKind,
    JobState,
    ReviewDecision,
    Verdict,
)
from models.user import User
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document
from tests.api.pages.forms import look, send, text_of
from tests.support.builders import (
    make_attempt,
    make_enrollment,
    make_exam,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.incidents import make_incident

LIST = "/admin/attempts?show=to_decide"
VERIFY = "/admin/attempts/verify"
GOOD = (Verdict.MATCH,) * 3


class Room:
    """Attempts of one exam, each made as a test needs it."""

    def __init__(self, context) -> None:
        self.context = context
        self.ids: dict[str, str] = {}
        with context.database.write() as session:
            self.exam_id = make_exam(session, title="Algebra").id

    def add(
        self,
        name: str,
        verdicts=GOOD,
        state=AttemptState.SUBMITTED,
        face_state=EnrollmentState.ACCEPTED,
        **enrollment,
    ) -> str:
        with self.context.database.write() as session:
            subject = make_subject(session, self.context.key_ring)
            subject.display_name = name
            face = make_enrollment(session, subject.id, state=face_state, **enrollment)
            attempt = make_attempt(
                session, subject.id, state, exam_id=self.exam_id, enrollment_id=face.id
            )
            self.ids[name] = attempt.id
        for verdict in verdicts:
            self.check(name, verdict)
        return self.ids[name]

    def check(self, name: str, verdict: Verdict | None) -> None:
        """Let one more frame come, and unless there is no verdict be verified."""
        with self.context.database.write() as session:
            attempt = session.get_one(Attempt, self.ids[name])
            come = select(func.count()).where(Frame.attempt_id == attempt.id)
            seq = (session.scalar(come) or 0) + 1
            frame = make_frame(session, attempt, seq)
            if verdict:
                make_verification(session, attempt=attempt, frame=frame, verdict=verdict)

    def incident(self, name: str, state: IncidentReviewState) -> None:
        with self.context.database.write() as session:
            make_incident(session, session.get_one(Attempt, self.ids[name]), review_state=state)

    def claim(self, name: str, reviewer: Caller) -> None:
        with self.context.database.write() as session:
            until = self.context.clock() + timedelta(minutes=5)
            session.add(
                ReviewClaim(
                    attempt_id=self.ids[name], reviewer_id=reviewer.user_id, claimed_until=until
                )
            )

    def state(self, name: str) -> str:
        with self.context.database.read() as session:
            return session.get_one(Attempt, self.ids[name]).state

    def reviews(self, name: str) -> list[Review]:
        with self.context.database.read() as session:
            return list(session.scalars(select(Review).where(Review.attempt_id == self.ids[name])))


@pytest.fixture
def room(context) -> Room:
    return Room(context)


def rows_of(page: Element) -> dict[str, Element]:
    bodies = page.all("tbody")
    return {row.all("a")[0].text: row for row in bodies[0].all("tr")} if bodies else {}


def rows(caller: Caller, query: str = "") -> dict[str, Element]:
    return rows_of(look(caller, LIST + query))


def choice(row: Element) -> str | None:
    """Return what choosing the row would send; None where it cannot be chosen."""
    boxes = [one for one in row.all("input") if one.attributes["name"] == "chosen"]
    return boxes[0].attributes["value"] if boxes else None


def open_matter(row: Element) -> str:
    [cell] = [one for one in row.all("td") if one.attributes.get("data-label") == "Open"]
    return text_of(cell)


def verify(caller: Caller, chosen: list[str | None], **fields):
    assert all(chosen)
    return send(caller, VERIFY, chosen=chosen, **fields)


def test_each_chosen_attempt_gets_a_decision_of_its_own(admin, room, context):
    for name in ("Anna", "Berta", "Carl"):
        room.add(name)
    shown = rows(admin)
    answer = verify(admin, [choice(shown["Anna"]), choice(shown["Carl"])], note="All looked at.")
    assert answer.status_code == 303, answer.text
    page = look(admin, answer.headers["location"])
    assert "2 attempts were verified, each with a decision under your name." in text_of(
        page.by_id("verified")
    )
    assert list(rows_of(page)) == ["Berta"]
    assert room.state("Berta") == AttemptState.SUBMITTED
    for name in ("Anna", "Carl"):
        [review] = room.reviews(name)
        assert (review.reviewer_id, review.decision) == (admin.user_id, ReviewDecision.VERIFIED)
        assert review.note == "All looked at."
        assert room.state(name) == AttemptState.VERIFIED
    with context.database.read() as session:
        recorded = select(AuditEntry.object_id).where(AuditEntry.action == "attempt.reviewed")
        assert set(session.scalars(recorded)) == {room.ids["Anna"], room.ids["Carl"]}


def test_reviewers_verify_too(reviewer, room):
    room.add("Anna")
    assert verify(reviewer, [choice(rows(reviewer)["Anna"])]).status_code == 303
    assert room.reviews("Anna")[0].reviewer_id == reviewer.user_id


def test_row_tells_what_was_found(admin, room):
    room.add("Anna", (*GOOD, Verdict.MISMATCH, Verdict.NO_FACE))
    room.incident("Anna", IncidentReviewState.DISMISSED)
    row = rows(admin)["Anna"]
    told = text_of(row)
    for words in ("3 of 5 match", "1 mismatch", "1 no face", "1 dismissed"):
        assert words in told
    assert choice(row), "what was dismissed is not open"


WAITING = (IncidentReviewState.UNREVIEWED, IncidentReviewState.SECOND_REVIEW)


@pytest.mark.parametrize("state", WAITING)
def test_incident_that_waits_is_open(admin, room, state):
    room.add("Anna")
    room.incident("Anna", state)
    row = rows(admin)["Anna"]
    assert (choice(row), open_matter(row)) == (None, "An incident waits for a person")


def test_what_needs_a_look_of_its_own_cannot_be_chosen(admin, reviewer, room, context):
    warning = {"code": "similar_subject", "message": "", "subject_id": None, "distance": 0.4}
    room.add("Confirmed")
    room.incident("Confirmed", IncidentReviewState.CONFIRMED)
    room.add("Asked", state=AttemptState.SECOND_REVIEW_REQUIRED)
    room.add("Claimed")
    room.claim("Claimed", reviewer)
    room.add("Unchecked", (*GOOD, None))
    room.add("Empty", ())
    room.add("Stranger", (Verdict.MATCH, Verdict.MISMATCH, Verdict.MISMATCH))
    room.add("Alike", warnings=[warning])
    room.add("Compared with withdrawn", face_state=EnrollmentState.WITHDRAWN)
    room.add("Changed policy")
    room.incident("Changed policy", IncidentReviewState.CONFIRMED)
    for name in ("Looked through", "Tried again", "Given up"):
        room.add(name)
    with context.database.write() as session:
        now = database_now(session)
        [incident] = session.scalars(
            select(Incident).where(Incident.attempt_id == room.ids["Changed policy"])
        )
        incident.withdrawn_at = now
        enqueue(session, JobKind.FIND_INCIDENTS, room.ids["Looked through"], now=now)
        later = now + timedelta(minutes=1)
        again = enqueue(session, JobKind.FIND_INCIDENTS, room.ids["Tried again"], now=later)
        again.attempts, again.last_error = 1, "timeout"
        given_up = enqueue(session, JobKind.FIND_INCIDENTS, room.ids["Given up"], now=now)
        given_up.state, given_up.last_error = JobState.DONE, "poison"
    shown = rows(admin)
    assert {name: open_matter(row) for name, row in shown.items()} == {
        "Confirmed": "An incident was confirmed",
        "Asked": "The student was asked",
        "Claimed": "reva reviews it just now",
        "Unchecked": "Pictures wait for the server",
        "Empty": "No picture was checked",
        "Stranger": "Less than half of the checks match",
        "Alike": "The enrolled face is like somebody else's",
        "Compared with withdrawn": "The pictures it was compared with were withdrawn",
        "Changed policy": "An incident was confirmed",
        "Looked through": "The server looks through it just now",
        "Tried again": "The server looks through it just now",
        "Given up": "Its incidents could not be computed",
    }
    assert not any(choice(row) for row in shown.values())
    page = look(admin, LIST)
    assert "Something is open about each of these" in text_of(page.by_id("together"))
    assert choice(rows(reviewer)["Claimed"]), "who reviews it may verify it"


def test_later_look_that_is_armed_and_one_that_is_done_are_not_open(admin, room, context):
    room.add("Later")
    room.add("Done")
    with context.database.write() as session:
        now = database_now(session)
        later = now + timedelta(minutes=1)
        enqueue(session, JobKind.FIND_INCIDENTS, room.ids["Later"], now=later)
        done = enqueue(session, JobKind.FIND_INCIDENTS, room.ids["Done"], now=now)
        done.state, done.attempts = JobState.DONE, 1
    assert all(choice(row) for row in rows(admin).values())


def test_face_that_somebody_approved_is_not_open(admin, room, context):
    warning = {"code": "similar_subject", "message": "", "subject_id": None, "distance": 0.4}
    room.add("Alike", warnings=[warning], approved_at=context.clock(), approved_by=admin.user_id)
    assert choice(rows(admin)["Alike"])


def refused(answer) -> dict[str, str]:
    """Return why each attempt was left, by the student's name."""
    assert answer.status_code == 409
    lines = document(answer.text).by_id("problem").all("li")
    return {one.all("a")[0].text: text_of(one) for one in lines}


def test_what_changed_meanwhile_is_left_and_named_and_the_rest_is_done(
    admin, reviewer, room, context
):
    names = ("Fine", "Late", "Flagged", "Claimed", "Decided", "Questioned", "Withdrawn")
    for name in names:
        room.add(name)
    room.incident("Withdrawn", IncidentReviewState.DISMISSED)
    shown = rows(admin)
    chosen = [choice(shown[name]) for name in names]
    room.check("Late", Verdict.NO_FACE)
    room.incident("Flagged", IncidentReviewState.UNREVIEWED)
    room.claim("Claimed", reviewer)
    decide = {"decision": "verified"}
    ask = {"decision": "questioned", "reason_codes": ["absent"], "message": "Where were you?"}
    for name, review in (("Decided", decide), ("Questioned", ask)):
        path = f"/api/v1/attempts/{room.ids[name]}/reviews"
        assert reviewer.post(path, json=review).status_code == 201
    with context.database.write() as session:
        for incident in session.scalars(select(Incident)):
            if incident.attempt_id == room.ids["Withdrawn"]:
                incident.withdrawn_at = context.clock()
    answer = verify(admin, chosen, note="All looked at.")
    left = refused(answer)
    assert set(left) == set(names) - {"Fine"}
    assert "Something came in since the list was shown." in left["Late"]
    assert "An incident waits for a person." in left["Flagged"]
    assert "reva reviews it just now." in left["Claimed"]
    assert "decided any more. Nothing is left to do about it." in left["Decided"]
    assert "Go on with another one." in left["Claimed"]
    assert "The student was asked." in left["Questioned"]
    assert "Something came in since the list was shown." in left["Withdrawn"]
    assert "One attempt was verified." in text_of(document(answer.text).by_id("problem"))
    assert "All looked at." in answer.text, "what was typed is lost"
    assert room.state("Fine") == AttemptState.VERIFIED
    for name in ("Late", "Flagged", "Claimed", "Withdrawn"):
        assert (room.state(name), room.reviews(name)) == (AttemptState.SUBMITTED, [])
    assert [one.reviewer_id for one in room.reviews("Decided")] == [reviewer.user_id]
    # What the list shows now can be chosen again.
    again = choice(rows_of(document(answer.text))["Late"])
    assert verify(admin, [again]).status_code == 303


def test_sent_twice_is_one_decision_and_told_as_done(admin, reviewer, room):
    room.add("Anna")
    chosen = [choice(rows(admin)["Anna"])]
    assert verify(admin, chosen + chosen).status_code == 303
    assert verify(admin, chosen).status_code == 303
    assert len(room.reviews("Anna")) == 1
    assert "Nothing is to be decided any more." in refused(verify(reviewer, chosen))["Anna"]


def test_database_that_is_busy_takes_no_other_with_it(admin, room, monkeypatch):
    for name in ("Anna", "Berta", "Carl"):
        room.add(name)
    shown = rows(admin)
    add_review = together.add_review

    def is_busy(session, context, person, attempt, *rest):
        if attempt.id == room.ids["Berta"]:
            raise OperationalError("UPDATE attempt", {}, Exception("deadlock"))
        add_review(session, context, person, attempt, *rest)

    monkeypatch.setattr(together, "add_review", is_busy)
    left = refused(verify(admin, [choice(row) for row in shown.values()]))
    assert list(left) == ["Berta"]
    assert "The database could not record it. Choose it again." in left["Berta"]
    assert room.state("Anna") == room.state("Carl") == AttemptState.VERIFIED
    assert room.state("Berta") == AttemptState.SUBMITTED


def test_list_after_a_refusal_goes_on(admin, room, monkeypatch):
    for name in ("Anna", "Berta"):
        room.add(name)
    monkeypatch.setattr(verify_together, "SHOWN", 1)
    page = document(send(admin, VERIFY, chosen=[]).text)
    [older] = [one for one in page.all("a") if one.attributes.get("rel") == "next"]
    assert list(rows_of(look(admin, older.attributes["href"]))) == ["Anna"]


def test_address_alone_says_nothing_was_verified(admin, reviewer, room, clock):
    room.add("Anna")
    answer = verify(admin, [choice(rows(admin)["Anna"])])
    address = answer.headers["location"]
    assert "One attempt was verified" in text_of(look(admin, f"{address}7"))
    assert "verified, each" not in text_of(look(reviewer, address))
    clock.advance(180)
    assert "verified, each" not in text_of(look(admin, address))


@pytest.mark.parametrize("chosen", [[], ["att_1"], ["{id}"], ["{id}.0"], ["{id}.x y"]])
def test_senseless_choice_is_told_and_nothing_is_lost(admin, room, chosen):
    attempt_id = room.add("Anna")
    sent = [one.format(id=attempt_id) for one in chosen]
    answer = send(admin, VERIFY, chosen=sent, note="All looked at.")
    assert answer.status_code == 422
    assert "The choice" in text_of(document(answer.text).by_id("problem"))
    assert "All looked at." in answer.text
    assert room.state("Anna") == AttemptState.SUBMITTED


def test_note_that_cannot_be_taken_leaves_the_choice(admin, room):
    room.add("Anna")
    room.add("Berta")
    chosen = choice(rows(admin)["Anna"])
    answer = verify(admin, [chosen], note="a\x07b")
    assert answer.status_code == 422
    shown = rows_of(document(answer.text))
    checked = {name: "checked" in row.all("input")[0].attributes for name, row in shown.items()}
    assert checked == {"Anna": True, "Berta": False}
    assert room.state("Anna") == AttemptState.SUBMITTED


def test_unknown_attempt_takes_no_other_with_it(admin, room):
    room.add("Anna")
    stranger = f"{new_id('att')}.{'0' * 16}"
    answer = verify(admin, [stranger, choice(rows(admin)["Anna"])])
    assert answer.status_code == 409
    assert "An attempt that is not there" in answer.text
    assert room.state("Anna") == AttemptState.VERIFIED


def test_nobody_verifies_themselves(admin, room, context):
    attempt_id = room.add("Anna")
    chosen = choice(rows(admin)["Anna"])
    with context.database.write() as session:
        subject_id = session.get_one(Attempt, attempt_id).subject_id
        session.get_one(User, admin.user_id).subject_id = subject_id
    row = rows(admin)["Anna"]
    assert choice(row) is None
    assert "nobody decides about themselves" in open_matter(row)
    assert "Your role does not permit this." in refused(verify(admin, [chosen]))["Anna"]
    assert room.reviews("Anna") == []


def test_form_is_for_staff_with_a_token(admin, student, room):
    room.add("Anna")
    chosen = [choice(rows(admin)["Anna"])]
    for sent in (chosen, []):
        assert send(student, VERIFY, chosen=sent).status_code == 403
    answer = admin.client.post(
        VERIFY, data={"chosen": chosen}, headers=BROWSER | {"X-CSRF-Token": "another"}
    )
    assert answer.status_code == 403
    assert room.reviews("Anna") == []


def test_search_is_kept(admin, room):
    room.add("Anna")
    room.add("Berta")
    shown = rows(admin, "&search=ann")
    answer = verify(admin, [choice(shown["Anna"])], search="ann")
    assert answer.headers["location"] == "/admin/attempts?search=ann&show=to_decide&verified=1"


def test_other_lists_offer_no_choice(admin, room):
    room.add("Anna")
    for query in ("", "?show=running"):
        page = look(admin, f"/admin/attempts{query}")
        assert not [one for one in page.all("form") if one.attributes.get("id") == "together"]


def test_as_many_queries_for_many_attempts_as_for_few(admin, room):
    room.add("Anna")
    room.incident("Anna", IncidentReviewState.DISMISSED)
    look(admin, LIST)
    with counted_statements(room.context.database) as few:
        look(admin, LIST)
    for name in ("Berta", "Carl", "Dora"):
        room.add(name, state=AttemptState.EXPIRED)
        room.incident(name, IncidentReviewState.UNREVIEWED)
    with counted_statements(room.context.database) as many:
        assert len(rows(admin)) == 4
    assert len(few) == len(many)
