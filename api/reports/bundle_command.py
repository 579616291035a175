"""`face-monitor verify-bundle`: an evidence bundle checked by whoever holds it."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

USAGE, UNREADABLE, ALTERED = 64, 65, 1
"""Exit codes; the first two are those of sysexits.h, as of `face-verify`."""


class _UsageAsOfSysexits(click.Command):
    """Ends with 64 for wrong usage, where click has 2."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        try:
            return super().make_context(*arguments, **options)
        except click.UsageError as error:
            error.exit_code = USAGE  # type: ignore[misc]  # click reads it off the instance.
            raise


@click.command("verify-bundle", cls=_UsageAsOfSysexits)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Of the service that made it, if its keys lie there; see FACE_MONITOR_SECRET_KEY.",
)
def verify_bundle(file: Path, as_json: bool, data_dir: Path | None) -> None:
    """Check the evidence bundle FILE offline; needs neither database nor service.

    Exit codes: 0 fine, 1 altered or incomplete, 64 wrong usage, 65 unreadable.

    With the service's secret it also tells whether this service made it.
    """
    from api.reports.bundle_check import check_bundle
    from api.reports.bundle_zip import BundleUnreadable

    try:
        checked = check_bundle(file, _secret_key(data_dir))
    except BundleUnreadable as problem:
        if as_json:
            click.echo(json.dumps({"is_fine": False, "problems": [str(problem)]}))
        click.echo(f"face-monitor: {file}: {problem}", err=True)
        sys.exit(UNREADABLE)
    if as_json:
        click.echo(json.dumps(checked.as_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(checked.as_dict())
    sys.exit(0 if checked.is_fine else ALTERED)


def _tell(found: dict[str, Any]) -> None:
    made_by = found["made_by"] if isinstance(found["made_by"], dict) else {}
    if found["attempt_id"]:
        head = f"Attempt {found['attempt_id']}, made {found['made_at']} by {made_by.get('name')}"
        click.echo(_printable(f"{head}: {found['files_checked']} files checked."))
    for problem in found["problems"]:
        click.echo(f"{click.style('ALTERED', fg='red')} {_printable(problem)}")
    for note in found["notes"]:
        click.echo(f"note    {_printable(note)}")
    click.echo(found["origin"])
    if found["is_fine"]:
        click.echo("Every file is as the manifest lists it, and all of it fits together.")


def _printable(text: str) -> str:
    """Return the text without what would steer a terminal: a bundle can come from anybody."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _secret_key(data_dir: Path | None) -> bytes | None:
    """Return the service's secret where it is known here; nothing is made or changed."""
    from dotenv import dotenv_values

    from api.first_start import KEYS_FILE

    name = "FACE_MONITOR_SECRET_KEY"
    default = Path(os.environ.get("FACE_MONITOR_DATA_DIR") or "var")
    places: list[Mapping[str, str | None]] = [
        os.environ,
        dotenv_values(".env"),
        dotenv_values(default / KEYS_FILE),
    ]
    if data_dir is not None:
        places = [dotenv_values(data_dir / KEYS_FILE)]
    return next((str(kept[name]).encode() for kept in places if kept.get(name)), None)
