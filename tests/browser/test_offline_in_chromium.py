"""Ten minutes without a network, with a reload in between: nothing is lost, and nothing is hidden.

A real Chromium and a real service. The page's clock runs ten times as fast while the network is
away, and the service's limit for late frames is ten times as short; after the network has
returned, time is as it is.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from face_monitor_client import FaceMonitorClient
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from models.frame import Frame
from tests.support.browser import chromium
from tests.support.exam_pages import film_of
from tests.support.figures import tell
from tests.support.monitored_page import begin_monitoring, serve_monitored_page, wait_for
from tests.support.sitting import PATIENT, database_of, start_sitting
from tests.support.stack import RunningStack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

INTERVAL_SECONDS = 2
FRAMES_OFFLINE = 300
SPEED = 10
LATE_SECONDS = 6
ARRIVED_WITHIN_SECONDS = 120
LIVE_WITHIN_SECONDS = 5
"""A live frame may wait for the one frame that is under way, on a machine that verifies as well."""

API = "**/api/v1/**"


@dataclass(frozen=True)
class Arrival:
    """One frame as the service holds it."""

    seq: int
    captured_at: datetime
    received_at: datetime
    codes: list[str]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("offline")
    with running_stack(folder, frame_late_seconds=str(LATE_SECONDS)) as stack:
        yield stack


def lose_network(context: BrowserContext) -> None:
    context.route(API, lambda route: route.abort("internetdisconnected"))
    context.set_offline(True)


def arrivals_of(stack: RunningStack, attempt_id: str) -> list[Arrival]:
    """Return all frames in the order in which they came."""
    database = database_of(stack)
    with database.read() as session:
        frames = session.scalars(
            select(Frame).where(Frame.attempt_id == attempt_id).order_by(Frame.received_at)
        ).all()
        arrivals = []
        for frame in frames:
            assert frame.captured_at is not None
            codes = [signal["code"] for signal in frame.signals]
            arrivals.append(Arrival(frame.seq, frame.captured_at, frame.received_at, codes))
    database.close()
    return arrivals


def timeline_of(stack: RunningStack, attempt_id: str, headers: dict[str, str]) -> Iterator[Any]:
    cursor = None
    with httpx.Client(base_url=stack.url, headers=headers) as client:
        while True:
            params = {"limit": 500, **({"cursor": cursor} if cursor else {})}
            answer = client.get(f"/api/v1/attempts/{attempt_id}/timeline", params=params)
            page = answer.raise_for_status().json()
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def test_ten_minutes_offline_with_a_reload(stack: RunningStack, tmp_path: Path) -> None:
    key = stack.api_key()
    headers = {"Authorization": f"Bearer {key}"}
    with FaceMonitorClient(stack.url, key, retries=PATIENT) as client:
        attempt_id = start_sitting(client, frame_interval_seconds=INTERVAL_SECONDS).attempt_id
    with chromium(film_of("obama2.jpg"), tmp_path) as browser:
        context = browser.new_context(permissions=["camera"], extra_http_headers=headers)
        serve_monitored_page(context)
        page = context.new_page()
        behind_seconds = FRAMES_OFFLINE * INTERVAL_SECONDS * (1 - 1 / SPEED)
        begin_monitoring(
            page, stack.url, attempt_id, speed=1, now_ms=(time.time() - behind_seconds) * 1e3
        )
        wait_for(page, "answered.length >= 2", seconds=60)
        online = max(page.evaluate("() => answered"))

        lose_network(context)
        page.evaluate("(speed) => runClock(speed)", SPEED)
        half = FRAMES_OFFLINE // 2
        wait_for(page, f"monitor.status.waiting >= {half}", seconds=120)
        # The laptop restarts: pages come, the service stays away.
        now_ms = page.evaluate("() => clockNow()")
        context.set_offline(False)
        begin_monitoring(page, stack.url, attempt_id, speed=SPEED, now_ms=now_ms)
        context.set_offline(True)
        wait_for(page, f"monitor.status.waiting >= {FRAMES_OFFLINE}", seconds=120)

        page.evaluate("() => runClock(1)")
        ahead_seconds = page.evaluate("() => (clockNow() - Date.now()) / 1000")
        kept = page.evaluate("() => monitor.status.waiting")
        newest = page.evaluate("() => captured.at(-1)")
        context.unroute(API)
        context.set_offline(False)
        began = time.monotonic()
        remaining = f"answered.filter((seq) => seq <= {newest}).length >= {kept}"
        wait_for(page, remaining, seconds=ARRIVED_WITHIN_SECONDS)
        took_seconds = time.monotonic() - began
        wait_for(page, "monitor.status.waiting === 0", seconds=60)
        assert page.evaluate("() => dropped") == []
        given = page.evaluate("() => captured.at(-1)")
        context.close()

    arrivals = arrivals_of(stack, attempt_id)
    backlog = [arrival for arrival in arrivals if online < arrival.seq <= newest]
    live = [arrival for arrival in arrivals if arrival.seq > newest]
    delays = [
        (arrival.received_at - arrival.captured_at).total_seconds() + ahead_seconds
        for arrival in live
    ]
    tell(
        f"{len(backlog)} of {kept} kept frames arrived {took_seconds:.1f} s after reconnecting; "
        f"{len(live)} live frames meanwhile, the slowest within {max(delays):.1f} s"
    )
    assert took_seconds <= ARRIVED_WITHIN_SECONDS
    assert len({arrival.seq for arrival in arrivals}) == len(arrivals)
    assert len(backlog) == kept >= FRAMES_OFFLINE
    # Live ones first, then the newer before the older.
    assert max(delays) <= LIVE_WITHIN_SECONDS
    in_order = [arrival.seq for arrival in backlog]
    assert in_order == sorted(in_order, reverse=True)
    assert backlog[-1].received_at - backlog[0].received_at < timedelta(seconds=took_seconds + 5)
    # What came late says so, and whatever number is missing stands in the timeline as a gap.
    assert [arrival.seq for arrival in backlog if "late" not in arrival.codes] == []
    assert [arrival.seq for arrival in live[1:] if "late" in arrival.codes] == []
    items = list(timeline_of(stack, attempt_id, headers))
    missing = set(range(1, given + 1)) - {arrival.seq for arrival in arrivals}
    gaps = [range(item["from_seq"], item["to_seq"] + 1) for item in items if item["type"] == "gap"]
    assert {seq for gap in gaps for seq in gap} == missing
    # A number that was given when the laptop went off, at most.
    assert len(missing) <= 1
    reasons = {item["reason"] for item in items if item["type"] == "event"}
    assert {"offline", "online"} <= reasons
