"""A face that is like another subject's is never enrolled without a warning."""

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from clients.simulator.portraits import portrait_path
from models.audit import AuditEntry, first_broken_entry
from models.database import database_now
from models.enrollment import FaceEnrollment, FaceTemplate
from models.job import enqueue
from models.sealed_images import subject_key
from models.statuses import EnrollmentState, JobKind
from tests.support.builders import make_enrollment, make_subject
from verifier import FaceEngine
from worker import lookalikes
from worker.lookalikes import Look, NewFace, look_at_others, record_warnings
from worker.references import seal_template
from worker.renewal import renew_templates
from worker.runtime import Runtime
from worker.use_cases import do_job

OBAMA = portrait_path("obama.jpg").read_bytes()
OBAMA_AGAIN = portrait_path("obama2.jpg").read_bytes()
BIDEN = portrait_path("biden.jpg").read_bytes()

ENGINE_ID = "engine"


def enroll(runtime: Runtime, *contents: bytes, subject_id: str | None = None) -> FaceEnrollment:
    """Have the worker decide an enrollment of these pictures."""
    with runtime.database.write() as session:
        version = 2 if subject_id else 1
        subject_id = subject_id or make_subject(session, runtime.images.key_ring).id
        enrollment = make_enrollment(
            session,
            subject_id,
            state=EnrollmentState.PENDING,
            version=version,
            images=runtime.images,
            contents=contents,
        )
        job = enqueue(session, JobKind.ENROLL_FACE, enrollment.id, now=database_now(session))
    do_job(runtime, job.id)
    return read(runtime, enrollment.id)


def read(runtime: Runtime, enrollment_id: str) -> FaceEnrollment:
    with runtime.database.read() as session:
        return session.get_one(FaceEnrollment, enrollment_id)


def at(*values: float) -> np.ndarray:
    """Return an encoding with these first values: faces as far apart as their values are."""
    encoding = np.zeros(128, np.float32)
    encoding[: len(values)] = values
    return encoding


def add(
    runtime: Runtime,
    encoding: np.ndarray,
    *,
    subject_id: str | None = None,
    engine_id: str = ENGINE_ID,
    **columns: Any,
) -> FaceEnrollment:
    """Insert an enrollment with one template, as if it had been decided before."""
    key_ring = runtime.images.key_ring
    with runtime.database.write() as session:
        subject_id = subject_id or make_subject(session, key_ring).id
        enrollment = make_enrollment(session, subject_id, engine_id=engine_id, **columns)
        record(session, runtime, enrollment, encoding, engine_id)
        return enrollment


def record(
    session: Any,
    runtime: Runtime,
    enrollment: FaceEnrollment,
    encoding: np.ndarray,
    engine_id: str = ENGINE_ID,
) -> None:
    subject_id = enrollment.subject_id
    template = seal_template(
        encoding,
        key=subject_key(session, runtime.images.key_ring, subject_id),
        owner_id=subject_id,
        enrollment_id=enrollment.id,
        reference_image_id=enrollment.images[0].id,
        engine_id=engine_id,
        created_at=database_now(session),
    )
    session.add(template)


def face_of(subject_id: str, encoding: np.ndarray, **columns: Any) -> NewFace:
    return NewFace(subject_id, ENGINE_ID, encoding[None], threshold=0.5, **columns)


def alike(look: Look) -> list[tuple[str, float]]:
    return [(one.subject_id, round(one.distance, 3)) for one in look.lookalikes]


def test_the_same_person_under_two_names_is_accepted_with_a_warning(runtime: Runtime) -> None:
    first, stranger = enroll(runtime, OBAMA), enroll(runtime, BIDEN)
    assert (first.state, first.warnings) == ("accepted", [])
    assert (stranger.state, stranger.warnings) == ("accepted", [])
    second = enroll(runtime, OBAMA_AGAIN)
    assert second.state == "accepted"
    assert second.warnings is not None
    [warning] = second.warnings
    assert warning["code"] == "resembles_other_subject"
    assert (warning["subject_id"], warning["enrollment_id"]) == (first.subject_id, first.id)
    assert 0 < warning["distance"] <= 0.5
    assert warning["message"]


