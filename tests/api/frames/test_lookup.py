"""A frame shown again: claim beside verdict, and its picture to those who may look."""

import hashlib

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.frame import Frame
from models.statuses import Verdict
from models.subject import SubjectKey
from tests.support.builders import make_frame, make_verification
from tests.support.pictures import small_jpeg


@pytest.fixture
def frame(context, attempt) -> Frame:
    """A frame with a stored picture and a verdict."""
    with context.database.write() as session:
        frame = make_frame(session, attempt, 1, images=context.images, content=small_jpeg())
        make_verification(session, verdict=Verdict.MISMATCH, attempt=attempt, frame=frame)
    return frame


@pytest.fixture
def path(attempt) -> str:
    return f"/api/v1/attempts/{attempt.id}/frames/1"


def test_claim_and_verdict_stand_side_by_side(system, frame, path):
    body = system.get(path).json()
    assert body["claim"] == {"status": "one_face", "face_count": 1}
    assert body["verification"]["verdict"] == "mismatch"
    assert body["verification"]["distance"] == 0.83
    assert body["verification"]["thresholds"] == {"match": 0.5, "mismatch": 0.6}
    assert body["verification"]["seq"] == 1
    assert body["received_at"] == "2026-11-23T10:00:00.000000Z"


def test_frame_that_waits_has_no_verification(sender, path):
    sender.put(1)
    assert sender.caller.get(path).json()["verification"] is None


def test_student_sees_verdict_and_reasons_only(context, student, new_attempt):
    attempt = new_attempt(student)
    with context.database.write() as session:
        late = [{"code": "late", "ticket_age_seconds": 61.0, "limit_seconds": 60.0}]
        frame = make_frame(session, attempt, 1, images=context.images, signals=late)
        make_verification(session, attempt=attempt, frame=frame)
    path = f"/api/v1/attempts/{attempt.id}/frames/1"
    assert student.get(path).json()["verification"] == {
        "status": "done",
        "verdict": "match",
        "reasons": [{"code": "match", "message": "Made by a test."}],
    }
    assert student.get(path).json()["signals"] == []
    assert student.get(f"{path}/image").status_code == 404


def test_frame_of_others_does_not_exist(other_system, student, frame, path):
    for caller in (other_system, student):
        assert caller.get(path).status_code == 404
        assert caller.get(f"{path}/image").status_code == 404


def test_unknown_frame(system, attempt):
    for seq, status in ((2, 404), (10**12, 422), ("one", 422)):
        answer = system.get(f"/api/v1/attempts/{attempt.id}/frames/{seq}")
        assert answer.status_code == status


def test_picture_comes_back_as_sent_and_who_looked_is_on_record(context, admin, frame, path):
    answer = admin.get(f"{path}/image")
    assert answer.status_code == 200
    assert answer.content == small_jpeg()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "no-store" in answer.headers["Cache-Control"]
    with context.database.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert (entry.actor, entry.action, entry.object_id) == (admin.user_id, "frame.seen", frame.id)
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_owner_system_sees_the_picture(sender, path):
    sender.put(1)
    assert sender.caller.get(f"{path}/image").content == small_jpeg()


def test_picture_that_cannot_be_shown(context, admin, attempt, frame, path):
    def refusal():
        answer = admin.get(f"{path}/image")
        assert (answer.status_code, answer.json()["code"]) == (410, "picture_unavailable")
        return answer.json()["detail"]

    sealed = context.images.store.get(frame.storage_key)
    context.images.store.put(frame.storage_key, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert "not what was sent" in refusal()
    context.images.store.delete(frame.storage_key)
    assert "missing" in refusal()
    with context.database.write() as session:
        session.delete(session.get_one(SubjectKey, attempt.subject_id))
    assert "erased" in refusal()
    with context.database.read() as session:
        assert (
            session.scalars(select(AuditEntry).where(AuditEntry.action == "frame.seen")).all() == []
        )


def test_newest_of_two_verifications_counts(context, system, attempt, frame, path):
    with context.database.write() as session:
        make_verification(session, attempt=attempt, frame=frame, engine_id="dlib/better")
    assert system.get(path).json()["verification"]["verdict"] == "match"


def test_conflicting_upload_shows_on_the_frame(sender, path):
    sender.put(1, small_jpeg(1))
    sender.put(1, small_jpeg(2))
    signal = sender.caller.get(path).json()["signals"][0]
    assert signal["code"] == "conflicting_upload"
    assert signal["sha256"] == hashlib.sha256(small_jpeg(2)).hexdigest()
