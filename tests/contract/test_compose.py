"""docker-compose.yml is true: its services, started as processes, make a working stack."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from face_monitor_client import FaceMonitorClient

from models.base import new_id
from models.settings import Settings
from tests.conftest import ENCRYPTION_KEY
from tests.support.services import REDIS_URL, postgres_database, require
from tests.support.sitting import PATIENT, different_frames, start_sitting, wait_for_verdicts
from tests.support.waiting import free_port, wait_until

ROOT = Path(__file__).parents[2]
OWN_SERVICES = ("migrate", "api", "worker", "dispatcher", "housekeeping")
RUNNING = ("api", "worker", "dispatcher", "housekeeping")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


def interpolated(value: str, variables: dict[str, str]) -> str:
    """Fill in `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose does."""

    def fill(found: re.Match[str]) -> str:
        name, operator, rest = found.group(1), found.group(2), found.group(3)
        if variables.get(name):
            return variables[name]
        assert operator != ":?", f"{name}: {rest}"
        return rest or ""

    return re.sub(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}", fill, value)


def test_every_process_of_the_service_has_a_container(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OWN_SERVICES, "redis", "postgres"}


def test_containers_are_checked_and_confined(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name != "migrate":
            assert "healthcheck" in service, name
        if name in OWN_SERVICES:
            assert service["user"] not in {"0", "root"}
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert service["stop_grace_period"] == "40s"
    assert compose["services"]["api"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "noeviction" in compose["services"]["redis"]["command"]


def test_only_settings_that_exist_are_set(compose: dict[str, Any]) -> None:
    for name in OWN_SERVICES:
        for variable in compose["services"][name]["environment"]:
            assert variable.removeprefix("FACE_MONITOR_").lower() in Settings.model_fields


def environment_of(service: dict[str, Any], own: dict[str, str]) -> dict[str, str]:
    """Return the container's environment, with the addresses of this machine's services."""
    variables = {
        "POSTGRES_PASSWORD": "secret",
        "FACE_MONITOR_SECRET_KEY": "test-secret-key",
        "FACE_MONITOR_KEY_ENCRYPTION_KEY": ENCRYPTION_KEY,
    }
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {
        name: interpolated(str(value), variables) for name, value in service["environment"].items()
    }
    return inherited | given | own


def as_here(command: list[str]) -> list[str]:
    """Return a container's command with this environment's programs."""
    folder = Path(sys.executable).parent
    return [str(folder / command[0]), *command[1:]]


@contextmanager
def process(service: dict[str, Any], own: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        running = subprocess.Popen(
            as_here(service["command"]),
            env=environment_of(service, own),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
    try:
        yield
    finally:
        running.terminate()
        assert running.wait(timeout=40) in {0, -15}, log.read_text()


def is_healthy(service: dict[str, Any], own: dict[str, str]) -> bool:
    """Run the container's own health check."""
    check = [
        part.replace("127.0.0.1:8000", f"127.0.0.1:{own['FACE_MONITOR_PORT']}")
        for part in service["healthcheck"]["test"][1:]
    ]
    outcome = subprocess.run(as_here(check), env=environment_of(service, own), capture_output=True)
    return outcome.returncode == 0


@pytest.mark.services
@pytest.mark.timeout(240)
def test_its_services_verify_a_frame_on_redis_and_postgresql(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    require("Redis", REDIS_URL)
    services = compose["services"]
    port = free_port()
    with postgres_database() as database_url, ExitStack() as running:
        own = {
            "FACE_MONITOR_DATABASE_URL": database_url,
            "FACE_MONITOR_BROKER_URL": REDIS_URL,
            "FACE_MONITOR_DATA_DIR": str(tmp_path / "data"),
            "FACE_MONITOR_PORT": str(port),
        }
        migrate = services["migrate"]
        environment = environment_of(migrate, own)
        subprocess.run(as_here(migrate["command"]), env=environment, check=True, cwd=tmp_path)
        assert not is_healthy(services["worker"], own)
        for name in RUNNING:
            running.enter_context(process(services[name], own, tmp_path / f"{name}.log"))
        url = f"http://127.0.0.1:{port}"

        def is_ready() -> bool:
            try:
                return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(is_ready, what="readiness", seconds=60, pause=0.2)
        create_key = as_here(["face-monitor", "create-api-key", new_id("key")])
        outcome = subprocess.run(
            create_key, env=environment, check=True, capture_output=True, text=True, cwd=tmp_path
        )
        with FaceMonitorClient(url, outcome.stdout.split()[-1], retries=PATIENT) as client:
            sitting = start_sitting(client)
            for seq, jpeg in enumerate(different_frames(3), start=1):
                sitting.send(seq, jpeg)
            wait_for_verdicts(sitting, 3, seconds=60)
        for name in RUNNING:
            assert is_healthy(services[name], own), name
