"""Waiting for something to become true, with a deadline that is there to end a hang and not to measure."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: Callable[[], T], seconds: float = 60, every: float = 0.05, why: str = "") -> T:
    """The first true value of `what`. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {why or what}; last seen: {value!r}"
        time.sleep(every)
