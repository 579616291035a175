"""When an attempt ran: from each start to the moment it was handed in, broken off or over."""

from datetime import timedelta

from models.running_spans import Span, ran_seconds, running_spans
from tests.support.builders import NOW

AT = [NOW + timedelta(hours=hours) for hours in range(6)]


def test_time_in_which_it_was_broken_off_is_not_in_it() -> None:
    spans = running_spans(
        [
            (None, "created", AT[0]),
            ("created", "ready", AT[0]),
            ("ready", "started", AT[1]),
            ("started", "error", AT[2]),
            ("error", "started", AT[4]),
            ("started", "submitted", AT[5]),
            ("submitted", "verified", AT[5]),
        ]
    )
    assert spans == (Span(AT[1], AT[2]), Span(AT[4], AT[5]))
    assert ran_seconds(spans) == 7200


def test_attempt_that_runs_has_an_open_span() -> None:
    assert running_spans([("ready", "started", AT[1])]) == (Span(AT[1], None),)
    assert running_spans([(None, "created", AT[0])]) == ()
