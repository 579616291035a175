"""The database: one engine per process, explicit read and write transactions.

SQLite runs with a write-ahead log and full synchronisation, so that a committed frame survives
a power cut; bookkeeping that is done again after one need not wait for the disk. Its writers
begin with `BEGIN IMMEDIATE`: a read that turns into a write would fail
at once despite the busy timeout.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 5000
"""How long a writer waits for its turn before it fails."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA secure_delete=ON",
)
"""Set on each new connection."""

POOL_SIZE = 10
"""Connections kept; FastAPI serves at most 40 requests at once, most of them without waiting."""

_NOW = {
    "sqlite": text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"),
    "postgresql": text("SELECT clock_timestamp()"),
    "mysql": text("SELECT UTC_TIMESTAMP(6)"),
    "mariadb": text("SELECT UTC_TIMESTAMP(6)"),
}


class Database:
    """An engine and the ways to talk to it."""

    def __init__(self, url: URL) -> None:
        self.dialect = url.get_backend_name()
        self.engine = _make_engine(url)
        self._writer = self.engine.execution_options(face_monitor_writes=True)
        self._light_writer = self._writer.execution_options(face_monitor_synchronous="NORMAL")
        # SQLite's readers see one state by themselves.
        self._one_state = (
            self.engine
            if self.dialect == "sqlite"
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._turn = _Turn() if self.dialect == "sqlite" else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading; what it changed is thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def read_one_state(self) -> Iterator[Session]:
        """Open a session for reading that sees nothing of what is committed meanwhile.

        For what is put together from many queries and has to fit together. It holds back no
        writer; let it be short all the same, because the database keeps what it may still see.
        """
        with Session(self._one_state, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, *, survives_power_cut: bool = True) -> Iterator[Session]:
        """Open a session that commits at the end of the block, or rolls back on an exception.

        Parameters
        ----------
        survives_power_cut
            False for what may be undone by one, such as a claim of a job: SQLite then does not
            wait for the disk. A commit survives the end of any process all the same, and the
            next one that waits takes it along. Other databases always wait.
        """
        engine = self._writer if survives_power_cut else self._light_writer
        with (
            self._turn,
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        """Close every connection. A forked child calls `forget_connections` instead."""
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Drop connections inherited over a fork without closing the parent's sockets."""
        self.engine.dispose(close=False)
        self._turn = _Turn() if self.dialect == "sqlite" else nullcontext()


class _Turn:
    """Lets the threads of one process take turns at writing, as SQLite's writers must anyway.

    SQLite's own way of waiting is to look again after ever longer pauses, up to 0.1 s, in no
    order: of many threads some then wait long while the database is idle. What waits for other
    processes still waits that way. After the busy timeout SQLite itself decides.

    A thread that has the turn does not wait for itself when it opens another transaction.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held = threading.local()

    def __enter__(self) -> None:
        holds: list[bool] = self._held.__dict__.setdefault("holds", [])
        holds.append(self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000))

    def __exit__(self, *_problem: object) -> None:
        if self._held.holds.pop():
            self._lock.release()


def database_now(session: Session) -> datetime:
    """Return the database's clock: leases of different machines are compared on it alone."""
    value: Any = session.scalar(_NOW[session.get_bind().dialect.name])
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    moment: datetime = value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_database_outage(error: Exception) -> bool:
    """Tell whether the database was unreachable or too busy, so that trying again can help."""
    return isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=5,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 3},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # With an isolation level of None sqlite3 begins no transaction by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    # Its own knows no letters but A to Z, and a search would miss `Übung` for `übung`.
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("face_monitor_writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    # Said anew before each transaction: connections are pooled, and within one it has no effect.
    synchronous = options.get("face_monitor_synchronous", "FULL")
    connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
