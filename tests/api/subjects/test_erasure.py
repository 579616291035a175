"""Erasing a person: what is gone, what stays, and that it cannot come back."""

import pytest
from sqlalchemy import func, select

from models.allowance import Allowance
from models.attempt import Answer, Attempt
from models.audit import AuditEntry, first_broken_entry
from models.base import Base, new_id
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, FaceTemplate, ReferenceImage
from models.exam import Question
from models.frame import Frame
from models.match_policy import MatchPolicy
from models.review import Review, StudentReply
from models.sealed_images import SubjectErased, subject_key
from models.statuses import AttemptState
from models.subject import Subject
from models.user import User
from models.verification import Verification
from tests.support.builders import make_attempt, make_event, make_frame, make_verification
from tests.support.papers import set_up_exam
from tests.support.pictures import small_jpeg

SUBJECTS = "/api/v1/subjects"


@pytest.fixture
def enrolled(context, student):
    """A student with an enrollment of two images, an open attempt, two frames and an event."""
    path = f"{SUBJECTS}/{student.subject_id}"
    assert student.post(f"{path}/consents", json={"text_version": "2026-12"}).status_code == 201
    images = [("images", ("a.jpg", small_jpeg(shade))) for shade in (1, 2)]
    assert student.post(f"{path}/enrollments", files=images).status_code == 202
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id, AttemptState.STARTED)
        for seq in (1, 2):
            make_frame(session, attempt, seq)
        make_event(session, attempt, "tab", "tab_switch")
        enrollment = session.scalars(select(ReferenceImage).limit(1)).one()
        session.add(
            FaceTemplate(
                id="tpl_1",
                enrollment_id=enrollment.enrollment_id,
                reference_image_id=enrollment.id,
                engine_id="dlib/test",
                sealed_encoding=b"x",
                created_at=attempt.created_at,
            )
        )
    return student


def test_erasure_answers_with_a_receipt_and_again_with_the_same(admin, enrolled, clock):
    path = f"{SUBJECTS}/{enrolled.subject_id}"
    first = admin.delete(path)
    assert first.status_code == 200
    receipt = first.json()
    assert receipt["subject_id"] == enrolled.subject_id
    assert receipt["deleted"] == {"reference_images": 2, "templates": 1, "frames": 2}
    clock.advance(60)
    assert admin.delete(path).json() == receipt


def test_nothing_of_the_person_is_left(admin, context, enrolled):
    key = files_of(context)
    assert len(key) == 2
    admin.delete(f"{SUBJECTS}/{enrolled.subject_id}")
    assert files_of(context) == []
    with context.database.read() as session:
        with pytest.raises(SubjectErased):
            subject_key(session, context.key_ring, enrolled.subject_id)
        for table in (FaceTemplate, ReferenceImage, ClientEvent):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        subject = session.get_one(Subject, enrolled.subject_id)
        assert subject.display_name is None
        user = session.get_one(User, enrolled.user_id)
        for text in (user.login, user.login_key, user.display_name):
            assert "anna" not in text.lower()
        assert {frame.claim for frame in session.scalars(select(Frame))} == {None}


def test_what_was_kept_of_frames_and_of_other_peoples_likeness_is_gone(admin, context, enrolled):
    with context.database.write() as session:
        attempt = session.scalars(select(Attempt)).one()
        frame = session.scalars(select(Frame).limit(1)).one()
        make_verification(session, attempt=attempt, frame=frame, sealed_encoding=b"sealed")
        session.scalars(select(FaceEnrollment)).one().warnings = [{"code": "x", "message": "x"}]
    admin.delete(f"{SUBJECTS}/{enrolled.subject_id}")
    with context.database.read() as session:
        assert session.scalars(select(Verification.sealed_encoding)).all() == [None]
        assert session.scalars(select(FaceEnrollment.warnings)).all() == [None]
        # The verdict and its figures stay.
        assert session.scalars(select(Verification.verdict)).one() == "match"


