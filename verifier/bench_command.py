"""`face-verify bench`: how fast the verifier is, beside face_recognition in the same run."""

import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from verifier.benchmark.comparison import Comparison
from verifier.benchmark.dlib_agreement import DlibAgreement, Networks, agreements
from verifier.benchmark.engine_process import (
    ComparedFrame,
    EngineProcessFailed,
    EngineProcessFigures,
    run_engine_process,
)
from verifier.benchmark.enrolled_frames import (
    EnrolledFrame,
    Skipped,
    frame_of_drawing,
    frames_of_pictures,
    with_strangers,
)
from verifier.benchmark.pictures import (
    NoPictures,
    Picture,
    find_pictures,
    portraits_folder,
    spread_over_people,
)
from verifier.benchmark.report import BenchmarkReport, FramesUsed, Source, TimedPart
from verifier.benchmark.rounds import on_one_core
from verifier.benchmark.soak import SoakFigures, soak
from verifier.benchmark.text import print_benchmark
from verifier.benchmark.timings import Timings
from verifier.benchmark.webcam_frame import as_jpeg, empty_room
from verifier.command_line import loaded_engine, print_json, unreadable_file
from verifier.engine import FaceEngine
from verifier.policy import MatchPolicy
from verifier.progress import progress_on_stderr

DEFAULT_ROUNDS = 20
"""About half a minute, most of it face_recognition's."""


class MeasuringFailed(click.ClickException):
    """A process that measures for us did not do its work."""


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option(
    "--frames",
    "rounds",
    metavar="N",
    type=click.IntRange(min=1),
    default=DEFAULT_ROUNDS,
    show_default=True,
    help="Frames that are timed, of as many different pictures as there are.",
)
@click.option(
    "--soak",
    "soak_frames",
    metavar="N",
    type=click.IntRange(min=1),
    help="Measure memory over N frames of every kind and size, too.",
)
@click.option(
    "--oracle",
    is_flag=True,
    help="Instead of times, compare our networks with dlib's own on every picture of DIR.",
)
@click.option(
    "--cnn-upsampled",
    is_flag=True,
    help="Time face_recognition's CNN path with its default of doubling the picture, too.",
)
def bench(
    folder: Path | None,
    as_json: bool,
    rounds: int,
    soak_frames: int | None,
    oracle: bool,
    cnn_upsampled: bool,
) -> None:
    """Time the verifier beside face_recognition, on one core, in one run.

    Webcam frames are made of the pictures in DIR and below that show exactly one clear face; a
    sub-folder is taken for one person. Without DIR, of the demo's portraits. Exit code: 0
    measured, 64 wrong usage or nothing to measure with, 69 no engine.
    """
    started = time.perf_counter()
    policy = MatchPolicy()
    source, pictures = _find(folder)
    if oracle and not pictures:
        raise click.UsageError("--oracle needs pictures: name a folder of them.")
    engine = loaded_engine()
    used = timed = soaked = agreement = None
    with progress_on_stderr() as progress:
        if oracle:
            agreement = _agreement(progress, pictures)
        if soak_frames or not oracle:
            used, frames = _make_frames(progress, engine, policy, source, pictures, rounds)
            if not oracle:
                process = _alone(progress, frames)
                comparison = Comparison(engine, policy, frames, cnn_upsampled=cnn_upsampled)
                timed = TimedPart(_timings(progress, comparison, rounds), process)
            if soak_frames:
                soaked = _soak(progress, frames, policy, soak_frames)
    seconds = time.perf_counter() - started
    report = BenchmarkReport(
        engine.engine_id, policy.policy_id, used, timed, soaked, agreement, seconds
    )
    if as_json:
        print_json(report.as_dict())
    else:
        print_benchmark(Console(), report)


def _find(folder: Path | None) -> tuple[Source, tuple[Picture, ...]]:
    """Return the pictures of the folder, or else of the portraits, or else none."""
    if folder is None:
        try:
            return Source.PORTRAITS, find_pictures(portraits_folder())
        except (OSError, NoPictures):
            return Source.DRAWING, ()
    try:
        return Source.FOLDER, find_pictures(folder)
    except OSError as problem:
        raise unreadable_file(folder, problem) from problem
    except NoPictures as problem:
        raise click.UsageError(str(problem)) from problem


def _make_frames(
    progress: Progress,
    engine: FaceEngine,
    policy: MatchPolicy,
    source: Source,
    pictures: tuple[Picture, ...],
    wanted: int,
) -> tuple[FramesUsed, tuple[EnrolledFrame, ...]]:
    skipped = Counter[Skipped]()
    if source is Source.DRAWING:
        drawn = frame_of_drawing(engine, policy)
        found = [] if isinstance(drawn, Skipped) else [drawn]
    else:
        wanted = min(wanted, len(pictures))
        making = frames_of_pictures(engine, policy, spread_over_people(pictures, wanted), skipped)
        making = islice(making, wanted)
        found = list(progress.track(making, wanted, description="Making frames"))
    if not found:
        looked_at = ", ".join(
            f"{n} {reason.value.replace('_', ' ')}" for reason, n in skipped.items()
        )
        raise click.UsageError(
            f"No picture shows exactly one clear face ({looked_at}). Name a folder of portraits."
        )
    frames = with_strangers(found, policy)
    enrolled_as = Counter(frame.enrolled_as for frame in frames)
    return FramesUsed(source, len(frames), enrolled_as, skipped), frames


def _alone(progress: Progress, frames: tuple[EnrolledFrame, ...]) -> EngineProcessFigures:
    """Return memory and cold start of a process that does what a worker does with these frames."""
    empty = as_jpeg(empty_room())
    compared = [
        compared
        for frame in frames
        for compared in (
            ComparedFrame(frame.data, frame.own),
            ComparedFrame(frame.data, frame.strangers),
            ComparedFrame(empty, frame.own),
        )
    ]
    count = len(compared)
    task = progress.add_task("An engine alone", total=count)
    try:
        return run_engine_process(compared, count, count, _advance(progress, task))
    except EngineProcessFailed as problem:
        raise MeasuringFailed(str(problem)) from problem


def _timings(progress: Progress, comparison: Comparison, rounds: int) -> Timings:
    with on_one_core():
        for _ in progress.track(comparison.run(rounds), rounds, description="Timing in turns"):
            pass
    return comparison.timings()


def _soak(
    progress: Progress, frames: tuple[EnrolledFrame, ...], policy: MatchPolicy, count: int
) -> SoakFigures:
    task = progress.add_task("Soaking", total=count)
    try:
        return soak(frames, policy, count, _advance(progress, task))
    except EngineProcessFailed as problem:
        raise MeasuringFailed(str(problem)) from problem


def _agreement(progress: Progress, pictures: tuple[Picture, ...]) -> DlibAgreement:
    total = DlibAgreement()
    running = agreements(Networks(), (picture.path for picture in pictures))
    for found in progress.track(running, len(pictures), description="Comparing with dlib"):
        total = total.plus(found)
    return total


def _advance(progress: Progress, task: TaskID) -> Callable[[int], None]:
    return lambda done: progress.update(task, completed=done)
