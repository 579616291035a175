"""`face-verify calibrate`: error rates on a labelled list of pairs."""

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from verifier.calibration.outcomes import run_pairs
from verifier.calibration.pair_list import (
    ListedImageUnreadable,
    PairList,
    PairListInvalid,
    check_images,
    read_pair_list,
)
from verifier.calibration.report import CalibrationReport, report_on
from verifier.calibration.text import print_calibration
from verifier.command_line import (
    EXIT_UNREADABLE_IMAGE,
    loaded_engine,
    print_json,
    unreadable_file,
)
from verifier.engine import FaceEngine
from verifier.policy import MatchPolicy
from verifier.progress import progress_on_stderr


class UnreadableListedImage(click.ClickException):
    """An image of the list cannot be decoded."""

    exit_code = EXIT_UNREADABLE_IMAGE


@click.command()
@click.argument("pair_list_path", metavar="LIST.csv", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option(
    "--plot",
    "plot_path",
    metavar="FILE.svg",
    type=click.Path(path_type=Path),
    help="Draw the errors against the threshold and against each other.",
)
@click.option("--engine", "engine_name", metavar="NAME", help="Engine other than the default.")
def calibrate(
    pair_list_path: Path, as_json: bool, plot_path: Path | None, engine_name: str | None
) -> None:
    """Measure error rates on labelled pairs of pictures.

    LIST.csv has the columns path_a (enrolled), path_b (verified as a frame), same (1 or 0) and,
    if wanted, group; paths are relative to it. Exit code: 0 measured, 64 wrong usage or list,
    65 unreadable image.
    """
    _check_plot_path(plot_path)
    try:
        pairs = read_pair_list(pair_list_path)
    except OSError as problem:
        raise unreadable_file(pair_list_path, problem) from problem
    except PairListInvalid as problem:
        raise click.UsageError(f"{pair_list_path}, {problem}") from problem
    with progress_on_stderr() as progress:
        _check_images(progress, pair_list_path, pairs)
        report = _measure(progress, loaded_engine(engine_name), pairs)
    if plot_path is not None:
        _write_plot(plot_path, report, title=pair_list_path.name)
    if as_json:
        print_json(report.as_dict())
    else:
        print_calibration(Console(), report)


def _check_images(progress: Progress, pair_list_path: Path, pairs: PairList) -> None:
    total = len(pairs.images())
    try:
        for _ in progress.track(check_images(pairs), total, description="Reading the pictures"):
            pass
    except ListedImageUnreadable as problem:
        raise UnreadableListedImage(f"{pair_list_path}, {problem}") from problem


def _measure(progress: Progress, engine: FaceEngine, pairs: PairList) -> CalibrationReport:
    policy = MatchPolicy()
    started = time.perf_counter()
    running = run_pairs(engine, policy, pairs)
    outcomes = list(progress.track(running, len(pairs.pairs), description="Comparing the pairs"))
    return report_on(outcomes, policy, engine.engine_id, time.perf_counter() - started)


def _check_plot_path(path: Path | None) -> None:
    """Refuse a path that cannot take the picture, before minutes are spent on it."""
    if path is None:
        return
    if path.suffix.lower() != ".svg":
        raise click.UsageError(f"--plot writes SVG: name a file that ends in .svg, not {path}.")
    if path.is_dir() or not path.parent.is_dir():
        raise click.UsageError(f"--plot cannot write {path}: name a file in an existing folder.")


def _write_plot(path: Path, report: CalibrationReport, title: str) -> None:
    # Here, not above: matplotlib takes a second to load, and most runs draw nothing.
    from verifier.calibration.plot import draw_calibration

    picture = draw_calibration(report, title)
    try:
        path.write_bytes(picture)
    except OSError as problem:
        raise click.UsageError(f"--plot cannot write {path}: {problem.strerror}.") from problem
