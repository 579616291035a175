"""The same true clock and the same other process as for the stream."""

from tests.api.stream.conftest import app, clock, elsewhere

__all__ = ["app", "clock", "elsewhere"]
