"""The `dvc repro` road."""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from bakeoff import load_predictor
from tests.roads.conftest import TINY
from tests.roads.road import copy_project, ranking, run, runs_of

pytestmark = [pytest.mark.roads, pytest.mark.timeout(3600)]

DVC = [sys.executable, "-m", "dvc"]


def predictions(folder: Path) -> pd.DataFrame:
    """Of every published predictor, on the raw table."""
    table = pd.read_parquet(folder / "data" / "raw" / "wine.parquet")
    found = {
        path.stem: load_predictor(path).predict_proba(table).iloc[:, 0]
        for path in sorted((folder / "data" / "models" / "tiny").glob("*.pkl"))
    }
    return pd.DataFrame(found)


def test_repro_gives_an_experiment_once_and_again(tmp_path: Path, prefect_home: Path) -> None:
    folder = copy_project(tmp_path / "project", {"tiny": TINY})
    home = {"PREFECT_HOME": str(prefect_home)}
    report = folder / "data" / "reports" / "tiny"

    assert "Running stage 'automl@tiny'" in run([*DVC, "repro"], folder, **home)
    board, metrics, predicted = ranking(report), json.loads((report / "metrics.json").read_text()), predictions(folder)
    assert "recording is left to DVC" in json.dumps(json.loads((runs_of(folder, "tiny")[0] / "run.json").read_text())["published"])
    assert "up to date" in run([*DVC, "repro"], folder, **home)
    assert len(runs_of(folder, "tiny")) == 1
    assert "up to date" in run([*DVC, "status"], folder)

    for name in ("models", "reports", "runs"):
        shutil.rmtree(folder / "data" / name)
    run([*DVC, "repro", "-f", "automl@tiny"], folder, **home)
    assert ranking(report) == board
    assert json.loads((report / "metrics.json").read_text()) == metrics
    pd.testing.assert_frame_equal(predictions(folder), predicted)

    assert "validation.log_loss" in run([*DVC, "metrics", "show"], folder)
    run([*DVC, "plots", "show", "-o", "shown"], folder)
    assert "best score by trial" in (folder / "shown" / "index.html").read_text()

    run(["git", "add", "-A"], folder)
    run(["git", "commit", "-qm", "repro"], folder)
    run([*DVC, "exp", "run", "-q", "-S", "params/tiny.yaml:limits.max_trials=2", "automl@tiny"], folder, **home)
    shorter = ranking(report)
    assert len(shorter) < len(board)
    assert {name for _, name, *_ in shorter} <= {name for _, name, *_ in board}
    assert "max_trials" in run([*DVC, "params", "diff"], folder)
