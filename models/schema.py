"""The schema's version: upgrading it, and telling whether it is current."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models.database import Database
from models.tables import Base


def upgrade_schema(database: Database) -> None:
    """Bring the database to the newest schema; running it again changes nothing."""
    # SQLite ignores this switch inside a transaction, and copying a table must not fire it.
    with database.engine.connect() as connection:
        command.upgrade(_alembic_config(connection), "head")
        connection.commit()


def is_schema_current(database: Database) -> bool:
    """Tell whether every migration has run."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory.from_config(_alembic_config(connection)).get_current_head()
    return current == newest


def schema_differences(database: Database) -> list[str]:
    """Describe where the database differs from the tables in the code; empty when nowhere."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("file_template", "m%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
