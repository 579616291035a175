"""A key that leaked is taken away by a command, and opens nothing from then on."""

import pytest
from click.testing import CliRunner, Result

from api.cli import commands


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, list(arguments))


@pytest.fixture(autouse=True)
def environment(settings, monkeypatch):
    """What the command finds where the operator starts it."""
    monkeypatch.setenv("FACE_MONITOR_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FACE_MONITOR_SECRET_KEY", settings.secret_key.get_secret_value())
    key = settings.key_encryption_key.get_secret_value()
    monkeypatch.setenv("FACE_MONITOR_KEY_ENCRYPTION_KEY", key)


def test_a_withdrawn_key_opens_nothing(system, settings, anonymous):
    folder = ["--data-dir", str(settings.data_dir)]
    made = run("create-api-key", "second", *folder)
    assert made.exit_code == 0, made.output
    key = made.stdout.strip().splitlines()[-1]
    with_key = {"Authorization": f"Bearer {key}"}
    assert anonymous.get("/api/v1/subjects", headers=with_key).status_code == 200
    listed = run("api-keys", *folder).stdout
    [line] = [line for line in listed.splitlines() if line.endswith("second")]
    assert "in use" in line
    assert key.rpartition("_")[2] not in listed
    done = run("revoke-api-key", key, *folder)
    assert (done.exit_code, done.stdout.strip()) == (0, f"Withdrew {line.split()[0]}.")
    assert anonymous.get("/api/v1/subjects", headers=with_key).status_code == 401
    assert system.get("/api/v1/subjects").status_code == 200
    assert "withdrawn" in run("api-keys", *folder).stdout
    # By its id, and once more: nothing changes.
    assert run("revoke-api-key", line.split()[0], *folder).exit_code == 0


def test_an_unknown_key_is_said_to_be_so(settings, context):
    done = run("revoke-api-key", "fmk_nothing_atall", "--data-dir", str(settings.data_dir))
    assert done.exit_code != 0
    assert "face-monitor api-keys" in done.output