def test_words_by_and_about_the_person_are_gone(admin, context, enrolled):
    secret = "Anna has an illness"
    attempt_id = write_words(admin, context, enrolled, secret)
    assert secret in everything_stored(context)
    admin.delete(f"{SUBJECTS}/{enrolled.subject_id}")
    assert secret not in everything_stored(context)
    with context.database.read() as session:
        for table in (Answer, StudentReply):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        # What was decided and granted stays, without a word about whom.
        review = session.scalars(select(Review)).one()
        assert (review.attempt_id, review.reason_codes) == (attempt_id, ["other"])
        assert session.scalars(select(Allowance.extra_time_percent)).one() == 25
    assert admin.get("/api/v1/alternative-requests?open=true").json()["items"] == []


def write_words(admin, context, student, secret):
    """Put the words wherever somebody can write them; return the attempt they are about."""
    own = f"{SUBJECTS}/{student.subject_id}"
    wish = {"text_version": context.settings.consent_text_version, "message": secret}
    assert student.post(f"{own}/alternative-requests", json=wish).status_code == 201
    wanted = {"subject_id": student.subject_id, "extra_time_percent": 25, "note": secret}
    assert admin.post("/api/v1/allowances", json=wanted).status_code == 201
    exam = set_up_exam(admin)
    (running,) = admin.get("/api/v1/attempts?state=started").json()["items"]
    broken = admin.post(f"/api/v1/attempts/{running['id']}/break-off", json={"reason": secret})
    assert broken.json()["state"] == "error"
    with context.database.write() as session:
        attempt_id = make_attempt(
            session,
            student.subject_id,
            AttemptState.SUBMITTED,
            exam_id=exam["id"],
            now=context.clock(),
        ).id
        answer = Answer(
            id=new_id("ans"),
            attempt_id=attempt_id,
            question_id=session.scalars(select(Question.id).limit(1)).one(),
            revision=1,
            value={"text": secret},
            received_at=context.clock(),
            comment=secret,
        )
        session.add(answer)
    question = {
        "decision": "questioned",
        "reason_codes": ["other"],
        "message": secret,
        "note": secret,
    }
    path = f"/api/v1/attempts/{attempt_id}"
    assert admin.post(f"{path}/reviews", json=question).status_code == 201
    assert student.post(f"{path}/replies", json={"text": secret}).status_code == 201
    return attempt_id


def everything_stored(context):
    """Return every row of every table as text."""
    with context.database.read() as session:
        return "\n".join(
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def test_record_of_the_exam_stays_without_a_face(admin, context, enrolled):
    numbers = {"match_threshold": 0.5}
    with context.database.write() as session:
        attempt = session.scalars(select(Attempt)).one()
        make_verification(session, attempt=attempt, policy_numbers=numbers)
    admin.delete(f"{SUBJECTS}/{enrolled.subject_id}")
    with context.database.read() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert attempt.state == AttemptState.EXPIRED
        assert session.scalar(select(func.count()).select_from(Frame)) == 2
        # What the verdicts that stay were made with is nothing of the person's.
        assert session.scalars(select(MatchPolicy.numbers)).one() == numbers
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "subject.erased")
        ).one()
        assert entry.object_id == enrolled.subject_id
        assert first_broken_entry(session) is None


def test_erased_person_is_signed_out_and_gone_from_every_answer(admin, enrolled):
    path = f"{SUBJECTS}/{enrolled.subject_id}"
    admin.delete(path)
    assert enrolled.get(path).status_code == 401
    assert admin.get(path).status_code == 404
    assert admin.get(f"{path}/enrollments").status_code == 404
    assert admin.post(f"{path}/consents", json={"text_version": "2026-12"}).status_code == 404
    listed = {one["id"] for one in admin.get(SUBJECTS).json()["items"]}
    assert enrolled.subject_id not in listed


def test_owner_may_erase_and_use_the_name_again(system, other_system):
    made = system.post(SUBJECTS, json={"external_ref": "17"}).json()
    assert other_system.delete(f"{SUBJECTS}/{made['id']}").status_code == 404
    assert system.delete(f"{SUBJECTS}/{made['id']}").status_code == 200
    assert system.post(SUBJECTS, json={"external_ref": "17"}).status_code == 201


def test_student_cannot_erase_himself_in_the_middle_of_an_exam(enrolled):
    answer = enrolled.delete(f"{SUBJECTS}/{enrolled.subject_id}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def files_of(context):
    return list(context.images.store.keys_older_than(0))
