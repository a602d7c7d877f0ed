"""What the system adds to a trial, `make bench-overhead`: 200 trials of a trivially cheap candidate, then the README's run.

Both go through the Prefect flow as a user's would, in a folder of their own, with the machine to themselves.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from bakeoff.params import read_params
from bakeoff.search import width_of

PROJECT = Path(__file__).resolve().parents[1]
TRIALS = 200
LIMIT_MS = 50


def main() -> int:
    """Prints both measurements; 1 where a trial costs more than 50 ms beside its fitting."""
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}")
    with tempfile.TemporaryDirectory() as folder:
        trials = _trials_of(_cheap_experiment(Path(folder)), Path(folder))
        wall, fitting = _wall_seconds(trials), _fitting_seconds(trials)
        added_ms = 1000 * (wall - fitting) / len(trials)
        print(f"{len(trials)} cheap trials, one worker: {wall:.1f} s, {fitting:.1f} s of it fitting: {added_ms:.1f} ms added a trial")
        experiment = _readme_experiment(Path(folder))
        readme = _trials_of(experiment, Path(folder))
        wall, width = _wall_seconds(readme), width_of(read_params(experiment))
        print(
            f"README's run: {wall:.1f} s from first to last trial, {1 - _fitting_seconds(readme) / wall / width:.1%} of it outside fitting"
        )
    return int(added_ms > LIMIT_MS)


def _cheap_experiment(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 4)), columns=list("abcd"))
    frame.assign(y=frame["a"] + rng.normal(size=200)).to_parquet(folder / "cheap.parquet")
    return _written(
        folder,
        {
            "name": "cheap",
            "task": "regression",
            "data": {"train": str(folder / "cheap.parquet"), "target": "y"},
            "search": {"algorithms": {"include": ["elastic_net"]}},
            "validation": {"folds": 2},
            "limits": {"max_trials": TRIALS},
            "compute": {"max_concurrent_trials": 1},
            "publish": {"enabled": False},
        },
    )


def _readme_experiment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "bakeoff", "examples", "randhie", "--to", str(folder / "randhie.parquet")], check=True)
    content = yaml.safe_load((PROJECT / "params" / "randhie.yaml").read_text())
    content["data"]["train"] = str(folder / "randhie.parquet")
    return _written(folder, {**content, "publish": {"enabled": False}})


def _written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / f"{content['name']}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def _trials_of(params: Path, folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "flows.automl", str(params), "--runs", str(folder / "runs")]
    environment = {**os.environ, "PREFECT_HOME": str(folder / "prefect")}
    subprocess.run(command, cwd=PROJECT, check=True, env=environment, stdout=subprocess.DEVNULL)
    return [json.loads(path.read_text()) for path in (folder / "runs" / params.stem).glob("*/trials/*.json")]


def _wall_seconds(trials: list[dict[str, Any]]) -> float:
    began = min(datetime.fromisoformat(t["started"]) for t in trials)
    return (max(datetime.fromisoformat(t["ended"]) for t in trials) - began).total_seconds()


def _fitting_seconds(trials: list[dict[str, Any]]) -> float:
    return float(sum(t["fit_seconds"] + t["predict_seconds"] for t in trials))


if __name__ == "__main__":
    sys.exit(main())
