"""What clients report is stored once, with both clocks, while the attempt takes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from models.attempt import Attempt
from models.client_event import REASONS, ClientEvent
from models.job import Job
from models.statuses import AttemptState


def event(number=1, **members):
    return {
        "id": f"event-{number}",
        "kind": "tab",
        "reason": "tab_switch",
        "client_at": "2026-11-23T12:00:01.5+02:00",
        **members,
    }


def report(caller, attempt, *events):
    return caller.post(f"/api/v1/attempts/{attempt.id}/events", json={"events": list(events)})


def stored(context):
    with context.database.read() as session:
        return session.scalars(select(ClientEvent).order_by(ClientEvent.id)).all()


def refusal(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


def test_event_is_kept_with_both_clocks(context, system, attempt, clock):
    answer = report(system, attempt, event(detail={"hidden": True}))
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 0,
        "received_at": "2026-11-23T10:00:00.123456Z",
    }
    (row,) = stored(context)
    assert row.client_at == datetime(2026, 11, 23, 10, 0, 1, 500_000, tzinfo=UTC)
    assert row.received_at == clock.now
    assert (row.kind, row.reason, row.detail) == ("tab", "tab_switch", {"hidden": True})


@pytest.mark.parametrize(("is_practice", "looks"), [(False, 1), (True, 0)])
def test_leaving_makes_a_look_due_but_not_at_practice(context, system, attempt, is_practice, looks):
    with context.database.write() as session:
        session.execute(delete(Job))
        session.execute(update(Attempt).values(is_practice=is_practice))
    assert report(system, attempt, event()).json()["accepted"] == 1
    with context.database.read() as session:
        assert len(session.scalars(select(Job)).all()) == looks


def test_every_kind_and_reason_is_taken(system, attempt):
    events = [
        event(f"{kind}-{reason}", kind=kind, reason=reason)
        for kind, reasons in REASONS.items()
        for reason in reasons
    ]
    assert report(system, attempt, *events).json()["accepted"] == len(events)


def test_event_sent_twice_is_stored_once(context, system, attempt):
    report(system, attempt, event(1), event(2))
    answer = report(system, attempt, event(2), event(3), event(3))
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (1, 2)
    assert [row.client_event_id for row in stored(context)] == ["event-1", "event-2", "event-3"]


def test_same_id_in_another_attempt_is_another_event(context, system, attempt, new_attempt):
    report(system, attempt, event(1))
    assert report(system, new_attempt(system), event(1)).json()["accepted"] == 1


def test_same_report_at_once_is_stored_once(context, system, attempt):
    events = [event(number) for number in range(20)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: report(system, attempt, *events), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["accepted"] for answer in answers) == 20
    assert len(stored(context)) == 20


def test_wrong_events_are_refused_whole(context, system, attempt):
    wrong = [
        event(kind="presence"),
        event(kind="gossip"),
        event(reason="match"),
        event(id=""),
        event(id="x" * 65),
        event(id="a b"),
        event(client_at="yesterday"),
        event(client_at="0001-01-01T00:00:00+14:00"),
        event(detail={"text": "x" * 2048}),
        event(detail={"text": "a\x00b"}),
        event(detail="text"),
        event(received_at="2026-11-23T10:00:00Z"),
    ]
    for one in wrong:
        answer = report(system, attempt, event(99), one)
        assert refusal(answer) == (422, "invalid_request"), one
        assert answer.json()["errors"][0]["field"].startswith("events")
    assert stored(context) == []


def test_detail_that_is_no_plain_json_is_refused(context, system, attempt):
    for text in ('{"a": NaN}', '{"a": "\\ud800"}', '{"a": 1e999}', '{"a":' * 600 + "1" + "}" * 600):
        body = (
            '{"events": [{"id": "1", "kind": "tab", "reason": "tab_switch", '
            f'"client_at": "2026-11-23T10:00:00Z", "detail": {text}}}]}}'
        )
        answer = system.post(
            f"/api/v1/attempts/{attempt.id}/events",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert refusal(answer) == (422, "invalid_request"), text[:30]
    assert stored(context) == []


def test_nesting_of_detail_is_bounded(system, attempt):
    def nested(levels):
        return {"a": nested(levels - 1)} if levels else 1

    assert report(system, attempt, event(1, detail=nested(8))).status_code == 202
    assert refusal(report(system, attempt, event(2, detail=nested(9)))) == (422, "invalid_request")


def test_client_moment_without_a_time_zone_is_taken_for_utc(context, system, attempt):
    report(system, attempt, event(client_at="2026-11-23T10:00:00"))
    assert stored(context)[0].client_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_number_of_events_is_bounded(system, attempt):
    assert refusal(report(system, attempt)) == (422, "invalid_request")
    events = [event(number) for number in range(201)]
    assert refusal(report(system, attempt, *events)) == (422, "invalid_request")
    assert report(system, attempt, *events[:200]).status_code == 202


def test_events_are_taken_up_to_ten_minutes_after_submit(system, new_attempt, clock):
    attempt = new_attempt(system, AttemptState.SUBMITTED)
    clock.advance(600)
    assert report(system, attempt, event(1)).status_code == 202
    clock.advance(0.001)
    assert refusal(report(system, attempt, event(2))) == (409, "attempt_closed")


@pytest.mark.parametrize(
    ("state", "code"),
    [(AttemptState.CREATED, "attempt_not_ready"), (AttemptState.EXPIRED, "attempt_closed")],
)
def test_attempt_that_takes_no_events(system, new_attempt, state, code):
    assert refusal(report(system, new_attempt(system, state), event())) == (409, code)


def test_events_only_for_ones_own_attempt(
    context, other_system, student, anonymous, admin, attempt
):
    assert refusal(report(other_system, attempt, event())) == (404, "not_found")
    assert refusal(report(student, attempt, event())) == (404, "not_found")
    assert refusal(report(admin, attempt, event())) == (403, "not_allowed")
    assert refusal(report(anonymous, attempt, event())) == (401, "not_signed_in")
    assert stored(context) == []
