"""Where the CPU seconds of a run go, `make bench-profile BENCH=FOLDER`: the flow on a set of the comparison, watched from outside.

Every process of the run is asked twice a second how much CPU it has used; the run's own records say for how long its trials fitted and
predicted (by the clock, a core each, so a fit that waits for memory or for the other core counts as fitting). Told in seconds of one core:
the run's seconds times the cores is what there is, and what nobody used is a line of its own. What was used before the run's clock began,
by Prefect's server above all, which makes its database in a folder that has none, is told beside it.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import yaml

import bakeoff
from bakeoff.search import width_of
from benchmarks.adapters.ours import PROJECT, params_of, times_of
from benchmarks.comparison import check_names, loaded, sets_in, split

LOOK_SECONDS = 0.5


def main() -> int:
    """Prints a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=os.environ.get("BENCH"), help="the comparison's folder")
    parser.add_argument("--only", nargs="+", default=["adult", "concrete", "open_payments"], help="names of sets")
    parser.add_argument("--seconds", type=int, default=60, help="limit of each run")
    options = parser.parse_args()
    if options.bench is None or not (options.bench / "run.py").is_file():
        sys.exit("the comparison's folder is needed: make bench-profile BENCH=FOLDER, with run.py and suite-dev/ in it")
    suite, comparison = options.bench / "suite-dev", loaded(options.bench)
    index = sets_in(suite)
    check_names(parser, options.only, index.index)
    print("| set | what | core seconds | of all |\n|---|---|---|---|")
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            row = index.loc[name]
            split(comparison, suite, row)[0].to_parquet(Path(folder) / "train.parquet", index=False)
            job = {"task": row["task"], "target": row["target"], "seed": 0, "budget_s": options.seconds}
            used, run = watched({**job, "cores": len(os.sched_getaffinity(0))}, Path(folder))
            shares = parts(used, run)
        for what, seconds in shares.items():
            print(f"| {name} | {what} | {seconds:.1f} | {seconds / sum(shares.values()):.0%} |", flush=True)
    return 0


def watched(job: Mapping[str, Any], folder: Path) -> tuple[dict[str, float], Any]:
    """Carries the job out; CPU seconds by the kind of process, and the finished run."""
    params = folder / "bench.yaml"
    params.write_text(yaml.safe_dump(params_of(dict(job), folder)))
    command = [sys.executable, "-m", "flows.automl", str(params), "--runs", str(folder / "runs")]
    flow = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "PREFECT_HOME": str(folder / "prefect")}, stdout=subprocess.DEVNULL)
    seen: dict[tuple[int, float], tuple[str, float]] = {}
    looks: list[tuple[float, dict[str, float]]] = []
    while flow.poll() is None:
        _look(flow.pid, seen)
        looks.append((time.time(), _by_kind(seen)))
        time.sleep(LOOK_SECONDS)
    if flow.returncode:
        sys.exit(f"the flow ended with exit code {flow.returncode}")
    run = bakeoff.open_run(next((folder / "runs" / "bench").glob("*/run.json")).parent)
    before = next((used for moment, used in reversed(looks) if moment <= run.folder.facts()["started"]), {})
    print(f"before the run's clock: {before}", file=sys.stderr)
    return {kind: seconds - before.get(kind, 0.0) for kind, seconds in looks[-1][1].items()}, run


def _by_kind(seen: Mapping[tuple[int, float], tuple[str, float]]) -> dict[str, float]:
    used: dict[str, float] = {}
    for kind, seconds in seen.values():
        used[kind] = round(used.get(kind, 0.0) + seconds, 2)
    return used


def _look(flow: int, seen: dict[tuple[int, float], tuple[str, float]]) -> None:
    """Notes how much CPU each process of the run has used so far; one that has just ended keeps its last figure."""
    try:
        root = psutil.Process(flow)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            seen[(process.pid, process.create_time())] = (_kind(process, flow), times.user + times.system)


def _kind(process: psutil.Process, flow: int) -> str:
    words = " ".join(process.cmdline())
    if process.pid == flow:
        return "flow"
    return "workers" if "bakeoff.search.nursery" in words else "Prefect's server and others"


def parts(used: Mapping[str, float], run: Any) -> dict[str, float]:
    """What the run's CPU seconds went into."""
    known = [t for t in run.folder.trials() if t.state != "failed"]  # as times_of has it
    fits, predictions = (sum(getattr(t, name) for t in known) for name in ("fit_seconds", "predict_seconds"))
    times = times_of(run)
    print(
        json.dumps({key: times[key] for key in ("steps", "first_trial_s", "predictor_s", "trials_share", "estimators_share")}),
        file=sys.stderr,
    )
    facts, of_workers = run.folder.facts(), used.get("workers", 0.0)
    shares = {
        "estimators' fit": fits,
        "estimators' predict": predictions,
        "workers: libraries, encoding, writing, failed trials, assembling, latencies, refits": max(0.0, of_workers - fits - predictions),
        "flow: validation, preparation, growing ensembles, leaderboard, report": used.get("flow", 0.0),
        "Prefect's server and others": used.get("Prefect's server and others", 0.0),
    }
    seconds = width_of(run.folder.params()) * (facts["ended"] - facts["started"])
    return {**shares, "nobody": max(0.0, seconds - sum(shares.values()))}


if __name__ == "__main__":
    sys.exit(main())
