"""Users in requests and answers."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.field_types import Moment
from api.subjects.schemas import ErasureReceipt
from models.statuses import Role


class NewInvitedUser(BaseModel):
    """Somebody who is to sign in, and sets a password by a link."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(max_length=300)]
    display_name: Annotated[str, Field(max_length=200)] = ""
    """Left out: the login."""
    role: Role


class UserChange(BaseModel):
    """What changes. Either ends the person's sign-ins."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_disabled: bool | None = None

    @model_validator(mode="after")
    def _changes_one_thing(self) -> Self:
        if (self.role is None) == (self.is_disabled is None):
            message = "must name either role or is_disabled"
            raise ValueError(message)
        return self


class UserAnswer(BaseModel):
    """A user as staff see them."""

    id: str
    login: str
    display_name: str
    role: Role
    is_disabled: bool
    has_password: bool
    """False until the person has used an invitation."""
    subject_id: str | None
    """Whose face it is, of those who are or were students."""
    created_at: Moment


class UserPage(BaseModel):
    """Users, newest first."""

    items: list[UserAnswer]
    next_cursor: str | None


class InvitationAnswer(BaseModel):
    """A link, shown this once: only its hash is kept."""

    link: str
    expires_at: Moment


class InvitedUserAnswer(BaseModel):
    """A new user with the link to send them."""

    user: UserAnswer
    invitation: InvitationAnswer


class DepartureAnswer(BaseModel):
    """What became of a user who was deleted."""

    user_id: str
    keeps_name: bool
    """The name stays with what was decided under it."""
    erasure: ErasureReceipt | None
    """Of whoever is or was a student."""
