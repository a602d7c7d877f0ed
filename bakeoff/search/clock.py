"""Clock: the one clock of a run; law: elapsed and left are asked here and nowhere else."""

import time

__all__ = ["Clock", "soft", "utc"]

SOFT_SHARE = 0.95
"""What estimators are told of the time left; the rest is for what cannot stop itself to the second."""
LEAST_SLACK = 1.0
"""Seconds that scoring and writing a trial take at least, where the ensembles are grown beside it."""


def soft(seconds: float) -> float:
    """Of the seconds left for a trial, those its estimators are told; not above 0 where it is not worth beginning."""
    return min(SOFT_SHARE * seconds, seconds - LEAST_SLACK)


def utc(seconds: float) -> str:
    """A time.time() as people and sorting read it: ISO 8601, milliseconds."""
    whole, _, milliseconds = f"{seconds:.3f}".partition(".")
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(int(whole)))}.{milliseconds}Z"


class Clock:
    """Seconds of a run since its flow's start, those of interrupted sessions before it included."""

    def __init__(self, started: float, used_before: float = 0.0, max_minutes: float | None = None) -> None:
        """`started` is time.time() of the flow's start; `used_before` seconds used by earlier sessions of the run."""
        self._origin = time.monotonic() - max(0.0, time.time() - started) - used_before
        self.limit = None if max_minutes is None else max_minutes * 60

    def elapsed(self) -> float:
        """Seconds used."""
        return time.monotonic() - self._origin

    def left(self, reserve: float = 0.0) -> float | None:
        """Seconds until the limit less `reserve`; None where there is no limit."""
        return None if self.limit is None else self.limit - reserve - self.elapsed()
