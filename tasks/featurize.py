"""Column kinds, drops, folds and the test part, once for all candidates; law: nothing here learns from the target."""

from prefect.logging import get_run_logger

from bakeoff.runs import RunFolder
from bakeoff.search import prepare, session_for
from tasks.artifacts import show_table
from tasks.mistakes import step

__all__ = ["featurize"]


@step
def featurize(run_path: str) -> str:
    """Prepares the run's data; what was made of it, in one line."""
    run = RunFolder(run_path)
    session_for(run).begin("preparing")
    prepared = prepare(run)
    columns, rows = prepared.schema.columns, len(prepared.target)
    said = f"{rows:,} rows, {len(columns)} columns, {len(prepared.schema.dropped)} dropped, {len(prepared.folds)} folds"
    get_run_logger().info(said)
    show_table(run, "guardrails", run.read_json("guardrails.json"), said)
    return said
