"""How closely an image is looked at."""

from enum import StrEnum


class Look(StrEnum):
    """Steps of effort, from the cheapest on.

    What would accuse somebody is never decided by a glance: `verify_image` goes on until the
    answer is a plain match or the last step is done.
    """

    GLANCE = "glance"
    """The cheap detector and one encoding a face: enough for most frames of most exams."""

    MIRRORED = "mirrored"
    """The same boxes; the encoding is averaged with that of the mirrored face."""

    CLOSE = "close"
    """The strong detector, and the encoding of the subject's face averaged over several chips."""

    THOROUGH = "thorough"
    """As close, on a larger picture and with more chips: for pictures that come one at a time,
    as for enrolment."""

    def is_at_least(self, other: "Look") -> bool:
        """Tell whether this look is as close as the other or closer."""
        order = list(Look)
        return order.index(self) >= order.index(other)
