"""Attacks that worked on the project this one replaces; each must fail to get in.

Numbers are those of the list of its holes. Those of frames, events and verdicts are tested
beside their features.
"""

import re

import pytest
from sqlalchemy import func, select

from api.credentials import SIGN_IN_COOKIE
from models.audit import AuditEntry
from models.statuses import Role
from models.user import SignIn, User
from tests.api.conftest import PASSWORD
from tests.support.pictures import small_jpeg


def form_token(caller, path):
    page = caller.get(path, headers={"Accept": "text/html"})
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def register(caller, **fields):
    form = {"login": "clara", "display_name": "Clara", "password": PASSWORD}
    form |= {"csrf_token": form_token(caller, "/register")} | fields
    return caller.post("/register", data=form, headers={"Accept": "text/html"})


def sign_in(caller, login, password=PASSWORD, **fields):
    form = {"login": login, "password": password}
    form |= {"csrf_token": form_token(caller, "/login")} | fields
    return caller.post("/login", data=form, headers={"Accept": "text/html"})


def users(context):
    with context.database.read() as session:
        return session.scalars(select(User)).all()


def sign_in_count(context):
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(SignIn))


def test_1_cookie_is_no_name(anonymous, student, context):
    anonymous.client.cookies.set(SIGN_IN_COOKIE, "anna")
    assert anonymous.get("/api/v1/subjects").status_code == 401


def test_1_cookie_is_random_httponly_and_lax(anonymous, student, context):
    answer = sign_in(anonymous, "anna")
    assert answer.status_code == 303, answer.text
    cookie = next(c for c in answer.headers.get_list("set-cookie") if SIGN_IN_COOKIE in c)
    name_and_value, *attributes = [part.strip().lower() for part in cookie.split(";")]
    assert {"httponly", "samesite=lax", "path=/"} <= set(attributes)
    assert len(name_and_value.partition("=")[2]) >= 43  # 256 bits in base64
    assert "anna" not in cookie


@pytest.mark.parametrize("field", ["role", "is_admin", "user_type", "User.role"])
def test_2_role_in_the_form_is_ignored(anonymous, context, field):
    register(anonymous, **{field: "admin"})
    (user,) = users(context)
    assert user.role == Role.STUDENT
    assert anonymous.get("/api/v1/exams").status_code == 403


def test_5_reference_image_has_no_public_address(anonymous, student):
    path = f"/api/v1/subjects/{student.subject_id}"
    student.post(f"{path}/consents", json={"text_version": "2026-12"})
    images = [("images", ("anna.jpg", small_jpeg()))]
    image = student.post(f"{path}/enrollments", files=images).json()["images"][0]
    for address in (
        f"/api/v1/reference-images/{image['id']}",
        f"/static/{image['id']}",
        "/static/anna.jpg",
        f"/static/../references/{student.subject_id}/{image['id']}",
        f"/static/%2e%2e/references/{student.subject_id}/{image['id']}",
        "/static/..%2f..%2fapi/app.py",
        "/media/anna.jpg",
    ):
        answer = anonymous.get(address)
        assert answer.status_code in {401, 404}, address


@pytest.mark.parametrize("look_alike", ["CLARA", " clara ", "\uff43\uff4c\uff41\uff52\uff41"])
def test_6_name_is_compared_in_the_spelling_that_is_stored(anonymous, context, look_alike):
    register(anonymous)
    anonymous.client.cookies.clear()
    answer = register(anonymous, login=look_alike)
    assert answer.status_code == 409
    assert len(users(context)) == 1


def test_13_typed_markup_stays_text(anonymous):
    script = "<script>alert(1)</script>"
    answer = sign_in(anonymous, script)
    assert script not in answer.text
    answer = register(anonymous, display_name=script)
    assert script not in anonymous.get("/", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_14_form_without_its_token_is_refused(anonymous, student, context, path):
    before = sign_in_count(context)
    form = {"login": "anna", "password": PASSWORD, "display_name": "x"}
    for token in ({}, {"csrf_token": "x"}):
        anonymous.get(path)
        assert anonymous.post(path, data=form | token).status_code == 403
    assert sign_in_count(context) == before
    assert len(users(context)) == 1


def test_14_link_signs_nobody_out(student, context):
    assert student.get("/logout", headers={"Accept": "text/html"}).status_code in {404, 405}
    assert student.get("/api/v1/subjects").status_code == 200


def test_14_signing_out_needs_the_token_and_ends_the_sign_in(student, context):
    del student.client.headers["X-CSRF-Token"]
    assert student.post("/logout").status_code == 403
    assert sign_in_count(context) == 1
    answer = student.post("/logout", data={"csrf_token": student.csrf_token})
    assert answer.status_code == 303
    assert sign_in_count(context) == 0


def test_14_cookies_are_secure_over_https(context, settings, clock):
    from api.app import make_app
    from tests.api.conftest import Caller, new_client

    secure = settings.model_copy(update={"public_url": "https://localhost"})
    client = new_client(make_app(secure, clock=clock))
    client.base_url = "https://localhost"
    answer = register(Caller(client))
    cookies = answer.headers.get_list("set-cookie")
    assert cookies
    assert all("secure" in cookie.lower() for cookie in cookies)


def test_15_password_has_a_rule_and_says_it(anonymous, context):
    answer = register(anonymous, password="short")
    assert answer.status_code == 422
    assert "10" in answer.text
    assert users(context) == []


def test_15_passwords_cannot_be_tried_for_ever(anonymous, student, settings):
    for _ in range(settings.failed_sign_ins_allowed):
        assert sign_in(anonymous, "anna", "a wrong password").status_code == 401
    answer = sign_in(anonymous, "anna")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_15_unknown_login_and_wrong_password_look_the_same(anonymous, student):
    pages = []
    for login in ("anna", "nobody"):
        text = sign_in(anonymous, login, "a wrong password").text
        text = re.sub(r"(value|content)=\"[^\"]*\"", "", text).replace(login, "")
        pages.append(re.sub(r"req_[0-9a-z]{26}", "", text))
    assert pages[0] == pages[1]


def test_18_erasing_leaves_no_photo(admin, student, context):
    path = f"/api/v1/subjects/{student.subject_id}"
    student.post(f"{path}/consents", json={"text_version": "2026-12"})
    student.post(f"{path}/enrollments", files=[("images", ("a.jpg", small_jpeg()))])
    assert admin.delete(path).status_code == 200
    assert list(context.images.store.keys_older_than(0)) == []
    with context.database.read() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["subject.erased"]


def test_19_others_are_not_readable_by_their_id(student, other_student, system):
    for path in ("", "/enrollments", "/enrollments/1"):
        address = f"/api/v1/subjects/{other_student.subject_id}{path}"
        for caller in (student, system):
            assert caller.get(address).json()["code"] == "not_found"


def test_malformed_host_opens_no_door(anonymous):
    for host in ("localhost/login?x=", "localhost#", "localhost\\@evil", "a@localhost"):
        answer = anonymous.get("/api/v1/subjects", headers={"Host": host})
        assert answer.status_code in {400, 401}


def test_post_without_sign_in_is_401_and_not_lost_in_a_redirect(anonymous):
    answer = anonymous.post("/api/v1/subjects", json={"external_ref": "1"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_page_leads_to_the_sign_in_form(anonymous):
    answer = anonymous.get("/admin/dashboard?a=b&c=d", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Fadmin%2Fdashboard%3Fa%3Db%26c%3Dd"
