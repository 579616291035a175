"""`face-monitor load`: many simulated students at once."""

import json
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import NoReturn

import click
from face_monitor_client import FaceMonitorClient, FaceMonitorError, FrameCounts, RetryPolicy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from clients.simulator.load.album import PEOPLE, Album, Picture, picture_count, take_pictures
from clients.simulator.load.report import Figures, frame_figures, latency, show
from clients.simulator.load.students import Room, Student, Uploads, admit_all, sit_together
from clients.simulator.load.watch import Backlog, CpuSeconds
from clients.simulator.portraits import PortraitsMissing
from clients.simulator.sitting import SittingFailed
from clients.simulator.stack import OwnStack, StackAddress, StackFailed, check_ready

EXIT_INCOMPLETE = 1
"""A frame is missing or has no verdict."""

EXIT_NOT_STARTED = 2
"""There was no stack, or no portraits."""

EXIT_FAILED = 3
"""The service refused something on the way."""

DRAIN_LIMIT_SECONDS = 300.0
"""How long verdicts may take after the last frame before they count as missing."""


@click.command()
@click.option(
    "--students", "student_count", type=click.IntRange(1, 2000), default=200, show_default=True
)
@click.option(
    "--interval",
    "interval_seconds",
    type=click.FloatRange(0.2, 300),
    default=5.0,
    show_default=True,
    help="Seconds between two frames of a student, unless the service asks for more.",
)
@click.option("--seconds", type=click.FloatRange(min=1), default=180.0, show_default=True)
@click.option("--url", help="A running Face Monitor; without it an own one is started.")
@click.option(
    "--api-key",
    envvar="FACE_MONITOR_API_KEY",
    help="Key for --url, from `face-monitor create-api-key` (or FACE_MONITOR_API_KEY).",
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a table.")
def load(  # Each option is one argument; click calls this.
    student_count: int,
    interval_seconds: float,
    seconds: float,
    url: str | None,
    api_key: str | None,
    is_json: bool,
) -> None:
    """Let many students sit an exam at once, each with a camera of its own.

    97 % of the frames show the person who is enrolled, 1.5 % nobody, 0.75 % a second person,
    0.75 % a dark room. Afterwards waits for the last verdict and prints what was measured. Exits
    with 0 when every frame has its verdict, 1 when one is missing, 2 if there was no stack, 3 if
    the service refused something.
    """
    if url is not None and not api_key:
        raise click.UsageError(
            "--url needs --api-key. Make one with `face-monitor create-api-key NAME`."
        )
    # A polite end unwinds the stack below; the default handler would leave it running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console(stderr=is_json)
    try:
        with ExitStack() as until_end:
            stack, address = _stack(console, until_end, url, api_key or "")
            figures = _run(console, stack, address, student_count, interval_seconds, seconds)
    except (StackFailed, PortraitsMissing) as problem:
        _give_up(problem, EXIT_NOT_STARTED)
    except (FaceMonitorError, SittingFailed) as problem:
        _give_up(problem, EXIT_FAILED)
    if is_json:
        click.echo(json.dumps(figures.as_dict(), indent=2))
    else:
        show(console, figures)
    sys.exit(0 if figures.is_complete else EXIT_INCOMPLETE)


def _stack(
    console: Console, until_end: ExitStack, url: str | None, api_key: str
) -> tuple[OwnStack | None, StackAddress]:
    if url is not None:
        with FaceMonitorClient(url, api_key, retries=RetryPolicy(max_tries=1)) as client:
            check_ready(client, url)
        return None, StackAddress(url.rstrip("/"), api_key)
    with console.status("Starting an own stack in a temporary directory …"):
        stack = until_end.enter_context(OwnStack())
        return stack, stack.start()


def _run(
    console: Console,
    stack: OwnStack | None,
    address: StackAddress,
    student_count: int,
    interval_seconds: float,
    seconds: float,
) -> Figures:
    label = f"Load {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    with _progress(console) as progress:
        room = Room(address, label, interval_seconds, Uploads(), _albums(progress))
        backlog = Backlog(address)
        backlog.sample()
        enrolling = progress.add_task("enrolling", total=student_count)
        students: list[Student] = []
        for student in admit_all(room, student_count):
            students.append(student)
            progress.advance(enrolling)
        backlog.wait_until_done(DRAIN_LIMIT_SECONDS)
        backlog.oldest_seconds.clear()
        pid = stack.pid if stack else None
        sitting = progress.add_task("seconds", total=int(seconds))
        before = CpuSeconds.now(pid)

        def each_second() -> None:
            backlog.sample()
            progress.update(sitting, completed=int(time.monotonic() - before.at))

        sit_together(students, seconds, each_second)
        elapsed_seconds = time.monotonic() - before.at
        drain_seconds = backlog.wait_until_done(DRAIN_LIMIT_SECONDS)
        after = CpuSeconds.now(pid)
        counts = _counts(progress, students)
        backlog.close()
    busy = (after.machine - before.machine) / (after.at - before.at) if pid else None
    accepted = sum(student.accepted for student in students)
    return Figures(
        interval_seconds=interval_seconds,
        seconds=round(elapsed_seconds, 1),
        put_ms=latency(room.uploads),
        put_answers=dict(room.uploads.statuses.most_common()),
        oldest_waiting_seconds=max(backlog.oldest_seconds, default=0.0),
        samples_unanswered=backlog.unanswered,
        drain_seconds=round(drain_seconds, 1),
        frames_per_second=round(accepted / elapsed_seconds, 1),
        cpu_seconds=after.since(before),
        cpu_cores_busy=None if busy is None else round(busy, 2),
        **frame_figures(students, counts),
    )


def _albums(progress: Progress) -> list[Album]:
    painting = progress.add_task("pictures", total=picture_count())
    albums = []
    for person in PEOPLE:
        pictures: list[Picture] = []
        for picture in take_pictures(person, [other for other in PEOPLE if other is not person]):
            pictures.append(picture)
            progress.advance(painting)
        albums.append(Album(pictures))
    return albums


def _counts(progress: Progress, students: Sequence[Student]) -> list[FrameCounts]:
    counting = progress.add_task("counting", total=len(students))
    counts = []
    for student in students:
        counts.append(student.counts())
        student.client.close()
        progress.advance(counting)
    return counts


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        # Each redrawing costs the processor time that is measured here.
        refresh_per_second=2,
        disable=not console.is_terminal,
    )


def _give_up(problem: Exception, exit_code: int) -> NoReturn:
    click.echo(f"face-monitor load: {problem}", err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    load()
