"""The demo's stack, with a small stand-in for `face-monitor` in place of the real command."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from clients.simulator.stack import OwnStack, StackFailed


def stack_of(stand_in: Path, mode: str, **limits: float) -> OwnStack:
    return OwnStack((sys.executable, str(stand_in), mode), **limits)


def home_of(stack: OwnStack) -> Path:
    return stack._home


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_started_stack_is_ready_and_has_a_key(stand_in: Path) -> None:
    with stack_of(stand_in, "good") as stack:
        address = stack.start()

        assert address.api_key == "fmk_1_secret"
        assert httpx.get(f"{address.url}/readyz", trust_env=False).status_code == 200


@pytest.mark.parametrize("mode", ["good", "stubborn"])
def test_stopped_stack_leaves_no_process_and_no_directory(stand_in: Path, mode: str) -> None:
    stack = stack_of(stand_in, mode, stop_limit_seconds=0.5)
    with stack:
        stack.start()
        home = home_of(stack)
        pid = int((home / "pid").read_text())
        assert is_running(pid)

    assert not is_running(pid)
    assert not home.exists()


def test_settings_of_the_environment_do_not_reach_the_own_stack(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACE_MONITOR_DATABASE_URL", "postgresql://elsewhere/production")

    with stack_of(stand_in, "good") as stack:
        stack.start()
        settings = (home_of(stack) / "settings").read_text().split()

    assert "PATH" in settings
    assert not [name for name in settings if name.startswith("FACE_MONITOR_")]


def test_stack_that_ends_says_its_last_words_and_what_to_do(stand_in: Path) -> None:
    with stack_of(stand_in, "broken") as stack, pytest.raises(StackFailed) as failed:
        stack.start()

    assert "the disk is upside down" in str(failed.value)
    assert "face-monitor doctor" in str(failed.value)


def test_stack_that_is_not_ready_in_time_is_ended(stand_in: Path) -> None:
    stack = stack_of(stand_in, "unready", ready_limit_seconds=2)
    with stack, pytest.raises(StackFailed, match="not ready within 2 s"):
        stack.start()

    assert not home_of(stack).exists()


def test_stack_without_a_key_is_a_failure(stand_in: Path) -> None:
    with (
        stack_of(stand_in, "keyless") as stack,
        pytest.raises(StackFailed, match="no such table"),
    ):
        stack.start()


def test_asking_the_demo_to_end_takes_its_stack_along(stand_in: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import sys\n"
        "from clients.simulator import __main__ as command\n"
        "from clients.simulator.stack import OwnStack\n"
        f"stand_in = (sys.executable, {str(stand_in)!r}, 'unready')\n"
        "command.OwnStack = lambda: OwnStack(stand_in)\n"
        "command.demo([])\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(driver)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pid = wait_for_pid(tmp_path)

    process.send_signal(signal.SIGTERM)
    process.wait(20)

    assert not is_running(pid)
    assert list(tmp_path.glob("face-monitor-demo-*")) == []


def wait_for_pid(folder: Path) -> int:
    for _ in range(200):
        for found in folder.glob("face-monitor-demo-*/pid"):
            if text := found.read_text():
                return int(text)
        time.sleep(0.1)
    raise AssertionError("The stand-in never began.")
