"""Requests: attempts that wait for a second person or a look, and how many of each wait."""

from datetime import timedelta

from api.pages import waiting
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.base import new_id
from models.granted import granted_to
from models.review import Review, StudentReply
from models.sealing import KeyRing
from models.statuses import AttemptState, FaceCheck, ReviewDecision
from models.subject import Subject
from models.user import User
from tests.api.conftest import Caller
from tests.api.pages.document import Element
from tests.api.pages.forms import look, text_of
from tests.support.builders import NOW, make_attempt, make_exam, make_subject

PATH = "/admin/requests"


class Asked:
    """An attempt in an exam that wants two people, whose student the admin has asked."""

    def __init__(self, context, admin: Caller, name: str, *, needs_two: bool = True) -> None:
        self.context, now = context, context.clock()
        with context.database.write() as session:
            exam = make_exam(session, title="Algebra", rejection_needs_two=needs_two)
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            attempt = make_attempt(
                session, subject.id, AttemptState.SECOND_REVIEW_REQUIRED, exam_id=exam.id
            )
            self.subject_id, self.attempt_id = subject.id, attempt.id
            self.review_id = new_id("rev")
            session.add(
                Review(
                    id=self.review_id,
                    attempt_id=attempt.id,
                    reviewer_id=admin.user_id,
                    decision=ReviewDecision.QUESTIONED,
                    reason_codes=["absent"],
                    message="Where were you?",
                    reply_until=now + timedelta(days=7),
                    created_at=now,
                )
            )

    def answer(self) -> None:
        with self.context.database.write() as session:
            session.add(
                StudentReply(
                    id=new_id("rep"),
                    attempt_id=self.attempt_id,
                    review_id=self.review_id,
                    text="At the door.",
                    created_at=self.context.clock(),
                )
            )


def seconds(caller: Caller) -> dict[str, str]:
    page = look(caller, PATH)
    [section] = [
        one
        for one in page.all("section")
        if one.attributes.get("aria-labelledby") == "second-title"
    ]
    return {one.all("a")[0].text: text_of(one) for one in section.all("li")}


def test_attempt_waits_for_a_second_person_once_the_student_answered(admin, reviewer, context):
    asked = Asked(context, admin, "Anna")
    assert seconds(reviewer) == {}
    asked.answer()
    told = seconds(reviewer)["Anna"]
    assert "root asked the student" in told
    assert "the student answered" in told
    assert "Everybody but root can be the second." in told
    assert "You cannot be the second" in seconds(admin)["Anna"]


def test_attempt_waits_for_a_second_person_once_the_time_to_answer_is_over(
    admin, reviewer, context
):
    asked = Asked(context, admin, "Anna")
    with context.database.write() as session:
        session.get_one(Review, asked.review_id).reply_until = context.clock()
    assert "no answer came in time" in seconds(reviewer)["Anna"]


def test_nobody_is_told_to_be_the_second_about_themselves(admin, reviewer, context):
    asked = Asked(context, admin, "Anna")
    asked.answer()
    with context.database.write() as session:
        session.get_one(User, reviewer.user_id).subject_id = asked.subject_id
    told = seconds(reviewer)["Anna"]
    assert "Needs somebody else" in told
    assert "Nobody decides about themselves" in told
    assert "Waits for you" not in told


def test_who_needs_no_second_person_is_not_listed(admin, reviewer, context):
    for name, needs_two in (("Anna", True), ("Berta", False)):
        Asked(context, admin, name, needs_two=needs_two).answer()
    erased, decided = Asked(context, admin, "Carl"), Asked(context, admin, "Dora")
    erased.answer()
    decided.answer()
    with context.database.write() as session:
        session.get_one(Subject, erased.subject_id).erased_at = context.clock()
        session.get_one(Attempt, decided.attempt_id).state = AttemptState.REJECTED
    assert set(seconds(reviewer)) == {"Anna"}


def add_unseen(database, key_ring, name: str, **columns) -> str:
    """Return an attempt before which a person has to see the student; `columns` override."""
    with database.write() as session:
        subject = make_subject(session, key_ring)
        subject.display_name = name
        session.add(
            Allowance(
                id=new_id("alw"),
                subject_id=subject.id,
                face_check=FaceCheck.PERSON,
                granted_by=new_id("usr"),
                granted_at=NOW,
            )
        )
        session.flush()
        exam = make_exam(session)
        granted = granted_to(session, subject.id, exam.id).as_dict()
        values = {"allowances": granted, **columns}
        created = AttemptState.CREATED
        return make_attempt(session, subject.id, created, exam_id=exam.id, **values).id


def add_wish(context) -> None:
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring)
        session.add(
            AlternativeRequest(
                id=new_id("alt"),
                subject_id=subject.id,
                text_version="1",
                asked_at=context.clock(),
            )
        )


def counts(page: Element) -> dict[str, str]:
    """Return what the head of the page counts, by the place it leads to."""
    [head] = [one for one in page.all("nav") if one.attributes.get("aria-label") == "On this page"]
    return {one.attributes["href"]: one.all("span")[0].text for one in head.all("a")}


def test_those_who_need_no_look_hide_nobody_who_does(admin, context, monkeypatch):
    monkeypatch.setattr(waiting, "SHOWN", 2)
    for name in ("Anna", "Berta", "Carl"):
        add_unseen(context.database, context.key_ring, name, allowances={})
    add_unseen(context.database, context.key_ring, "Dora")
    page = look(admin, PATH)
    assert counts(page)["#unseen-title"] == "1"
    assert "Dora" in text_of(page.by_id("content"))
    assert "Anna" not in text_of(page.by_id("content"))


def test_who_needs_a_look_is_found_on_every_database(any_database, settings):
    key_ring = KeyRing(settings.required_encryption_keys())
    add_unseen(any_database, key_ring, "Anna", allowances={})
    add_unseen(any_database, key_ring, "Berta", identity_checked_at=NOW)
    attempt_id = add_unseen(any_database, key_ring, "Carl")
    with any_database.read() as session:
        found = waiting.unseen_attempts(session)
        assert ([one.id for one in found.rows], found.count) == ([attempt_id], "1")


def test_counts_say_when_more_wait_than_are_shown(admin, context, monkeypatch):
    monkeypatch.setattr(waiting, "SHOWN", 2)

    def add_one_of_each() -> None:
        add_wish(context)
        add_unseen(context.database, context.key_ring, "Berta")
        Asked(context, admin, "Carl").answer()

    lists = ("#asked-title", "#unseen-title", "#second-title")
    for count, cut in (("1", False), ("2", False), ("2+", True)):
        add_one_of_each()
        page = look(admin, PATH)
        assert [counts(page)[one] for one in lists] == [count] * 3
        told = text_of(page.by_id("content"))
        assert told.count("2 are shown; the next follow") == (3 if cut else 0)
