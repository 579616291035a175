"""`face-monitor demo`: every verdict is the one its script expects."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(180)
def test_the_demo_catches_every_lie_and_ends_with_0(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--frames", "40"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Every verdict is the expected one." in outcome.stdout
    caught = re.search(r"Lies caught: (\d+) of (\d+)", outcome.stdout)
    assert caught is not None
    assert caught.group(1) == caught.group(2)
    assert int(caught.group(1)) >= 5
    frames = re.findall(r"^ +\d+  (.+?)  ", outcome.stdout, flags=re.MULTILINE)
    assert len(frames) == 40
    assert set(frames) == {
        "the enrolled person",
        "another person",
        "nobody",
        "two people",
        "a blurred picture",
        "a nearly black picture",
    }
