"""People as they are after they registered."""

from sqlalchemy.orm import Session

from api.context import Context
from api.users.service import add_student, new_user
from models.user import User


def register_student(
    session: Session, context: Context, *, login: str, display_name: str, password: str
) -> User:
    """Add a student from what was typed."""
    return add_student(session, context, new_user(login, display_name, password))
