"""A policy version is written once, whoever comes first, and never costs a verdict."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from models.database import Database
from models.match_policy import MatchPolicy
from models.verification import Verification
from tests.support.builders import NOW, make_verification

NUMBERS = {"match_threshold": 0.5, "min_face_sharpness": 50.0}


@contextmanager
def announced_inserts(database: Database) -> Iterator[threading.Event]:
    """Yield what is set as soon as somebody is about to insert a policy version."""
    announced = threading.Event()

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO match_policy"):
            announced.set()

    event.listen(database.engine, "before_cursor_execute", look)
    yield announced
    event.remove(database.engine, "before_cursor_execute", look)


def stored(database: Database) -> list[tuple[str, dict[str, Any]]]:
    with database.read() as session:
        policies = session.scalars(select(MatchPolicy).order_by(MatchPolicy.policy_id)).all()
    assert {policy.created_at for policy in policies} <= {NOW}
    return [(policy.policy_id, policy.numbers) for policy in policies]


def verdict_count(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(Verification.id)).all())


def test_the_first_verdict_under_a_policy_keeps_its_numbers_for_all(
    any_database: Database,
) -> None:
    with announced_inserts(any_database) as announced:
        for number in range(3):
            announced.clear()
            with any_database.write() as session:
                make_verification(session, policy_id="policy-2-a", policy_numbers=NUMBERS)
            assert announced.is_set() == (number == 0)
    other = {**NUMBERS, "match_threshold": 0.45}
    with any_database.write() as session:
        make_verification(session, policy_id="policy-2-b", policy_numbers=other)
        make_verification(session, policy_id="none")
    assert stored(any_database) == [("policy-2-a", NUMBERS), ("policy-2-b", other)]


@pytest.mark.parametrize("first_gives_up", [False, True], ids=["commits", "rolls back"])
def test_two_workers_with_a_new_policy_at_once(
    any_database: Database, first_gives_up: bool
) -> None:
    class GivenUp(Exception):
        pass

    def record() -> None:
        with any_database.write() as session:
            make_verification(session, policy_id="policy-2-a", policy_numbers=NUMBERS)

    with ThreadPoolExecutor(1) as threads:
        try:
            with any_database.write() as session:
                make_verification(session, policy_id="policy-2-a", policy_numbers=NUMBERS)
                with announced_inserts(any_database) as announced:
                    second = threads.submit(record)
                    # SQLite's writers take turns from their first statement on.
                    assert any_database.dialect == "sqlite" or announced.wait(10)
                if first_gives_up:
                    raise GivenUp
        except GivenUp:
            pass
        second.result(timeout=10)
    assert stored(any_database) == [("policy-2-a", NUMBERS)]
    assert verdict_count(any_database) == (1 if first_gives_up else 2)


def test_a_policy_goes_with_the_transaction_that_brought_it(database: Database) -> None:
    with database.write() as session:
        make_verification(session, policy_id="policy-2-a", policy_numbers=NUMBERS)
        session.rollback()
    assert stored(database) == []
