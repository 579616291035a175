"""Users over the API: added by link, given roles, shut out, deleted; and who may do none of it."""

import threading

import pytest
from sqlalchemy import func, select

from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import new_id
from models.enrollment import FaceTemplate, ReferenceImage
from models.invitation import Invitation
from models.review import Review
from models.statuses import AttemptState, Role
from models.subject import Subject, SubjectKey
from models.user import SignIn, User
from tests.api.conftest import PASSWORD, new_client, signed_in_caller
from tests.api.pages.conftest import BROWSER
from tests.support.builders import NOW, make_attempt, make_enrollment


@pytest.fixture
def second_admin(app, context):
    return staff(app, context, "second", Role.ADMIN)


@pytest.fixture
def reviewer(app, context):
    return staff(app, context, "reader", Role.REVIEWER)


def staff(app, context, login, role):
    with context.database.write() as session:
        user = create_admin(session, context, login, PASSWORD)
        user.role = role
        session.flush()
        signed_in = start_sign_in(session, context, user.id)
    return signed_in_caller(app, signed_in)


def user_row(context, user_id):
    with context.database.read() as session:
        return session.get_one(User, user_id)


def actions(context):
    with context.database.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def sign_ins(context, user_id):
    with context.database.read() as session:
        count = select(func.count()).select_from(SignIn).where(SignIn.user_id == user_id)
        return session.scalar(count)


def test_invited_reviewer_sets_a_password_and_signs_in(admin, context, app):
    body = {"login": "rita", "display_name": "Rita R.", "role": "reviewer"}
    added = admin.post("/api/v1/users", json=body)
    assert added.status_code == 201, added.text
    user, link = added.json()["user"], added.json()["invitation"]["link"]
    assert (user["role"], user["has_password"], user["subject_id"]) == ("reviewer", False, None)
    assert link.startswith("http://localhost:8000/invitation/")
    assert "user.added" in actions(context)
    with context.database.read() as session:
        stored = session.scalars(select(Invitation)).one()
    assert link.rpartition("/")[2] not in stored.token_sha256


def test_invited_student_can_be_enrolled(admin, context):
    body = {"login": "sam", "role": "student"}
    user = admin.post("/api/v1/users", json=body).json()["user"]
    assert user["display_name"] == "sam"
    assert admin.get(f"/api/v1/subjects/{user['subject_id']}").status_code == 200


def test_taken_login_is_refused_in_whatever_spelling(admin, student):
    again = admin.post("/api/v1/users", json={"login": "ANNA", "role": "student"})
    assert again.json()["code"] == "login_taken"


def test_list_is_searched_and_filtered(admin, student, other_student, reviewer):
    def logins(query):
        return [one["login"] for one in admin.get(f"/api/v1/users?{query}").json()["items"]]

    assert logins("search=ANN") == ["anna"]
    assert logins("search=%25") == []
    assert logins("role=reviewer") == ["reader"]
    assert set(logins("role=student")) == {"anna", "berta"}
    first = admin.get("/api/v1/users?limit=3").json()
    rest = admin.get(f"/api/v1/users?limit=3&cursor={first['next_cursor']}").json()
    found = [one["login"] for one in first["items"] + rest["items"]]
    assert len(found) == 4
    assert rest["next_cursor"] is None


def test_role_change_ends_sign_ins_and_is_recorded(admin, student, context):
    answer = admin.patch(f"/api/v1/users/{student.user_id}", json={"role": "reviewer"})
    assert answer.json()["role"] == "reviewer"
    assert sign_ins(context, student.user_id) == 0
    assert student.get("/api/v1/attempts").status_code == 401
    assert actions(context)[-1] == "user.role_changed"


def test_reviewer_who_becomes_a_student_gets_a_subject(admin, reviewer, context):
    answer = admin.patch(f"/api/v1/users/{reviewer.user_id}", json={"role": "student"})
    subject_id = answer.json()["subject_id"]
    with context.database.read() as session:
        assert session.get_one(Subject, subject_id).external_ref == reviewer.user_id


def test_nobody_changes_their_own_role_or_access(admin, second_admin, context):
    path = f"/api/v1/users/{admin.user_id}"
    for body in ({"role": "student"}, {"role": "admin"}, {"is_disabled": True}):
        answer = admin.patch(path, json=body)
        assert answer.status_code == 403, body
        assert "another admin" in answer.json()["next_step"]
    assert admin.delete(path).status_code == 403
    assert user_row(context, admin.user_id).role == Role.ADMIN


