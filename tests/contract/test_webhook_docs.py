"""The sample of docs/webhooks.md takes what we send, and nothing else."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.alerts import incident_data
from models.incident import Incident
from models.signature import signature
from models.statuses import AlertEvent
from tests.support.builders import NOW

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "webhooks.md").read_text()
SECRET = "whsec_" + "5" * 64
BODY = b'{"data":{"kind":"wrong_person"},"event":"incident.opened"}'


@pytest.fixture(scope="module")
def is_from_face_monitor() -> Callable[..., bool]:
    [sample] = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    names: dict[str, Any] = {}
    exec(sample, names)
    checked: Callable[..., bool] = names["is_from_face_monitor"]
    return checked


def test_sample_takes_what_was_signed_just_now(is_from_face_monitor: Callable[..., bool]) -> None:
    header = signature(SECRET, BODY, at=int(time.time()))
    assert is_from_face_monitor(SECRET, header, BODY)


def test_sample_refuses_everything_else(is_from_face_monitor: Callable[..., bool]) -> None:
    now = int(time.time())
    header = signature(SECRET, BODY, at=now)
    assert not is_from_face_monitor(SECRET, header, BODY + b" ")
    assert not is_from_face_monitor("whsec_other", header, BODY)
    assert not is_from_face_monitor(SECRET, header.replace(f"t={now}", f"t={now + 1}"), BODY)
    assert not is_from_face_monitor(SECRET, signature(SECRET, BODY, at=now - 600), BODY)
    for broken in ("", "t=1", "v1=", "nonsense", header[:-1] + "ä"):
        assert not is_from_face_monitor(SECRET, broken, BODY)


def test_docs_name_every_event_and_every_key_of_an_incident() -> None:
    for event in AlertEvent:
        assert f"`{event}`" in DOCS
    incident = Incident(
        id="inc_1", attempt_id="att_1", kind="away", severity="low", first_at=NOW, opened_at=NOW
    )
    for key in incident_data(incident):
        assert f'"{key}"' in DOCS


def test_every_setting_of_alerts_is_explained() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in (
        "WEBHOOK_ALLOW_PRIVATE",
        "SMTP_URL",
        "ALERT_EMAIL_TO",
        "ALERT_EMAIL_FROM",
        "ALERT_MIN_SEVERITY",
        "ALERT_PAUSE_SECONDS",
        "NOTIFY_INTERVAL_SECONDS",
    ):
        assert f"#FACE_MONITOR_{name}=" in example
