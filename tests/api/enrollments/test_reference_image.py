"""Looking at a reference image: only for those who may, and never without a trace."""

import pytest
from sqlalchemy import func, select

from models.audit import AuditEntry, first_broken_entry
from models.enrollment import ReferenceImage


@pytest.fixture
def image(willing, path, jpeg):
    answer = willing.post(path, files=[("images", ("a.jpg", jpeg))])
    return f"/api/v1/reference-images/{answer.json()['images'][0]['id']}"


def looks(context):
    with context.database.read() as session:
        assert first_broken_entry(session) is None
        return session.execute(
            select(AuditEntry.actor, AuditEntry.object_id, AuditEntry.request_id).where(
                AuditEntry.action == "face.seen"
            )
        ).all()


def test_every_look_is_recorded(context, admin, willing, image, jpeg):
    for caller in (admin, willing, admin):
        answer = caller.get(image)
        assert (answer.status_code, answer.content) == (200, jpeg)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert looks(context)[-1] == (
            caller.user_id,
            image.rpartition("/")[2],
            answer.headers["X-Request-Id"],
        )
    assert len(looks(context)) == 3


def test_strangers_see_nothing_and_leave_no_entry(context, anonymous, other_student, system, image):
    assert anonymous.get(image).status_code == 401
    assert other_student.get(image).status_code == 404
    assert system.get(image).status_code == 404
    assert looks(context) == []


def test_swapped_file_is_never_shown(context, admin, image):
    with context.database.read() as session:
        storage_key = session.scalars(select(ReferenceImage.storage_key)).one()
    context.images.store.put(storage_key, b"something else")
    answer = admin.get(image)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


def test_unknown_image(context, admin):
    assert admin.get(f"/api/v1/reference-images/img_{'0' * 26}").status_code == 404
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
