"""How long predictors take to score; law: measured in a child, on raw rows, and never for long.

An ensemble is measured where it is put together, since opening it once more takes longer than measuring it; others in a child of their own.
"""

import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bakeoff.data import read_table
from bakeoff.params import RunParams
from bakeoff.runs import Failure, Predictor, answer, attempt, load_predictor, optional
from bakeoff.runs.files import write_atomically

if TYPE_CHECKING:
    from bakeoff.search.session import Session

__all__ = ["LATENCIES", "latencies", "latencies_in_time", "measure", "measure_predictor", "measuring_job", "measuring_seconds"]

ROWS = (1, 1000)
LATENCIES = tuple(f"latency_{rows}_p{percent}_ms" for rows in ROWS for percent in (50, 95))
"""Median and 95th percentile of the milliseconds that scoring so many raw rows takes."""
MOST_SECONDS = 20.0
MOST_SHARE = 0.03
"""Of limits.max_minutes, what measuring may take."""
ROW_SECONDS = 0.3
"""For one predictor, beside opening it and the calls that warm it up."""
LEAST_SECONDS = 0.5
MOST_TIMES = 20
OPENED_MB_PER_SECOND = 100
SAMPLED_ROWS = 20_000


def measuring_seconds(params: RunParams, left: float | None = None) -> float:
    """Seconds that measuring a run's predictors may take in all, of the `left` ones that the run has."""
    minutes = params.limits.max_minutes
    most = MOST_SECONDS if minutes is None else min(MOST_SECONDS, MOST_SHARE * minutes * 60)
    return most if left is None else min(most, left / 2)


def measuring_job(session: "Session") -> dict[str, Any]:
    """What a child must know to measure a predictor it makes: rows, seconds `left` of the run's time at the time.monotonic() `asked`."""
    limited = session.params.inference.max_ms_per_row is not None  # measured later, one by one: beside each other they are slower
    told = partial(_tell, session)
    sample = None if limited else optional(lambda: _sample(session), told).value
    return {"sample": sample, "left": session.clock.left(), "asked": time.monotonic(), "seconds": measuring_seconds(session.params)}


def latencies_in_time(predictor: Predictor, job: dict[str, Any]) -> dict[str, float]:
    """In a child: those that there is time for, of the predictor it has made, as `measuring_job` tells; none where that fails."""
    now = time.monotonic()
    seconds = job["seconds"] if job["left"] is None else min(job["seconds"], (job["left"] - (now - job["asked"])) / 2)
    if job["sample"] is None or seconds <= 0:
        return {}
    return attempt(lambda: latencies(predictor.predict, read_table(job["sample"]), now + seconds)).value or {}


def measure(session: "Session", names: Iterable[str], ends: float) -> dict[str, dict[str, float]]:
    """Latencies of the predictors, by name; those are left out for which there was no time until the time.monotonic() `ends`."""
    found: dict[str, dict[str, float]] = {}
    for name in names:
        if session.measured.get(name):
            found[name] = session.measured[name]
            continue
        file, left = session.run.path / "predictors" / f"{name}.pkl", ends - time.monotonic()
        if left <= 0 or not file.exists() or file.stat().st_size / 1e6 / OPENED_MB_PER_SECOND > left:
            continue
        job = {"sample": _sample(session), "file": str(file)}
        told = session.in_child("bakeoff.search.measuring:measure_predictor", job, max(left, LEAST_SECONDS))
        if "latencies" in told:
            found[name] = told["latencies"]
    return found


def measure_predictor(job: dict[str, Any]) -> dict[str, Any]:
    """In a child: the latencies of the predictor in job["file"] on the raw rows in job["sample"]."""
    return answer(lambda: {"state": "done", "latencies": latencies(load_predictor(job["file"]).predict, read_table(job["sample"]))})


def latencies(
    predict: Callable[[pd.DataFrame], object],
    frame: pd.DataFrame,
    ends: float = math.inf,
    seconds: float = ROW_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, float]:
    """Milliseconds that `predict` takes for the frame's first row, and for its first 1,000.

    Each is called with fewer rows before, which warms it up and tells what it will take: what would not be done when the clock says
    `ends` is left out.
    """
    found: dict[str, float] = {}

    def timed(rows: int) -> float:
        begun = clock()
        predict(frame.iloc[:rows])
        return clock() - begun

    for rows in ROWS:
        fewer = max(1, rows // 10)
        expected = timed(fewer) * rows / fewer
        if clock() + expected > ends:
            break
        times: list[float] = []
        while not times or (len(times) < MOST_TIMES and sum(times) < seconds / len(ROWS)):
            times.append(timed(rows))
        for percent in (50, 95):
            found[f"latency_{rows}_p{percent}_ms"] = round(float(np.percentile(times, percent)) * 1000, 3)
    return found


def _tell(session: "Session", failure: Failure) -> None:
    session.run.update_facts(latency_failure=str(failure))


def _sample(session: "Session") -> str:
    """The file of raw rows that predictors are measured on."""
    path = session.run.path / "encoded" / "sample.parquet"
    if not path.exists():
        _write_sample(session, path)
    return str(path)


def _write_sample(session: "Session", path: Path) -> None:
    """1,000 rows as the table has them, without the target, drawn from its first ones: a large table is not read again."""
    import pyarrow as pa
    import pyarrow.parquet as arrow_parquet

    with arrow_parquet.ParquetFile(session.run.facts()["dataset"]) as file:
        table = pa.Table.from_batches([next(file.iter_batches(batch_size=SAMPLED_ROWS))])
    drawn = np.random.default_rng(session.params.search.seed).integers(0, table.num_rows, ROWS[-1])
    rows = table.drop_columns([session.params.data.target]).take(drawn)
    path.parent.mkdir(exist_ok=True)  # gone where a run was tidied up already when it was interrupted
    write_atomically(path, partial(arrow_parquet.write_table, rows))
