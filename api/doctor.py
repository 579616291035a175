"""`face-monitor doctor`: what the service needs, whether it is there, and what to do if not."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.health.broker_check import check_broker
from api.health.template_check import check_templates
from models.database import Database
from models.frame_store import open_frame_store
from models.schema import is_schema_current
from models.settings import Settings

_FACE_API = Path(__file__).parents[1] / "clients/browser/node_modules/@vladmandic/face-api"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    is_ok: bool
    detail: str
    """What was found, and what to do when it is not in order."""
    is_warning: bool = False
    """In order for now, but somebody should do what the detail says."""


class _Trouble(Exception):
    """Something is not in order; the message says what to do."""


class _Warning(Exception):
    """The service works, and something should be done all the same; the message says what."""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one trouble does not hide another."""
    checks: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "frame store": _frame_store,
        "broker": _broker,
        "weights": _weights,
        "templates": _templates,
        "browser client": _browser_client,
    }
    return [_look(subject, check, settings) for subject, check in checks.items()]


def _look(subject: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(subject, True, check(settings))
    except _Warning as warning:
        return Finding(subject, True, str(warning), is_warning=True)
    except Exception as error:  # noqa: BLE001  # Whatever is wrong is what the doctor reports.
        return Finding(subject, False, str(error).splitlines()[0])


def _database(settings: Settings) -> str:
    database = Database(settings.database)
    name = settings.database.render_as_string(hide_password=True)
    try:
        if not is_schema_current(database):
            message = f"{name} has an old schema. Run `face-monitor migrate`."
            raise _Trouble(message)
    finally:
        database.close()
    return f"{name}, newest schema"


def _frame_store(settings: Settings) -> str:
    free_bytes = open_frame_store(settings.frame_store).free_bytes()
    if free_bytes <= settings.storage_reserve_bytes:
        message = f"only {free_bytes / 1e6:.0f} MB are free: frames are refused. Make room."
        raise _Trouble(message)
    return f"{settings.frame_store}, {free_bytes / 1e9:.1f} GB free"


def _broker(settings: Settings) -> str:
    found = check_broker(settings, timeout_seconds=3)
    if not found.ok:
        raise _Trouble(found.detail)
    return found.detail


def _weights(_settings: Settings) -> str:
    # In a process of its own: the web package never loads a network.
    command = [sys.executable, "-m", "verifier.cli", "self-test"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    lines = (outcome.stdout + outcome.stderr).strip().splitlines() or ["no answer"]
    if outcome.returncode != 0:
        raise _Trouble(lines[-1])
    return lines[-1]


def _templates(settings: Settings) -> str:
    database = Database(settings.database)
    try:
        with database.read() as session:
            found = check_templates(session, settings)
    finally:
        database.close()
    if found.warning:
        raise _Warning(found.detail)
    return found.detail


def _browser_client(_settings: Settings) -> str:
    if not (_FACE_API / "dist" / "face-api.esm.js").is_file():
        message = "face-api.js is not installed: run `make install`."
        raise _Trouble(message)
    return "face-api.js is installed"
