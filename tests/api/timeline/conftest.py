"""Attempts in any state, as the tests of frames make them, and one with a story."""

from datetime import timedelta

import pytest

from models.statuses import Verdict
from tests.api.frames.conftest import attempt, new_attempt
from tests.support.builders import make_event, make_frame, make_verification

__all__ = ["attempt", "new_attempt"]


@pytest.fixture
def told(context, attempt, clock):
    """Frames 1 2 5 3 9 in this order of receipt, events between them."""
    with context.database.write() as session:
        for seconds, seq in ((1, 1), (2, 2), (4, 5), (5, 3), (6, 9)):
            now = clock.now + timedelta(seconds=seconds)
            frame = make_frame(session, attempt, seq, now=now)
            if seq != 2:
                make_verification(session, verdict=Verdict.MATCH, attempt=attempt, frame=frame)
        for seconds, reason in ((3, "tab_switch"), (3, "tab_return"), (6, "tab_switch")):
            now = clock.now + timedelta(seconds=seconds)
            make_event(session, attempt, "tab", reason, now=now)
    return attempt
