"""How long things lasted, and what is counted: an attempt checked the day before, and resumed."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import delete

from models.attempt import Attempt, AttemptTransition
from models.base import new_id
from models.statuses import AttemptState, Verdict
from tests.support.builders import make_attempt, make_exam, make_frame, make_verification
from tests.support.incidents import make_incident


@pytest.fixture
def attempt(context, student) -> Attempt:
    """Checked the day before; half an hour, broken off for five hours, half an hour more."""
    begin = context.clock() - timedelta(hours=30)

    def at(hours):
        return begin + timedelta(hours=hours)

    with context.database.write() as session:
        exam = make_exam(session, now=begin)
        attempt = make_attempt(
            session,
            student.subject_id,
            AttemptState.SUBMITTED,
            now=begin,
            exam_id=exam.id,
            started_at=at(20),
            submitted_at=at(26),
        )
        session.execute(delete(AttemptTransition))
        for before, after, hours in (
            ("ready", "started", 20),
            ("started", "error", 20.5),
            ("error", "started", 25.5),
            ("started", "submitted", 26),
        ):
            session.add(
                AttemptTransition(
                    id=new_id("trn"),
                    attempt_id=attempt.id,
                    from_state=before,
                    to_state=after,
                    actor="system",
                    reason="Made by a test.",
                    at=at(hours),
                )
            )
        for seq, hours in enumerate((0, 0.001, 20, 20.01, 25.99), start=1):
            frame = make_frame(session, attempt, seq, now=at(hours))
            verdict = Verdict.NO_FACE if hours < 20 else Verdict.MATCH
            make_verification(session, attempt=attempt, frame=frame, verdict=verdict)
        times = {"now": at(20), "last_at": at(20.1), "closed_at": at(20.1), "ending": "refuted"}
        no_frame = {"first_seq": None, "worst_seq": None, "last_seq": None}
        figures = {"lasted_seconds": 6.0, "times": 3}
        make_incident(session, attempt, "away", "low", **times, **no_frame, figures=figures)
    return attempt


def facts_of(page: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", text).strip() for name, text in pairs}


def test_report_counts_the_sitting_alone(admin, attempt):
    page = admin.get(f"/admin/attempts/{attempt.id}/report").text
    facts = facts_of(page)
    assert facts["Time taken"] == "1 h of 1 h"
    assert facts["Frames"] == "3, asked for every 5 s"
    assert facts["Frames of the check"] == "2, before the start"
    assert facts["Longest pause between frames"] == "36 s"
    assert "No face" not in page
    assert "Frames of the check before the start (2) do not count here." in page


def test_absences_last_as_long_as_all_of_them_together(admin, attempt):
    page = admin.get(f"/admin/attempts/{attempt.id}/report").text
    assert facts_of(page)["Lasted"] == "6 s; the page came back to the front"
    assert "Lasted seconds" not in page
    assert "showed the contrary" not in page


def test_results_count_the_sitting_alone(admin, attempt):
    answer = admin.get(f"/admin/exams/{attempt.exam_id}/results.json")
    [row] = json.loads(answer.content)["items"]
    assert (row["frames"], row["check_frames"]) == (3, 2)
    assert (row["verdict_match"], row["verdict_no_face"]) == (3, 0)
