"""Users' mistakes inside Prefect; law: a BakeoffError becomes a Failed state with its message, which Prefect shows without a traceback."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from prefect.states import Failed

from bakeoff.errors import BakeoffError

__all__ = ["mistakes_as_states"]

P = ParamSpec("P")
T = TypeVar("T")


def mistakes_as_states(function: Callable[P, T]) -> Callable[P, T]:
    """For the function of a flow or a task, below its decorator. Who calls the task gets the error itself."""

    @functools.wraps(function)
    def carried_out(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BakeoffError as mistake:
            return cast(T, Failed(data=mistake, message=str(mistake)))

    return carried_out
