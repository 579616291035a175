"""After a change of engine stored images give new templates, and no frame waits for a person."""

import dataclasses
import hashlib
import threading
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from clients.simulator.portraits import portrait_path
from clients.simulator.scenes import empty_room, two_people, webcam_frame
from models.api_client import ApiClient
from models.base import new_id
from models.database import database_now
from models.enrollment import FaceTemplate, ReferenceImage
from models.frame import VerificationRequest
from models.job import Job, enqueue
from models.sealed_images import SubjectErased, subject_key
from models.statuses import JobKind, JobState
from models.subject import Subject, SubjectKey
from models.verification import Verification
from tests.support.builders import NOW, POLICY
from tests.worker.conftest import OBAMA, EngineNamed, Sitting, sit
from verifier import FaceEngine
from worker.references import open_references
from worker.renewal import renew_templates
from worker.runtime import Runtime
from worker.use_cases import do_job

OBAMA_AGAIN = portrait_path("obama2.jpg").read_bytes()
RIGHT = webcam_frame("obama2.jpg")


def templates_of(sitting: Sitting) -> list[tuple[int, str]]:
    """Position of the image and engine of each template."""
    with sitting.runtime.database.read() as session:
        rows = session.execute(
            select(ReferenceImage.position, FaceTemplate.engine_id)
            .join(ReferenceImage, ReferenceImage.id == FaceTemplate.reference_image_id)
            .where(FaceTemplate.enrollment_id == sitting.enrollment.id)
            .order_by(FaceTemplate.engine_id, ReferenceImage.position)
        )
        return [(position, engine_id) for position, engine_id in rows]


def renew(sitting: Sitting, engine: FaceEngine) -> Any:
    return renew_templates(sitting.runtime, engine, sitting.enrollment.id)


def verify(sitting: Sitting, engine: FaceEngine, seq: int) -> Verification:
    frame, job = sitting.add_frame(seq, RIGHT)
    do_job(dataclasses.replace(sitting.runtime, engine=engine), job.id)
    with sitting.runtime.database.read() as session:
        assert session.get_one(Job, job.id).state == JobState.DONE
        return session.scalars(select(Verification).where(Verification.frame_id == frame.id)).one()


def destroy(sitting: Sitting, position: int) -> None:
    """Put something else in the place of a stored image."""
    image = sitting.enrollment.images[position - 1]
    sitting.runtime.images.store.put(image.storage_key, b"something else")


def test_a_frame_met_by_the_next_engine_is_verified_with_renewed_templates(
    runtime: Runtime, engine: FaceEngine, next_engine: FaceEngine
) -> None:
    sitting = sit(runtime, OBAMA, OBAMA_AGAIN)
    renew(sitting, engine)
    before = verify(sitting, engine, 1)
    after = verify(sitting, next_engine, 2)
    assert (before.verdict, after.verdict) == ("match", "match")
    assert (before.engine_id, after.engine_id) == (engine.engine_id, "renewed-engine")
    # The networks are the same: equal distances show that every reference is in its old place.
    assert after.distances == before.distances
    assert templates_of(sitting) == [
        (1, engine.engine_id),
        (2, engine.engine_id),
        (1, "renewed-engine"),
        (2, "renewed-engine"),
    ]


def test_an_image_another_system_asks_about_is_too(
    runtime: Runtime, next_engine: FaceEngine
) -> None:
    sitting = sit(runtime)
    subject_id = sitting.attempt.subject_id
    request = VerificationRequest(
        id=new_id("ver"),
        subject_id=subject_id,
        enrollment_id=sitting.enrollment.id,
        storage_key="verifications/1/image",
        sha256=hashlib.sha256(RIGHT).hexdigest(),
        policy=POLICY,
        received_at=NOW,
    )
    with runtime.database.write() as session:
        client = ApiClient(id=new_id("cli"), name="lms", created_at=NOW)
        session.add(client)
        session.flush()
        request.owner_client_id = client.id
        session.add(request)
        key = subject_key(session, runtime.images.key_ring, subject_id)
        runtime.images.put(request.storage_key, RIGHT, key=key, owner_id=subject_id)
        job = enqueue(session, JobKind.VERIFY_IMAGE, request.id, now=NOW)
        job.not_before = database_now(session)
    do_job(dataclasses.replace(runtime, engine=next_engine), job.id)
    with runtime.database.read() as session:
        assert session.get_one(Verification, request.id).verdict == "match"


def test_renewing_again_adds_nothing(any_runtime: Runtime, next_engine: FaceEngine) -> None:
    sitting = sit(any_runtime, OBAMA, OBAMA_AGAIN)
    first, again = renew(sitting, next_engine), renew(sitting, next_engine)
    assert (first.template_count, again.template_count) == (2, 0)
    assert templates_of(sitting) == [(1, "renewed-engine"), (2, "renewed-engine")]


