"""Waiting for what must come: a wait ends at its event, its bound only ends a failure."""

import time

WAIT = 60  # seconds


def wait_for(what, found, timeout=WAIT):
    """Call `found` until it gives something true; give that back."""
    until = time.monotonic() + timeout
    pause = 0.01
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError("waited in vain for " + what)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
