"""attempt: failures become values; law: the only `except Exception` of the code base stands here."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Attempt", "Failure", "answer", "attempt"]

T = TypeVar("T")
LAST_LINES = 12


@dataclass(frozen=True)
class Failure:
    """What went wrong: exception type, its message, the last lines of its traceback."""

    kind: str
    message: str
    lines: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True)
class Attempt(Generic[T]):
    """A step's value, or its failure."""

    value: T | None = None
    failure: Failure | None = None


def attempt(step: Callable[[], T], on_failure: Callable[[Failure], object] | None = None) -> Attempt[T]:
    """Runs `step`; whatever it raises (but KeyboardInterrupt and SystemExit) comes back as a Failure, handed to `on_failure` first.

    For a candidate, and for the optional end steps whose failure is recorded and never costs the run; nothing else.
    """
    try:
        return Attempt(value=step())
    except Exception as error:
        lines = traceback.format_exc().strip().splitlines()[-LAST_LINES:]
        failure = Failure(type(error).__name__, str(error), "\n".join(lines))
    if on_failure is not None:
        on_failure(failure)
    return Attempt(failure=failure)


def answer(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a child's step gives; where it raised, state failed with the reason, the traceback's last lines printed to the job's log."""
    found: dict[str, Any] = {}

    def tell(failure: Failure) -> None:
        print(failure.lines)
        found.update(state="failed", reason=str(failure))

    result = attempt(step, tell)
    return found if result.value is None else result.value
