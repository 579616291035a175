"""A setting that cannot be used is named, with what to do."""

from pathlib import Path

import pytest

from models.settings import Settings, SettingsProblem, read_settings


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "banana"),
        ("KEY_ENCRYPTION_KEY", "c2hvcnQ="),
        ("KEY_ENCRYPTION_KEY", "not base64!"),
        ("MATCH_THRESHOLD", "0.9"),
        ("LEASE_SECONDS", "5"),
        ("TASK_SOFT_LIMIT_SECONDS", "16"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.org:mail"),
        ("SMTP_URL", "smtp://mail.example.org:0"),
        ("SMTP_URL", "smtp://mail.example.org:99999"),
        ("SMTP_URL", "smtp://robot:pa#ss@mail.example.org"),
        ("SMTP_URL", "smtp://robot:pa/ss@mail.example.org"),
        ("SMTP_URL", "smtp://mail example.org"),
        ("SMTP_URL", "smtp://mail..example.org"),
        ("SMTP_URL", "smtp://[::1"),
        ("SMTP_URL", "smtp://mail.example.org?startls=true"),
        ("SMTP_URL", "smtp://mail.example.org?starttls=yes"),
        ("SMTP_URL", "smtps://mail.example.org?starttls=true"),
        ("ALERT_EMAIL_TO", "proctor@example.org; office@example.org"),
        ("ALERT_EMAIL_TO", "proctor"),
        ("ALERT_EMAIL_FROM", "a@example.org, b@example.org"),
        ("ALERT_MIN_SEVERITY", "extreme"),
    ],
)
def test_an_unusable_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"FACE_MONITOR_{name}", value)
    with pytest.raises(SettingsProblem, match=f"FACE_MONITOR_{name}"):
        read_settings()


def test_a_missing_key_says_how_to_get_one() -> None:
    with pytest.raises(SettingsProblem, match="face-monitor up"):
        Settings().required_encryption_keys()
    with pytest.raises(SettingsProblem, match="face-monitor up"):
        Settings().required_secret_key()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("mysql://u@h/d", "mysql+pymysql"),
        ("mariadb://u@h/d", "mariadb+pymysql"),
    ],
)
def test_a_plain_address_gets_the_installed_driver(given: str, driver: str) -> None:
    assert Settings(database_url=given).database.drivername == driver


def test_every_setting_is_explained_in_the_example() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    for name in Settings.model_fields:
        assert f"\n#FACE_MONITOR_{name.upper()}=" in example, name


def test_the_example_names_no_setting_that_does_not_exist() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    named = {
        line[1:].split("=")[0].removeprefix("FACE_MONITOR_").lower()
        for line in example.splitlines()
        if line.startswith("#FACE_MONITOR_")
    }
    assert named == set(Settings.model_fields)
