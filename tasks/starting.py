"""From a params file to a run that this process holds; law: what cannot run is refused before anything is trained."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.logging import get_run_logger

from bakeoff.data import file_digest
from bakeoff.params import RunOverrides, RunParams, given_overrides, read_params
from bakeoff.runs import RunFolder, remove_old_runs
from bakeoff.search import begin_run, holding, session_for
from tasks.artifacts import show_what_waits
from tasks.stopping import stopping_on_signals

__all__ = ["source_of", "started"]


@contextmanager
def started(params: str, overrides: RunOverrides | None, runs: str) -> Iterator[RunFolder]:
    """The new or resumed run, its children warming up; ended as failed by a user's mistake, left for the next start by anything else."""
    began = time.time()
    given = given_overrides(overrides)
    settings = read_params(params, given)
    run = begin_run(settings, root=Path(runs), overrides=given, own=not given and _is_own_file(params, settings), started=began)
    with holding(run):
        run.update_facts(source=source_of(settings), params_file=params)
        get_run_logger().info("run %s", run.path)
        session_for(run).pool.warm()
        with stopping_on_signals(run):
            try:
                yield run
            finally:
                show_what_waits(run)
    remove_old_runs(run.path.parent, settings.runs.keep, spared=run.id)


def source_of(params: RunParams) -> dict[str, str]:
    """SHA-256 of the dataset's files; not their dates, which `dvc commit` of another experiment on the same file renews.

    Raises DataError.
    """
    files = [params.data.train, *([params.data.test] if isinstance(params.data.test, str) else [])]
    return {name: file_digest(name) for name in files}


def _is_own_file(params: str, settings: RunParams) -> bool:
    """Only params/<name>.yaml is the experiment <name>: another file of that name must not take its published models."""
    return Path(params).resolve() == (Path("params") / f"{settings.name}.yaml").resolve()
