"""Migrations give the schema the code expects, on each database."""

from datetime import UTC, datetime

from sqlalchemy import select

from models.api_client import ApiClient
from models.base import new_id
from models.database import Database
from models.schema import is_schema_current, schema_differences, upgrade_schema


def test_migrations_give_the_tables_of_the_code(any_database: Database) -> None:
    assert schema_differences(any_database) == []


def test_a_missing_column_is_noticed(any_database: Database) -> None:
    with any_database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE exam DROP COLUMN description")
    assert any("description" in difference for difference in schema_differences(any_database))


def test_upgrading_again_changes_nothing(any_database: Database) -> None:
    assert is_schema_current(any_database)
    upgrade_schema(any_database)
    assert is_schema_current(any_database)
    assert schema_differences(any_database) == []


def test_names_that_differ_in_case_are_two_names(any_database: Database) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with any_database.write() as session:
        for name in ("anna", "Anna"):
            session.add(ApiClient(id=new_id("cli"), name=name, created_at=now))
    with any_database.read() as session:
        assert len(session.scalars(select(ApiClient).where(ApiClient.name == "anna")).all()) == 1
