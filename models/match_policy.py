"""Policy versions: the numbers behind each policy id, kept as long as verdicts are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

POLICY_ID_LENGTH = 80
"""Characters of a policy id, wherever it is stored."""


class MatchPolicy(Base):
    """A policy version: every threshold and floor of the verdicts that name its id.

    Written with the first of these verdicts and never changed: the id is a digest of the numbers.
    It tells of no person, so erasing one leaves it alone.
    """

    __tablename__ = "match_policy"

    policy_id: Mapped[str] = mapped_column(String(POLICY_ID_LENGTH), primary_key=True)
    numbers: Mapped[dict[str, Any]]
    """By name, as the verifier calls them."""
    created_at: Mapped[datetime]


def keep_policy(
    connection: Connection, policy_id: str, numbers: Mapping[str, float], *, now: datetime
) -> None:
    """Insert the policy version unless it is there, in the transaction of `connection`."""
    known = select(MatchPolicy.policy_id).where(MatchPolicy.policy_id == policy_id)
    if connection.scalar(known) is not None:
        return
    row = {"policy_id": policy_id, "numbers": dict(numbers), "created_at": now}
    try:
        # The savepoint: PostgreSQL would end the whole transaction, and the verdict with it.
        with connection.begin_nested():
            connection.execute(insert(MatchPolicy).values(row))
    except IntegrityError:
        pass  # Another worker wrote the same numbers since we looked.
