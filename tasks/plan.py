"""The candidates known beforehand; law: a pure function of params and data facts."""

from prefect.logging import get_run_logger

from bakeoff.runs import RunFolder
from bakeoff.search import make_plan
from tasks.mistakes import step

__all__ = ["plan"]


@step
def plan(run_path: str) -> int:
    """Writes the run's plan; the number of candidates in it."""
    candidates = make_plan(RunFolder(run_path))
    get_run_logger().info("%d candidates known beforehand: %s", len(candidates), ", ".join(c.name for c in candidates))
    return len(candidates)
