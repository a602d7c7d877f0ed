"""attempt: failures become values; law: the only `except Exception` of the code base stands here."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bakeoff.errors import DiskFullError

__all__ = ["Attempt", "Failure", "answer", "attempt", "optional"]

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

    For a candidate, and, as `optional`, for the end steps whose failure is recorded and never costs the run; nothing else.
    """
    return _attempt(step, on_failure, ())


def optional(step: Callable[[], T], on_failure: Callable[[Failure], object] | None = None) -> Attempt[T]:
    """`attempt` for a step that writes, without which a run is worth something: a full disk, where the same command goes on when there is
    space again, is no failure of the step. Raises DiskFullError."""
    return _attempt(step, on_failure, (DiskFullError,))


def _attempt(step: Callable[[], T], on_failure: Callable[[Failure], object] | None, raised: tuple[type[Exception], ...]) -> Attempt[T]:
    try:
        return Attempt(value=step())
    except raised:
        raise
    except Exception as error:
        lines = traceback.format_exc().strip().splitlines()[-LAST_LINES:]
        failure = Failure(type(error).__name__, str(error), "\n".join(lines))
    if on_failure is not None:
        on_failure(failure)
    return Attempt(failure=failure)


def answer(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a child's step gives; where it raised, state failed with the reason, the traceback's last lines printed to the job's log.

    Of a full disk `disk_full`: the fields of the error that the parent raises.
    """
    found: dict[str, Any] = {}

    def tell(failure: Failure) -> None:
        print(failure.lines)
        found.update(state="failed", reason=str(failure))

    try:
        result = optional(step, tell)
    except DiskFullError as full:
        return {"disk_full": vars(full)}
    return found if result.value is None else result.value
