"""Publishing and recording a run's predictors and report; law: whatever fails here, the run stays whole in the run store.

A run that could not be published has not ended: DVC would take the models of an earlier run for its own, and nobody could publish it later.
"""

from pathlib import Path

from prefect.logging import get_run_logger

from bakeoff.errors import PublishingError
from bakeoff.params import RunParams, digest_of, read_params
from bakeoff.reporting import summary_markdown
from bakeoff.runs import RunFolder, attempt, best_row
from bakeoff.runs.files import write_atomically
from bakeoff.runs.publishing import end_state, publish_layout, publish_lock
from bakeoff.search import announce, digests_of_files, tidy
from tasks.artifacts import show_markdown
from tasks.mistakes import step
from tasks.recording import push, record
from tasks.starting import source_of
from tasks.watching import watching

__all__ = ["publish"]

MODELS, REPORTS = Path("data") / "models", Path("data") / "reports"
PUBLISHED_FROM = Path("data") / "runs"
"""Whose lock is held meanwhile, whatever run store the run is in: others publish to the same folders."""


@step
def publish(run_path: str, ended: str) -> str:
    """Ends the run, publishes and records it where it is its experiment's own; what was done, as text."""
    run = RunFolder(run_path)
    params = run.params()
    run.update_facts(ended_because=ended)
    announce(run, "writing the report and publishing", watching(run))
    summary = attempt(lambda: summary_markdown(run))
    text = summary.value or f"# {run.experiment}\n\nThe summary could not be made: {summary.failure}\n"
    write_atomically(run.path / "summary.md", lambda file: file.write(text.encode()))
    show_markdown(run, "summary", text)
    recorded, done = _published(run, params, text)
    lines = [f"ended: {ended}", *done]
    attempt(lambda: tidy(run))
    run.update_facts(published=lines)
    best = best_row(run.leaderboard()["rows"])
    run.close(end_state(ended), ended)
    if recorded:  # the run has ended and nothing is held: a remote that does not answer keeps nobody waiting
        pushed = attempt(lambda: push(run.experiment, params.publish))
        lines += pushed.value if pushed.value is not None else [f"not pushed: {pushed.failure}"]
        attempt(lambda: run.update_facts(published=lines))
    for line in lines:
        get_run_logger().info(line)
    return "\n".join([f"best: {best['name'] if best else 'none'}", *lines])


def _published(run: RunFolder, params: RunParams, summary: str) -> tuple[bool, list[str]]:
    """Whether DVC recorded it, and what was done."""
    why_not = _kept_back(run, params)
    if why_not:
        return False, [f"kept in {run.path}: {why_not}"]
    models, reports = MODELS / run.experiment, REPORTS / run.experiment
    with publish_lock(PUBLISHED_FROM):
        swapped = attempt(lambda: publish_layout(run, models, reports, summary))
        if swapped.failure is not None:
            remedy = "mend this, then start the same command again: it goes on here and publishes"
            raise PublishingError("the run is whole, but it was not published", where=run.path, given=swapped.failure, remedy=remedy)
        recorded = attempt(lambda: record(run.experiment, run.id, params.publish))
    whole, said = recorded.value or (False, [f"not recorded: {recorded.failure}"])
    return whole, [f"published {len(swapped.value or ())} predictors to {models}, report to {reports}", *said]


def _kept_back(run: RunFolder, params: RunParams) -> str:
    """Why the run must not take its experiment's place: dvc.lock takes params and data from the files as they are when it is recorded."""
    facts = run.facts()
    if not params.publish.enabled:
        return "publishing is off (publish.enabled)"
    if not facts["own"] and facts["overrides"]:
        return f"it has overrides; make it an experiment of its own with: bakeoff adopt {run.path}"
    if not facts["own"]:
        return f"{facts['params_file']} is not params/{run.experiment}.yaml"
    if attempt(lambda: digest_of(read_params(facts["params_file"]))).value != facts["params_digest"]:
        return f"{facts['params_file']} was changed while it ran"
    if attempt(lambda: source_of(params)).value != facts["source"]:
        return "the dataset's file was changed while it ran"
    if attempt(lambda: digests_of_files(params)).value != facts["files"]:
        return f"a file was changed while it ran: {', '.join(facts['files'])}"
    return ""
