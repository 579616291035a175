"""How often, and after how long, a request that may be repeated is sent again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

RETRIED_STATUSES = frozenset({408, 429, 502, 503, 504})
"""Answers that say "not now". 507 is not among them: a full disk does not empty in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds of repeating: by default five tries within half a minute.

    `RetryPolicy(max_tries=1)` never repeats anything.
    """

    max_tries: int = 5
    first_delay_seconds: float = 0.25
    """Doubles with every try."""
    longest_delay_seconds: float = 8.0
    """Of the client's own back-off; the service may ask for more with Retry-After."""
    give_up_after_seconds: float = 30.0
    """A wait that would end later than this after the first try is not begun."""
    jitter: Callable[[], float] = random.random
    """0 to 1; spreads the back-off over its upper half, so that many clients do not come back
    in the same instant."""

    def delay_seconds(
        self, *, tries: int, elapsed_seconds: float, retry_after_seconds: float | None
    ) -> float | None:
        """Return how long to wait before the next try, None to give up now.

        Parameters
        ----------
        tries
            How many were made.
        elapsed_seconds
            Time since the first one.
        retry_after_seconds
            What the service asked for; it is never asked again earlier.
        """
        if tries >= self.max_tries:
            return None
        backoff = min(self.first_delay_seconds * 2 ** (tries - 1), self.longest_delay_seconds)
        delay = max(backoff * (0.5 + self.jitter() / 2), retry_after_seconds or 0.0)
        return delay if elapsed_seconds + delay <= self.give_up_after_seconds else None