def test_a_warning_stands_in_the_audit_chain(runtime: Runtime) -> None:
    first, second = enroll(runtime, OBAMA), enroll(runtime, OBAMA_AGAIN)
    with runtime.database.read() as session:
        [entry] = session.scalars(select(AuditEntry))
        assert first_broken_entry(session) is None
    assert (entry.action, entry.object_id) == ("enrollment.resembles_other", second.id)
    assert [one["subject_id"] for one in entry.detail["resembles"]] == [first.subject_id]


def test_nobody_is_like_himself(runtime: Runtime) -> None:
    first = enroll(runtime, OBAMA)
    assert enroll(runtime, OBAMA_AGAIN, subject_id=first.subject_id).warnings == []


def test_refused_pictures_are_compared_with_nobody(runtime: Runtime) -> None:
    enroll(runtime, OBAMA)
    refused = enroll(runtime, b"no picture at all")
    assert (refused.state, refused.warnings) == ("refused", None)


def test_the_closest_five_are_kept_each_subject_once(any_runtime: Runtime) -> None:
    others = [add(any_runtime, at(distance / 10)) for distance in (4, 1, 3, 2, 6, 0, 4.5)]
    newest = others[1].subject_id
    add(any_runtime, at(0.15), subject_id=newest, version=2)
    own = add(any_runtime, at(0), state=EnrollmentState.PENDING, warnings=None)
    warn(any_runtime, own, at(0))
    warnings = read(any_runtime, own.id).warnings or []
    wanted = [(5, 0.0), (1, 0.15), (3, 0.2), (2, 0.3), (0, 0.4)]
    assert [(one["subject_id"], round(one["distance"], 3)) for one in warnings] == [
        (others[index].subject_id, distance) for index, distance in wanted
    ]


def warn(runtime: Runtime, enrollment: FaceEnrollment, encoding: np.ndarray) -> None:
    face = face_of(enrollment.subject_id, encoding)
    look = look_at_others(runtime, face)
    with runtime.database.write() as session:
        row = session.get_one(FaceEnrollment, enrollment.id)
        record_warnings(session, runtime.images.key_ring, row, face, look)


def test_only_the_set_in_use_counts(runtime: Runtime) -> None:
    old = add(runtime, at(0))
    add(runtime, at(1), subject_id=old.subject_id, version=2)
    refused = add(runtime, at(0), state=EnrollmentState.REFUSED)
    in_use = add(runtime, at(0))
    add(runtime, at(1), subject_id=in_use.subject_id, version=2, state=EnrollmentState.PENDING)
    assert alike(look_at_others(runtime, face_of("sub_x", at(0)))) == [(in_use.subject_id, 0.0)]
    assert refused.subject_id != in_use.subject_id


def test_the_threshold_itself_is_alike(runtime: Runtime) -> None:
    near = add(runtime, at(0.5))
    add(runtime, at(0.501))
    assert alike(look_at_others(runtime, face_of("sub_x", at(0)))) == [(near.subject_id, 0.5)]


def test_templates_of_another_engine_are_not_compared(runtime: Runtime) -> None:
    add(runtime, at(0), engine_id="another-engine")
    assert alike(look_at_others(runtime, face_of("sub_x", at(0)))) == []


def test_whoever_the_same_engine_enrolled_was_compared_then(any_runtime: Runtime) -> None:
    add(any_runtime, at(0))
    later = add(any_runtime, at(0.1))
    unknown = add(any_runtime, at(0.2))
    with any_runtime.database.write() as session:
        session.get_one(FaceEnrollment, later.id).engine_id = "a-later-engine"
        session.get_one(FaceEnrollment, unknown.id).engine_id = None
    look = look_at_others(any_runtime, face_of("sub_x", at(0), compared_by=ENGINE_ID))
    assert alike(look) == [(later.subject_id, 0.1), (unknown.subject_id, 0.2)]


