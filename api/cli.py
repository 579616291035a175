"""`face-monitor`: the commands that start, prepare and check the service.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from api.first_start import (
    KEY_NAMES,
    CannotStart,
    check_port,
    first_admin_password,
    kept_keys,
    lock_data_dir,
    make_data_dir,
    refuse_open_plain_http,
)
from api.reports.bundle_command import verify_bundle
from models.audit_actions import AuditAction
from models.garbage import spare_what_stays
from models.settings import Settings, SettingsProblem, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection is kept. Uvicorn's own 5 s are as long as the pause between two
frames: each would need a new connection, or find the old one closed under its hands."""

_DATA_DIR_HELP = "Where database, images and keys lie (FACE_MONITOR_DATA_DIR; default: var)."


def _data_dir_option(command: Command) -> Command:
    return click.option("--data-dir", type=click.Path(path_type=Path), help=_DATA_DIR_HELP)(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Face verification for online exams.

    Settings come from the environment and `.env`; `.env.example` explains each.
    """


@commands.command()
@_data_dir_option
@click.option("--host", help="Address to listen at (FACE_MONITOR_HOST; default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (FACE_MONITOR_PORT; 8000).")
def up(data_dir: Path | None, host: str | None, port: int | None) -> None:
    """Start everything on this machine: nothing else has to be installed or set."""
    from api.supervisor import Supervisor

    logging.basicConfig(level=logging.INFO, format="%(asctime)s stack %(levelname)s %(message)s")
    for chatty in ("alembic", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    _set("HOST", host)
    _set("PORT", str(port) if port else None)
    settings = _settings(data_dir, make_keys=True)
    refuse_open_plain_http(settings)
    check_port(settings.host, settings.port)
    lock = lock_data_dir(settings.data_dir)
    password = _prepare_database(settings)
    if password:
        click.echo(f"First admin: login `admin`, password `{password}` (shown this once only)")
    announcer = threading.Thread(target=_announce_when_ready, args=(settings,), daemon=True)
    announcer.start()
    spare_what_stays()
    supervisor = Supervisor(os.environ)
    try:
        supervisor.run(on_stop=lambda: click.echo("Stopping: what was begun is finished first."))
    finally:
        os.close(lock)
    click.echo("Face Monitor has stopped.")


@commands.command()
def serve() -> None:
    """Run the API alone."""
    import uvicorn

    settings = read_settings()
    refuse_open_plain_http(settings)
    settings.required_secret_key()
    settings.required_encryption_keys()
    uvicorn.run(
        "api.app:make_app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


@commands.command()
def worker() -> None:
    """Run the worker alone: it verifies frames and enrolls faces."""
    _become("worker")


@commands.command()
def dispatch() -> None:
    """Run the dispatcher alone: it hints workers at due jobs."""
    _become("worker.dispatcher")


@commands.command()
def housekeeping() -> None:
    """Run housekeeping alone: it expires attempts and sweeps what killed processes left."""
    _become("worker.housekeeping")


@commands.command()
@_data_dir_option
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only tell what would be renewed.")
def reencode(data_dir: Path | None, is_dry_run: bool) -> None:
    """Renew templates from the stored pictures after a change of engine; workers may run."""
    _settings(data_dir, make_keys=True)
    _become("worker.reencode", *(["--dry-run"] if is_dry_run else []))


@commands.command()
@_data_dir_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to the newest schema."""
    from models.database import Database
    from models.schema import upgrade_schema

    settings = _settings(data_dir)
    _make_database_folder(settings)
    upgrade_schema(Database(settings.database))
    click.echo("The database has the newest schema.")


@commands.command("create-admin")
@click.argument("login")
@_data_dir_option
def create_admin_command(login: str, data_dir: Path | None) -> None:
    """Create an admin LOGIN; the password is asked for, or read from standard input."""
    from api.context import make_context
    from api.users.service import create_admin

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    context = make_context(_settings(data_dir, make_keys=True))
    with context.database.write() as session:
        user = create_admin(session, context, login, password)
        _record(session, "user.created", user.id, {"role": user.role})
    click.echo(f"Created the admin {user.login}.")


@commands.command("create-api-key")
@click.argument("name")
@_data_dir_option
def create_api_key_command(name: str, data_dir: Path | None) -> None:
    """Create a key for the system NAME and print it alone on the last line, this once only."""
    from api.api_clients.service import create_api_key
    from api.context import make_context
    from api.credentials import find_api_client

    context = make_context(_settings(data_dir, make_keys=True))
    with context.database.write() as session:
        key = create_api_key(session, context, name)
        client = find_api_client(session, key)
        if client is not None:
            _record(session, "api_key.created", client.id)
    click.echo(f"Key of {name}; it is not shown again:", err=True)
    click.echo(key)


@commands.command("api-keys")
@_data_dir_option
def api_keys_command(data_dir: Path | None) -> None:
    """List the keys of other systems; what opens the door is not kept and cannot be shown."""
    from api.api_clients.service import api_keys
    from api.context import make_context

    context = make_context(_settings(data_dir))
    with context.database.read() as session:
        for key, client in api_keys(session):
            state = f"withdrawn {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "in use"
            click.echo(f"{key.id}  made {key.created_at:%Y-%m-%d %H:%M}  {state}  {client.name}")


@commands.command("revoke-api-key")
@click.argument("key")
@_data_dir_option
def revoke_api_key_command(key: str, data_dir: Path | None) -> None:
    """Withdraw KEY (whole, or its id as `api-keys` lists it): from now on it opens nothing."""
    from api.api_clients.service import revoke_api_key
    from api.context import make_context

    context = make_context(_settings(data_dir))
    with context.database.write() as session:
        revoked = revoke_api_key(session, context, key)
        if revoked is None:
            _give_up("There is no such key. `face-monitor api-keys` lists those there are.")
        _record(session, "api_key.revoked", revoked.client_id, {"key_id": revoked.id})
    click.echo(f"Withdrew {revoked.id}.")


@commands.command()
@_data_dir_option
def doctor(data_dir: Path | None) -> None:
    """Check everything the service needs, and say what to do about what is missing."""
    from api.doctor import examine

    findings = examine(_settings(data_dir, make_keys=True))
    for finding in findings:
        if finding.is_warning:
            mark = click.style("warn", fg="yellow")
        elif finding.is_ok:
            mark = click.style("ok  ", fg="green")
        else:
            mark = click.style("FAIL", fg="red")
        click.echo(f"{mark} {finding.subject}: {finding.detail}")
    sys.exit(0 if all(finding.is_ok for finding in findings) else 1)


commands.add_command(verify_bundle)


@commands.command()
def openapi() -> None:
    """Print the API's description (OpenAPI, JSON)."""
    from api.app import make_app

    # No setting shows in the description: any keys do.
    settings = Settings(secret_key=SecretStr("-"), key_encryption_key=SecretStr("A" * 43 + "="))
    click.echo(json.dumps(make_app(settings).openapi(), indent=2, sort_keys=True))


@commands.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo(arguments: tuple[str, ...]) -> None:
    """Watch a simulated student sit an exam; claims beside verdicts (`demo --help`)."""
    _become("clients.simulator", *arguments)


@commands.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def load(arguments: tuple[str, ...]) -> None:
    """Let many simulated students sit at once, and measure (`load --help`)."""
    _become("clients.simulator.load", *arguments)


def main() -> None:
    """Run `face-monitor`; problems a person can solve are told without a traceback."""
    try:
        commands()
    except (CannotStart, SettingsProblem) as problem:
        _give_up(str(problem))
    except HTTPException as problem:
        _give_up(problem.detail)
    except OperationalError as error:
        _give_up(
            f"The database cannot be used: {str(error.orig).strip()}. "
            "Check FACE_MONITOR_DATABASE_URL, and run `face-monitor migrate` once."
        )


def _give_up(message: str) -> NoReturn:
    click.echo(f"face-monitor: {message}", err=True)
    sys.exit(1)


def _become(module: str, *arguments: str) -> None:
    # The web package never imports the worker: the process becomes it.
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def _settings(data_dir: Path | None, *, make_keys: bool = False) -> Settings:
    """Return the settings, also put into the environment for the processes started from here."""
    _set("DATA_DIR", str(data_dir.absolute()) if data_dir else None)
    settings = read_settings()
    if make_keys:
        folder = make_data_dir(settings.data_dir.absolute())
        os.environ["FACE_MONITOR_DATA_DIR"] = str(folder)
        given = dict(
            zip(KEY_NAMES, (settings.secret_key, settings.key_encryption_key), strict=True)
        )
        # A key that is set stays, wherever it was set: another could open nothing that is stored.
        os.environ.update(kept_keys(folder, [name for name in KEY_NAMES if given[name] is None]))
        settings = read_settings()
    return settings


def _set(name: str, value: str | None) -> None:
    if value is not None:
        os.environ[f"FACE_MONITOR_{name}"] = value


def _prepare_database(settings: Settings) -> str | None:
    """Upgrade the schema; return the password of the admin made when there was none."""
    from api.context import make_context
    from api.users.service import create_admin, has_admin
    from models.schema import upgrade_schema

    context = make_context(settings)
    upgrade_schema(context.database)
    try:
        with context.database.write() as session:
            if has_admin(session):
                return None
            password = first_admin_password()
            user = create_admin(session, context, "admin", password)
            _record(session, "user.created", user.id, {"role": user.role})
            return password
    finally:
        context.database.close()


def _record(
    session: Session, action: AuditAction, object_id: str, detail: dict[str, Any] | None = None
) -> None:
    """Put on record what the operator did here; last in the transaction."""
    from models.attempt_states import SYSTEM_ACTOR
    from models.audit import append_audit_entry

    append_audit_entry(
        session,
        at=datetime.now(UTC),
        actor=SYSTEM_ACTOR,
        action=action,
        object_id=object_id,
        detail=detail,
    )


def _make_database_folder(settings: Settings) -> None:
    if settings.database.get_backend_name() == "sqlite" and settings.database.database:
        Path(settings.database.database).parent.mkdir(parents=True, exist_ok=True)


def _announce_when_ready(settings: Settings) -> None:
    import httpx

    scheme = "https" if settings.tls_certificate else "http"
    # A wildcard is no address to ask at; the loopback is among those it stands for.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    address = f"{scheme}://{host}:{settings.port}"
    started = time.monotonic()
    while True:
        try:
            # The certificate is for the public name, and this asks over the loopback.
            answer = httpx.get(f"{address}/readyz", timeout=2.0, verify=False)  # noqa: S501
            if answer.is_success:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    moment = datetime.now(UTC).strftime("%H:%M:%S")
    click.echo(f"Ready at {address} after {time.monotonic() - started:.1f} s ({moment} UTC).")


if __name__ == "__main__":
    main()
