"""A process with nothing but an engine: how soon it is ready, and what memory it keeps.

A benchmark's own process has held pictures, dlib and face_recognition; its memory says nothing
about a worker's. ``python -m verifier.benchmark.engine_process FOLDER COUNT EARLY`` is the other
side: it loads an engine, runs the self-test, enrols once, verifies the frames of the folder over
and over, and prints what happens as one JSON object a line.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from verifier.engine import FaceEngine, limit_native_threads, load_engine
from verifier.enrollment import encode_reference
from verifier.faces import Encodings
from verifier.policy import MatchPolicy
from verifier.self_test import run_self_test
from verifier.stopwatch import Stopwatch
from verifier.verification import verify_image

MEGABYTE = 1_000_000

_REFERENCES = "references.npy"
_PROGRESS_STEPS = 200


class EngineProcessFailed(Exception):
    """It ended before it had done its work; what it printed stands on stderr."""


@dataclass(frozen=True, eq=False)
class ComparedFrame:
    """A frame and the one reference it is verified against."""

    data: bytes
    reference: Encodings
    """(1, 128)."""


@dataclass(frozen=True, eq=False)
class EngineProcessFigures:
    """What one process came to."""

    load_ms: float
    """From starting Python to an engine that has passed its self-test."""

    load_stages_ms: dict[str, float]
    """Parts of it: load, self_test and, as python, the rest: Python's start and the imports."""

    rss_mb_early: float
    """Resident memory after the first so-many frames, in millions of bytes."""

    rss_mb: float
    """Resident memory at the end."""

    verdicts: dict[str, int]
    """What the frames came to."""


def run_engine_process(
    frames: Sequence[ComparedFrame],
    count: int,
    early: int,
    on_progress: Callable[[int], object] = lambda _: None,
) -> EngineProcessFigures:
    """Start a process, have it verify `count` frames, and return its figures.

    Parameters
    ----------
    frames
        They are repeated until `count` is reached.
    early
        After how many frames memory is measured for the first time.
    on_progress
        Called with the number of frames done, now and then.

    Raises
    ------
    EngineProcessFailed
        It ended early, as when its self-test failed.
    """
    with tempfile.TemporaryDirectory(prefix="face-verify-bench-") as folder:
        for number, frame in enumerate(frames):
            (Path(folder) / f"{number:05}.jpg").write_bytes(frame.data)
        references = np.concatenate([frame.reference for frame in frames])
        np.save(Path(folder) / _REFERENCES, references)
        # -P: no module of the folder this is run in stands in for one of ours.
        module = ["-P", "-m", "verifier.benchmark.engine_process"]
        command = [sys.executable, *module, folder, str(count), str(early)]
        started = time.perf_counter()
        with subprocess.Popen(  # noqa: S603  # The command is this module.
            command, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                return _listen(process, started, on_progress)
            finally:
                process.kill()


def _listen(
    process: "subprocess.Popen[str]", started: float, on_progress: Callable[[int], object]
) -> EngineProcessFigures:
    """Return the figures when they come, after the word that the engine is ready."""
    load_ms, stages_ms = 0.0, {}
    for line in process.stdout or ():
        event: dict[str, Any] = json.loads(line)
        if "ready_ms" in event:
            load_ms = (time.perf_counter() - started) * 1000
            stages_ms = {name: event["ready_ms"][name] for name in ("load", "self_test")}
            stages_ms["python"] = round(load_ms - sum(stages_ms.values()), 3)
        elif "frames" in event:
            on_progress(event["frames"])
        else:
            return EngineProcessFigures(load_ms, stages_ms, **event)
    raise EngineProcessFailed(
        f"The engine's own process ended with exit code {process.wait()} before it was done."
    )


def _main(folder: Path, count: int, early: int) -> None:
    """Do the work of the other process."""
    engine = _ready_engine()
    policy = MatchPolicy()
    frames = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
    references: Encodings = np.load(folder / _REFERENCES)
    encode_reference(engine, policy, frames[0])
    verdicts, rss_mb_early = Counter[str](), 0.0
    for number in range(count):
        index = number % len(frames)
        result = verify_image(engine, policy, frames[index], references[index : index + 1])
        verdicts[result.verdict.value] += 1
        if number + 1 == early:
            rss_mb_early = _rss_mb()
        if (number + 1) % max(count // _PROGRESS_STEPS, 1) == 0:
            _tell(frames=number + 1)
    _tell(rss_mb_early=rss_mb_early, rss_mb=_rss_mb(), verdicts=dict(verdicts.most_common()))


def _ready_engine() -> FaceEngine:
    """Return an engine as a worker has it before its first frame, and tell how long it took."""
    watch = Stopwatch()
    limit_native_threads()
    with watch.stage("load"):
        engine = load_engine()
    with watch.stage("self_test"):
        report = run_self_test(engine)
    if not report.passed:
        sys.exit(f"The self-test failed: {report.as_dict()['checks']}")
    _tell(ready_ms=watch.timings_ms())
    return engine


def _tell(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _rss_mb() -> float:
    return round(psutil.Process().memory_info().rss / MEGABYTE, 1)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
