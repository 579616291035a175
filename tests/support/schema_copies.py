"""Databases with the newest schema: the migrations run once for each kind, and are copied."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from models.database import Database
from models.schema import upgrade_schema
from models.settings import Settings
from tests.support.services import mariadb_database, postgres_database


@cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        database = _migrated(f"sqlite:///{path}")
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return path.read_bytes()


def sqlite_copy(path: Path) -> str:
    """Make an SQLite database with the newest schema at `path` and return its address."""
    path.write_bytes(_sqlite_file())
    return f"sqlite:///{path}"


class SchemaCopies:
    """Migrated databases of the servers, of which tests get copies; dropped at the end."""

    def __init__(self) -> None:
        self._kept = ExitStack()
        self._postgres_template: str | None = None
        self._mariadb_statements: list[str] = []

    @contextmanager
    def postgres(self) -> Iterator[str]:
        """Yield the address of a PostgreSQL database of its own with the newest schema."""
        if self._postgres_template is None:
            url = self._kept.enter_context(postgres_database())
            # PostgreSQL copies what nobody is connected to.
            _migrated(url).close()
            self._postgres_template = make_url(url).database
        with postgres_database(template=self._postgres_template) as url:
            yield url

    @contextmanager
    def mariadb(self) -> Iterator[str]:
        """Yield the address of a MariaDB database of its own with the newest schema."""
        if not self._mariadb_statements:
            url = self._kept.enter_context(mariadb_database())
            self._mariadb_statements = _copying(url)
        with mariadb_database(statements=self._mariadb_statements) as url:
            yield url

    def close(self) -> None:
        """Drop what was copied."""
        self._kept.close()


def _copying(url: str) -> list[str]:
    """Migrate the empty MariaDB database and return what copies it into another."""
    database = _migrated(url)
    name = make_url(url).database
    with database.engine.connect() as connection:
        tables = connection.exec_driver_sql("SHOW TABLES").scalars().all()
        made = [
            str(connection.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1])
            for table in tables
        ]
    database.close()
    # Tables may name others that come later, and migrations leave a few rows.
    filled = [f"INSERT INTO `{table}` SELECT * FROM `{name}`.`{table}`" for table in tables]
    return ["SET foreign_key_checks = 0", *made, *filled]


def _migrated(url: str) -> Database:
    database = Database(Settings(_env_file=None, database_url=url).database)
    upgrade_schema(database)
    return database
