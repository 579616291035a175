"""`face-monitor load` on a real stack, and what it says where there is none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clients.simulator.load.__main__ import load


@pytest.mark.timeout(180)
def test_a_few_students_get_every_verdict(tmp_path: Path) -> None:
    size = ("--students", "4", "--interval", "2", "--seconds", "8")
    outcome = subprocess.run(
        [sys.executable, "-m", "api.cli", "load", "--json", *size],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    figures = json.loads(outcome.stdout)
    assert figures["is_complete"] is True
    assert figures["students"] == 4
    # Each camera begins within the first two seconds, and strays by a twentieth.
    assert 12 <= figures["captured"] <= 20
    assert figures["captured"] == figures["verified"] == sum(figures["verdicts"].values())
    assert figures["captured"] == sum(figures["scenes"].values())
    assert figures["put_ms"]["p50"] <= figures["put_ms"]["p95"] <= figures["put_ms"]["longest"]
    used = figures["cpu_seconds"]
    assert {"api", "worker", "dispatcher", "housekeeping", "generator", "others"} <= set(used)
    assert used["worker"] > used["housekeeping"] >= 0


def test_url_without_a_key_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACE_MONITOR_API_KEY", raising=False)
    result = CliRunner().invoke(load, ["--url", "http://127.0.0.1:9"])
    assert result.exit_code == 2
    assert "create-api-key" in result.output


def test_a_service_that_cannot_be_reached_ends_with_2_and_a_next_step() -> None:
    result = CliRunner().invoke(
        load, ["--url", "http://127.0.0.1:9", "--api-key", "k", "--students", "1"]
    )
    assert result.exit_code == 2
    assert "face-monitor up" in result.output
