"""One attempt open in two pages of one real Chromium: one monitors, the other takes over."""

from pathlib import Path

import pytest
from face_monitor_client import FaceMonitorClient

from tests.support.browser import chromium
from tests.support.exam_pages import film_of
from tests.support.monitored_page import begin_monitoring, serve_monitored_page, wait_for
from tests.support.sitting import PATIENT, read_ledger, start_sitting
from tests.support.stack import running_stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_one_page_monitors_and_the_other_takes_over(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack") as stack:
        key = stack.api_key()
        with FaceMonitorClient(stack.url, key, retries=PATIENT) as client:
            attempt_id = start_sitting(client).attempt_id
        headers = {"Authorization": f"Bearer {key}"}
        with chromium(film_of("obama2.jpg"), tmp_path / "browser") as browser:
            context = browser.new_context(permissions=["camera"], extra_http_headers=headers)
            serve_monitored_page(context)
            first, second = context.new_page(), context.new_page()
            begin_monitoring(first, stack.url, attempt_id)
            wait_for(first, "answered.length >= 2", seconds=60)
            begin_monitoring(second, stack.url, attempt_id)
            wait_for(second, "monitor.status.role === 'waiting'", seconds=10)
            # Told through the disk both share, in the half minute of the next heartbeat.
            wait_for(second, "reported.includes('second_page')", seconds=10)
            assert second.evaluate("() => [monitor.status.camera, captured]") == ["opening", []]
            assert first.evaluate("() => monitor.status.role") == "capturing"
            by_first = first.evaluate("() => captured")
            first.close()
            wait_for(second, "monitor.status.role === 'capturing'", seconds=10)
            wait_for(second, "answered.length >= 2", seconds=60)
            wait_for(second, "monitor.status.waitingEvents === 0", seconds=60)
            by_second = second.evaluate("() => answered")
            assert second.evaluate("() => dropped") == []
            context.close()
        assert min(by_second) >= max(by_first)
        arrived = set(read_ledger(stack, attempt_id).sha256_by_seq)
        assert {*by_first, *by_second} <= arrived
        with FaceMonitorClient(stack.url, key, retries=PATIENT) as client:
            reasons = {getattr(item, "reason", None) for item in client.timeline(attempt_id)}
        assert "second_page" in reasons
