"""What forms hold, as the rest of the service takes it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.problems import InvalidRequest, LoginTaken, Problem
from api.users.login import login_key

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], values: dict[str, Any]) -> Model:
    """Return the values as the API would take them.

    Raises
    ------
    InvalidRequest
        It says in its detail what cannot be used.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors = [
            {"field": ".".join(map(str, one["loc"])) or "form", "message": one["msg"]}
            for one in error.errors()
        ]
        said = ", ".join(f"{one['field']}: {one['message']}" for one in errors)
        raise InvalidRequest(f"The form holds something that cannot be used: {said}.") from None


def typed_lines(text: str) -> str:
    """Return the text with the line ends of everybody but browsers."""
    return text.replace("\r\n", "\n")


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
