"""Images other systems want compared: taken once, sealed, with a job; answers scoped."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.frame import VerificationRequest
from models.job import INTERACTIVE_PRIORITY, Job
from models.sealed_images import subject_key
from models.statuses import JobKind, Verdict
from models.subject import Subject
from models.verification import Verification
from tests.support.builders import (
    make_attempt,
    make_enrollment,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.pictures import jpeg_of_declared_size, png_bomb, small_jpeg, small_png

PATH = "/api/v1/verifications"


@pytest.fixture
def subject(context, system) -> Subject:
    """A subject of the system, with an accepted enrollment."""
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        make_enrollment(session, subject.id)
    return subject


def ask(caller, image, *, headers=None, reference=None, **fields):
    files = [("image", ("i.jpg", image, "image/jpeg"))]
    if reference is not None:
        files.append(("reference", ("r.jpg", reference, "image/jpeg")))
    return caller.post(PATH, files=files, data=fields, headers=headers or {})


def refusal(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["code"]


def left(context):
    with context.database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(VerificationRequest)),
            session.scalar(select(func.count()).select_from(Job)),
            len(list(context.images.store.keys_older_than(0))),
        )


def answer_requests(database: Database, stop: threading.Event) -> None:
    """Play the worker: answer the first request that appears."""
    while not stop.wait(0.01):
        with database.write() as session:
            request = session.scalars(select(VerificationRequest)).first()
            if request is not None:
                make_verification(session, id=request.id, subject_id=request.subject_id)
                return


def test_image_against_a_subject(context, system, subject):
    answer = ask(system, small_jpeg(), subject_id=subject.id)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert (body["status"], body["subject_id"], body["verdict"]) == ("pending", subject.id, None)
    assert answer.headers["Location"] == f"{PATH}/{body['id']}"
    assert system.get(answer.headers["Location"]).json() == body
    with context.database.read() as session:
        request = session.get_one(VerificationRequest, body["id"])
        job = session.scalars(select(Job)).one()
        key = subject_key(session, context.key_ring, subject.id)
    assert request.policy == {"match_threshold": 0.5, "mismatch_threshold": 0.6}
    assert request.enrollment_id is not None
    assert request.sealed_key is None
    assert (job.kind, job.target_id) == (JobKind.VERIFY_IMAGE, request.id)
    assert job.priority == INTERACTIVE_PRIORITY
    stored = context.images.get(
        request.storage_key, key=key, owner_id=subject.id, sha256=request.sha256
    )
    assert stored == small_jpeg()


def test_image_against_an_image_under_a_key_of_its_own(context, system):
    answer = ask(system, small_jpeg(1), reference=small_png())
    assert answer.status_code == 202
    with context.database.read() as session:
        request = session.scalars(select(VerificationRequest)).one()
    key = context.key_ring.open_key(request.id, request.sealed_key)
    for storage_key, sha256, image in (
        (request.storage_key, request.sha256, small_jpeg(1)),
        (request.reference_storage_key, request.reference_sha256, small_png()),
    ):
        assert sha256 == hashlib.sha256(image).hexdigest()
        assert context.images.get(storage_key, key=key, owner_id=request.id, sha256=sha256) == image


def test_caller_that_waits_gets_the_answer(context, system, subject):
    stop = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        worker = threads.submit(answer_requests, context.database, stop)
        answer = ask(system, small_jpeg(), subject_id=subject.id, headers={"Prefer": "wait=20"})
        stop.set()
        worker.result()
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["verdict"], body["distance"]) == ("done", "match", 0.31)
    assert system.get(answer.headers["Location"]).json() == body


def test_repeated_request_is_taken_once(context, system, subject):
    key = {"Idempotency-Key": "k1"}
    answers = [ask(system, small_jpeg(), subject_id=subject.id, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert left(context) == (1, 1, 1)
    other = ask(system, small_jpeg(9), subject_id=subject.id, headers=key)
    assert refusal(other) == (409, "idempotency_conflict")
    assert left(context) == (1, 1, 1)


def test_bad_images_leave_nothing(context, system, subject):
    bad_images = {
        b"": (422, "empty_image"),
        b"text": (415, "unsupported_image_type"),
        small_jpeg()[:-40]: (422, "truncated_image"),
        jpeg_of_declared_size(65535, 65535): (422, "image_dimensions_too_large"),
        png_bomb(): (422, "image_dimensions_too_large"),
        b"\xff\xd8\xff" + bytes(9_000_000): (413, "image_too_large"),
    }
    for image, expected in bad_images.items():
        assert refusal(ask(system, image, subject_id=subject.id)) == expected
        assert refusal(ask(system, small_jpeg(), reference=image)) == expected
    assert left(context) == (0, 0, 0)


def test_request_that_makes_no_sense(context, system, subject):
    image = small_jpeg()
    assert refusal(ask(system, image)) == (422, "invalid_request")
    both = ask(system, image, subject_id=subject.id, reference=image)
    assert refusal(both) == (422, "invalid_request")
    no_image = system.post(PATH, files=[("other", ("i", image))], data={"subject_id": subject.id})
    assert refusal(no_image) == (422, "invalid_request")
    assert refusal(system.post(PATH, json={})) == (422, "invalid_request")
    assert left(context) == (0, 0, 0)


def test_subject_that_cannot_be_compared(context, system, other_system, subject):
    with context.database.write() as session:
        client_id = system.client_id
        not_enrolled = make_subject(session, context.key_ring, owner_client_id=client_id)
        no_consent = make_subject(
            session, context.key_ring, owner_client_id=client_id, with_consent=False
        )
    image = small_jpeg()
    for subject_id, expected in (
        (not_enrolled.id, (409, "enrollment_required")),
        (no_consent.id, (409, "consent_required")),
        ("sub_" + "0" * 26, (404, "not_found")),
        ("nothing", (404, "not_found")),
    ):
        assert refusal(ask(system, image, subject_id=subject_id)) == expected
    assert refusal(ask(other_system, image, subject_id=subject.id)) == (404, "not_found")
    assert left(context) == (0, 0, 0)


def test_only_systems_ask(student, admin, anonymous, subject):
    for caller, expected in (
        (student, (403, "not_allowed")),
        (admin, (403, "not_allowed")),
        (anonymous, (401, "not_signed_in")),
    ):
        assert refusal(ask(caller, small_jpeg(), subject_id=subject.id)) == expected


def test_full_storage_is_told_before_anything_is_stored(context, system, subject, monkeypatch):
    monkeypatch.setattr(context.images.store, "free_bytes", lambda: 0)
    assert refusal(ask(system, small_jpeg(), subject_id=subject.id)) == (507, "storage_full")
    assert left(context) == (0, 0, 0)


def test_verifications_of_others_do_not_exist(context, system, other_system, student, attempt):
    pending = ask(system, small_jpeg(), reference=small_jpeg()).json()["id"]
    with context.database.write() as session:
        frame = make_frame(session, attempt, 1)
        done = make_verification(session, attempt=attempt, frame=frame).id
    for caller in (other_system, student):
        for verification_id in (pending, done):
            assert refusal(caller.get(f"{PATH}/{verification_id}")) == (404, "not_found")
        assert caller.get(PATH).json()["items"] == []
    assert system.get(f"{PATH}/{done}").json()["seq"] == 1
    for verification_id in ("ver_" + "0" * 26, "%00", "nothing"):
        assert refusal(system.get(f"{PATH}/{verification_id}")) == (404, "not_found")


def test_answered_request_without_subject_is_its_owners(context, system, other_system):
    verification_id = ask(system, small_jpeg(), reference=small_jpeg()).json()["id"]
    with context.database.write() as session:
        make_verification(session, id=verification_id)
    assert system.get(f"{PATH}/{verification_id}").json()["verdict"] == "match"
    assert [item["id"] for item in system.get(PATH).json()["items"]] == [verification_id]
    assert other_system.get(f"{PATH}/{verification_id}").status_code == 404


def test_list_newest_first_filtered_by_cursor(context, system, admin, attempt):
    with context.database.write() as session:
        for seq, verdict in enumerate((Verdict.MATCH, Verdict.MISMATCH, Verdict.MATCH), 1):
            frame = make_frame(session, attempt, seq)
            make_verification(session, verdict=verdict, attempt=attempt, frame=frame)

    def seqs(caller, **query):
        body = caller.get(PATH, params=query).json()
        return [item["seq"] for item in body["items"]], body["next_cursor"]

    first, cursor = seqs(system, limit=2, attempt_id=attempt.id)
    assert (first, seqs(system, limit=2, cursor=cursor)) == ([3, 2], ([1], None))
    assert seqs(system, verdict="match") == ([3, 1], None)
    assert seqs(admin, subject_id=attempt.subject_id) == ([3, 2, 1], None)
    assert system.get(PATH, params={"verdict": "maybe"}).status_code == 422


def test_student_sees_no_figures(context, student, new_attempt):
    attempt = new_attempt(student)
    with context.database.write() as session:
        frame = make_frame(session, attempt, 1)
        verification_id = make_verification(session, attempt=attempt, frame=frame).id
    seen = {
        "status": "done",
        "verdict": "match",
        "reasons": [{"code": "match", "message": "Made by a test."}],
    }
    assert student.get(f"{PATH}/{verification_id}").json() == seen
    assert student.get(PATH).json()["items"] == [seen]
    with context.database.read() as session:
        assert session.get_one(Verification, verification_id).distance == 0.31


def test_how_many_references_agree_is_a_figure_and_an_encoding_is_served_to_nobody(
    context, admin, student
):
    agreement = {"best": 0.31, "median": 0.33, "agreeing": 2, "count": 2}
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id)
        verification = make_verification(
            session,
            attempt=attempt,
            frame=make_frame(session, attempt, 1),
            reference_agreement=agreement,
            sealed_encoding=b"sealed",
        )
    path = f"{PATH}/{verification.id}"
    assert admin.get(path).json()["reference_agreement"] == agreement
    assert set(student.get(path).json()) == {"status", "verdict", "reasons"}
    timeline = f"/api/v1/attempts/{attempt.id}/timeline"
    for caller, address in ((admin, path), (admin, timeline), (student, path)):
        answer = caller.get(address)
        assert answer.status_code == 200
        assert "encoding" not in answer.text
