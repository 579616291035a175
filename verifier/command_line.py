"""What the commands of `face-verify` share: exit codes, the engine, JSON.

Exit codes: 0 match, 1 mismatch or failed self-test, 2 no decision, 64 wrong usage,
65 unreadable image, 69 the engine cannot be loaded (64 to 69 as in BSD's sysexits.h).
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from verifier.engine import FaceEngine, limit_native_threads, load_engine
from verifier.weights import WeightsError

EXIT_MISMATCH = 1
EXIT_NO_DECISION = 2
EXIT_USAGE = 64
EXIT_UNREADABLE_IMAGE = 65
EXIT_NO_ENGINE = 69
EXIT_INTERRUPTED = 130


class NoEngine(click.ClickException):
    """The weights are missing or not the trusted ones."""

    exit_code = EXIT_NO_ENGINE


class Commands(click.Group):
    """A group whose usage errors do not take the exit code that means "no decision"."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and leave with its exit code; as click's, but for wrong usage."""
        if not options.pop("standalone_mode", True):
            return self._run(*args, **options)
        try:
            exit_code = self._run(*args, **options)
        except click.UsageError as problem:
            problem.show()
            exit_code = EXIT_USAGE
        except click.ClickException as problem:
            problem.show()
            exit_code = problem.exit_code
        except click.Abort:
            exit_code = EXIT_INTERRUPTED
        return sys.exit(exit_code)

    def _run(self, *args: Any, **options: Any) -> Any:
        run: Any = super().main
        return run(*args, standalone_mode=False, **options)


def loaded_engine(name: str | None = None) -> FaceEngine:
    """Return the engine of this name, the default one without a name.

    Raises
    ------
    NoEngine
        Its weights cannot be trusted or read.
    click.UsageError
        There is no engine of this name.
    """
    limit_native_threads()
    try:
        return load_engine() if name is None else load_engine(name)
    except WeightsError as problem:
        raise NoEngine(str(problem)) from problem
    except ValueError as problem:
        raise click.UsageError(f"{problem}.") from problem


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that the command line names.

    Raises
    ------
    click.UsageError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise unreadable_file(path, problem) from problem


def unreadable_file(path: Path, problem: OSError) -> click.UsageError:
    """Return the error for a file that the command line names and the system refuses."""
    return click.UsageError(f"{path} cannot be read: {problem.strerror}.")


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(values, indent=2, allow_nan=False))
