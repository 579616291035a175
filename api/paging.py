"""Lists by cursor. Ids are ULIDs, so that their order is the order things were made in."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.authorization import ID_PATTERN

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted."""

    cursor: str | None
    limit: int


async def wanted_page(
    cursor: Annotated[
        str | None,
        Query(description="`next_cursor` of the page before.", pattern=ID_PATTERN),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Items on a page.")] = 50,
) -> Page:
    """Return the page the query string asks for."""
    return Page(cursor=cursor, limit=limit)


WantedPage = Annotated[Page, Depends(wanted_page)]
"""The page, as a parameter of a route."""


def newest_first(
    session: Session,
    statement: Select[Row],
    id_column: InstrumentedAttribute[str],
    page: Page,
) -> tuple[list[Row], str | None]:
    """Return the rows of the page and the cursor of the next one; None at the end."""
    if page.cursor is not None:
        statement = statement.where(id_column < page.cursor)
    statement = statement.order_by(id_column.desc()).limit(page.limit + 1)
    rows: list[Any] = list(session.scalars(statement))
    if len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, getattr(rows[-1], id_column.key)
