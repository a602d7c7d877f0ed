"""The dataset against its experiment's expectations; law: a broken contract stops whatever began beside it, and says what was seen."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect import task
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.task_runners import ThreadPoolTaskRunner

from bakeoff.data import infer_expectations, read_table
from bakeoff.errors import ContractError, DataError
from bakeoff.runs import RunFolder
from bakeoff.runs.files import write_atomically, write_json
from bakeoff.search import Snapshot, request_stop
from tasks.artifacts import show_markdown
from tasks.contract import expectations_file, judge, read_expectations
from tasks.mistakes import mistakes_as_states

__all__ = ["validate", "validated_beside"]

FIRST_SECONDS, LOOK_SECONDS = 3.0, 0.1
BROKEN = "the dataset breaks its expectations"


@contextmanager
def validated_beside(run: RunFolder, watch: Callable[[Snapshot], None]) -> Iterator[Callable[[Snapshot], None]]:
    """Validates while candidates are trained, from the first time on that the leaderboard is shown to the `watch` that it gives.

    Not before: great-expectations is Python through and through, and would halve the speed of whatever this process does before the first
    candidates are on their way. For FIRST_SECONDS it lets them go first: with as many of them as there are cores it takes time from each.
    A broken contract stops them, and is raised at the end of the block (ContractError), even where the block failed for the same data.
    """
    runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=1)
    begun: list[PrefectFuture[Any]] = []

    def begin(waits: bool) -> None:
        if not begun:
            begun.append(runner.submit(validate, {"run_path": str(run.path), "waits": waits}))
            begun[0].add_done_callback(lambda done: _stop_if_broken(run, done))

    def show(snapshot: Snapshot) -> None:
        watch(snapshot)
        begin(waits=True)

    with runner:
        try:
            yield show
        except DataError:
            begin(waits=False)
            begun[0].result()
            raise
        begin(waits=False)
        begun[0].result()


def _stop_if_broken(run: RunFolder, verdict: PrefectFuture[Any]) -> None:
    verdict.wait()  # until then its state would be what the server has heard of it
    if not verdict.state.is_completed():
        failure = verdict.result(raise_on_failure=False)
        request_stop(run, BROKEN if isinstance(failure, ContractError) else "the validation failed")


@task
@mistakes_as_states
def validate(run_path: str, waits: bool = False) -> str:
    """Judges the run's dataset by the kept expectations, inferring them at the first sight of an experiment. Raises ContractError.

    It `waits` until the run has a predictor that learned, for FIRST_SECONDS at most.
    """
    run = RunFolder(run_path)
    if waits:
        _let_the_first_learn(run)
    begun, params = time.monotonic(), run.params()
    path = expectations_file(run.experiment)
    frame = read_table(run.facts()["dataset"])
    if path.exists():
        suite = read_expectations(path)
    else:
        suite = infer_expectations(frame, params.data.target, run.experiment, task=params.task, drop=params.data.drop)
        _keep(run, path, suite)
    broken, asked, page = judge(frame, suite, path)
    write_atomically(run.path / "expectations.html", lambda file: file.write(page.encode()))
    seconds = round(time.monotonic() - begun, 2)
    run.write_json(
        "expectations.json", {"suite": json.loads(json.dumps(suite, default=str)), "broken": broken, "asked": asked, "seconds": seconds}
    )
    said = f"{asked - len(broken)} of {asked} expectations of {path} hold"
    get_run_logger().info(said)
    markdown = "\n".join([f"**{said}**", "", *(f"* {line}" for line in broken), "", f"Full result: `{run.path / 'expectations.html'}`"])
    show_markdown(run, "expectations", markdown)
    if broken:
        raise ContractError(
            f"the dataset breaks {len(broken)} of {asked} expectations",
            where=path,
            given="\n    ".join(["", *broken]),
            remedy=f"mend the data, or see and accept the change with: bakeoff expectations accept {run.experiment}",
        )
    return said


def _let_the_first_learn(run: RunFolder) -> None:
    deadline = time.monotonic() + FIRST_SECONDS
    while time.monotonic() < deadline and not any(t.state == "done" and t.candidate.origin != "baseline" for t in run.trials()):
        time.sleep(LOOK_SECONDS)


def _keep(run: RunFolder, path: Path, suite: dict[str, object]) -> None:
    """Only the experiment's own run may say what is to be expected of it from now on."""
    if not run.facts()["own"]:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, suite)
    get_run_logger().info("first sight of %s: expectations inferred and kept in %s; put that file in git", run.experiment, path)
