"""A frame's verdict depends on the frame and the enrollment, and on nothing a client says."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from clients.simulator.portraits import portrait_path
from clients.simulator.scenes import empty_room, two_people, webcam_frame
from models.attempt import Attempt
from models.enrollment import FaceTemplate
from models.granted import Granted
from models.job import Job
from models.sealed_images import subject_key
from models.sealing import SealBroken
from models.statuses import FaceCheck, JobState
from models.subject import SubjectKey
from models.verification import Verification
from tests.worker.conftest import Sitting
from verifier import FaceEngine, Look
from worker import use_cases
from worker.frame_evidence import first_look
from worker.job_protocol import Claim
from worker.runtime import Runtime
from worker.sealed_encodings import EncodingPurpose, open_encoding
from worker.use_cases import do_job

RIGHT = webcam_frame("obama2.jpg")
WRONG = webcam_frame("biden.jpg")


def verification_of(runtime: Runtime, frame_id: str) -> Verification:
    with runtime.database.read() as session:
        return session.scalars(select(Verification).where(Verification.frame_id == frame_id)).one()


def verify(sitting: Sitting, seq: int, content: bytes, **columns: Any) -> Verification:
    frame, job = sitting.add_frame(seq, content, **columns)
    do_job(sitting.runtime, job.id)
    return verification_of(sitting.runtime, frame.id)


def decided(verification: Verification) -> dict[str, Any]:
    """All that a verification says, but for its id, its clocks and what the client said."""
    apart = {"id", "frame_id", "signals", "timings_ms", "created_at", "received_at", "captured_at"}
    # Sealed with a number used once: the same encoding looks different every time.
    apart |= {"sealed_encoding"}
    return {
        column.key: getattr(verification, column.key)
        for column in Verification.__table__.columns
        if column.key not in apart
    }


def allow(sitting: Sitting, **fields: Any) -> None:
    """Freeze an allowance in the attempt, as its start does."""
    granted = Granted(allowance_ids=("alw_1",), **fields)
    with sitting.runtime.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt.id)
        attempt.allowances = granted.as_dict()


def sealed_encoding_of(runtime: Runtime, verification: Verification) -> bytes | None:
    with runtime.database.read() as session:
        return session.scalars(
            select(Verification.sealed_encoding).where(Verification.id == verification.id)
        ).one()


def test_the_right_person_matches_and_another_does_not(sitting: Sitting) -> None:
    assert verify(sitting, 1, RIGHT).verdict == "match"
    assert verify(sitting, 2, WRONG).verdict == "mismatch"


@pytest.mark.parametrize("content", [RIGHT, WRONG], ids=["right", "wrong"])
def test_changing_a_claim_changes_no_verdict(sitting: Sitting, content: bytes) -> None:
    claims = [
        None,
        {"status": "one_face", "face_count": 1, "detector_score": 1.0},
        {"status": "no_face", "verdict": "match", "distance": 0.0},
        {"status": "several_faces", "face_count": 9},
        {"match_threshold": 2.0, "subject_id": "sub_other"},
    ]
    verdicts = [
        decided(verify(sitting, seq, content, claim=claim)) for seq, claim in enumerate(claims, 1)
    ]
    assert all(verdict == verdicts[0] for verdict in verdicts)


def test_a_verdict_can_be_recomputed_from_what_is_stored(sitting: Sitting) -> None:
    verification = verify(sitting, 1, RIGHT)
    assert verification.distance == min(verification.distances)
    assert verification.distance <= verification.match_threshold < verification.mismatch_threshold
    assert verification.enrollment_version == 1
    assert verification.engine_id.startswith("onnx-")
    assert verification.policy_id.startswith("policy-")
    assert verification.timings_ms["total"] > 0


def test_a_hint_that_comes_twice_gives_one_verdict(sitting: Sitting) -> None:
    frame, job = sitting.add_frame(1, RIGHT)
    do_job(sitting.runtime, job.id)
    do_job(sitting.runtime, job.id)
    assert verification_of(sitting.runtime, frame.id).verdict == "match"
    with sitting.runtime.database.read() as session:
        assert session.get_one(Job, job.id).attempts == 1


def test_a_truncated_picture_is_an_error_with_its_code(sitting: Sitting) -> None:
    verification = verify(sitting, 1, RIGHT[: len(RIGHT) // 2])
    assert (verification.verdict, verification.error_code) == ("error", "truncated_image")


def test_a_frames_encoding_is_kept_sealed_for_the_subject_and_as_a_frames_alone(
    sitting: Sitting, engine: FaceEngine
) -> None:
    subject_id = sitting.attempt.subject_id
    verification = verify(sitting, 1, RIGHT)
    sealed = sealed_encoding_of(sitting.runtime, verification)
    assert sealed is not None
    with sitting.runtime.database.read() as session:
        key = subject_key(session, sitting.runtime.images.key_ring, subject_id)
    opened = open_encoding(sealed, key=key, owner_id=subject_id, purpose=EncodingPurpose.FRAME)
    assert opened.tobytes() not in sealed
    assert np.linalg.norm(opened) == pytest.approx(engine.encoding_length(1.43), rel=0.1)
    with pytest.raises(SealBroken):
        open_encoding(sealed, key=key, owner_id=subject_id, purpose=EncodingPurpose.REFERENCE)
    with pytest.raises(SealBroken):
        open_encoding(sealed, key=key, owner_id="sub_other", purpose=EncodingPurpose.FRAME)


def test_a_frame_without_a_face_keeps_no_encoding(sitting: Sitting) -> None:
    assert sealed_encoding_of(sitting.runtime, verify(sitting, 1, empty_room())) is None


def test_how_many_references_agree_is_kept(sitting: Sitting) -> None:
    verification = verify(sitting, 1, RIGHT)
    agreement = verification.reference_agreement
    assert agreement["count"] == agreement["agreeing"] == len(verification.distances)
    assert agreement["best"] == verification.distance <= agreement["median"]


def test_some_frames_that_seem_fine_are_looked_at_closely() -> None:
    ids = [f"frm_{number}" for number in range(4000)]
    closely = [first_look(frame_id, 20) is Look.CLOSE for frame_id in ids]
    assert 120 < sum(closely) < 280
    assert closely == [first_look(frame_id, 20) is Look.CLOSE for frame_id in ids]
    assert all(first_look(frame_id, 0) is Look.GLANCE for frame_id in ids)
    assert all(first_look(frame_id, 1) is Look.CLOSE for frame_id in ids)


def test_templates_of_another_engine_are_never_compared(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        session.execute(update(FaceTemplate).values(engine_id="another-engine"))
    # The fixture stores no picture to renew them from.
    verification = verify(sitting, 1, RIGHT)
    assert (verification.verdict, verification.error_code) == ("error", "references_missing")


def test_a_template_of_somebody_else_does_not_open(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        sealed = bytearray(session.scalars(select(FaceTemplate.sealed_encoding)).one())
        sealed[-1] ^= 1
        session.execute(update(FaceTemplate).values(sealed_encoding=bytes(sealed)))
    verification = verify(sitting, 1, RIGHT)
    assert (verification.verdict, verification.error_code) == ("error", "integrity")


def test_a_frame_of_an_erased_subject_still_gets_its_end(sitting: Sitting) -> None:
    frame, job = sitting.add_frame(1, RIGHT)
    with sitting.runtime.database.write() as session:
        session.delete(session.get_one(SubjectKey, sitting.attempt.subject_id))
    do_job(sitting.runtime, job.id)
    verification = verification_of(sitting.runtime, frame.id)
    assert (verification.verdict, verification.error_code) == ("error", "subject_erased")


def test_a_failure_puts_the_job_back_and_the_fourth_claim_ends_it(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_runtime: Runtime, _engine: FaceEngine, _claim: Claim) -> None:
        raise MemoryError

    frame, job = sitting.add_frame(1, RIGHT)
    monkeypatch.setitem(use_cases._USE_CASES, job.kind, fail)  # type: ignore[misc]
    for attempt in (1, 2, 3):
        do_job(sitting.runtime, job.id)
        with sitting.runtime.database.write() as session:
            row = session.get_one(Job, job.id)
            assert (row.state, row.attempts) == (JobState.PENDING, attempt)
            assert row.last_error == "MemoryError"
            row.not_before = row.created_at
    do_job(sitting.runtime, job.id)
    verification = verification_of(sitting.runtime, frame.id)
    assert (verification.verdict, verification.error_code) == ("error", "poison")


@pytest.mark.parametrize(
    "policy", [{"match_threshold": 0.01}, {"no_such_number": 1}, {"match_threshold": "a"}]
)
def test_a_policy_that_is_none_is_an_error_and_not_a_loop(
    sitting: Sitting, policy: dict[str, Any]
) -> None:
    frame, job = sitting.add_frame(1, RIGHT)
    with sitting.runtime.database.write() as session:
        session.get_one(Attempt, sitting.attempt.id).policy = policy
    do_job(sitting.runtime, job.id)
    verification = verification_of(sitting.runtime, frame.id)
    assert (verification.verdict, verification.error_code) == ("error", "policy_invalid")


def test_a_job_about_nothing_ends(sitting: Sitting) -> None:
    _frame, job = sitting.add_frame(1, RIGHT)
    with sitting.runtime.database.write() as session:
        session.get_one(Job, job.id).target_id = "frm_gone"
    do_job(sitting.runtime, job.id)
    with sitting.runtime.database.read() as session:
        row = session.get_one(Job, job.id)
        assert (row.state, row.last_error) == (JobState.DONE, "target_missing")


def test_nothing_is_claimed_while_the_weights_are_missing(sitting: Sitting) -> None:
    _frame, job = sitting.add_frame(1, RIGHT)
    sitting.runtime.engine = None
    do_job(sitting.runtime, job.id)
    with sitting.runtime.database.read() as session:
        assert session.get_one(Job, job.id).attempts == 0


def test_portraits_of_full_size_are_verified_too(sitting: Sitting) -> None:
    assert verify(sitting, 1, portrait_path("obama2.jpg").read_bytes()).verdict == "match"


def test_presence_compares_and_keeps_nothing(sitting: Sitting) -> None:
    allow(sitting, face_check=FaceCheck.PRESENCE)
    with sitting.runtime.database.write() as session:
        session.get_one(Attempt, sitting.attempt.id).enrollment_id = None
    for seq, content in enumerate((RIGHT, WRONG), start=1):
        verification = verify(sitting, seq, content)
        assert verification.verdict == "present"
        assert (verification.distance, verification.match_score) == (None, None)
        assert sealed_encoding_of(sitting.runtime, verification) is None
    assert verify(sitting, 3, empty_room()).verdict == "no_face"


def test_frame_of_a_check_that_changed_meanwhile_gets_its_end(sitting: Sitting) -> None:
    """Presence was withdrawn between the frame and its verdict; no face is enrolled."""
    with sitting.runtime.database.write() as session:
        session.get_one(Attempt, sitting.attempt.id).enrollment_id = None
    verification = verify(sitting, 1, RIGHT)
    assert (verification.verdict, verification.error_code) == ("error", "references_missing")


def test_allowed_helper_is_no_offence_and_an_impostor_stays_one(sitting: Sitting) -> None:
    together = two_people("obama2.jpg", "biden.jpg")
    assert verify(sitting, 3, together).verdict == "multiple_faces"
    allow(sitting, second_person_allowed=True)
    helped = verify(sitting, 4, together)
    assert helped.verdict == "match"
    assert "second_person_allowed" in [reason["code"] for reason in helped.reasons]
    assert (helped.face_count, len(helped.unmatched_faces)) == (2, 1)
    strangers = verify(sitting, 5, two_people("biden.jpg", "biden.jpg"))
    assert strangers.verdict == "multiple_faces"
    assert verify(sitting, 1, RIGHT).verdict == "match"
    assert verify(sitting, 2, WRONG).verdict == "mismatch"
