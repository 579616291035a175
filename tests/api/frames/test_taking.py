"""A frame that was answered with 2xx is stored with its job, once."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from models.frame import Frame
from models.frame_store import StorageFull
from models.job import FRAME_PRIORITY, Job
from models.sealed_images import subject_key
from models.statuses import AttemptState, JobKind, JobState, Verdict
from tests.api.frames.conftest import Left, Sender
from tests.support.builders import make_verification
from tests.support.pictures import small_jpeg


def only_frame(context):
    with context.database.read() as session:
        return session.scalars(select(Frame)).one()


def test_accepted_frame_is_stored_sealed_with_its_job(context, sender, attempt, left):
    jpeg = small_jpeg(7)
    answer = sender.put(3, jpeg)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    sha256 = hashlib.sha256(jpeg).hexdigest()
    assert body["attempt_id"] == attempt.id
    assert (body["seq"], body["sha256"], body["byte_count"]) == (3, sha256, len(jpeg))
    assert body["next"]["interval_seconds"] == 5.0
    assert answer.headers["Location"] == f"/api/v1/attempts/{attempt.id}/frames/3"

    with context.database.read() as session:
        frame = session.scalars(select(Frame)).one()
        job = session.scalars(select(Job)).one()
        key = subject_key(session, context.key_ring, attempt.subject_id)
    assert (frame.width, frame.height) == (64, 48)
    assert frame.storage_key == f"frames/{attempt.id}/{frame.id}"
    assert (job.kind, job.target_id, job.state) == (
        JobKind.VERIFY_FRAME,
        frame.id,
        JobState.PENDING,
    )
    assert job.priority == FRAME_PRIORITY
    assert jpeg not in context.images.store.get(frame.storage_key)
    stored = context.images.get(
        frame.storage_key, key=key, owner_id=attempt.subject_id, sha256=sha256
    )
    assert stored == jpeg
    assert left() == Left(1, 1, 1)


def test_student_sends_frames_of_the_own_attempt(student, new_attempt, left):
    attempt = new_attempt(student)
    assert Sender(student, attempt.id).put().status_code == 202
    assert left() == Left(1, 1, 1)


def test_ready_attempt_takes_frames(system, new_attempt):
    attempt = new_attempt(system, AttemptState.READY)
    assert Sender(system, attempt.id).put().status_code == 202


def test_same_frame_again_gets_its_first_receipt(sender, clock, left):
    first = sender.put(1).json()
    clock.advance(2)
    again = sender.put(1)
    assert again.status_code == 202
    assert again.headers["Location"].endswith("/frames/1")
    assert {**again.json(), "next": None} == {**first, "next": None}
    assert left() == Left(1, 1, 1)


def test_receipt_tells_the_newest_verdict_and_no_figure(context, sender, attempt):
    assert sender.put(1).json()["last_verification"] is None
    for seq, verdict in ((1, Verdict.MISMATCH), (3, Verdict.MATCH), (2, Verdict.NO_FACE)):
        sender.put(seq)
        with context.database.write() as session:
            frame = session.scalars(select(Frame).where(Frame.seq == seq)).one()
            make_verification(session, attempt=attempt, frame=frame, verdict=verdict)
    sender.put(4)
    told = sender.put(5).json()["last_verification"]
    assert (told["seq"], told["verdict"]) == (3, "match")
    assert set(told) == {"seq", "verdict", "received_at", "verified_at", "reasons"}
    shown = sender.caller.get(f"/api/v1/attempts/{attempt.id}").json()
    assert shown["last_verification"] == told


def test_a_repetition_brings_no_news(context, sender, attempt):
    sender.put(1)
    with context.database.write() as session:
        frame = session.scalars(select(Frame)).one()
        make_verification(session, attempt=attempt, frame=frame, verdict=Verdict.MATCH)
    assert sender.put(1).json()["last_verification"] is None
    assert sender.put(2).json()["last_verification"]["verdict"] == "match"


def test_same_frame_again_gets_its_receipt_after_the_attempt_closed(sender, system, left):
    first = sender.put(1).json()
    system.post(f"/api/v1/attempts/{sender.attempt_id}/submit")
    again = sender.put(1)
    assert again.status_code == 202
    assert again.json()["received_at"] == first["received_at"]
    assert left() == Left(1, 1, 1)


def test_other_bytes_under_the_same_number_are_refused_and_noted(context, sender, left):
    sender.put(1, small_jpeg(1))
    for shade in (2, 3, 3):
        answer = sender.put(1, small_jpeg(shade))
        assert (answer.status_code, answer.json()["code"]) == (409, "frame_conflict")
    assert left() == Left(1, 1, 1)
    frame = only_frame(context)
    assert frame.sha256 == hashlib.sha256(small_jpeg(1)).hexdigest()
    conflicts = [signal for signal in frame.signals if signal["code"] == "conflicting_upload"]
    assert [signal["sha256"] for signal in conflicts] == [
        hashlib.sha256(small_jpeg(shade)).hexdigest() for shade in (2, 3)
    ]


def test_identical_uploads_at_once_make_one_frame(sender, left):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sender.put(1), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["received_at"] for answer in answers}) == 1
    assert left() == Left(1, 1, 1)


def test_of_different_uploads_at_once_one_wins(context, sender, left):
    jpegs = [small_jpeg(shade) for shade in range(10)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda jpeg: sender.put(1, jpeg), jpegs))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [202] + [409] * 9
    assert left() == Left(1, 1, 1)
    winner = next(answer for answer in answers if answer.status_code == 202)
    assert only_frame(context).sha256 == winner.json()["sha256"]


def test_attempt_handed_in_while_the_body_came_refuses_the_frame(
    context, sender, system, left, monkeypatch
):
    put = context.images.put

    def submit_then_put(*arguments, **named):
        put(*arguments, **named)
        assert system.post(f"/api/v1/attempts/{sender.attempt_id}/submit").status_code == 200

    monkeypatch.setattr(context.images, "put", submit_then_put)
    answer = sender.put()
    assert (answer.status_code, answer.json()["code"]) == (409, "attempt_closed")
    assert left() == Left(0, 0, 0)


def test_no_answer_before_the_row_is_committed(context, sender, left, monkeypatch):
    def fail(*_arguments, **_named):
        raise OSError

    monkeypatch.setattr("api.frames.service.enqueue", fail)
    assert sender.put().status_code == 500
    assert (left().frames, left().jobs) == (0, 0)
    monkeypatch.undo()
    assert sender.put().status_code == 202


def test_full_disk_answers_507_and_stores_nothing(context, sender, left, monkeypatch):
    def full(*_arguments, **_named):
        raise StorageFull

    monkeypatch.setattr(context.images, "put", full)
    answer = sender.put()
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert left() == Left(0, 0, 0)


def test_fitting_digest_is_accepted(sender):
    digest = base64.b64encode(hashlib.sha256(small_jpeg()).digest()).decode()
    for algorithm in ("sha-256", "SHA-256"):
        header = f"md5=:AAAA:, {algorithm}=:{digest}:"
        assert sender.put(1, Content_Digest=header).status_code == 202


def test_digest_of_other_bytes_is_refused(sender, left):
    for value in (":AAAA:", "AAAA", ":", ":!!!:", ""):
        answer = sender.put(1, Content_Digest=f"sha-256={value}")
        assert (answer.status_code, answer.json()["code"]) == (422, "digest_mismatch")
    assert left() == Left(0, 0, 0)
