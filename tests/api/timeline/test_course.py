"""An attempt on one time axis: everything that was received, in columns of one length."""

from datetime import timedelta

from api.timeline.course import milliseconds
from models.attempt import Attempt
from tests.api.attempts.test_standing import counted_statements
from tests.support.builders import make_frame, make_verification
from tests.support.incidents import make_incident


def course(caller, attempt_id):
    answer = caller.get(f"/api/v1/attempts/{attempt_id}/course")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_claim_and_verdict_stand_in_columns(system, told):
    told_course = course(system, told.id)
    frames = told_course["frames"]
    lengths = {len(column) for column in frames.values()}
    assert lengths == {len(frames["seq"])}
    assert frames["seq"] == sorted(frames["seq"])
    assert set(frames["verdict"]) & {"match", "mismatch"}
    assert any(frames["claim"])
    assert told_course["match_threshold"] < told_course["mismatch_threshold"]
    assert told_course["milestones"][0]["to_state"] == "created"


def test_numbers_that_never_came_are_gaps(context, system, told):
    seqs = course(system, told.id)["frames"]["seq"]
    missing = set(range(1, max(seqs) + 1)) - set(seqs)
    gaps = course(system, told.id)["gaps"]
    covered = {seq for gap in gaps for seq in range(gap["from_seq"], gap["to_seq"] + 1)}
    assert covered == missing
    assert covered


def test_incidents_are_bands_and_withdrawn_ones_are_none(context, system, told):
    now = context.clock()
    with context.database.write() as session:
        attempt = session.get_one(Attempt, told.id)
        shown = make_incident(session, attempt, now=now, last_at=now + timedelta(seconds=9)).id
        make_incident(session, attempt, now=now, withdrawn_at=now)
    [band] = course(system, told.id)["incidents"]
    assert (band["id"], band["is_open"]) == (shown, True)
    assert (band["begin_ms"], band["end_ms"]) == (milliseconds(now), milliseconds(now) + 9000)


def test_only_who_may_see_the_timeline_sees_the_course(student, other_system, told):
    for caller in (student, other_system):
        assert caller.get(f"/api/v1/attempts/{told.id}/course").status_code == 404


def test_it_takes_as_many_queries_for_many_frames(context, system, told):
    def statements():
        with counted_statements(context.database) as found:
            course(system, told.id)
        return len(found)

    few = statements()
    with context.database.write() as session:
        attempt = session.get_one(Attempt, told.id)
        for seq in range(1000, 1040):
            frame = make_frame(session, attempt, seq, now=context.clock())
            make_verification(session, attempt=attempt, frame=frame)
    assert statements() == few
