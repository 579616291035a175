"""The real services of this machine, and what to do where one does not run.

Tests that need a service are left out, by name, where it does not run. Under
`FACE_MONITOR_TEST_SERVICES=required` a missing service is a failure instead.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlparse

import psycopg
import pymysql
import pytest
from sqlalchemy import make_url

POSTGRES_URL = os.environ.get(
    "FACE_MONITOR_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
MARIADB_URL = os.environ.get("FACE_MONITOR_TEST_MARIADB_URL", "mariadb://root@127.0.0.1:3306/mysql")
REDIS_URL = os.environ.get("FACE_MONITOR_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
RABBITMQ_URL = os.environ.get(
    "FACE_MONITOR_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"
)


def require(service: str, url: str) -> None:
    """Skip the test, or fail it where services are required, unless something answers at `url`."""
    address = urlparse(url)
    assert address.hostname is not None
    assert address.port is not None
    try:
        socket.create_connection((address.hostname, address.port), timeout=2).close()
    except OSError as error:
        reason = f"{service} does not run at {address.hostname}:{address.port} ({error})"
        if os.environ.get("FACE_MONITOR_TEST_SERVICES") == "required":
            pytest.fail(reason)
        pytest.skip(f"left out: {reason}")


@contextmanager
def postgres_database(template: str | None = None) -> Iterator[str]:
    """Yield the address of a PostgreSQL database of its own: empty, or as `template` is."""
    require("PostgreSQL", POSTGRES_URL)
    name = f"face_monitor_test_{secrets.token_hex(6)}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        like = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{like}')
        try:
            url = make_url(POSTGRES_URL).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def mariadb_database(statements: Sequence[str] = ()) -> Iterator[str]:
    """Yield the address of a MariaDB database of its own, in which `statements` were executed."""
    require("MariaDB", MARIADB_URL)
    name = f"face_monitor_test_{secrets.token_hex(6)}"
    url = make_url(MARIADB_URL)
    connection = pymysql.connect(
        host=url.host or "127.0.0.1",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        autocommit=True,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{name}`")
            cursor.execute(f"USE `{name}`")
            for statement in statements:
                cursor.execute(statement)
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE `{name}`")
    finally:
        connection.close()
