"""The final leaderboard and the ensemble; law: ranked by validation rows alone."""

from prefect.logging import get_run_logger

from bakeoff import search
from bakeoff.runs import RunFolder, best_row
from tasks.mistakes import step
from tasks.watching import watching

__all__ = ["rank"]


@step
def rank(run_path: str) -> str:
    """Ranks the trials; the best one's name."""
    run = RunFolder(run_path)
    board = search.rank(run, watching(run))
    best = best_row(board["rows"]) or board["rows"][0]
    get_run_logger().info("best: %s, %s %.6g", best["name"], board["metric"], best["score"])
    return str(best["name"])
