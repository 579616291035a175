"""What forms hold, as the rest of the service takes it."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.problems import InvalidRequest, LoginTaken, Problem
from api.users.login import login_key

CANNOT_BE_USED = "The form holds something that cannot be used."
"""What is wrong with a form some of whose fields are named."""

_FAR_TOO_MUCH = 1e9
"""More than any field takes."""

Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model], values: dict[str, Any], messages: Mapping[str, str] = MappingProxyType({})
) -> Model:
    """Return the values as the API would take them; `messages` say what a field takes.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used; `form` where it is all of them together.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = {".".join(map(str, one["loc"])) or "form": one["msg"] for one in error.errors()}
        errors = [
            {"field": name, "message": messages.get(name, said.removeprefix("Value error, "))}
            for name, said in found.items()
        ]
        raise InvalidRequest(CANNOT_BE_USED, errors=errors) from None


def typed_lines(text: str) -> str:
    """Return the text with the line ends of everybody but browsers, which send two characters."""
    return text.replace("\r\n", "\n")


def typed_number(text: str) -> float:
    """Return a number with a point or a comma, cut to what can be reckoned with.

    Raises
    ------
    ValueError
        It is none.
    """
    number = float(text.replace(",", "."))
    if math.isnan(number):
        raise ValueError(text)
    return max(-_FAR_TOO_MUCH, min(number, _FAR_TOO_MUCH))


def check_confirmation(typed: str, wanted: str) -> None:
    """Return when what had to be typed was typed.

    Raises
    ------
    InvalidRequest
    """
    if login_key(typed) != login_key(wanted):
        raise InvalidRequest.at("confirmation", f"must be: {wanted}")


def field_errors(problem: Problem | None) -> dict[str, str]:
    """Return what is wrong with each field, by its name."""
    if isinstance(problem, LoginTaken):
        return {"login": "is taken; find this person in the list, or choose another one"}
    return {error["field"]: error["message"] for error in problem.errors} if problem else {}
