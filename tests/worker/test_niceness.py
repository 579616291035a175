"""A worker steps back behind what answers people, and so does all it starts."""

import os
import subprocess
import sys

from worker.niceness import NICENESS

SCRIPT = """
import subprocess, sys
from worker.niceness import step_back
step_back()
subprocess.run([sys.executable, "-c", "import os; print(os.nice(0))"], check=True)
"""


def test_a_process_that_steps_back_takes_its_children_along() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(printed) == min(19, os.nice(0) + NICENESS)
