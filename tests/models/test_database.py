"""Transactions: writers of one process take turns, and most commits wait for the disk."""

import threading
import time

from sqlalchemy import text

from models.database import Database

FULL, NORMAL = 2, 1
"""What SQLite answers for `PRAGMA synchronous`."""


def synchronous(database: Database, **how: bool) -> int:
    with database.write(**how) as session:
        return int(session.scalar(text("PRAGMA synchronous")) or 0)


def test_commits_wait_for_the_disk_unless_told_otherwise(database: Database) -> None:
    assert synchronous(database) == FULL
    assert synchronous(database, survives_power_cut=False) == NORMAL
    # The same pooled connection again.
    assert synchronous(database) == FULL


def test_what_need_not_survive_a_power_cut_is_committed_all_the_same(
    any_database: Database,
) -> None:
    with any_database.write() as session:
        session.execute(text("CREATE TABLE note (number INTEGER)"))
    try:
        with any_database.write(survives_power_cut=False) as session:
            session.execute(text("INSERT INTO note VALUES (7)"))
        with any_database.read() as session:
            assert session.scalar(text("SELECT number FROM note")) == 7
    finally:
        with any_database.write() as session:
            session.execute(text("DROP TABLE note"))


def test_many_threads_write_one_after_the_other(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (number INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))

    def count() -> None:
        for _ in range(10):
            with database.write() as session:
                number = session.scalar(text("SELECT number FROM tally")) or 0
                session.execute(text("UPDATE tally SET number = :next"), {"next": number + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.scalar(text("SELECT number FROM tally")) == 80


def test_a_thread_does_not_wait_for_its_own_turn(database: Database) -> None:
    started = time.monotonic()
    with database.write(), database.write() as inner:
        inner.execute(text("CREATE TABLE note (number INTEGER)"))
    # And the turn was given back: another thread writes at once.
    other = threading.Thread(target=synchronous, args=(database,))
    other.start()
    other.join()
    assert time.monotonic() - started < 4


def test_a_failed_writer_gives_its_turn_back(database: Database) -> None:
    for _ in range(2):
        try:
            with database.write() as session:
                session.execute(text("SELECT nothing FROM nowhere"))
        except Exception:  # noqa: BLE001  # Only what comes after it matters here.
            pass
    assert synchronous(database) == FULL


def test_reader_of_one_state_sees_nothing_that_comes_meanwhile(any_database: Database) -> None:
    with any_database.write() as session:
        session.execute(text("CREATE TABLE tally (number INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (1)"))
    try:
        with any_database.read_one_state() as reader:
            assert reader.scalar(text("SELECT number FROM tally")) == 1
            with any_database.write() as session:
                session.execute(text("UPDATE tally SET number = 2"))
            assert reader.scalar(text("SELECT number FROM tally")) == 1
        with any_database.read() as session:
            assert session.scalar(text("SELECT number FROM tally")) == 2
    finally:
        with any_database.write() as session:
            session.execute(text("DROP TABLE tally"))
