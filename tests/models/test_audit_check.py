"""The chain is checked a stretch at a time and tells where it is broken."""

import pytest
from sqlalchemy import delete, update

from models.audit import AuditEntry, AuditHead
from models.audit_check import AuditCheck, check_further
from models.database import Database
from tests.models.test_audit import write_entries


def test_stretches_follow_each_other_to_the_end(any_database: Database) -> None:
    write_entries(any_database, 5)
    with any_database.read() as session:
        first = check_further(session, AuditCheck(), stretch=2, batch=1)
        assert (first.checked_number, first.reached_end) == (2, False)
        second = check_further(session, first, stretch=2)
        third = check_further(session, second, stretch=2)
    assert (third.checked_number, third.reached_end, third.broken_number) == (5, True, None)


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_entry_is_told(any_database: Database, number: int) -> None:
    write_entries(any_database, 5)
    with any_database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == number))
    with any_database.read() as session:
        found = check_further(session, AuditCheck(), batch=2)
    assert found.checked_number == number - 1
    assert found.broken_number == min(number + 1, 5)


def test_a_record_cut_off_with_its_head_is_noticed_by_who_checked_before(
    database: Database,
) -> None:
    write_entries(database, 5)
    with database.write() as session:
        known = check_further(session, AuditCheck())
        session.execute(delete(AuditEntry).where(AuditEntry.number > 3))
        kept = session.get_one(AuditEntry, 3)
        session.execute(update(AuditHead).values(number=3, entry_hash=kept.entry_hash))
    with database.read() as session:
        assert check_further(session, known).broken_number == 4
