"""A run that ends before its first fit, in a folder that is thrown away: what `plan` and `check` look at; law: the run's own code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bakeoff.params import RunParams
    from bakeoff.runs import RunFolder
    from bakeoff.search import Prepared

__all__ = ["prepared_aside"]


@contextmanager
def prepared_aside(params: "RunParams") -> Iterator[tuple["RunFolder", "Prepared"]]:
    """The run and its prepared data. Raises ParamsError, DataError."""
    from bakeoff.search import begin_run, prepare

    with TemporaryDirectory(prefix="bakeoff-aside-") as folder:
        run = begin_run(params, root=Path(folder), own=False)
        try:
            yield run, prepare(run)
        finally:
            run.lock.release()