class SameVector:
    """Encodes every picture alike, once all who renew have got so far."""

    engine_id = "same-vector"

    def __init__(self, arrived: threading.Barrier) -> None:
        self._arrived = arrived

    def __call__(self, *_: object) -> np.ndarray:
        self._arrived.wait(timeout=20)
        return np.full(128, 0.1, np.float32)


def test_processes_that_renew_at_once_add_nothing_twice(
    any_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = sit(any_runtime)
    engine = SameVector(threading.Barrier(3))
    monkeypatch.setattr("worker.renewal.encode_reference", engine)
    renewals: list[Any] = []
    threads = [
        threading.Thread(target=lambda: renewals.append(renew(sitting, cast("FaceEngine", engine))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(renewal.template_count for renewal in renewals) == [0, 0, 1]
    assert all(renewal.has_templates for renewal in renewals)
    assert templates_of(sitting) == [(1, "same-vector")]


def test_no_transaction_is_open_while_the_engine_works(
    runtime: Runtime, engine: FaceEngine
) -> None:
    class Watching(EngineNamed):
        def detect_faces(self, pixels: Any) -> Any:
            pool: Any = runtime.database.engine.pool
            assert pool.checkedout() == 0
            return engine.detect_faces(pixels)

    sitting = sit(runtime)
    watching = cast("FaceEngine", Watching(engine, "watching"))
    assert renew(sitting, watching).template_count == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no picture at all", "unsupported_image_type"),
        (empty_room(), "reference_no_face"),
        (two_people("obama.jpg", "biden.jpg"), "reference_multiple_faces"),
    ],
    ids=["no picture", "nobody", "two people"],
)
def test_a_picture_the_engine_cannot_use_is_told_and_the_others_serve(
    runtime: Runtime, next_engine: FaceEngine, content: bytes, code: str
) -> None:
    sitting = sit(runtime, content, OBAMA)
    renewal = renew(sitting, next_engine)
    assert [(lost.position, lost.code) for lost in renewal.lost_images] == [(1, code)]
    assert renewal.lost_images[0].message
    assert templates_of(sitting) == [(2, "renewed-engine")]
    assert verify(sitting, next_engine, 1).verdict == "match"


def test_a_changed_picture_gives_no_template(runtime: Runtime, next_engine: FaceEngine) -> None:
    sitting = sit(runtime, OBAMA, OBAMA_AGAIN)
    destroy(sitting, position=1)
    renewal = renew(sitting, next_engine)
    assert [(lost.position, lost.code) for lost in renewal.lost_images] == [(1, "integrity")]
    assert renewal.has_templates
    assert templates_of(sitting) == [(2, "renewed-engine")]


def test_without_any_picture_left_the_error_says_what_to_do(
    runtime: Runtime, next_engine: FaceEngine
) -> None:
    sitting = sit(runtime)
    destroy(sitting, position=1)
    assert not renew(sitting, next_engine).has_templates
    verification = verify(sitting, next_engine, 1)
    assert (verification.verdict, verification.error_code) == ("error", "references_missing")
    assert "face-monitor reencode" in verification.reasons[0]["message"]


def erase(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        session.execute(
            delete(SubjectKey).where(SubjectKey.subject_id == sitting.attempt.subject_id)
        )
        session.get_one(Subject, sitting.attempt.subject_id).erased_at = NOW


def test_nothing_of_an_erased_subject_is_renewed(runtime: Runtime, engine: FaceEngine) -> None:
    sitting = sit(runtime)
    erase(sitting)
    with pytest.raises(SubjectErased):
        renew(sitting, engine)


def test_nothing_comes_back_of_a_subject_erased_meanwhile(
    any_runtime: Runtime, engine: FaceEngine
) -> None:
    sitting = sit(any_runtime)

    class Erasing(EngineNamed):
        def encode_faces(self, *given: Any) -> Any:
            erase(sitting)
            return engine.encode_faces(*given)

    with pytest.raises(SubjectErased):
        renew(sitting, cast("FaceEngine", Erasing(engine, "erasing")))
    with any_runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FaceTemplate)) == 0


def test_references_stand_in_the_order_of_their_pictures(
    runtime: Runtime, engine: FaceEngine
) -> None:
    sitting = sit(runtime, OBAMA, OBAMA_AGAIN)
    renew(sitting, engine)
    with runtime.database.write() as session:
        first, second = session.scalars(select(FaceTemplate).order_by(FaceTemplate.id))
        # Ids made in the same millisecond stand in any order.
        first.id, second.id = "tpl_2", "tpl_1"
    with runtime.database.read() as session:
        key = subject_key(session, runtime.images.key_ring, sitting.attempt.subject_id)
        references = open_references(
            session,
            sitting.enrollment.id,
            engine.engine_id,
            key=key,
            owner_id=sitting.attempt.subject_id,
        )
    distances = verify(sitting, engine, 1).distances
    # The frame was made of the second picture.
    assert references.shape == (2, 128)
    assert distances[1] < distances[0]
