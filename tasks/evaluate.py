"""Charts, and scores on the test part; law: shown, never used to rank, and their failure never costs the run."""

from prefect.logging import get_run_logger

from bakeoff import search
from bakeoff.runs import RunFolder
from tasks.mistakes import step
from tasks.watching import watching

__all__ = ["evaluate"]


@step
def evaluate(run_path: str) -> int:
    """Evaluates the best predictors; how many were scored on a test part."""
    run = RunFolder(run_path)
    scored = search.evaluate(run, watching(run))
    if failure := run.facts().get("evaluation_failure"):
        get_run_logger().error("not evaluated: %s", failure)
    return len(scored)
