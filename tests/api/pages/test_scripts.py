"""The scripts' own tests, which need Node.js and no browser."""

import subprocess
from pathlib import Path


def test_scripts_keep_their_promises() -> None:
    tests = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    assert tests
    done = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
