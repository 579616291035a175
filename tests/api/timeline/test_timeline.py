"""An attempt's story in the order of receipt, with every gap, page by page."""

import base64
from datetime import timedelta

import pytest

from tests.api.attempts.test_standing import counted_statements
from tests.support.builders import make_frame, make_verification


def timeline(caller, attempt, **query):
    answer = caller.get(f"/api/v1/attempts/{attempt.id}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shape(items):
    """Return the items in short: what they are and which numbers they carry."""
    shapes = {
        "frame": lambda item: item["seq"],
        "gap": lambda item: (item["from_seq"], item["to_seq"]),
        "event": lambda item: item["reason"],
        "transition": lambda item: item["to"],
    }
    return [shapes[item["type"]](item) for item in items]


STORY = [
    "created",
    "ready",
    "started",
    1,
    2,
    "tab_switch",
    "tab_return",
    (4, 4),
    5,
    3,
    (6, 8),
    9,
    "tab_switch",
]


def test_story_in_order_of_receipt_with_gaps(system, told):
    page = timeline(system, told)
    assert shape(page["items"]) == STORY
    assert page["next_cursor"] is None
    assert page["attempt"]["counts"]["frames"] == 5


def test_items_say_what_they_are(system, told, clock):
    items = timeline(system, told)["items"]
    assert items[0] == {
        "type": "transition",
        "at": "2026-11-23T10:00:00.123456Z",
        "from": None,
        "to": "created",
        "actor": "system",
        "reason": "Made by a test.",
    }
    frame, unverified, gap = items[3], items[4], items[7]
    assert frame["claim"]["status"] == "one_face"
    assert (frame["verification"]["verdict"], frame["verification"]["seq"]) == ("match", 1)
    assert unverified["verification"] is None
    # The gap shows when the frame that revealed it came in.
    assert gap == {
        "type": "gap",
        "at": "2026-11-23T10:00:04.123456Z",
        "from_seq": 4,
        "to_seq": 4,
    }
    assert items[5]["client_at"] == items[5]["received_at"] == items[5]["at"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_join_to_the_whole_story(system, told, limit):
    items, cursor = [], None
    while True:
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        page = timeline(system, told, **query)
        assert 1 <= len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert shape(items) == STORY


def test_first_frames_that_never_came_are_a_gap(context, system, attempt):
    with context.database.write() as session:
        make_frame(session, attempt, 4, now=attempt.created_at + timedelta(seconds=1))
    assert shape(timeline(system, attempt)["items"])[3:] == [(1, 3), 4]


def test_frame_that_comes_late_closes_its_gap(context, system, attempt, clock):
    with context.database.write() as session:
        for seconds, seq in ((1, 1), (2, 3)):
            make_frame(session, attempt, seq, now=clock.now + timedelta(seconds=seconds))
    assert shape(timeline(system, attempt)["items"])[3:] == [1, (2, 2), 3]
    with context.database.write() as session:
        make_frame(session, attempt, 2, now=clock.now + timedelta(seconds=9))
    assert shape(timeline(system, attempt)["items"])[3:] == [1, 3, 2]


def test_order_does_not_depend_on_when_verdicts_came(context, system, attempt, clock):
    with context.database.write() as session:
        frames = [
            make_frame(session, attempt, seq, now=clock.now + timedelta(seconds=seq))
            for seq in (1, 2, 3)
        ]
        for seconds, frame in enumerate(reversed(frames), 100):
            now = clock.now + timedelta(seconds=seconds)
            make_verification(session, attempt=attempt, frame=frame, now=now)
    assert shape(timeline(system, attempt)["items"])[3:] == [1, 2, 3]


def test_events_of_one_report_keep_their_order_over_pages(system, attempt):
    events = [
        {
            "id": f"e{number}",
            "kind": "tab",
            "reason": ("tab_switch", "tab_return")[number % 2],
            "client_at": "2026-11-23T10:00:00Z",
            "detail": {"number": number},
        }
        for number in range(7)
    ]
    system.post(f"/api/v1/attempts/{attempt.id}/events", json={"events": events})
    first = timeline(system, attempt, limit=6)
    second = timeline(system, attempt, cursor=first["next_cursor"])
    seen = [item["detail"]["number"] for item in (first["items"] + second["items"])[3:]]
    assert seen == list(range(7))


def test_page_needs_the_same_queries_for_few_and_many(context, system, attempt, clock):
    def statements_of_page():
        with counted_statements(context.database) as statements:
            timeline(system, attempt)
        return len(statements)

    with context.database.write() as session:
        make_frame(session, attempt, 1, now=clock.now)
    for_one = statements_of_page()
    with context.database.write() as session:
        for seq in range(3, 60, 2):
            frame = make_frame(session, attempt, seq, now=clock.now)
            make_verification(session, attempt=attempt, frame=frame)
    assert statements_of_page() == for_one


def test_only_admins_and_the_owner_see_it(admin, other_system, student, anonymous, new_attempt):
    own = new_attempt(student)
    path = f"/api/v1/attempts/{own.id}/timeline"
    assert admin.get(path).status_code == 200
    assert student.get(path).status_code == 404
    assert other_system.get(path).status_code == 404
    assert anonymous.get(path).status_code == 401


def test_wrong_cursors_are_refused(system, attempt):
    truth = b'["2026-01-01T00:00:00+00:00", 1, true, 1, ""]'
    boolean = base64.urlsafe_b64encode(truth).decode().rstrip("=")
    for cursor in ("x", "é", "W10", "bnVsbA", "WzEsMiwzLDQsNV0", "A" * 300, boolean):
        answer = system.get(f"/api/v1/attempts/{attempt.id}/timeline", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    for limit in (0, 501, "many"):
        answer = system.get(f"/api/v1/attempts/{attempt.id}/timeline", params={"limit": limit})
        assert answer.status_code == 422
