"""Pace: what a candidate's folds take; law: encoding is the recipe's, fitting the trial's, and the run's end is everyone's."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator

from bakeoff.algorithms import Deadline

__all__ = ["End", "Pace", "TrialSkippedError", "lately", "never"]

End = Callable[[], float | None]
"""The time.monotonic() at which a candidate should be back, as far as is known now; None where nothing ends it."""

UNSEEN_PREDICT = 0.1
"""Of a fold's share of time, what predicting is taken to take before one was seen."""
LATEST = 2.5
"""What stops at its deadline with what it has learned goes on although its folds would take so many times the time left."""
ASK_SECONDS = 0.5


def never() -> float | None:
    """No end."""
    return None


def lately(end: End) -> End:
    """The same end, asked for every ASK_SECONDS at most: boosters ask after each round, and it stands in a file."""
    asked, known = -math.inf, never()

    def known_lately() -> float | None:
        nonlocal asked, known
        if time.monotonic() - asked >= ASK_SECONDS:
            asked, known = time.monotonic(), end()
        return known

    return known_lately


class TrialSkippedError(Exception):
    """The trial is not worth carrying on with; its message is the reason."""

    def __init__(self, reason: str, seconds: float, whole_seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds
        """What its folds took so far."""
        self.whole_seconds = whole_seconds
        """What all of them would have taken at that pace; 0 where none was carried out."""


class Pace:
    """What a candidate's folds take, and whether the others will end in time."""

    def __init__(self, folds: int, end: End, share: float | None, later_encoded: float = 1.0) -> None:
        """`later_encoded`: of what its first fold takes to encode, what each later one is taken to take before the second one tells."""
        self.folds, self.end, self.share, self.later_encoded = folds, end, share, later_encoded
        self.begun = time.monotonic()
        self.seconds = {"encode": 0.0, "fit": 0.0, "predict": 0.0}
        self.times = dict.fromkeys(self.seconds, 0)
        self.first_encoded = 0.0

    @contextlib.contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Adds what happens inside."""
        begun = time.monotonic()
        yield
        self.seconds[what] += time.monotonic() - begun
        self.times[what] += 1
        if self.times["encode"] == 1 and what == "encode":
            self.first_encoded = self.seconds["encode"]

    def check(self, to_encode: int, stops_early: bool) -> None:
        """Raises TrialSkippedError where the folds left, `to_encode` of them not encoded yet, would not be fitted in the time left.

        `stops_early` says that a fit stops at its deadline with what it has learned.
        """
        done, rest = self.times["predict"], self.folds - self.times["predict"]
        left, fitting = self._left(to_encode), self._mean("fit") + self._mean("predict")
        if left <= 0 or (done and 0.9 * fitting * rest > (LATEST if stops_early else 1.0) * left):
            reason = f"it cannot end in the time left ({self._so_far(fitting)}, {max(0.0, left):.1f} s left for fitting)"
            raise TrialSkippedError(reason, self.seconds["fit"] + self.seconds["predict"], fitting * self.folds if done else 0.0)

    def _so_far(self, fitting: float) -> str:
        done, encoding = self.times["predict"], self._mean("encode")
        if not done:
            return "not even its first fold was begun"
        beside = f" and {encoding:.1f} s to encode" if encoding >= 0.1 else ""
        return f"a fold took {fitting:.1f} s{beside}, {done} of {self.folds} are done"

    def told(self) -> str:
        """How far it is, in words."""
        done, left = self.times["predict"], self._left(0)
        taken = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in self.seconds.items())
        return f"{done} of {self.folds} fits are done: {taken}" + ("" if left == math.inf else f", {max(0.0, left):.1f} s left")

    def fold_deadline(self, to_encode: int) -> Deadline | None:
        """Until when a fold that is encoded, and begins now, may fit, as the end is known when it is asked.

        Each of the folds left has its share of what is left, less what predicting takes.
        """
        begun, rest = time.monotonic(), self.folds - self.times["predict"]
        seen = self._mean("predict") if self.times["predict"] else None

        def deadline() -> float:
            left = self._left(to_encode, begun)
            return begun + max(0.0, left / rest - (UNSEEN_PREDICT * left / rest if seen is None else seen))

        return None if self._left(to_encode, begun) == math.inf else deadline

    def _left(self, to_encode: int, now: float | None = None) -> float:
        """Seconds left for fitting, where so many folds are encoded meanwhile; infinite where nothing ends it."""
        now, end = time.monotonic() if now is None else now, self.end()
        by_end = math.inf if end is None else end - now - self._later_encoding() * to_encode
        by_share = math.inf if self.share is None else self.begun + self.seconds["encode"] + self.share - now
        return min(by_end, by_share)

    def _later_encoding(self) -> float:
        """Seconds that one more fold is taken to need."""
        first, later = self.first_encoded, self.times["encode"] - 1
        return (self.seconds["encode"] - first) / later if later > 0 else self.later_encoded * first

    def _mean(self, what: str) -> float:
        return self.seconds[what] / max(1, self.times[what])
