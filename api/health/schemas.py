"""What health looks like in answers."""

from typing import Literal

from pydantic import BaseModel


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Check(BaseModel):
    """One thing the service needs."""

    ok: bool
    warning: bool = False
    """In order for now, but somebody should do what the detail says."""
    detail: str


class Readiness(BaseModel):
    """Whether a frame sent now would be verified soon."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, Check]
