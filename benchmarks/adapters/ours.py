"""Bakeoff as one of the systems that the comparison's run.py drives: the Prefect flow, in a run folder of its own, publishing off.

Reads FOLDER/job.json, train.parquet, test.parquet; writes FOLDER/predictions.parquet and FOLDER/facts.json. Run by the project's
interpreter (BENCH_PYTHON_OURS=$PWD/.venv/bin/python: run.py starts it in another folder).
"""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
METRICS = {"binary": "AUC_weighted", "multiclass": "log_loss", "regression": "root_mean_squared_error"}
"""By which the comparison scores each task."""
MOST_TRIALS = 16
"""Side by side, as params allow."""


def main(folder: Path) -> None:
    """Carries out the job in `folder`."""
    job = json.loads((folder / "job.json").read_text())
    if job["task"] == "forecasting":
        sys.exit("Bakeoff has no forecasting yet")
    params = folder / "bench.yaml"
    params.write_text(yaml.safe_dump(params_of(job, folder)))
    command = [sys.executable, "-m", "flows.automl", str(params), "--runs", str(folder / "runs")]
    subprocess.run(command, cwd=PROJECT, check=True, env={**os.environ, "PREFECT_HOME": str(folder / "prefect")})
    run_path = next((folder / "runs" / "bench").glob("*/run.json")).parent
    sys.path.insert(0, str(PROJECT))
    import pandas as pd  # only now: the run has the machine to itself

    import bakeoff

    run = bakeoff.open_run(run_path)
    predictor = run.predictor()
    test = pd.read_parquet(folder / "test.parquet")
    begun = time.time()
    if job["task"] == "regression":
        predicted = pd.DataFrame({"prediction": predictor.predict(test)})
    else:
        proba = predictor.predict_proba(test)
        spelled = {str(label): proba[label] for label in proba}
        predicted = pd.DataFrame({f"p_{name}": spelled[name] for name in job["classes"]})
    predicted.reset_index(drop=True).to_parquet(folder / "predictions.parquet")
    facts = run.folder.facts()
    board = run.folder.leaderboard()
    measured = [row["name"] for row in board["rows"] if row.get("latency_1_p50_ms") is not None]
    seconds = {"fit_s": round(facts["ended"] - facts["created"], 1), "predict_s": round(time.time() - begun, 2)}
    told = {"best": run.best, "trials": board["counts"], "measured": len(measured), "best_measured": run.best in measured}
    (folder / "facts.json").write_text(json.dumps({**seconds, **told, **times_of(run)}))


def times_of(run: Any) -> dict[str, Any]:
    """Where a run's seconds went: its steps, the first trial's start, the first predictor that learned, estimators' share of the search."""
    from bakeoff.search import width_of

    facts, trials, width = run.folder.facts(), run.folder.trials(), width_of(run.folder.params())
    done = [t for t in trials if t.state == "done"]
    first, last = (min(_seconds(t.started) for t in done), max(_seconds(t.ended) for t in done))
    learned = min((_seconds(t.ended) for t in done if t.candidate.origin != "baseline"), default=last)
    steps = [*facts["steps"], ["", facts["ended"] - facts["started"]]]
    used = {name: round(until - begun, 2) for (name, begun), (_, until) in pairwise(steps)}
    busy = sum(t.fit_seconds + t.predict_seconds for t in trials if t.state != "failed")  # of one that was killed it is not known
    within = sum(_seconds(t.ended) - _seconds(t.started) for t in trials if t.started)
    return {
        "steps": used,
        "planned": facts["planned_seconds"],
        "first_trial_s": round(first - facts["started"], 2),
        "predictor_s": round(learned - first, 2),
        "trials_share": round(within / (width * (last - first)), 3),
        "estimators_share": round(busy / (width * (last - first)), 3),
    }


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def params_of(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The experiment that a job describes."""
    return {
        "name": "bench",
        "task": "regression" if job["task"] == "regression" else "classification",
        "data": {"train": str(folder / "train.parquet"), "target": job["target"]},
        "search": {"metric": METRICS[job["task"]], "seed": job["seed"]},
        "limits": {"max_minutes": job["budget_s"] / 60},
        "compute": {"max_concurrent_trials": min(MOST_TRIALS, job["cores"])},
        "publish": {"enabled": False},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
