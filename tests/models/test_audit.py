"""The audit chain shows later edits."""

from datetime import UTC, datetime

from sqlalchemy import delete, update

from models.audit import AuditEntry, append_audit_entry, first_broken_entry
from models.database import Database

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def write_entries(database: Database, count: int, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        with database.write() as session:
            append_audit_entry(
                session,
                at=NOON,
                actor="usr_admin",
                action="frame.seen",
                object_id=f"frm_{number}",
                detail={"n": number},
            )


def test_an_untouched_chain_is_whole(any_database: Database) -> None:
    write_entries(any_database, 4)
    with any_database.read() as session:
        assert first_broken_entry(session) is None


def test_an_edited_entry_breaks_the_chain_at_its_number(any_database: Database) -> None:
    write_entries(any_database, 4)
    with any_database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 2).values(actor="usr_other"))
    with any_database.read() as session:
        assert first_broken_entry(session) == 2


def test_a_removed_entry_breaks_the_chain(database: Database) -> None:
    write_entries(database, 4)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == 3))
    with database.read() as session:
        assert first_broken_entry(session) == 4


def test_a_removed_last_entry_is_noticed(database: Database) -> None:
    write_entries(database, 4)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == 4))
    with database.read() as session:
        assert first_broken_entry(session) == 4


def test_a_rolled_back_transaction_leaves_no_entry(database: Database) -> None:
    class Stop(Exception):
        pass

    try:
        with database.write() as session:
            append_audit_entry(session, at=NOON, actor="a", action="b", object_id="c")
            raise Stop
    except Stop:
        pass
    write_entries(database, 1)
    with database.read() as session:
        assert first_broken_entry(session) is None
