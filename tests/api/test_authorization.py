"""The one table of who may do what, asked with real rows."""

import pytest
from sqlalchemy import select

from api.authorization import Action, authorize, is_allowed, load, visible_to
from api.principal import Person, System
from api.problems import NotAllowed, NotFound
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Answer, Attempt
from models.base import new_id
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam, Question
from models.frame import Frame, VerificationRequest
from models.review import Review, StudentReply
from models.statuses import Role
from models.subject import Subject
from models.user import User
from models.verification import Verification
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject

A = Action
EVERYBODY = ("own_student", "other_student", "owner", "other_system", "admin", "reviewer")

TABLE = [
    # what, action, who may
    (Subject, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (Subject, A.CHANGE, {"own_student", "owner", "admin"}),
    (Subject, A.MANAGE, {"owner", "admin"}),
    (Subject, A.REVIEW, {"admin", "reviewer"}),
    (Allowance, A.READ, {"admin", "reviewer"}),
    (Allowance, A.MANAGE, {"admin"}),
    (AlternativeRequest, A.READ, {"own_student", "admin", "reviewer"}),
    (AlternativeRequest, A.MANAGE, {"admin"}),
    (Question, A.READ, {"admin", "reviewer"}),
    (Question, A.CHANGE, {"admin"}),
    (Answer, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (Answer, A.CHANGE, {"own_student", "owner"}),
    (Review, A.READ, {"own_student", "admin", "reviewer"}),
    (Review, A.CREATE, {"admin", "reviewer"}),
    (StudentReply, A.READ, {"own_student", "admin", "reviewer"}),
    (FaceEnrollment, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (FaceEnrollment, A.CHANGE, {"owner", "admin"}),
    (ReferenceImage, A.SEE_FACE, {"own_student", "owner", "admin", "reviewer"}),
    (Exam, A.READ, {"admin", "reviewer"}),
    (Exam, A.CHANGE, {"admin"}),
    (Exam, A.JOIN, {"own_student", "other_student", "owner", "other_system", "admin"}),
    (Attempt, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (Attempt, A.SEND, {"own_student", "owner"}),
    (Attempt, A.CHANGE, {"own_student", "owner"}),
    (Attempt, A.SEE_TIMELINE, {"owner", "admin", "reviewer"}),
    (Attempt, A.REVIEW, {"admin", "reviewer"}),
    (Attempt, A.MANAGE, {"owner", "admin"}),
    (Frame, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (Frame, A.SEE_FACE, {"owner", "admin", "reviewer"}),
    (Verification, A.READ, {"own_student", "owner", "admin", "reviewer"}),
    (Verification, A.SEE_FIGURES, {"owner", "admin", "reviewer"}),
    (User, A.READ, {"own_student", "admin", "reviewer"}),
    (User, A.MANAGE, {"admin"}),
]


@pytest.fixture
def people(context, student, other_student, system, other_system):
    def person(user_id, role, subject_id=None):
        return Person(user_id, role, subject_id, "Somebody", "sgn_1", "token")

    return {
        "own_student": person(student.user_id, Role.STUDENT, student.subject_id),
        "other_student": person(other_student.user_id, Role.STUDENT, other_student.subject_id),
        "owner": System(system.client_id, "lms"),
        "other_system": System(other_system.client_id, "another lms"),
        "admin": person(new_id("usr"), Role.ADMIN),
        "reviewer": person(new_id("usr"), Role.REVIEWER),
    }


@pytest.fixture
def session(context):
    with context.database.write() as session:
        yield session


def rows_about(session, subject_id):
    enrollment = make_enrollment(session, subject_id)
    exam = make_exam(session)
    attempt = make_attempt(session, subject_id=subject_id)
    frame = Frame(
        id=new_id("frm"),
        attempt_id=attempt.id,
        seq=1,
        storage_key="frames/a/b",
        sha256="0" * 64,
        byte_count=1,
        width=1,
        height=1,
        received_at=attempt.created_at,
        signals=[],
    )
    verification = verification_of(subject_id, attempt.id, attempt.created_at)
    now = attempt.created_at
    question = Question(
        id=new_id("qst"),
        exam_id=exam.id,
        position=1,
        kind="long_text",
        text="Why?",
        points=1.0,
        choices=[],
        correct=[],
        created_at=now,
    )
    allowance = Allowance(
        id=new_id("alw"), subject_id=subject_id, granted_by="usr_1", granted_at=now
    )
    request = AlternativeRequest(
        id=new_id("alt"), subject_id=subject_id, text_version="1", asked_at=now
    )
    review = Review(
        id=new_id("rev"),
        attempt_id=attempt.id,
        reviewer_id=exam.created_by,
        decision="questioned",
        reason_codes=[],
        created_at=now,
    )
    session.add_all([frame, verification, question, allowance, request, review])
    session.flush()
    answer = Answer(
        id=new_id("ans"),
        attempt_id=attempt.id,
        question_id=question.id,
        revision=1,
        value={},
        received_at=now,
    )
    reply = StudentReply(
        id=new_id("rep"), attempt_id=attempt.id, review_id=review.id, text="I", created_at=now
    )
    session.add_all([answer, reply])
    session.flush()
    return {
        Allowance: allowance,
        AlternativeRequest: request,
        Answer: answer,
        Question: question,
        Review: review,
        StudentReply: reply,
        Subject: session.get_one(Subject, subject_id),
        FaceEnrollment: enrollment,
        ReferenceImage: enrollment.images[0],
        Exam: exam,
        Attempt: attempt,
        Frame: frame,
        Verification: verification,
    }


def verification_of(subject_id, attempt_id, now, verification_id=None):
    return Verification(
        id=verification_id or new_id("ver"),
        subject_id=subject_id,
        attempt_id=attempt_id,
        verdict="match",
        match_threshold=0.5,
        mismatch_threshold=0.6,
        distances=[],
        faces=[],
        unmatched_faces=[],
        quality={},
        reasons=[],
        signals=[],
        engine_id="dlib/test",
        policy_id="test",
        timings_ms={},
        received_at=now,
        created_at=now,
    )


@pytest.mark.parametrize(("table", "action", "allowed"), TABLE)
def test_table(session, people, student, system, key_ring, table, action, allowed):
    of_student = rows_about(session, student.subject_id)
    of_system = rows_about(
        session, make_subject(session, key_ring, owner_client_id=system.client_id).id
    )
    of_student[User] = session.get_one(User, student.user_id)
    for who in EVERYBODY:
        objects = of_system if who in {"owner", "other_system"} else of_student
        if table is User:
            objects = of_student
        assert is_allowed(people[who], action, objects[table]) is (who in allowed), who


@pytest.fixture
def key_ring(context):
    return context.key_ring


def test_system_and_student_never_meet(session, people, student, system, key_ring):
    of_student = rows_about(session, student.subject_id)
    of_system = rows_about(
        session, make_subject(session, key_ring, owner_client_id=system.client_id).id
    )
    for table in of_student:
        if table in {Exam, Question}:
            continue
        for action in Action:
            assert not is_allowed(people["owner"], action, of_student[table])
            assert not is_allowed(people["own_student"], action, of_system[table])


def test_object_of_others_looks_like_none(session, people, student):
    attempt = rows_about(session, student.subject_id)[Attempt]
    for action in Action:
        with pytest.raises(NotFound):
            authorize(people["other_student"], action, attempt)


def test_known_object_says_not_allowed(session, people, student):
    subject = session.get_one(Subject, student.subject_id)
    with pytest.raises(NotAllowed):
        authorize(people["own_student"], Action.MANAGE, subject)


def test_timeline_does_not_exist_for_the_student(session, people, student):
    attempt = rows_about(session, student.subject_id)[Attempt]
    with pytest.raises(NotFound):
        authorize(people["own_student"], Action.SEE_TIMELINE, attempt)


@pytest.mark.parametrize(
    "object_id", ["", "sub_1", "sub_" + "0" * 26, "' OR 1=1 --", "sub_\x00" + "0" * 25, "é" * 30]
)
def test_text_that_is_no_id_is_not_found(session, people, object_id):
    with pytest.raises(NotFound):
        load(session, people["admin"], Action.READ, Subject, object_id)


def test_verification_request_belongs_to_the_system_that_asked(session, people, system, context):
    now = context.clock()
    request = VerificationRequest(
        id=new_id("ver"),
        owner_client_id=system.client_id,
        storage_key="verifications/a/b",
        sha256="0" * 64,
        policy={},
        received_at=now,
    )
    # Image against image: the verification names neither subject nor attempt.
    answer = verification_of(None, None, now, verification_id=request.id)
    session.add_all([request, answer])
    session.flush()
    for row in (request, answer):
        assert is_allowed(people["owner"], Action.READ, row)
        assert not is_allowed(people["other_system"], Action.READ, row)
        assert not is_allowed(people["own_student"], Action.READ, row)


@pytest.mark.parametrize(
    "table", [Subject, FaceEnrollment, ReferenceImage, Attempt, Frame, Verification]
)
def test_lists_hold_only_what_is_ones_own(session, people, student, system, key_ring, table):
    of_student = rows_about(session, student.subject_id)[table]
    of_system = rows_about(
        session, make_subject(session, key_ring, owner_client_id=system.client_id).id
    )[table]

    def seen(who):
        return set(session.scalars(visible_to(people[who], select(table.id), table)))

    assert seen("own_student") == {of_student.id}
    assert seen("owner") == {of_system.id}
    assert of_student.id not in seen("other_student") | seen("other_system")
    assert of_system.id not in seen("other_student") | seen("other_system")
    assert {of_student.id, of_system.id} <= seen("admin") & seen("reviewer")


def test_students_and_systems_list_no_exams(session, people):
    make_exam(session)
    for who in ("own_student", "owner"):
        with pytest.raises(NotAllowed):
            authorize(people[who], Action.LIST, Exam)
        assert not session.scalars(visible_to(people[who], select(Exam.id), Exam)).all()
