"""The first face-monitor's two routes, without its holes."""

from sqlalchemy import select

from models.client_event import ClientEvent
from models.statuses import AttemptState

FACE_LOG, TAB_EVENT = "/api/monitor/face_log", "/api/monitor/tab_event"
MOMENT = "2026-11-23T09:59:58.250Z"


def said(reason, timestamp=MOMENT):
    return {"reason": reason, "timestamp": timestamp}


def post(caller, path, *events, **members):
    return caller.post(path, json={"events": list(events), **members})


def stored(context):
    with context.database.read() as session:
        return session.scalars(select(ClientEvent).order_by(ClientEvent.id)).all()


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_events_are_bound_to_the_open_attempt(context, student, new_attempt, clock):
    attempt = new_attempt(student)
    faces = said("no_face_detected"), said("unverified_face_detected")
    assert post(student, FACE_LOG, *faces).json()["accepted"] == 2
    assert post(student, TAB_EVENT, said("tab_switch")).status_code == 202
    rows = stored(context)
    assert {row.attempt_id for row in rows} == {attempt.id}
    assert [row.kind for row in rows] == ["presence", "presence", "tab"]
    assert {row.received_at for row in rows} == {clock.now}


def test_repeated_event_is_stored_once(context, student, new_attempt):
    new_attempt(student)
    post(student, TAB_EVENT, said("tab_switch"))
    answer = post(
        student, TAB_EVENT, said("tab_switch"), said("tab_switch", "2026-11-23T10:00:00Z")
    )
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (1, 1)
    assert len(stored(context)) == 2


def test_only_the_reasons_of_the_route(context, student, new_attempt):
    new_attempt(student)
    for path, reason in (
        (FACE_LOG, "tab_switch"),
        (TAB_EVENT, "no_face_detected"),
        (FACE_LOG, "match"),
        (FACE_LOG, "<script>"),
    ):
        assert refusal(post(student, path, said(reason))) == (422, "invalid_request")
    assert refusal(post(student, TAB_EVENT)) == (422, "invalid_request")
    assert refusal(post(student, TAB_EVENT, said("tab_switch", "soon"))) == (422, "invalid_request")
    assert stored(context) == []


def test_without_an_open_attempt_there_is_nothing_to_report(student, new_attempt):
    event = said("tab_switch")
    assert refusal(post(student, TAB_EVENT, event)) == (409, "attempt_not_started")
    new_attempt(student, AttemptState.SUBMITTED)
    assert refusal(post(student, TAB_EVENT, event)) == (409, "attempt_not_started")


def test_named_attempt_must_be_ones_own(context, student, other_student, new_attempt):
    own, foreign = new_attempt(student), new_attempt(other_student)
    event = said("tab_switch")
    assert refusal(post(student, TAB_EVENT, event, attempt_id=foreign.id)) == (404, "not_found")
    assert post(student, TAB_EVENT, event, attempt_id=own.id).status_code == 202
    assert {row.attempt_id for row in stored(context)} == {own.id}


def test_only_signed_in_people_with_their_token(anonymous, system, student, new_attempt):
    new_attempt(student)
    event = said("tab_switch")
    assert refusal(post(anonymous, TAB_EVENT, event)) == (401, "not_signed_in")
    assert refusal(post(system, TAB_EVENT, event)) == (403, "not_allowed")
    del student.client.headers["X-CSRF-Token"]
    assert refusal(post(student, TAB_EVENT, event)) == (403, "csrf_failed")
