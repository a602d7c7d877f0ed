"""scoring_threads: how many threads predict; law: what is said of a row is the same with any number of them."""

import os

__all__ = ["scoring_threads"]

FEW_ROWS = 500
"""Rows up to which starting threads takes as long as predicting."""


def scoring_threads(rows: int) -> int:
    """Threads to predict so many rows with: in a trial's child those of the trial, which OMP_NUM_THREADS says, elsewhere all cores."""
    if rows <= FEW_ROWS:
        return 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(asked)) if asked.isdecimal() else len(os.sched_getaffinity(0))
