"""Where in a timeline something stands, and the cursor that names such a place.

Order: the server's moment of receipt; at the same moment transitions, then frames by seq (a
gap just before the frame that revealed it), then events as they were sent. Verdicts have no
place of their own, so that the order never depends on when a worker was done.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from api.authorization import ID_PATTERN
from api.problems import InvalidRequest


class Rank(IntEnum):
    """The order of things received at the same moment."""

    TRANSITION = 0
    FRAME = 1
    EVENT = 2


BEFORE_FRAME, AT_FRAME = 0, 1
"""A gap stands before the frame it belongs to."""


@dataclass(frozen=True, order=True)
class Position:
    """A place in a timeline; places compare in the timeline's order."""

    at: datetime
    rank: Rank
    seq: int = 0
    """Of frames and gaps."""
    part: int = 0
    """`BEFORE_FRAME` or `AT_FRAME`."""
    row_id: str = ""
    """Of transitions and events."""

    def as_cursor(self) -> str:
        """Return the place as opaque text."""
        parts = [self.at.isoformat(), int(self.rank), self.seq, self.part, self.row_id]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def position_of(cursor: str) -> Position:
    """Return the place a cursor names.

    Raises
    ------
    InvalidRequest
        It is no cursor of a timeline.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        at, rank, seq, part, row_id = json.loads(text)
        position = Position(datetime.fromisoformat(at), Rank(rank), seq, part, row_id)
        is_sane = (
            position.at.tzinfo == UTC
            and all(type(number) is int and 0 <= number < 2**31 for number in (seq, part))
            and isinstance(row_id, str)
            and (row_id == "" or re.match(ID_PATTERN, row_id) is not None)
        )
    except (binascii.Error, ValueError, TypeError, RecursionError):
        is_sane = False
    if not is_sane:
        raise InvalidRequest.at("cursor", "is not a next_cursor of a timeline")
    return position


def is_after(
    position: Position | None,
    rank: Rank,
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int] | InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """Return the condition that a row of `rank`, ordered by `at` and `key`, follows `position`.

    A frame whose gap ends the page before still follows.
    """
    if position is None:
        return true()
    if rank != position.rank:
        return at > position.at if rank < position.rank else at >= position.at
    if rank is not Rank.FRAME:
        follows = key > position.row_id
    elif position.part == BEFORE_FRAME:
        follows = key >= position.seq
    else:
        follows = key > position.seq
    return or_(at > position.at, and_(at == position.at, follows))
