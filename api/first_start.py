"""What `face-monitor up` prepares in an empty data directory: keys, schema, first admin."""

import base64
import fcntl
import os
import secrets
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from models.settings import Settings

KEYS_FILE = "keys.env"
"""Holds the keys `face-monitor up` made; readable by its owner alone."""

KEY_ENCRYPTION_KEY = "FACE_MONITOR_KEY_ENCRYPTION_KEY"
KEY_NAMES = ("FACE_MONITOR_SECRET_KEY", KEY_ENCRYPTION_KEY)


class CannotStart(Exception):
    """The stack cannot start here; the message says why and what to do next."""


def make_data_dir(data_dir: Path) -> Path:
    """Return the data directory, made if need be, readable by its owner alone."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"The data directory {data_dir} cannot be made ({error.strerror})."
        raise CannotStart(f"{message} Name another with --data-dir.") from error
    return data_dir


def lock_data_dir(data_dir: Path) -> int:
    """Return a held lock on the data directory; it ends with this process.

    Raises
    ------
    CannotStart
        Another stack runs on the same directory.
    """
    descriptor = os.open(data_dir / "stack.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        message = (
            f"Another Face Monitor already runs on {data_dir}. Stop it, or start this one with "
            "--data-dir and --port of its own."
        )
        raise CannotStart(message) from None
    return descriptor


def check_port(host: str, port: int) -> None:
    """Raise `CannotStart` when something already listens at the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = (
                f"Nothing can listen at {host} port {port} ({error.strerror}). "
                "Choose another port with --port."
            )
            raise CannotStart(message) from error


def kept_keys(data_dir: Path, names: Iterable[str] = KEY_NAMES) -> dict[str, str]:
    """Return the keys of this data directory with these names; those it lacks are made once."""
    path = data_dir / KEYS_FILE
    lines = path.read_text().splitlines() if path.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    missing = [name for name in names if name not in kept]
    if missing:
        kept |= {name: _new_key(name) for name in missing}
        _write_keys(path, kept)
    return {name: kept[name] for name in names}


def first_admin_password() -> str:
    """Return a password a person can copy by hand: four groups of five letters and digits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def refuse_open_plain_http(settings: Settings) -> None:
    """Raise `CannotStart` for an address others can reach without TLS or a trusted proxy."""
    is_loopback = settings.host in {"localhost", "::1"} or settings.host.startswith("127.")
    has_tls = settings.tls_certificate is not None and settings.tls_key is not None
    if not (is_loopback or has_tls or settings.trusted_proxies):
        message = (
            f"{settings.host} can be reached by others, and passwords and faces would travel "
            "unprotected. Set FACE_MONITOR_TLS_CERTIFICATE and FACE_MONITOR_TLS_KEY, or put a "
            "proxy with TLS in front and name its address in FACE_MONITOR_TRUSTED_PROXIES."
        )
        raise CannotStart(message)


def _new_key(name: str) -> str:
    if name == KEY_ENCRYPTION_KEY:
        return base64.b64encode(os.urandom(32)).decode()
    return secrets.token_urlsafe(48)


def _write_keys(path: Path, keys: Mapping[str, str]) -> None:
    """Write the file whole or not at all: half a key would lock out everything sealed with it."""
    text = (
        "# Made by `face-monitor up`. Keep a copy of this file in a safe place: without the\n"
        "# key-encryption key nobody can read the stored images and templates again.\n"
    ) + "".join(f"{name}={value}\n" for name, value in keys.items())
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
