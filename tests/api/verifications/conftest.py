"""Attempts in any state, as the tests of frames make them."""

from tests.api.frames.conftest import attempt, new_attempt

__all__ = ["attempt", "new_attempt"]
