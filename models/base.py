"""The declarative base, identifiers and column types every table shares."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, String, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from ulid import ULID

ID_LENGTH = 40
"""Characters kept for an id: a prefix of up to four letters, an underscore and a ULID (26)."""

CASE_SENSITIVE = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}
"""Table arguments: MariaDB's default collation would take `Anna` and `anna` for the same key."""


def new_id(prefix: str) -> str:
    """Return a new identifier such as `att_01k…`, which sorts by the time it was made."""
    return f"{prefix}_{ULID()}".lower()


def made_at(own_id: str) -> datetime:
    """Return when `new_id` gave the id out, to the millisecond."""
    return ULID.from_str(own_id.partition("_")[2].upper()).datetime


def first_id_at(prefix: str, moment: datetime) -> str:
    """Return the smallest id that `new_id` can have given out at `moment`: a bound for ranges."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return f"{prefix}_{ULID.from_bytes(milliseconds.to_bytes(6) + bytes(10))}".lower()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with microseconds, stored in UTC and always read back with its time zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Return the dialect's own type; MariaDB drops fractions unless told to keep them."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone, and hand the database UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a moment without a time zone was about to be stored: {value!r}"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Return the moment with UTC as its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Constraint names are fixed, so that migrations can name them anywhere."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        str: String(255),
    }
    __table_args__: Any = CASE_SENSITIVE
