"""`face-verify`: the verifier from a command line. `command_line` explains the exit codes."""

from pathlib import Path

import click
from rich.console import Console

from verifier.bench_command import bench
from verifier.calibrate_command import calibrate
from verifier.command_line import (
    EXIT_MISMATCH,
    EXIT_NO_DECISION,
    EXIT_UNREADABLE_IMAGE,
    Commands,
    loaded_engine,
    print_json,
    read_file,
)
from verifier.decode import decode_image
from verifier.policy import MatchPolicy
from verifier.report import print_self_test, print_verification
from verifier.self_test import run_self_test
from verifier.unreadable import UnreadableImage
from verifier.verdict import Verdict
from verifier.verification import ReferenceUnusable, compare_images

_EXIT_BY_VERDICT = {Verdict.MATCH: 0, Verdict.MISMATCH: EXIT_MISMATCH}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Compare faces with the networks that judge exam frames."""


cli.add_command(calibrate)
cli.add_command(bench)


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
    reference, frame = read_file(image_a), read_file(image_b)
    for path, data in ((image_a, reference), (image_b, frame)):
        # Tells which of the two it is, before a second is spent on loading the networks.
        _exit_if_unreadable(context, path, data, as_json)
    engine = loaded_engine()
    try:
        result = compare_images(engine, MatchPolicy(), reference, frame)
    except ReferenceUnusable as problem:
        _print_problem(f"reference_{problem.code}", f"{image_a}: {problem}", as_json)
        context.exit(EXIT_NO_DECISION)
    if as_json:
        print_json(result.as_dict())
    else:
        print_verification(Console(), result)
    context.exit(_EXIT_BY_VERDICT.get(result.verdict, EXIT_NO_DECISION))


@cli.command("self-test")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.pass_context
def self_test(context: click.Context, as_json: bool) -> None:
    """Check known answers of the loaded weights; exit code 1 if one is off."""
    report = run_self_test(loaded_engine())
    if as_json:
        print_json(report.as_dict())
    else:
        print_self_test(Console(), report)
    context.exit(0 if report.passed else 1)


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
    print_json(
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


def main() -> None:
    """Run `face-verify` and leave with its exit code."""
    cli.main(prog_name="face-verify")


if __name__ == "__main__":
    main()
