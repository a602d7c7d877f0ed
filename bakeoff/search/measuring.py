"""How long predictors take to score; law: measured in a child that can be killed, on raw rows, and never for long."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bakeoff.data import read_table
from bakeoff.params import RunParams
from bakeoff.runs import Failure, attempt, load_predictor
from bakeoff.runs.files import write_atomically

if TYPE_CHECKING:
    from bakeoff.search.session import Session

__all__ = ["LATENCIES", "latencies", "measure", "measure_predictor", "measuring_seconds"]

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


def measuring_seconds(params: RunParams) -> float:
    """Seconds that measuring a run's predictors may take in all."""
    minutes = params.limits.max_minutes
    return MOST_SECONDS if minutes is None else min(MOST_SECONDS, MOST_SHARE * minutes * 60)


def measure(session: "Session", names: Iterable[str], ends: float) -> dict[str, dict[str, float]]:
    """Latencies of the predictors, by name; those are left out for which there was no time until the time.monotonic() `ends`."""
    sample = session.run.path / "encoded" / "sample.parquet"
    found: dict[str, dict[str, float]] = {}
    for name in names:
        file, left = session.run.path / "predictors" / f"{name}.pkl", ends - time.monotonic()
        if left <= 0 or not file.exists() or file.stat().st_size / 1e6 / OPENED_MB_PER_SECOND > left:
            continue
        if not sample.exists():
            _write_sample(session, sample)
        job = {"sample": str(sample), "file": str(file)}
        answer = session.in_child("bakeoff.search.measuring:measure_predictor", job, max(left, LEAST_SECONDS))
        if "latencies" in answer:
            found[name] = answer["latencies"]
    return found


def measure_predictor(job: dict[str, Any]) -> dict[str, Any]:
    """In a child: the latencies of the predictor in job["file"] on the raw rows in job["sample"]."""
    result = attempt(lambda: latencies(load_predictor(job["file"]).predict, read_table(job["sample"])))
    if result.value is not None:
        return {"state": "done", "latencies": result.value}
    failure = result.failure or Failure("RuntimeError", "nothing was measured", "")
    print(failure.lines)
    return {"state": "failed", "reason": str(failure)}


def latencies(
    predict: Callable[[pd.DataFrame], object],
    frame: pd.DataFrame,
    seconds: float = ROW_SECONDS,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Milliseconds that `predict` takes for the frame's first row and for its first 1,000, called once with one row to warm up."""
    found: dict[str, float] = {}
    predict(frame.iloc[: ROWS[0]])
    for rows in ROWS:
        part = frame.iloc[:rows]
        times: list[float] = []
        while not times or (len(times) < MOST_TIMES and sum(times) < seconds / len(ROWS)):
            begun = clock()
            predict(part)
            times.append(clock() - begun)
        for percent in (50, 95):
            found[f"latency_{rows}_p{percent}_ms"] = round(float(np.percentile(times, percent)) * 1000, 3)
    return found


def _write_sample(session: "Session", path: Path) -> None:
    """1,000 rows as the table has them, without the target, drawn from its first ones: a large table is not read again."""
    import pyarrow as pa
    import pyarrow.parquet as arrow_parquet

    with arrow_parquet.ParquetFile(session.run.facts()["dataset"]) as file:
        table = pa.Table.from_batches([next(file.iter_batches(batch_size=SAMPLED_ROWS))])
    drawn = np.random.default_rng(session.params.search.seed).integers(0, table.num_rows, ROWS[-1])
    rows = table.drop_columns([session.params.data.target]).take(drawn)
    write_atomically(path, partial(arrow_parquet.write_table, rows))
