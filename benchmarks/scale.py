"""What rows and columns cost, `make bench-scale`: two large tables through the flow, then the price of one more row and one more column.

The flow is carried out as a user's would be, in a folder of its own; memory is the peak of its whole process tree (Prefect's embedded
server included), pages that several processes map counted once (PSS).
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import yaml

PROJECT = Path(__file__).resolve().parents[1]
CANDIDATES = ("lightgbm", "logistic_regression", "xgboost")
LOOK_SECONDS = 0.5
ROW_STEPS = (50_000, 100_000, 200_000)
COLUMN_STEPS = (500, 1_000, 2_000)


@dataclass(frozen=True)
class Case:
    """A table's size, and the memory its run may take."""

    name: str
    rows: int
    columns: int
    limit_gb: float


CASES = (Case("tall", 1_000_000, 30, 8), Case("wide", 300, 5_000, 2))


def main(argv: list[str] | None = None) -> int:
    """Prints the measurements; 1 where a limit is broken or a candidate left no predictor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[*(case.name for case in CASES), "steps"], help="one part alone")
    parser.add_argument("--step", nargs=2, type=int, metavar=("ROWS", "COLUMNS"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.step:
        print(json.dumps(_step(*args.step)))
        return 0
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.now(UTC):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}\n")
    wrong = sum([_show(case) for case in CASES if args.only in (None, case.name)])
    if args.only in (None, "steps"):
        _show_steps()
    return int(wrong > 0)


def _table(rows: int, columns: int) -> pd.DataFrame:
    """Numbers, categories of 4 to 2,000 words, truth values and dates, one column in four with missing values; y is yes or no."""
    rng = np.random.default_rng(0)
    made: dict[str, Any] = {}
    for number in range(columns - 1):
        kind = number % 10
        if kind == 6:
            words = np.array([f"word {code}" for code in range((4, 40, 2_000)[number // 10 % 3])], dtype=object)
            values = pd.Series(words[rng.integers(0, len(words), rows)], dtype="str")
        elif kind == 7:
            values = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, rows), unit="min"))
        elif kind == 8:
            values = pd.Series(rng.random(rows) < 0.3)
        elif kind == 9:
            values = pd.Series(rng.integers(0, 100, rows))
        else:
            values = pd.Series(rng.normal(size=rows))
        made[f"c{number}"] = values.mask(pd.Series(rng.random(rows) < 0.1)) if number % 4 == 1 and kind != 8 else values
    signal = made["c0"] + 0.5 * made["c2"] + (made["c8"] if columns > 9 else 0) + rng.normal(size=rows)
    made["y"] = pd.Series(np.where(signal > 0, "yes", "no"), dtype="str")
    return pd.DataFrame(made)


def _show(case: Case) -> bool:
    """Prints a case's line and its trials'; whether something is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _table(case.rows, case.columns).to_parquet(folder / f"{case.name}.parquet", index=False)
        begun = time.monotonic()
        peak_gb = _carried_out(_experiment(folder, case), folder)
        seconds = time.monotonic() - begun
        (run,) = (folder / "runs" / case.name).glob("*/run.json")
        trials = [json.loads(path.read_text()) for path in (run.parent / "trials").glob("*.json")]
    size = f"{case.rows:,} rows x {case.columns:,} columns"
    print(f"{case.name}: {size}: peak {peak_gb:.2f} GB (limit {case.limit_gb:g}), {seconds:.0f} s in all")
    for trial in sorted(trials, key=lambda trial: trial["candidate"]["index"]):
        took = f"fit {trial['fit_seconds']:7.1f} s, {trial['peak_memory_mb'] * 2**20 / 1e6:7.0f} MB"
        print(f"  {trial['candidate']['algorithm']:<22}{trial['state']:<8}{took}  {trial['reason'][:80]}")
    print(flush=True)
    return peak_gb > case.limit_gb or any(trial["state"] != "done" for trial in trials)


def _experiment(folder: Path, case: Case) -> Path:
    params = {
        "name": case.name,
        "task": "classification",
        "data": {"train": str(folder / f"{case.name}.parquet"), "target": "y"},
        "search": {"algorithms": {"include": list(CANDIDATES)}, "ensemble": False},
        "limits": {"max_trials": len(CANDIDATES)},
        "publish": {"enabled": False},
    }
    path = folder / f"{case.name}.yaml"
    path.write_text(yaml.safe_dump(params))
    return path


