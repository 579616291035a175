"""Another system's way through the running service: enrol, verify, sit, read, erase."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from face_monitor_client import FaceMonitorClient, Frame, Gap, InvalidImage, NotFound, Transition
from sqlalchemy import select, update

from clients.simulator.portraits import portrait_path
from clients.simulator.scenes import empty_room, two_people
from models.base import new_id
from models.enrollment import FaceEnrollment, FaceTemplate
from models.subject import SubjectKey
from tests.support.sitting import (
    PATIENT,
    database_of,
    different_frames,
    read_ledger,
    start_sitting,
    wait_for_verdicts,
)
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

RIGHT = portrait_path("obama2.jpg")
WRONG = portrait_path("biden.jpg")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("system")) as stack:
        yield stack


@pytest.fixture(scope="module")
def client(stack: RunningStack) -> Iterator[FaceMonitorClient]:
    with FaceMonitorClient(stack.url, stack.api_key("exam system"), retries=PATIENT) as client:
        yield client


def enrolled_subject(client: FaceMonitorClient) -> str:
    subject = client.create_subject(new_id("ref"))
    client.give_consent(subject.id, "2026-12")
    enrollment = client.enrol(subject.id, [portrait_path("obama.jpg")], wait_seconds=30)
    assert enrollment.state == "accepted"
    return subject.id


def test_an_image_is_verified_against_a_subject_while_the_caller_waits(
    client: FaceMonitorClient,
) -> None:
    subject_id = enrolled_subject(client)
    right = client.verify(RIGHT, subject_id=subject_id, wait_seconds=30)
    wrong = client.verify(WRONG, subject_id=subject_id, wait_seconds=30)
    assert (right.verdict, wrong.verdict) == ("match", "mismatch")
    assert right.distance is not None
    assert wrong.distance is not None
    assert right.distance <= 0.5 < 0.6 <= wrong.distance


def test_an_image_is_verified_against_an_image(client: FaceMonitorClient) -> None:
    same = client.verify(RIGHT, reference=portrait_path("obama.jpg"), wait_seconds=30)
    other = client.verify(WRONG, reference=portrait_path("obama.jpg"), wait_seconds=30)
    assert (same.verdict, other.verdict) == ("match", "mismatch")


def test_the_service_and_the_command_agree(client: FaceMonitorClient) -> None:
    served = client.verify(RIGHT, reference=portrait_path("obama.jpg"), wait_seconds=30)
    command = ["-m", "verifier.cli", "compare", str(portrait_path("obama.jpg")), str(RIGHT)]
    outcome = subprocess.run([sys.executable, *command, "--json"], capture_output=True, text=True)
    printed = json.loads(outcome.stdout)
    assert served.distance == pytest.approx(printed["distance"], abs=1e-6)
    assert served.engine_id == printed["engine_id"]


def test_a_face_enrolled_twice_is_told_to_the_system_that_owns_both(
    client: FaceMonitorClient,
) -> None:
    enrolled_subject(client)
    subject = client.create_subject(new_id("ref"))
    client.give_consent(subject.id, "2026-12")
    enrollment = client.enrol(subject.id, [RIGHT], wait_seconds=30)
    assert enrollment.state == "accepted"
    assert enrollment.warnings
    own = {one.id for one in client.subjects()} - {subject.id}
    for warning in enrollment.warnings:
        assert (warning.code, warning.subject_id in own) == ("resembles_other_subject", True)
        assert warning.distance is not None
        assert warning.distance <= 0.5


def pass_to_another_engine(stack: RunningStack, subject_id: str) -> None:
    """Make the subject's templates those of an engine of an earlier release."""
    database = database_of(stack)
    with database.write() as session:
        own = select(FaceEnrollment.id).where(FaceEnrollment.subject_id == subject_id)
        session.execute(
            update(FaceTemplate)
            .where(FaceTemplate.enrollment_id.in_(own))
            .values(engine_id=new_id("earlier"))
        )
    database.close()


def test_a_change_of_engine_burns_no_verdict(
    client: FaceMonitorClient, stack: RunningStack
) -> None:
    sitting = start_sitting(client)
    pass_to_another_engine(stack, client.get_attempt(sitting.attempt_id).subject_id)
    for seq, frame in enumerate(different_frames(4), start=1):
        sitting.send(seq, frame)
    wait_for_verdicts(sitting, 4, seconds=60)
    assert [*read_ledger(stack, sitting.attempt_id).verdicts_by_seq.values()] == [["match"]] * 4


