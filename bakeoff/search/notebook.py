"""fit: a whole run from a notebook, the same loop without Prefect; law: nothing here that the flow does otherwise."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data import guess_task, read_table
from bakeoff.params import merge, validate
from bakeoff.runs import Candidate, FinishedRun, RunFolder, open_run, remove_old_runs
from bakeoff.search.finishing import evaluate, rank, tidy
from bakeoff.search.launching import on_threads
from bakeoff.search.loop import bake
from bakeoff.search.planning import begin_run
from bakeoff.search.preparing import prepare
from bakeoff.search.session import holding, request_stop, session_for, train_candidate
from bakeoff.search.showing import Snapshot, unwatched
from bakeoff.search.turns import Turns

__all__ = ["fit"]


def fit(  # noqa: PLR0913  (public, keyword-only)
    data: pd.DataFrame | str | Path,
    *,
    target: str,
    task: str | None = None,
    metric: str | None = None,
    max_minutes: float | None = None,
    max_trials: int | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    seed: int = 0,
    name: str = "notebook",
    folder: str | Path = "bakeoff-runs",
    overrides: Mapping[str, Any] | None = None,
    watch: Callable[[Snapshot], None] = unwatched,
) -> FinishedRun:
    """Finds the best predictor of column `target` in `data`, a frame or a table's path, and gives the finished run.

    `task` is classification or regression, told from the target where absent; `overrides` takes any other key of a params file,
    nested. The run stays in `folder`/`name`; the same call again continues an interrupted run. `watch` is shown every refresh of the
    leaderboard. Ctrl-C ends the search and keeps what is there.

    Raises ParamsError, DataError, RunBusyError, NoUsableTrialError.
    """
    started = time.time()
    frame = data if isinstance(data, pd.DataFrame) else read_table(data, unused=_dropped(overrides).__contains__)
    algorithms = {"include": _listed(include), "exclude": _listed(exclude)}
    content = {
        "name": name,
        "task": task or guess_task(frame, target),
        "data": {"train": "a frame" if isinstance(data, pd.DataFrame) else str(data), "target": target},
        "search": {"metric": metric, "seed": seed, "algorithms": algorithms},
        "limits": {"max_minutes": max_minutes, "max_trials": max_trials},
    }
    params = validate(merge(content, overrides or {}), where="bakeoff.fit")
    run = begin_run(params, root=Path(folder), source=frame, started=started)
    with holding(run):
        why = _carry_out(run, watch)
        run.close("stopped" if why.startswith("stopped by") else "finished", why)
    remove_old_runs(run.path.parent, params.runs.keep, spared=run.id)
    return open_run(run.path)


def _dropped(overrides: Any) -> frozenset[str]:
    """What data.drop names; mistakes are left for the params to refuse."""
    section = overrides.get("data") if isinstance(overrides, Mapping) else None
    names = section.get("drop") if isinstance(section, Mapping) else None
    return frozenset(map(str, names)) if isinstance(names, (list, tuple, set)) else frozenset()


def _listed(names: Any) -> Any:
    """A tuple of names; what is no iterable of them is left for the params to refuse: letters are no algorithms."""
    return names if names is None or isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)


def _carry_out(run: RunFolder, watch: Callable[[Snapshot], None]) -> str:
    session = session_for(run)
    session.pool.warm()
    session.begin("preparing")
    prepare(run)

    def train(candidate: Candidate) -> str:
        return train_candidate(str(run.path), candidate.to_json())

    with on_threads(session.pool.width, train) as launch:
        try:
            why = bake(run, launch, watch)
        except KeyboardInterrupt:
            why = "stopped by Ctrl-C"
            request_stop(run, why)
    if session.asked_to_stop():
        Turns(run, launch).give_up()  # an interrupt left the loop in the middle
    rank(run, watch)
    evaluate(run, watch)
    tidy(run)
    return why
