"""What `face-monitor up` prepares, and what it refuses with a next step."""

import base64
import os
import socket
import stat
from pathlib import Path

import pytest

from api import cli
from api.first_start import (
    CannotStart,
    check_port,
    first_admin_password,
    kept_keys,
    lock_data_dir,
    make_data_dir,
    refuse_open_plain_http,
)
from models.settings import Settings


@pytest.fixture(autouse=True)
def no_keys_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "KEY_ENCRYPTION_KEY"):
        monkeypatch.delenv(f"FACE_MONITOR_{name}", raising=False)


def test_keys_are_made_once_and_are_private(tmp_path: Path) -> None:
    keys = kept_keys(tmp_path)
    assert set(keys) == {"FACE_MONITOR_SECRET_KEY", "FACE_MONITOR_KEY_ENCRYPTION_KEY"}
    assert kept_keys(tmp_path) == keys
    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600
    Settings(
        _env_file=None, key_encryption_key=keys["FACE_MONITOR_KEY_ENCRYPTION_KEY"]
    ).required_encryption_keys()


def test_two_directories_never_share_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept_keys(tmp_path / "a") != kept_keys(tmp_path / "b")


def test_a_key_set_in_a_file_of_settings_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = base64.b64encode(bytes(32)).decode()
    (tmp_path / ".env").write_text(f"FACE_MONITOR_KEY_ENCRYPTION_KEY={mine}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACE_MONITOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FACE_MONITOR_SECRET_KEY", "")
    settings = cli._settings(None, make_keys=True)
    assert settings.required_encryption_keys() == [bytes(32)]
    assert settings.required_secret_key()
    assert "KEY_ENCRYPTION" not in (tmp_path / "data" / "keys.env").read_text()


def test_a_key_made_later_keeps_the_first(tmp_path: Path) -> None:
    first = kept_keys(tmp_path, ["FACE_MONITOR_SECRET_KEY"])
    assert kept_keys(tmp_path).items() > first.items()


def test_the_data_directory_is_its_owners_alone(tmp_path: Path) -> None:
    folder = make_data_dir(tmp_path / "new" / "data")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_stack_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    lock = lock_data_dir(tmp_path)
    with pytest.raises(CannotStart, match="--data-dir"):
        lock_data_dir(tmp_path)
    os.close(lock)
    os.close(lock_data_dir(tmp_path))


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="--port"):
            check_port("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_loopback_needs_no_tls(host: str) -> None:
    refuse_open_plain_http(Settings(_env_file=None, host=host))


def test_an_open_address_needs_tls_or_a_trusted_proxy(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="FACE_MONITOR_TRUSTED_PROXIES"):
        refuse_open_plain_http(Settings(_env_file=None, host="0.0.0.0"))
    refuse_open_plain_http(Settings(_env_file=None, host="0.0.0.0", trusted_proxies="10.0.0.0/8"))
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    refuse_open_plain_http(
        Settings(_env_file=None, host="0.0.0.0", tls_certificate=certificate, tls_key=key)
    )


def test_the_first_admins_password_cannot_be_guessed() -> None:
    passwords = {first_admin_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(len(password.replace("-", "")) == 20 for password in passwords)