def _carried_out(params: Path, folder: Path) -> float:
    """Runs the flow; the peak of its process tree in GB."""
    (folder / "home").mkdir()
    environment = {**os.environ, "PREFECT_HOME": str(folder / "prefect"), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "flows.automl", str(params), "--runs", str(folder / "runs")]
    # In a folder of its own: the expectations of a first sight are made where the flow runs.
    with open(folder / "flow.log", "w") as log:
        flow = subprocess.Popen(command, cwd=folder / "home", env=environment, stdout=log, stderr=subprocess.STDOUT)
    peak = 0
    while flow.poll() is None:
        peak = max(peak, _tree_bytes(flow.pid))
        time.sleep(LOOK_SECONDS)
    if flow.returncode:
        print((folder / "flow.log").read_text())
        raise SystemExit(f"the flow ended with exit code {flow.returncode}")
    return peak / 1e9


def _tree_bytes(pid: int) -> int:
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            total += process.memory_full_info().pss
    return total


def _show_steps() -> None:
    """Prints seconds and memory of reading, judging and preparing growing tables, and what one row and one column add."""
    print("read, judge and prepare, one process")
    print(f"{'rows':>10}{'columns':>10}{'read s':>10}{'judge s':>10}{'prepare s':>11}{'peak MB':>10}")
    tall = [_measured(rows, 30) for rows in ROW_STEPS]
    wide = [_measured(300, columns) for columns in COLUMN_STEPS]
    row, column = _slope(tall, ROW_STEPS), _slope(wide, COLUMN_STEPS)
    print(f"\none more row of 30 columns: {1e6 * row[0]:.1f} µs, {1e6 * row[1]:.0f} bytes")
    print(f"one more column of 300 rows: {1e3 * column[0]:.1f} ms, {1e3 * column[1]:.0f} kB")


def _measured(rows: int, columns: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", "--step", str(rows), str(columns)]
    seen: dict[str, float] = json.loads(
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    )
    figures = f"{seen['read']:>10.1f}{seen['judge']:>10.1f}{seen['prepare']:>11.1f}{seen['megabytes']:>10.0f}"
    print(f"{rows:>10,}{columns:>10,}{figures}", flush=True)
    return seen


def _slope(seen: list[dict[str, float]], steps: tuple[int, ...]) -> tuple[float, float]:
    """Seconds and megabytes that one more of them adds, by least squares."""
    seconds = [one["read"] + one["judge"] + one["prepare"] for one in seen]
    return float(np.polyfit(steps, seconds, 1)[0]), float(np.polyfit(steps, [one["megabytes"] for one in seen], 1)[0])


def _step(rows: int, columns: int) -> dict[str, float]:
    """What one table costs in this process, before any candidate."""
    from bakeoff.data import infer_expectations, read_table
    from bakeoff.params import validate
    from bakeoff.search import begin_run, prepare
    from tasks.contract import judge

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        subprocess.run([sys.executable, "-c", _WRITE, str(rows), str(columns), str(path)], cwd=PROJECT, check=True)
        judge(pd.DataFrame({"y": ["yes", "no"]}), {"expectations": []}, Path("warm-up"))
        params = validate({"name": "step", "task": "classification", "data": {"train": str(path), "target": "y"}})
        marks = [time.monotonic()]
        run = begin_run(params, root=Path(folder) / "runs", own=False)
        frame = read_table(path)
        marks.append(time.monotonic())
        judge(frame, infer_expectations(frame, "y", "step"), Path("step.json"))
        marks.append(time.monotonic())
        prepare(run)
        marks.append(time.monotonic())
        run.lock.release()
    took = dict(zip(("read", "judge", "prepare"), np.diff(marks).tolist(), strict=True))
    return {**took, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}


_WRITE = "import sys; from benchmarks.scale import _table; _table(int(sys.argv[1]), int(sys.argv[2])).to_parquet(sys.argv[3], index=False)"
"""In a process of its own, so that making the table does not count."""


if __name__ == "__main__":
    sys.exit(main())
