"""`python -m worker.reencode`: renew all templates for the engine in use, while workers go on.

Each enrollment is recorded on its own, so that a run that was stopped is simply started again.
"""

import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import OperationalError

from models.database import is_database_outage
from models.face_templates import enrollments_to_renew
from models.schema import is_schema_current
from models.sealed_images import SubjectErased
from models.settings import SettingsProblem, read_settings
from verifier import FaceEngine
from worker.renewal import Renewal, renew_templates
from worker.runtime import Runtime, open_runtime

logger = logging.getLogger(__name__)


class CannotReencode(Exception):
    """Something has to be mended first; the message says what."""


@dataclass
class Outcome:
    """What a run came to."""

    template_count: int = 0
    enrollment_count: int = 0
    """How many enrollments got a template."""
    problems: list[str] = field(default_factory=list)
    """What could not be renewed and what to do, a line each."""


def reencode(runtime: Runtime, engine: FaceEngine, enrollment_ids: Iterable[str]) -> Outcome:
    """Renew the templates of these enrollments; one that cannot be renewed stops no other.

    Raises
    ------
    OperationalError, DBAPIError
        The database is away. What was renewed is recorded.
    """
    outcome = Outcome()
    for enrollment_id in enrollment_ids:
        try:
            renewal = renew_templates(runtime, engine, enrollment_id)
        except SubjectErased:
            continue
        except Exception as error:  # Whatever one picture does, the others have their turn.
            if is_database_outage(error):
                raise
            logger.exception("%s could not be renewed", enrollment_id)
            outcome.problems.append(
                f"{enrollment_id}: {type(error).__name__}. Run this again; the log above has more."
            )
            continue
        outcome.template_count += renewal.template_count
        outcome.enrollment_count += renewal.template_count > 0
        outcome.problems += _problems(enrollment_id, renewal)
    return outcome


def _problems(enrollment_id: str, renewal: Renewal) -> Iterator[str]:
    about = f"{enrollment_id} (subject {renewal.subject_id}, set {renewal.version})"
    for lost in renewal.lost_images:
        yield f"{about}, picture {lost.position}: {lost.message} [{lost.code}]"
    if renewal.lost_images and not renewal.has_templates:
        yield f"{about} has no template now: frames compared with it are answered `error`."


def _run(*, is_dry_run: bool) -> int:
    """Return the exit code: 0 when every template is there."""
    runtime = open_runtime(read_settings())
    if not is_schema_current(runtime.database):
        raise CannotReencode("The database needs its migrations. Run `face-monitor migrate` first.")
    runtime.load_engine()
    engine = runtime.engine
    if engine is None:
        raise CannotReencode(runtime.trouble or "There is no engine.")
    with runtime.database.read() as session:
        stale = enrollments_to_renew(session, engine.engine_id)
    if not stale:
        click.echo(f"Every accepted picture has its template of {engine.engine_id}.")
        return 0
    click.echo(
        f"{sum(stale.values())} pictures of {len(stale)} enrollments have no template of "
        f"{engine.engine_id}."
    )
    if is_dry_run:
        click.echo("Nothing was changed.")
        return 0
    with _progress() as progress:
        outcome = reencode(runtime, engine, progress.track(list(stale), description="Renewing"))
    return _report(outcome)


def _progress() -> Progress:
    """Return a bar for a terminal, which draws nothing anywhere else."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _report(outcome: Outcome) -> int:
    click.echo(
        f"Renewed {outcome.template_count} templates of {outcome.enrollment_count} enrollments."
    )
    if not outcome.problems:
        return 0
    click.echo("Could not be renewed:", err=True)
    for problem in outcome.problems:
        click.echo(f"  {problem}", err=True)
    click.echo(
        "A missing or changed picture comes back from a backup of the frame store, and running "
        "this again then renews it. Otherwise these people have to enroll their face again.",
        err=True,
    )
    return 1


@click.command()
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only tell what would be renewed.")
def main(is_dry_run: bool) -> None:
    """Renew the templates that the engine in use lacks."""
    try:
        sys.exit(_run(is_dry_run=is_dry_run))
    except (CannotReencode, SettingsProblem) as problem:
        sys.exit(f"face-monitor: {problem}")
    except OperationalError as error:
        sys.exit(
            f"face-monitor: the database cannot be used: {str(error.orig).strip()}. What was "
            "renewed is kept; check FACE_MONITOR_DATABASE_URL and run this again."
        )


if __name__ == "__main__":
    main()
