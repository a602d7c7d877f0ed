"""Candidates as Prefect task runs; law: as many at a time as the run's params say, whatever the flow's own runner."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import unmapped

from bakeoff.runs import Candidate, RunFolder
from bakeoff.search import Launch, width_of
from tasks.slots import existing_limit
from tasks.train_candidate import train_candidate

__all__ = ["launching"]


@contextmanager
def launching(run: RunFolder) -> Iterator[Launch]:
    """Launches candidates on a thread runner of the run's own width: the flow's runner is fixed before its parameters are known."""
    params = run.params()
    path, limit = str(run.path), existing_limit(params.compute.concurrency_limit)

    runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=width_of(params))
    with runner:

        def submit(candidate: Candidate) -> Any:
            return runner.submit(train_candidate, {"run_path": path, "candidate": candidate.to_json(), "limit": limit})

        def submit_all(candidates: list[Candidate]) -> list[Any]:
            plain = [candidate.to_json() for candidate in candidates]
            return list(runner.map(train_candidate, {"run_path": unmapped(path), "candidate": plain, "limit": unmapped(limit)}))

        yield cast(Launch, SimpleNamespace(submit=submit, map=submit_all))
