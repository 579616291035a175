"""Python's search for cyclic garbage, kept short: requests, frames and the end wait for it."""

import gc


def spare_what_stays() -> None:
    """Leave what is there now out of every later search.

    A quarter of a million objects of the program and its libraries stay as long as the process;
    looking through them stops all requests for a tenth to a quarter of a second, and a process that
    ends looks through them for a last time.
    """
    gc.collect()
    gc.freeze()
