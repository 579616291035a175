"""A stored verdict can be made again from what is stored beside it."""

from typing import Any

from sqlalchemy import select

from clients.simulator.scenes import empty_room, webcam_frame
from models.attempt import Attempt
from models.match_policy import MatchPolicy as StoredPolicy
from models.verification import Verification
from tests.worker.conftest import Sitting
from verifier import Look, MatchPolicy
from verifier.agreement import agreement_of
from worker.use_cases import do_job

RIGHT = webcam_frame("obama2.jpg")


def verify(sitting: Sitting, seq: int, content: bytes) -> Verification:
    frame, job = sitting.add_frame(seq, content)
    do_job(sitting.runtime, job.id)
    with sitting.runtime.database.read() as session:
        return session.scalars(select(Verification).where(Verification.frame_id == frame.id)).one()


def set_policy(sitting: Sitting, policy: dict[str, Any]) -> None:
    with sitting.runtime.database.write() as session:
        session.get_one(Attempt, sitting.attempt.id).policy = policy


def stored_policies(sitting: Sitting) -> dict[str, dict[str, Any]]:
    with sitting.runtime.database.read() as session:
        rows = session.scalars(select(StoredPolicy)).all()
    return {row.policy_id: row.numbers for row in rows}


def test_how_closely_was_looked_is_kept(sitting: Sitting) -> None:
    assert verify(sitting, 1, RIGHT).look == Look.GLANCE
    # Nothing that could accuse somebody is settled by a glance.
    assert verify(sitting, 2, webcam_frame("biden.jpg")).look == Look.CLOSE
    assert verify(sitting, 3, empty_room()).look == Look.CLOSE
    assert verify(sitting, 4, RIGHT[:900]).look is None


def test_thresholds_and_floors_of_every_verdict_can_be_read_again(sitting: Sitting) -> None:
    verifications = [verify(sitting, seq, RIGHT) for seq in (1, 2)]
    set_policy(sitting, {"match_threshold": 0.45, "mismatch_threshold": 0.6})
    verifications.append(verify(sitting, 3, RIGHT))
    policies = stored_policies(sitting)
    assert set(policies) == {verification.policy_id for verification in verifications}
    assert len(policies) == 2
    for verification in verifications:
        policy = MatchPolicy.from_dict(policies[verification.policy_id])
        assert policy.policy_id == verification.policy_id
        assert policy.match_threshold == verification.match_threshold
        agreement = agreement_of(verification.distances, policy.mismatch_threshold)
        assert agreement.as_dict() == verification.reference_agreement


def test_an_error_keeps_the_numbers_of_a_policy_that_is_one(sitting: Sitting) -> None:
    set_policy(sitting, {"match_threshold": 0.7, "mismatch_threshold": 0.6})
    assert verify(sitting, 1, RIGHT).error_code == "policy_invalid"
    assert stored_policies(sitting) == {}
    set_policy(sitting, {})
    verification = verify(sitting, 2, RIGHT[:900])
    assert verification.error_code == "truncated_image"
    assert stored_policies(sitting) == {verification.policy_id: MatchPolicy().as_dict()}
