"""From the service's JSON to frozen values, tolerant of fields that this version does not know."""

import dataclasses
import types
import typing
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from face_monitor_client._errors import UnexpectedAnswer

T = TypeVar("T")

KEY = "key"
"""Metadata entry of a field whose JSON key is not its name (`from` is a Python keyword)."""


def read(answer_type: type[T], body: object) -> T:
    """Return `body` as an `answer_type`.

    Unknown keys are ignored. A key that is missing or null takes the field's default.

    Raises
    ------
    UnexpectedAnswer
        `body` lacks a field that has no default, or holds something of another kind.
    """
    if not isinstance(body, dict):
        raise UnexpectedAnswer(f"Expected {answer_type.__name__} as a JSON object.")
    values: dict[str, Any] = {}
    fields = _fields(typing.cast("Any", answer_type))
    for name, key, kind, is_required in fields:
        value = body.get(key)
        if value is not None:
            values[name] = _read_value(kind, value, f"{answer_type.__name__}.{name}")
        elif is_required:
            raise UnexpectedAnswer(f"The answer lacks {answer_type.__name__}.{name}.")
    return answer_type(**values)


@cache
def _fields(answer_type: Any) -> list[tuple[str, str, Any, bool]]:
    """Return name, JSON key, type and "has no default" of every field."""
    hints = typing.get_type_hints(answer_type)
    return [
        (
            field.name,
            field.metadata.get(KEY, field.name),
            _without_none(hints[field.name]),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(answer_type)
    ]


def _without_none(kind: Any) -> Any:
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not types.NoneType)
    return kind


def _read_value(kind: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    try:
        if origin is tuple:
            return tuple(_read_value(typing.get_args(kind)[0], item, where) for item in value)
        if origin is not None:
            _, inner = typing.get_args(kind)
            return {name: _read_value(inner, item, where) for name, item in value.items()}
        if dataclasses.is_dataclass(kind):
            return read(typing.cast("type[Any]", kind), value)
        if kind is datetime:
            return datetime.fromisoformat(value)
        return value if kind is Any else kind(value)
    except (AttributeError, TypeError, ValueError) as problem:
        raise UnexpectedAnswer(f"{where} of the answer cannot be read: {problem}") from problem