def test_two_who_demote_each_other_leave_one_admin(admin, second_admin, context):
    barrier = threading.Barrier(2)
    codes = []

    def demote(caller, other):
        barrier.wait()
        path = f"/api/v1/users/{other.user_id}"
        codes.append(caller.patch(path, json={"role": "student"}).status_code)

    pairs = ((admin, second_admin), (second_admin, admin))
    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes)[0] == 200
    assert sorted(codes)[1] in {401, 403}
    with context.database.read() as session:
        admins = select(func.count()).select_from(User).where(User.role == Role.ADMIN)
        assert session.scalar(admins) == 1


def test_admin_without_a_password_does_not_count_as_one(admin, second_admin, context):
    with context.database.write() as session:
        session.get_one(User, admin.user_id).password_hash = ""
    answer = admin.patch(f"/api/v1/users/{second_admin.user_id}", json={"role": "student"})
    assert answer.status_code == 403


def test_disabled_user_is_out_at_once_and_back_when_enabled(admin, student, context, app):
    path = f"/api/v1/users/{student.user_id}"
    assert admin.patch(path, json={"is_disabled": True}).json()["is_disabled"]
    assert student.get("/api/v1/attempts").status_code == 401
    assert admin.post(f"{path}/invitations").status_code == 422
    assert not admin.patch(path, json={"is_disabled": False}).json()["is_disabled"]
    assert student.get("/api/v1/attempts").status_code == 401
    assert actions(context)[-2:] == ["user.disabled", "user.enabled"]


def test_change_names_one_thing(admin, student):
    path = f"/api/v1/users/{student.user_id}"
    for body in ({}, {"role": "admin", "is_disabled": True}, {"login": "x"}):
        assert admin.patch(path, json=body).status_code == 422


def test_deleted_student_is_erased_with_a_receipt(admin, student, context):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id)
    answer = admin.delete(f"/api/v1/users/{student.user_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["erasure"]["deleted"]["reference_images"] == 1
    assert not answer.json()["keeps_name"]
    assert admin.get(f"/api/v1/users/{student.user_id}").status_code == 404
    assert "anna" not in admin.get("/api/v1/users").text


def test_student_who_looked_at_their_own_pictures_is_forgotten(admin, student, context):
    with context.database.write() as session:
        enrollment = make_enrollment(session, student.subject_id, images=context.images)
        image_id = enrollment.images[0].id
    assert student.get(f"/api/v1/reference-images/{image_id}").status_code == 200
    assert not admin.delete(f"/api/v1/users/{student.user_id}").json()["keeps_name"]


def test_reviewer_who_decided_keeps_the_name_and_nothing_else(
    admin, reviewer, student, context, app
):
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id, AttemptState.SUBMITTED)
        session.add(review_by(reviewer.user_id, attempt.id))
    answer = admin.delete(f"/api/v1/users/{reviewer.user_id}").json()
    assert answer == {"user_id": reviewer.user_id, "keeps_name": True, "erasure": None}
    user = user_row(context, reviewer.user_id)
    assert user.display_name == "reader"
    assert (user.login, user.password_hash) == (f"erased:{user.id}", "")
    assert reviewer.get("/api/v1/users").status_code == 401
    assert admin.post("/api/v1/users", json={"login": "reader", "role": "reviewer"}).is_success


def test_reviewer_who_decided_nothing_is_forgotten(admin, reviewer, context):
    answer = admin.delete(f"/api/v1/users/{reviewer.user_id}").json()
    assert not answer["keeps_name"]
    assert user_row(context, reviewer.user_id).display_name.startswith("erased:")


def test_face_of_deleted_staff_is_erased_as_a_students(admin, student, context):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, images=context.images)
        make_attempt(session, student.subject_id, AttemptState.STARTED)
        session.get_one(User, student.user_id).role = Role.REVIEWER
    assert stored_files(context)
    answer = admin.delete(f"/api/v1/users/{student.user_id}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["erasure"]["deleted"]["reference_images"] == 1
    assert not stored_files(context)
    with context.database.read() as session:
        subject = session.get_one(Subject, student.subject_id)
        assert (subject.display_name, subject.erased_at) == (None, context.clock())
        for table in (ReferenceImage, FaceTemplate, SubjectKey):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(Attempt.state)).one() == AttemptState.EXPIRED
    assert user_row(context, student.user_id).deleted_at is not None
    assert actions(context)[-2:] == ["subject.erased", "user.deleted"]


