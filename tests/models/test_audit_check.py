"""The chain is checked a stretch at a time and tells where it is broken."""

import pytest
from sqlalchemy import delete, update

from models.audit import CHAIN_START, AuditEntry, AuditHead
from models.audit_check import AuditCheck, begin_anew, check_further, keep_check, kept_check
from models.database import Database
from tests.models.test_audit import write_entries
from tests.support.builders import NOW


def test_stretches_follow_each_other_to_the_end(any_database: Database) -> None:
    write_entries(any_database, 5)
    with any_database.read() as session:
        first = check_further(session, AuditCheck(), stretch=2, batch=1)
        assert (first.checked_number, first.reached_end) == (2, False)
        second = check_further(session, first, stretch=2)
        third = check_further(session, second, stretch=2)
    assert (third.checked_number, third.reached_end, third.broken_number) == (5, True, None)


def checked_then_cut_off(database: Database) -> AuditCheck:
    """Write five entries, check them, and take the last two away together with the head."""
    write_entries(database, 5)
    with database.write() as session:
        known = check_further(session, AuditCheck())
        session.execute(delete(AuditEntry).where(AuditEntry.number > 3))
        kept = session.get_one(AuditEntry, 3)
        session.execute(update(AuditHead).values(number=3, entry_hash=kept.entry_hash))
    return known


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
    known = checked_then_cut_off(database)
    with database.read() as session:
        assert check_further(session, known).broken_number == 4


def alter(database: Database, number: int) -> None:
    with database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == number).values(actor="usr_x"))


def mend(database: Database, number: int) -> None:
    with database.write() as session:
        session.execute(
            update(AuditEntry).where(AuditEntry.number == number).values(actor="usr_admin")
        )


def test_a_break_stays_until_a_check_from_the_start_has_passed_it(database: Database) -> None:
    write_entries(database, 6)
    alter(database, 5)
    with database.read() as session:
        known = check_further(session, AuditCheck())
        assert (known.broken_number, known.checked_number) == (5, 4)
        again = check_further(session, begin_anew(known), stretch=3)
        assert (again.broken_number, again.checked_number, again.is_anew) == (5, 3, True)
        still = check_further(session, again)
        assert (still.broken_number, still.is_anew) == (5, False)
    mend(database, 5)
    with database.read() as session:
        again = check_further(session, begin_anew(still), stretch=3)
        assert again.broken_number == 5
        passed = check_further(session, again)
    assert (passed.broken_number, passed.is_anew, passed.reached_end) == (None, False, True)


def test_an_earlier_break_takes_the_place_of_a_later_one(database: Database) -> None:
    write_entries(database, 6)
    alter(database, 5)
    with database.read() as session:
        known = check_further(session, AuditCheck())
    alter(database, 2)
    with database.read() as session:
        assert check_further(session, begin_anew(known)).broken_number == 2


def test_a_record_that_was_cut_off_stays_broken_when_it_grows_again(database: Database) -> None:
    known = checked_then_cut_off(database)
    with database.read() as session:
        cut = check_further(session, begin_anew(known))
    assert cut.broken_number == 4
    write_entries(database, 4, begin=100)
    with database.read() as session:
        found = check_further(session, begin_anew(cut))
    assert found.broken_number == 5


def test_a_record_written_anew_from_the_start_is_noticed(database: Database) -> None:
    write_entries(database, 4)
    with database.read() as session:
        known = check_further(session, AuditCheck())
    with database.write() as session:
        session.execute(delete(AuditEntry))
        session.execute(update(AuditHead).values(number=0, entry_hash=CHAIN_START))
    write_entries(database, 4, begin=100)
    with database.read() as session:
        assert check_further(session, begin_anew(known)).broken_number == 4


def test_of_two_checks_at_once_none_forgets_the_break_the_other_found(database: Database) -> None:
    write_entries(database, 6)
    alter(database, 2)
    with database.write() as session:
        known = kept_check(session)[0]
        slow = check_further(session, known, stretch=1)
        quick = check_further(session, known)
        keep_check(session, quick, known=known, now=NOW)
        keep_check(session, slow, known=known, now=NOW)
        assert kept_check(session)[0].broken_number == 2
