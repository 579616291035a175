"""`face-verify`: the verifier from a command line.

Exit codes: 0 match, 1 mismatch or failed self-test, 2 no decision, 64 wrong usage,
65 unreadable image, 69 the engine cannot be loaded (64 to 69 as in BSD's sysexits.h).
"""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from verifier.decode import decode_image
from verifier.engine import FaceEngine, limit_native_threads, load_engine
from verifier.policy import MatchPolicy
from verifier.report import print_self_test, print_verification
from verifier.self_test import run_self_test
from verifier.unreadable import UnreadableImage
from verifier.verdict import Verdict
from verifier.verification import ReferenceUnusable, compare_images
from verifier.weights import WeightsError

EXIT_MISMATCH = 1
EXIT_NO_DECISION = 2
EXIT_USAGE = 64
EXIT_UNREADABLE_IMAGE = 65
EXIT_NO_ENGINE = 69
EXIT_INTERRUPTED = 130

_EXIT_BY_VERDICT = {Verdict.MATCH: 0, Verdict.MISMATCH: EXIT_MISMATCH}


class NoEngine(click.ClickException):
    """The weights are missing or not the trusted ones."""

    exit_code = EXIT_NO_ENGINE


class _Commands(click.Group):
    """A group whose usage errors do not take the exit code that means "no decision"."""

    def main(self, *args: Any, **options: Any) -> Any:
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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Compare faces with the networks that judge exam frames."""


@cli.command()
@click.argument("image_a", metavar="A", type=click.Path(path_type=Path))
@click.argument("image_b", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.pass_context
def compare(context: click.Context, image_a: Path, image_b: Path, as_json: bool) -> None:
    """Verify image B as a frame against the face of image A.

    A must show exactly one face. Exit code: 0 match, 1 mismatch, 2 no decision,
    64 wrong usage, 65 unreadable image.
    """
    reference, frame = _read(image_a), _read(image_b)
    for path, data in ((image_a, reference), (image_b, frame)):
        # Tells which of the two it is, before a second is spent on loading the networks.
        _exit_if_unreadable(context, path, data, as_json)
    engine = _engine()
    try:
        result = compare_images(engine, MatchPolicy(), reference, frame)
    except ReferenceUnusable as problem:
        _print_problem(f"reference_{problem.code}", f"{image_a}: {problem}", as_json)
        context.exit(EXIT_NO_DECISION)
    if as_json:
        _print_json(result.as_dict())
    else:
        print_verification(Console(), result)
    context.exit(_EXIT_BY_VERDICT.get(result.verdict, EXIT_NO_DECISION))


@cli.command("self-test")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.pass_context
def self_test(context: click.Context, as_json: bool) -> None:
    """Check known answers of the loaded weights; exit code 1 if one is off."""
    report = run_self_test(_engine())
    if as_json:
        _print_json(report.as_dict())
    else:
        print_self_test(Console(), report)
    context.exit(0 if report.passed else 1)


def _engine() -> FaceEngine:
    limit_native_threads()
    try:
        return load_engine()
    except WeightsError as problem:
        raise NoEngine(str(problem)) from problem


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise click.UsageError(f"{path} cannot be read: {problem.strerror}.") from problem


def _exit_if_unreadable(context: click.Context, path: Path, data: bytes, as_json: bool) -> None:
    try:
        decode_image(data)
    except UnreadableImage as problem:
        _print_problem(problem.code, f"{path}: {problem}", as_json)
        context.exit(EXIT_UNREADABLE_IMAGE)


def _print_problem(code: str, message: str, as_json: bool) -> None:
    """Print why there is no verification; as JSON under the same names as one."""
    if not as_json:
        click.echo(f"{message} [{code}]", err=True)
        return
    policy = MatchPolicy()
    _print_json(
        {
            "verdict": Verdict.ERROR.value,
            "distance": None,
            "match_score": None,
            "thresholds": {"match": policy.match_threshold, "mismatch": policy.mismatch_threshold},
            "faces": [],
            "unmatched_faces": [],
            "reasons": [{"code": code, "message": message}],
            "engine_id": None,
            "policy_id": policy.policy_id,
            "timings_ms": {},
        }
    )


def _print_json(values: dict[str, Any]) -> None:
    click.echo(json.dumps(values, indent=2))


def main() -> None:
    """Run `face-verify` and leave with its exit code."""
    cli.main(prog_name="face-verify")


if __name__ == "__main__":
    main()
