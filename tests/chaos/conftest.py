"""The stack on its own, and on Redis with PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.services import REDIS_URL, postgres_database, require
from tests.support.stack import RunningStack, running_stack

EVERY_STACK = ["embedded", pytest.param("redis_and_postgresql", marks=pytest.mark.services)]


@pytest.fixture(params=EVERY_STACK)
def any_stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningStack]:
    """A running stack, embedded and on real services."""
    if request.param == "embedded":
        with running_stack(tmp_path) as stack:
            yield stack
        return
    require("Redis", REDIS_URL)
    with (
        postgres_database() as database_url,
        running_stack(tmp_path, database_url=database_url, broker_url=REDIS_URL) as stack,
    ):
        yield stack


@pytest.fixture
def embedded_stack(tmp_path: Path) -> Iterator[RunningStack]:
    """A running embedded stack."""
    with running_stack(tmp_path) as stack:
        yield stack
