"""What people are called in lists of what was done."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.user import User, name_of_erased

ERASED_PERSON = "an erased person"


def user_names(session: Session, user_ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of users by their id; other ids are passed over.

    Who left keeps the name under which something was decided: see decision 0018.
    """
    wanted = {one for one in user_ids if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(wanted)))
    return {
        user_id: ERASED_PERSON if name == name_of_erased(user_id) else name
        for user_id, name in rows
    }
