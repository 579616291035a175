"""Migrations give the schema the code expects, on each database."""

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
