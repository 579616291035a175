"""What the client says is stored beside the frame and never costs the frame."""

import json
from datetime import UTC, datetime

from sqlalchemy import select

from models.frame import Frame
from models.job import Job

CLAIM = {
    "status": "one_face",
    "face_count": 1,
    "detector_score": 0.91,
    "boxes": [{"x": 1.5, "y": 2.0, "width": 30.0, "height": 40.0}],
    "detector": "tiny_face_detector",
}


def taken(context, sender, seq=1, **headers):
    answer = sender.put(seq, **headers)
    assert answer.status_code == 202, answer.text
    with context.database.read() as session:
        return session.scalars(select(Frame).where(Frame.seq == seq)).one()


def codes(frame):
    return [signal["code"] for signal in frame.signals]


def test_claim_and_capture_time_are_kept(context, sender):
    frame = taken(
        context,
        sender,
        X_Client_Claim=json.dumps(CLAIM),
        X_Captured_At="2026-11-23T11:59:58.250000+02:00",
    )
    assert frame.claim == CLAIM
    assert frame.captured_at == datetime(2026, 11, 23, 9, 59, 58, 250_000, tzinfo=UTC)
    assert frame.signals == []


UNREADABLE_CLAIMS = [
    "not json",
    "[]",
    "null",
    "{}",
    '{"status": "everything is fine"}',
    '{"status": "one_face", "face_count": -1}',
    '{"status": "one_face", "face_count": 1e400}',
    '{"status": "one_face", "detector_score": NaN}',
    '{"status": "one_face", "detector": "\\u0000"}',
    '{"status": "one_face", "detector": "\\ud800"}',
    "[" * 1900,
    "é" * 10,
    json.dumps({"status": "one_face", "detector": "x" * 2000}),
]


def test_unreadable_claim_does_not_cost_the_frame(context, sender):
    for seq, claim in enumerate(UNREADABLE_CLAIMS, 1):
        frame = taken(context, sender, seq, X_Client_Claim=claim.encode("latin-1"))
        assert frame.claim is None
        assert codes(frame) == ["claim_unreadable"]


def test_members_nobody_knows_are_dropped(context, sender):
    claim = {**CLAIM, "verdict": "match", "distance": 0.0}
    assert taken(context, sender, X_Client_Claim=json.dumps(claim)).claim == CLAIM


def test_unreadable_capture_time_does_not_cost_the_frame(context, sender):
    moments = "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1" * 40
    for seq, moment in enumerate(moments, 1):
        frame = taken(context, sender, seq, X_Captured_At=moment)
        assert frame.captured_at is None
        assert codes(frame) == ["captured_at_unreadable"]


def test_fresh_ticket_attests(context, sender):
    assert taken(context, sender).signals == []


def test_ticket_of_the_previous_answer_attests_the_next(context, sender, clock):
    sender.ticket = sender.put(1).json()["next"]["ticket"]
    clock.advance(59)
    sender.put(2)
    with context.database.read() as session:
        signals = session.scalars(select(Frame.signals).where(Frame.seq == 2)).one()
    assert signals == []


def test_frame_without_ticket_is_unattested(context, sender):
    sender.ticket = None
    assert taken(context, sender).signals == [{"code": "unattested", "reason": "no_ticket"}]


def test_forged_ticket_is_unattested(context, sender):
    zeros = "." + "0" * 64
    for seq, ticket in enumerate(
        ("x", "1.2", "²" + zeros, "1700000000000000" + zeros, "9" * 5000), 1
    ):
        frame = taken(context, sender, seq, X_Capture_Ticket=ticket.encode("latin-1"))
        assert frame.signals == [{"code": "unattested", "reason": "invalid_ticket"}]


def test_ticket_of_another_attempt_is_unattested(context, sender, new_attempt, system):
    other = new_attempt(system)
    ticket = system.get(f"/api/v1/attempts/{other.id}").json()["ticket"]
    assert codes(taken(context, sender, X_Capture_Ticket=ticket)) == ["unattested"]


def test_old_ticket_makes_the_frame_late_with_figures(context, sender, clock):
    clock.advance(61.5)
    assert taken(context, sender).signals == [
        {"code": "late", "ticket_age_seconds": 61.5, "limit_seconds": 60.0}
    ]


def test_no_claim_changes_what_the_worker_reads(context, sender):
    """I6: two frames with the same bytes and opposite claims differ in testimony alone."""
    lies = [{"status": "no_face", "face_count": 0}, {"status": "several_faces", "face_count": 9}]
    for seq, claim in enumerate(lies, 1):
        assert sender.put(seq, X_Client_Claim=json.dumps(claim)).status_code == 202
    testimony_and_identity = {
        *("id", "seq", "storage_key", "claim", "captured_at", "signals", "received_at")
    }
    with context.database.read() as session:
        frames = [
            {
                column.key: getattr(frame, column.key)
                for column in Frame.__table__.columns
                if column.key not in testimony_and_identity
            }
            for frame in session.scalars(select(Frame).order_by(Frame.seq))
        ]
        jobs = session.execute(select(Job.kind, Job.priority, Job.state)).all()
    assert frames[0] == frames[1]
    assert jobs[0] == jobs[1]
