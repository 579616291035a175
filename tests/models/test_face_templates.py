"""Which enrollments an engine can compare with, on each database."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models.base import new_id
from models.database import Database, database_now
from models.enrollment import FaceEnrollment, FaceTemplate
from models.face_templates import (
    current_without_template,
    enrollments_to_renew,
    has_template,
    images_without_template,
)
from models.job import WorkerProcess, engines_in_use
from models.sealing import KeyRing
from models.statuses import EnrollmentState
from tests.support.builders import NOW, make_enrollment, make_subject

KEY_RING = KeyRing([bytes(32)])
PICTURES = (b"front", b"left")


def add_template(session: Session, enrollment: FaceEnrollment, position: int, engine: str) -> None:
    session.add(
        FaceTemplate(
            id=new_id("tpl"),
            enrollment_id=enrollment.id,
            reference_image_id=enrollment.images[position - 1].id,
            engine_id=engine,
            sealed_encoding=b"sealed",
            created_at=NOW,
        )
    )
    session.flush()


def test_only_the_newest_accepted_set_of_a_subject_counts(any_database: Database) -> None:
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING)
        old = make_enrollment(session, subject.id, contents=PICTURES)
        current = make_enrollment(session, subject.id, version=2, contents=PICTURES)
        make_enrollment(session, subject.id, version=3, state=EnrollmentState.REFUSED)
        make_enrollment(session, subject.id, version=4, state=EnrollmentState.PENDING)
        assert current_without_template(session, "new") == 1
        add_template(session, old, 1, "new")
        assert current_without_template(session, "new") == 1
        add_template(session, current, 1, "old")
        assert current_without_template(session, "new") == 1
        add_template(session, current, 1, "new")
        assert current_without_template(session, "new") == 0


def test_every_accepted_picture_without_a_template_is_to_be_renewed(
    any_database: Database,
) -> None:
    with any_database.write() as session:
        subject = make_subject(session, KEY_RING)
        old = make_enrollment(session, subject.id, contents=PICTURES)
        current = make_enrollment(session, subject.id, version=2, contents=PICTURES)
        current.images[1].state = EnrollmentState.REFUSED
        make_enrollment(session, subject.id, version=3, state=EnrollmentState.PENDING)
        add_template(session, old, 1, "new")
        assert enrollments_to_renew(session, "new") == {old.id: 1, current.id: 1}
        lacking = images_without_template(session, old.id, "new")
        assert [image.position for image in lacking] == [2]
        assert (has_template(session, old.id, "new"), has_template(session, old.id, "old")) == (
            True,
            False,
        )


@pytest.mark.parametrize(("seconds_ago", "seen"), [(1, ["new"]), (60, [])])
def test_an_engine_is_in_use_while_its_process_was_seen_lately(
    any_database: Database, seconds_ago: int, seen: list[str]
) -> None:
    with any_database.write() as session:
        now = database_now(session)
        for number, engine_id in enumerate(("new", "new", None)):
            process = WorkerProcess(
                holder=f"host/{number}/1",
                engine_id=engine_id,
                started_at=now,
                seen_at=now - timedelta(seconds=seconds_ago),
            )
            session.add(process)
        session.flush()
        assert engines_in_use(session, seen_seconds=30) == seen