def test_all_templates_are_renewed_while_the_service_runs(
    client: FaceMonitorClient, stack: RunningStack
) -> None:
    pass_to_another_engine(stack, enrolled_subject(client))
    checks = client.readiness().checks
    assert (checks["templates"].ok, checks["templates"].warning) == (True, True)
    outcome = subprocess.run(
        [sys.executable, "-m", "api.cli", "reencode"],
        env=stack.environment,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Renewed 1 templates of 1 enrollments." in outcome.stdout
    assert not client.readiness().checks["templates"].warning


def test_pictures_without_one_face_enrol_nobody(
    client: FaceMonitorClient, stack: RunningStack
) -> None:
    subject = client.create_subject(new_id("ref"))
    client.give_consent(subject.id, "2026-12")
    pictures = [empty_room(), two_people("obama.jpg", "biden.jpg")]
    with pytest.raises(InvalidImage) as refusal:
        client.enrol(subject.id, pictures, wait_seconds=30)
    assert (refusal.value.status, refusal.value.code) == (422, "enrollment_refused")
    assert refusal.value.next_step
    [enrollment] = client.enrollments(subject.id)
    assert enrollment.state == "refused"
    codes = [[reason.code for reason in image.reasons] for image in enrollment.images]
    assert codes == [["no_face"], ["multiple_faces"]]
    assert client.get_subject(subject.id).enrollment is None
    attempt = client.open_attempt(subject.id)
    assert (attempt.state, tuple(attempt.missing)) == ("created", ("enrollment",))
    for picture, code in zip(pictures, ("no_face", "multiple_faces"), strict=True):
        with pytest.raises(InvalidImage) as refusal:
            client.enrol(subject.id, [picture], wait_seconds=30)
        assert (refusal.value.status, refusal.value.code) == (422, code)
    folder = stack.data_dir / "frames" / "references" / subject.id
    wait_until(lambda: not list(folder.iterdir()), what="no refused picture left", seconds=5)


def test_a_sitting_is_read_back_with_its_gap_and_its_states(client: FaceMonitorClient) -> None:
    sitting = start_sitting(client)
    frames = different_frames(4)
    for seq in (1, 2, 5, 6):
        sitting.send(seq, frames[seq % 4])
    wait_for_verdicts(sitting, 4, seconds=60)
    client.submit(sitting.attempt_id)
    items = list(client.timeline(sitting.attempt_id, page_size=2))
    shown = [item for item in items if isinstance(item, Frame)]
    assert [frame.seq for frame in shown] == [1, 2, 5, 6]
    assert all(frame.verification is not None for frame in shown)
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert (gap.from_seq, gap.to_seq) == (3, 4)
    states = [item.to_state for item in items if isinstance(item, Transition)]
    assert states[-2:] == ["started", "submitted"]


def test_erasing_a_subject_leaves_no_face(client: FaceMonitorClient, stack: RunningStack) -> None:
    subject_id = enrolled_subject(client)
    receipt = client.delete_subject(subject_id)
    assert receipt.subject_id == subject_id
    folder = stack.data_dir / "frames" / "references" / subject_id
    assert not folder.exists() or list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        client.enrol(subject_id, [RIGHT])
    database = database_of(stack)
    with database.read() as session:
        assert session.get(SubjectKey, subject_id) is None
    database.close()


def test_one_system_sees_nothing_of_another(client: FaceMonitorClient, stack: RunningStack) -> None:
    sitting = start_sitting(client)
    subject_id = client.get_attempt(sitting.attempt_id).subject_id
    with FaceMonitorClient(stack.url, stack.api_key("another system")) as stranger:
        for ask in (
            lambda: stranger.get_subject(subject_id),
            lambda: stranger.get_attempt(sitting.attempt_id),
            lambda: list(stranger.timeline(sitting.attempt_id)),
            lambda: stranger.send_frame(sitting.attempt_id, 1, different_frames(1)[0]),
            lambda: stranger.submit(sitting.attempt_id),
            lambda: stranger.verify(RIGHT, subject_id=subject_id),
            lambda: stranger.delete_subject(subject_id),
        ):
            with pytest.raises(NotFound):
                ask()
        assert list(stranger.attempts()) == []
        assert list(stranger.subjects()) == []
