import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from face_monitor_client import FaceMonitorClient
from face_monitor_client.mock import MockFaceMonitor

from clients.simulator import __main__ as command
from clients.simulator import portraits
from clients.simulator.stack import OwnStack, StackAddress, StackFailed

REFUSING_URL = "http://127.0.0.1:9"


def test_url_without_a_key_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACE_MONITOR_API_KEY", raising=False)

    result = CliRunner().invoke(command.demo, ["--url", REFUSING_URL])

    assert result.exit_code == 2
    assert "create-api-key" in result.output


def test_fewer_frames_than_the_script_needs_are_a_usage_error() -> None:
    result = CliRunner().invoke(command.demo, ["--frames", "39"])

    assert result.exit_code == 2
    assert "x>=40" in result.output


def test_stack_that_does_not_start_ends_with_2_and_a_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_stack: OwnStack) -> StackAddress:
        raise StackFailed("It ended. Run `face-monitor doctor`.")

    monkeypatch.setattr(OwnStack, "start", fail)

    result = CliRunner().invoke(command.demo, [])

    assert result.exit_code == 2
    assert "face-monitor doctor" in result.output


def test_missing_portraits_end_with_2_and_a_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(portraits, "portraits_folder", lambda: tmp_path)

    result = CliRunner().invoke(command.demo, ["--url", REFUSING_URL, "--api-key", "k"])

    assert result.exit_code == 2
    assert "make install" in result.output


def test_service_that_cannot_be_reached_ends_with_2() -> None:
    result = CliRunner().invoke(command.demo, ["--url", REFUSING_URL, "--api-key", "k"])

    assert result.exit_code == 2
    assert "face-monitor up" in result.output


def test_service_that_is_not_ready_ends_with_2_and_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = MockFaceMonitor()
    service.is_ready = False
    monkeypatch.setattr(
        command,
        "FaceMonitorClient",
        lambda url, key, **_: FaceMonitorClient(url, key, transport=service.transport),
    )

    result = CliRunner().invoke(command.demo, ["--url", service.url, "--api-key", "k"])

    assert result.exit_code == 2
    assert "weights" in result.output


def test_own_stack_that_fails_on_the_way_ends_with_3_and_the_end_of_its_log(
    monkeypatch: pytest.MonkeyPatch, stand_in: Path
) -> None:
    call = (sys.executable, str(stand_in), "good")
    monkeypatch.setattr(command, "OwnStack", lambda: OwnStack(call))

    result = CliRunner().invoke(command.demo, [])

    assert result.exit_code == 3
    assert "501" in result.output
    assert "the stand-in has begun" in result.output


def test_service_that_refuses_the_key_ends_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    service = MockFaceMonitor()
    monkeypatch.setattr(
        command,
        "FaceMonitorClient",
        lambda url, key, **_: FaceMonitorClient(url, key, transport=service.transport),
    )

    result = CliRunner().invoke(command.demo, ["--url", service.url, "--api-key", "wrong"])

    assert result.exit_code == 3
    assert "not_signed_in" in result.output
