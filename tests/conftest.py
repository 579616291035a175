"""Fixtures every folder of tests may use: databases, real and empty."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import make_url

from models.database import Database
from models.settings import Settings
from tests.support.schema_copies import SchemaCopies, sqlite_copy

# How long an example takes says how busy the machine is, and no more.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

ENCRYPTION_KEY = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
"""32 bytes in base64, for tests alone."""

EVERY_DATABASE = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.services),
    pytest.param("mariadb", marks=pytest.mark.services),
]


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """A command puts what it was told into the environment, for processes it would start."""
    kept = dict(os.environ)
    yield
    # Only what differs: threads of fixtures that live longer read the environment meanwhile.
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    for name, value in kept.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@pytest.fixture(scope="session")
def schema_copies() -> Iterator[SchemaCopies]:
    """Where tests get databases with the newest schema."""
    copies = SchemaCopies()
    yield copies
    copies.close()


@pytest.fixture(params=EVERY_DATABASE)
def any_database_url(
    request: pytest.FixtureRequest, tmp_path: Path, schema_copies: SchemaCopies
) -> Iterator[str]:
    """The address of a database with the newest schema, once for each kind the service runs on."""
    if request.param == "postgresql":
        with schema_copies.postgres() as url:
            yield url
    elif request.param == "mariadb":
        with schema_copies.mariadb() as url:
            yield url
    else:
        yield sqlite_copy(tmp_path / "face-monitor.db")


@pytest.fixture
def any_database(any_database_url: str, settings: Settings) -> Iterator[Database]:
    """A database with the newest schema, once for each kind the service runs on."""
    database = Database(settings.model_copy(update={"database_url": any_database_url}).database)
    yield database
    database.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database with the newest schema."""
    database = Database(make_url(sqlite_copy(tmp_path / "face-monitor.db")))
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a stack in a temporary directory; the machine's own environment is left out.

    No frame is picked for a close look by its id: equal pictures must get equal figures.
    """
    monkeypatch.chdir(tmp_path)
    return Settings(
        data_dir=tmp_path,
        secret_key="test-secret-key",
        key_encryption_key=ENCRYPTION_KEY,
        close_look_every_frames=0,
        _env_file=None,
    )
