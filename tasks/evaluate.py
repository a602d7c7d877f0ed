"""Charts, and scores on the test part; law: shown, never used to rank, and their failure never costs the run."""

from prefect.logging import get_run_logger

from bakeoff import search
from bakeoff.runs import RunFolder, attempt
from tasks.mistakes import step
from tasks.watching import watching

__all__ = ["evaluate"]


@step
def evaluate(run_path: str) -> int:
    """Evaluates the best predictors; how many were scored on a test part."""
    run = RunFolder(run_path)
    scored = attempt(lambda: search.evaluate(run, watching(run)))
    if scored.failure is not None:
        run.update_facts(evaluation_failure=str(scored.failure))
        get_run_logger().error("not evaluated: %s\n%s", scored.failure, scored.failure.lines)
    return len(scored.value or {})
