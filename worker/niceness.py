"""The worker steps back behind whoever answers people: frames can wait, uploads should not."""

import os

NICENESS = 5
"""A third of the usual weight where processors are short, and no less work where they are not. No
more: on a machine with other work, too, verdicts must not stand still."""


def step_back() -> None:
    """Lower this process's weight, and that of all it starts."""
    os.nice(NICENESS)
