"""Fixtures every folder of tests may use: databases, real and empty."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import make_url

from models.database import Database
from models.schema import upgrade_schema
from models.settings import Settings
from tests.support.services import mariadb_database, postgres_database

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


@pytest.fixture(params=EVERY_DATABASE)
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once for each kind the service runs on."""
    if request.param == "postgresql":
        with postgres_database() as url:
            yield url
    elif request.param == "mariadb":
        with mariadb_database() as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path / 'face-monitor.db'}"


@pytest.fixture
def any_database(any_database_url: str, settings: Settings) -> Iterator[Database]:
    """A database with the newest schema, once for each kind the service runs on."""
    url = settings.model_copy(update={"database_url": any_database_url}).database
    database = Database(url)
    upgrade_schema(database)
    yield database
    database.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database with the newest schema."""
    database = Database(make_url(f"sqlite:///{tmp_path / 'face-monitor.db'}"))
    upgrade_schema(database)
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
