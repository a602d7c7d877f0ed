"""Users' mistakes inside Prefect; law: a BakeoffError becomes a Failed state with its message, which Prefect shows without a traceback."""

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from prefect import task
from prefect.states import Failed

from bakeoff.errors import BakeoffError

__all__ = ["mistakes_as_states", "step"]

P = ParamSpec("P")
T = TypeVar("T")


def _is_no_mistake(record: logging.LogRecord) -> bool:
    """False for what Prefect's engine, in a worker's process, logs once more: the mistake that a flow ended with, and its traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], BakeoffError))


logging.getLogger("prefect.flow_runs").addFilter(_is_no_mistake)


def mistakes_as_states(function: Callable[P, T]) -> Callable[P, T]:
    """For the function of a flow, below its decorator. Raised mistakes would be logged with their traceback, returned ones are not."""

    @functools.wraps(function)
    def carried_out(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BakeoffError as mistake:
            return cast(T, Failed(data=mistake, message=str(mistake)))

    return carried_out


def step(function: Callable[P, T]) -> Callable[P, T]:
    """The function as a Prefect task that is called in its turn. Who calls it gets its value, or the mistake itself raised again."""
    as_task = task(mistakes_as_states(function))

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        return as_task(*args, return_state=True, **kwargs).result()

    return called
