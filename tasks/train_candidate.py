"""One candidate, from its turn to its recorded trial; law: a bad candidate is a failed task run, never a failed flow."""

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from bakeoff import search
from bakeoff.runs import RunFolder, Trial
from tasks.mistakes import mistakes_as_states
from tasks.slots import slot

__all__ = ["train_candidate"]

MOST_LOGGED = 20_000


@task(task_run_name="{candidate[algorithm]}-{candidate[id]}")
@mistakes_as_states
def train_candidate(run_path: str, candidate: dict[str, Any], limit: str | None) -> State[Any]:
    """Trains a candidate in a child process, holding a slot of the global concurrency limit where there is one."""
    run = RunFolder(run_path)
    session = search.session_for(run)
    with slot(limit, lambda: session.stopped() or session.ended):
        search.train_candidate(run_path, candidate)
    trial = run.trial(candidate["id"])
    return Failed(message="the trial's file cannot be read") if trial is None else _told(run, trial)


def _told(run: RunFolder, trial: Trial) -> State[Any]:
    """The trial as a state, its log in the task's log."""
    logger = get_run_logger()
    printed = run.path / "trials" / f"{trial.id}.log"
    if printed.exists() and (text := printed.read_text(errors="replace").strip()):
        logger.info("%s printed:\n%s", trial.candidate.name, text[-MOST_LOGGED:])
    if trial.state == "done":
        metric = search.session_for(run).metric.name
        score = trial.scores.get(metric, float("nan"))
        message = f"{metric} {score:.6g} in {trial.fit_seconds:.2f} s, {trial.peak_memory_mb:.0f} MB at most"
        logger.info("%s: %s", trial.candidate.name, message)
        return Completed(message=message, data=trial.state)
    if trial.state == "skipped":
        return Completed(name="Skipped", message=trial.reason, data=trial.state)
    logger.error("%s: %s\n%s", trial.candidate.name, trial.reason, trial.error)
    return Failed(message=trial.reason)