def test_every_batch_is_looked_at(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookalikes, "BATCH", 2)
    near = {add(runtime, at(number / 10)).subject_id for number in range(5)}
    look = look_at_others(runtime, face_of("sub_x", at(0)))
    assert {one.subject_id for one in look.lookalikes} == near
    assert look.saw_all


def test_somebody_elses_broken_template_stops_nobody(runtime: Runtime) -> None:
    broken, near = add(runtime, at(0)), add(runtime, at(0.1))
    with runtime.database.write() as session:
        template = session.scalars(
            select(FaceTemplate).where(FaceTemplate.enrollment_id == broken.id)
        ).one()
        template.sealed_encoding = template.sealed_encoding[:-1] + b"?"
    assert alike(look_at_others(runtime, face_of("sub_x", at(0)))) == [(near.subject_id, 0.1)]


def test_a_look_that_was_cut_short_is_no_silent_pass(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookalikes, "LOOK_SECONDS", 0.0)
    warnings = enroll(runtime, OBAMA).warnings or []
    assert [warning["code"] for warning in warnings] == ["not_compared_with_all"]
    # Whoever was recorded a moment ago is seen all the same.
    codes = [warning["code"] for warning in enroll(runtime, OBAMA_AGAIN).warnings or []]
    assert codes == ["resembles_other_subject", "not_compared_with_all"]


def test_of_two_who_enroll_at_once_the_later_is_warned(any_runtime: Runtime) -> None:
    """Both look before either has recorded anything, and record while the other does."""
    key_ring = any_runtime.images.key_ring
    first, second = (add(any_runtime, at(9), engine_id="earlier-engine") for _ in range(2))
    faces = {
        one.id: face_of(one.subject_id, encoding)
        for one, encoding in ((first, at(0)), (second, at(0.1)))
    }
    looks = {key: look_at_others(any_runtime, face) for key, face in faces.items()}
    assert [alike(look) for look in looks.values()] == [[], []]
    first_has_looked_again, second_has_looked_again = threading.Event(), threading.Event()

    def record_one(one: FaceEnrollment, looked: threading.Event, other: threading.Event) -> None:
        with any_runtime.database.write() as session:
            enrollment = session.get_one(FaceEnrollment, one.id)
            record(session, any_runtime, enrollment, faces[one.id].encodings[0])
            record_warnings(session, key_ring, enrollment, faces[one.id], looks[one.id])
            looked.set()
            # Long enough for the second to get past the first, if nothing kept it from that.
            other.wait(timeout=0.5)

    def record_second() -> None:
        first_has_looked_again.wait(timeout=20)
        record_one(second, second_has_looked_again, first_has_looked_again)

    thread = threading.Thread(target=record_second)
    thread.start()
    record_one(first, first_has_looked_again, second_has_looked_again)
    thread.join()
    assert read(any_runtime, first.id).warnings == []
    [warning] = read(any_runtime, second.id).warnings or []
    assert warning["subject_id"] == first.subject_id


def test_renewed_templates_are_compared_with_whom_another_engine_enrolled(
    runtime: Runtime, engine: FaceEngine, next_engine: FaceEngine
) -> None:
    """The next engine enrolled somebody alike while this one had none of its templates."""
    first = enroll(runtime, OBAMA)
    second = enroll(dataclasses.replace(runtime, engine=next_engine), OBAMA_AGAIN)
    assert second.warnings == []
    renew_templates(runtime, next_engine, first.id)
    [warning] = read(runtime, first.id).warnings or []
    assert warning["subject_id"] == second.subject_id


def test_renewed_templates_are_not_compared_again_with_whom_the_same_engine_enrolled(
    runtime: Runtime, next_engine: FaceEngine
) -> None:
    first, second = enroll(runtime, OBAMA), enroll(runtime, OBAMA_AGAIN)
    for enrollment in (first, second):
        renew_templates(runtime, next_engine, enrollment.id)
    assert read(runtime, first.id).warnings == []
    assert read(runtime, second.id).warnings == second.warnings
