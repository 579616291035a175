"""`face-monitor demo`: a simulated student whose client partly lies."""

import signal
import sys
import time
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import NoReturn

import click
import httpx
from face_monitor_client import FaceMonitorClient, FaceMonitorError
from rich.console import Console

from clients.simulator.portraits import PortraitsMissing, portrait_path
from clients.simulator.report import show_outcomes, show_summary
from clients.simulator.script import FEWEST_FRAMES, REFERENCE_PORTRAITS
from clients.simulator.sitting import SittingFailed, prepare_sitting
from clients.simulator.stack import OwnStack, StackAddress, StackFailed, check_ready

EXIT_SURPRISE = 1
"""At least one verdict was not the expected one."""

EXIT_NOT_STARTED = 2
"""There was no stack to sit the exam against, or no portraits."""

EXIT_FAILED = 3
"""The service refused something on the way."""


@click.command()
@click.option("--url", help="A running Face Monitor; without it the demo starts an own one.")
@click.option(
    "--api-key",
    envvar="FACE_MONITOR_API_KEY",
    help="Key for --url, from `face-monitor create-api-key` (or FACE_MONITOR_API_KEY).",
)
@click.option(
    "--frames",
    "frame_count",
    type=click.IntRange(min=FEWEST_FRAMES),
    default=48,
    show_default=True,
    help="How many frames the student's camera sends.",
)
def demo(url: str | None, api_key: str | None, frame_count: int) -> None:
    """Sit an exam with real face images and claims that partly lie.

    Prints what the client claimed beside what the server decided. Exits with 0 only if every
    verdict is the one the script expects, 1 with the list of surprises, 2 if there was no stack.
    """
    if url is not None and not api_key:
        raise click.UsageError(
            "--url needs --api-key. Make one with `face-monitor create-api-key NAME`."
        )
    # A polite end unwinds the stack below; the default handler would leave it running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console()
    try:
        is_as_expected = _run(console, url, api_key or "", frame_count)
    except (StackFailed, PortraitsMissing) as problem:
        _give_up(problem, EXIT_NOT_STARTED)
    except (FaceMonitorError, SittingFailed) as problem:
        _give_up(problem, EXIT_FAILED)
    sys.exit(0 if is_as_expected else EXIT_SURPRISE)


def _run(console: Console, url: str | None, api_key: str, frame_count: int) -> bool:
    """Return whether every verdict was the expected one."""
    for name in REFERENCE_PORTRAITS:
        portrait_path(name)
    with ExitStack() as until_end:
        if url is None:
            address = _start_own_stack(console, until_end)
            # Proxies of the environment are for other addresses than this machine's own.
            transport = httpx.HTTPTransport()
        else:
            address, transport = StackAddress(url, api_key), None
        client = until_end.enter_context(
            FaceMonitorClient(address.url, address.api_key, transport=transport)
        )
        if url is not None:
            check_ready(client, address.url)
        with console.status("Enrolling the student …"):
            sitting = prepare_sitting(client, frame_count)
        console.print(f"Attempt {sitting.attempt.id} at {address.url}", highlight=False)
        begun = time.monotonic()
        outcomes = list(show_outcomes(console, sitting.outcomes(), frame_count))
        show_summary(console, outcomes, time.monotonic() - begun)
    return all(outcome.is_expected for outcome in outcomes)


def _start_own_stack(console: Console, until_end: ExitStack) -> StackAddress:
    begun = time.monotonic()
    with console.status("Starting an own stack in a temporary directory …"):
        stack = until_end.enter_context(OwnStack())
        address = stack.start()
    until_end.push(partial(_note_last_words, stack))
    elapsed_seconds = time.monotonic() - begun
    console.print(f"Own stack ready in {elapsed_seconds:.1f} s.", highlight=False)
    return address


def _note_last_words(
    stack: OwnStack,
    _kind: type[BaseException] | None,
    problem: BaseException | None,
    _traceback: TracebackType | None,
) -> bool:
    """Keep the end of the stack's log, which goes with the stack, beside what went wrong."""
    if isinstance(problem, FaceMonitorError | SittingFailed):
        problem.add_note(stack.last_words())
    return False


def _give_up(problem: Exception, exit_code: int) -> NoReturn:
    notes = getattr(problem, "__notes__", [])
    click.echo("\n".join([f"face-monitor demo: {problem}", *notes]), err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    demo()
