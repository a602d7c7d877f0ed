"""A project folder with one table, and a run as a finished search leaves it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.cli.main import main

DVC_YAML = """\
# Stages of the project.
stages:
  automl:
    foreach:  # one line per experiment
      wine: {data: data/raw/wine.parquet}

      randhie: {data: data/raw/randhie.parquet}
    # what each of them does
    do:
      cmd: python -m flows.automl params/${key}.yaml
      deps:
        - ${item.data}
"""
PREFECT_YAML = """\
name: bakeoff
deployments:
- name: wine   # the smallest
  entrypoint: flows/automl.py:automl
  description: The wine experiment.
  parameters: {params: params/wine.yaml}
  schedules:
  - cron: "0 6 * * 1"
  work_pool: {name: bakeoff}

# end of file
"""

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for folder in ("params", ".dvc", "data/raw", "data/expectations", "data/runs"):
        (root / folder).mkdir(parents=True)
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / "prefect.yaml").write_text(PREFECT_YAML)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def bakeoff(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Carries out a command line: exit code, what it printed, what it complained about."""

    def carried_out(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return carried_out


@pytest.fixture
def table(project: Path) -> Path:
    """60 customers, tracked by git as far as the command line can tell."""
    return write_table(project / "data" / "raw" / "customers.csv")


def write_table(path: Path) -> Path:
    numbers = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": numbers.integers(18, 90, 60),
            "plan": numbers.choice(["free", "gold"], 60),
            "country": "NL",
            "spent": numbers.normal(100, 20, 60).round(2),
            "churned": numbers.choice(["no", "yes"], 60),
        }
    )
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def tracked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command line put under DVC, instead of doing so."""
    found: list[str] = []
    monkeypatch.setattr("bakeoff.cli.tracking.track", lambda path, root: found.append(path.as_posix()))
    return found


@pytest.fixture
def finished(project: Path) -> Path:
    """data/runs/churn/20261122-120000-ab12: two done trials, one failed, an ensemble, the best one's predictor."""
    from bakeoff.algorithms import Fitting, Setting, get_algorithm
    from bakeoff.data import conform, encode_target, make_schema
    from bakeoff.features import fit_encoder
    from bakeoff.params import validate
    from bakeoff.runs import Candidate, FittedPart, RunFolder, Trial, TrialPredictor, save_predictor, write_params

    frame = pd.read_csv(write_table(project / "churn.csv"))
    schema = make_schema(frame, task="classification", target="churned")
    y = encode_target(frame["churned"], schema)
    encoder, matrix = fit_encoder("codes", conform(frame, schema), y, schema, seed=0)
    card = get_algorithm("baseline")
    estimator = card.fit(card.build(Setting("classification", 0, 1, classes=2), {}), Fitting(matrix, y))
    run = RunFolder(project / "data/runs/churn/20261122-120000-ab12")
    for folder in ("trials", "predictors"):
        (run.path / folder).mkdir(parents=True)
    params = {"name": "churn", "task": "classification", "data": {"train": "churn.csv", "target": "churned"}}
    write_params(run, validate({**params, "limits": {"max_trials": 2}}))
    facts = {"format": 1, "experiment": "churn", "state": "finished", "created": 1795348800.0, "params_digest": "p" * 16, "own": False}
    data = {"data_digest": "d" * 64, "dataset": "data/runs/.datasets/d.parquet", "overrides": {"limits": {"max_trials": 2}}}
    run.write_json("run.json", {**facts, **data, "libraries": {"bakeoff": "0.1.0"}})
    baseline = Candidate(0, "baseline", {}, "codes", 0, origin="baseline")
    failed = Candidate(2, "knn", {"k": 3}, "codes", 0)
    scores = {"AUC_weighted": 0.5, "log_loss": 0.7}
    run.record(Trial(baseline, "done", scores=scores, fold_scores={"AUC_weighted": (0.4, 0.6)}, fit_seconds=0.1, peak_memory_mb=80))
    run.record(Trial(failed, "failed", reason="MemoryError: too much", error="Traceback …\nMemoryError: too much"))
    (run.path / "trials" / f"{baseline.id}.log").write_text("".join(f"line {i}\n" for i in range(30)))
    save_predictor(TrialPredictor(baseline.name, schema, [FittedPart(encoder, estimator, (0, 1))]), run.path / "predictors", {})
    ensemble = {"name": "voting_ensemble", "id": "voting_ensemble", "origin": "ensemble", "members": {baseline.name: 1.0}}
    rows: list[dict[str, Any]] = [
        {"rank": 1, "name": baseline.name, "id": baseline.id, "origin": "baseline", "score": 0.5, "std": 0.1, "scores": scores},
        {"rank": 2, **ensemble, "score": 0.5, "std": None, "scores": scores},
        {"rank": None, "name": failed.name, "id": failed.id, "origin": "portfolio", "score": None, "std": None, "scores": {}},
    ]
    rest = {"algorithm": "baseline", "recipe": "codes", "fit_seconds": 0.1, "state": "done", "reason": "", "index": 0}
    board = {"metric": "AUC_weighted", "greater_is_better": True, "task": "classification", "updated": "2026-11-22T12:00:00Z"}
    counts = {"done": 1, "failed": 1, "skipped": 0, "planned": 3}
    rows = [{**rest, **row} for row in rows]
    rows[2] |= {"state": "failed", "reason": "MemoryError: too much"}
    run.write_json("leaderboard.json", {**board, "rows": rows, "counts": counts})
    return run.path
