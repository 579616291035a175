"""Migrations give the schema the code expects, on each database."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, column, insert, select, table, update

from models.api_client import ApiClient
from models.base import new_id
from models.database import Database
from models.schema import (
    _alembic_config,
    is_schema_current,
    schema_differences,
    upgrade_schema,
)
from models.subject import Subject
from models.user import User


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


def test_users_erased_before_the_step_have_left(any_database: Database) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with any_database.engine.connect() as connection:
        command.downgrade(_alembic_config(connection), "0003")
        connection.commit()
    with any_database.engine.begin() as connection:
        for name, erased_at in (("gone", now), ("here", None)):
            subject_id = insert_student(connection, name, now)
            if erased_at:
                erased = update(Subject).where(Subject.id == subject_id)
                connection.execute(erased.values(erased_at=erased_at))
    upgrade_schema(any_database)
    with any_database.read() as session:
        left = dict(session.execute(select(User.login, User.deleted_at)).all())
    assert left == {"gone": now, "here": None}


def insert_student(connection: Connection, name: str, now: datetime) -> str:
    subject_id, user_id = new_id("sub"), new_id("usr")
    subject = {"id": subject_id, "external_ref": name, "created_at": now}
    connection.execute(insert(Subject).values(subject))
    known = [one for one in User.__table__.columns if one.name != "deleted_at"]
    user = table("user", *(column(one.name, one.type) for one in known))
    connection.execute(
        user.insert().values(
            id=user_id,
            login=name,
            login_key=name,
            display_name=name,
            password_hash="",
            role="student",
            is_disabled=False,
            failed_sign_ins=0,
            subject_id=subject_id,
            created_at=now,
        )
    )
    return subject_id


def test_names_that_differ_in_case_are_two_names(any_database: Database) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with any_database.write() as session:
        for name in ("anna", "Anna"):
            session.add(ApiClient(id=new_id("cli"), name=name, created_at=now))
    with any_database.read() as session:
        assert len(session.scalars(select(ApiClient).where(ApiClient.name == "anna")).all()) == 1