def test_deleted_people_are_no_students_any_more(admin, student, other_student, context):
    admin.patch(f"/api/v1/users/{student.user_id}", json={"role": "reviewer"})
    for gone in (student, other_student):
        assert "<td" in admin.get("/admin/students", headers=BROWSER).text
        assert admin.delete(f"/api/v1/users/{gone.user_id}").status_code == 200
    page = admin.get("/admin/students", headers=BROWSER).text
    assert "<td" not in page
    assert "erased:" not in page


def test_erasing_the_face_of_staff_leaves_their_sign_in(admin, student, context):
    admin.patch(f"/api/v1/users/{student.user_id}", json={"role": "reviewer"})
    assert admin.delete(f"/api/v1/subjects/{student.subject_id}").status_code == 200
    user = user_row(context, student.user_id)
    assert (user.login, user.subject_id, user.is_disabled) == ("anna", None, False)


def test_staff_decide_nothing_about_their_own_attempts(admin, student, context, app):
    with context.database.write() as session:
        attempt_id = make_attempt(session, student.subject_id, AttemptState.SUBMITTED).id
        make_enrollment(session, student.subject_id)
        session.get_one(User, student.user_id).role = Role.ADMIN
    review = {"decision": "verified", "reason_codes": [], "note": "", "message": ""}
    own = f"/api/v1/attempts/{attempt_id}/reviews"
    assert student.post(own, json=review).status_code == 403
    approval = f"/api/v1/subjects/{student.subject_id}/enrollments/1/approve"
    assert student.post(approval).status_code == 403
    assert student.delete(f"/api/v1/subjects/{student.subject_id}").status_code == 403
    allowance = {"subject_id": student.subject_id, "extra_time_percent": 50}
    assert student.post("/api/v1/allowances", json=allowance).status_code == 403
    assert student.get("/enrollment", headers=BROWSER).status_code == 403
    assert admin.post(own, json=review).status_code in {200, 201}


REQUESTS = [
    ("GET", "/api/v1/users", None),
    ("GET", "/api/v1/users/{other}", None),
    ("POST", "/api/v1/users", {"login": "mallory", "role": "admin"}),
    ("POST", "/api/v1/users/{own}/invitations", None),
    ("POST", "/api/v1/users/{other}/invitations", None),
    ("PATCH", "/api/v1/users/{own}", {"role": "admin"}),
    ("PATCH", "/api/v1/users/{other}", {"is_disabled": True}),
    ("DELETE", "/api/v1/users/{other}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_students_and_systems_are_refused(student, admin, system, context, method, path, body):
    before = len(actions(context))
    address = path.format(own=student.user_id, other=admin.user_id)
    for caller in (student, system):
        assert caller.request(method, address, json=body).status_code == 403
    assert len(actions(context)) == before


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_reviewers_may_look_and_change_nothing(reviewer, admin, context, method, path, body):
    before = len(actions(context))
    address = path.format(own=reviewer.user_id, other=admin.user_id)
    answer = reviewer.request(method, address, json=body)
    assert answer.status_code == (200 if method == "GET" else 403)
    assert len(actions(context)) == before


def test_change_without_the_token_of_our_pages_is_refused(admin, student, app):
    client = new_client(app)
    token = admin.client.cookies.get(SIGN_IN_COOKIE)
    client.cookies.set(SIGN_IN_COOKIE, token, domain="localhost.local", path="/")
    answer = client.patch(f"/api/v1/users/{student.user_id}", json={"role": "admin"})
    assert answer.json()["code"] == "csrf_failed"


def stored_files(context):
    return list(context.images.store.keys_older_than(0))


def review_by(user_id, attempt_id):
    return Review(
        id=new_id("rev"),
        attempt_id=attempt_id,
        reviewer_id=user_id,
        decision="verified",
        reason_codes=[],
        note="",
        message="",
        created_at=NOW,
    )
