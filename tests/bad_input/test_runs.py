"""Run folders and predictors that time, other versions and full disks have spoiled; and folders that cannot be written."""

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff as library
from bakeoff.errors import DiskFullError, RunError
from bakeoff.runs import RunFolder, open_run, save_predictor
from tests.bad_input.conftest import Cli, customers, experiment, table
from tests.training import train

ROOT = Path(__file__).resolve().parents[2]
UNWRITABLE = Path("/sys")
"""Where nobody can make a file, not even root."""


@pytest.fixture
def predictor(project: Path) -> Path:
    """A predictor as a run leaves it."""
    made, _ = train(customers(), "churned", project / "elsewhere", algorithm="baseline")
    save_predictor(made, project / "data/models/churn", {})
    return Path("data/models/churn") / f"{made.name}.pkl"


def fit(**more: Any) -> Any:
    given = {
        "target": "churned",
        "include": ["logistic_regression", "knn"],
        "max_trials": 3,
        "name": "churn",
        "folder": "data/runs",
        **more,
    }
    overrides = {"validation": {"folds": 2}, "compute": {"max_concurrent_trials": 1}, "runs": {"keep": 1}}
    return library.fit(customers(), **given, overrides=overrides)


def test_a_predictor_changed_by_one_byte(predictor: Path, bakeoff: Cli) -> None:
    content = bytearray(predictor.read_bytes())
    content[len(content) // 2] ^= 1
    predictor.write_bytes(content)
    code, _, told = bakeoff("predict", predictor, table(customers()))
    assert code == 7
    assert f"{predictor}: the file is not the one its card describes: it was changed or damaged" in told
    assert "given: sha256 " in told
    assert "allowed: sha256 " in told
    assert "what to do: fetch it again (dvc checkout), never open it as it is" in told
    assert not Path("predictions.csv").exists()


def test_a_predictor_that_other_libraries_made(predictor: Path, bakeoff: Cli) -> None:
    predictor.write_bytes(b"cno.such.module\nnothing\n.")
    card = json.loads(predictor.with_suffix(".json").read_text())
    card["sha256"] = hashlib.sha256(predictor.read_bytes()).hexdigest()
    predictor.with_suffix(".json").write_text(json.dumps(card))
    code, _, told = bakeoff("predict", predictor, table(customers()))
    assert code == 7
    assert f"{predictor}: it does not open here" in told
    assert "given: ModuleNotFoundError: No module named 'no'" in told


def test_a_predictor_without_its_card(predictor: Path, bakeoff: Cli) -> None:
    predictor.with_suffix(".json").unlink()
    code, _, told = bakeoff("predict", predictor, table(customers()))
    assert code == 7
    assert "its card cannot be read, so it is not opened" in told
    assert "what to do: keep the .json that belongs to the .pkl beside it" in told


def test_predictions_that_cannot_be_written(predictor: Path, bakeoff: Cli) -> None:
    for out in (UNWRITABLE / "out.csv", Path("data/none/out.csv")):
        code, _, told = bakeoff("predict", predictor, table(customers()), "--out", out)
        assert code == 3
        assert f"{out}: the predictions cannot be written" in told
        assert "what to do: name another place with --out" in told


def test_a_table_that_lacks_a_column_is_not_scored(predictor: Path, bakeoff: Cli) -> None:
    code, _, told = bakeoff("predict", predictor, table(customers().drop(columns="plan"), "new.csv"))
    assert code == 3
    assert "a column is missing: plan" in told
    assert "what to do: add them" in told


def test_a_run_folder_written_by_another_version(bakeoff: Cli) -> None:
    run = Path("data/runs/churn/20261102-060000-cd34")
    run.mkdir()
    (run / "run.json").write_text(json.dumps({"format": 99, "libraries": {"bakeoff": "7.0"}, "state": "finished"}))
    for words in (("leaderboard", run), ("show", run, "best"), ("predict", run, table(customers())), ("adopt", run)):
        code, _, told = bakeoff(*words)
        assert code == 5
        assert f"{run}: this run was written by another version of Bakeoff" in told
        assert "given: format 99, Bakeoff 7.0" in told
        assert "allowed: format 1" in told
        assert "what to do: open it with that version, or start a new run" in told
    code, _, told = bakeoff("clean", "--keep", 0)
    assert code == 0
    assert "all dataset copies stay, since a run cannot be read" in told
    assert (run / "run.json").exists()


def test_another_versions_run_is_neither_continued_nor_removed(project: Path) -> None:
    other = Path("data/runs/churn/20261102-060000-cd34/run.json")
    other.parent.mkdir()
    other.write_text(json.dumps({"format": 99, "state": "running"}))
    assert fit(max_trials=1).path != other.parent
    assert json.loads(other.read_text()) == {"format": 99, "state": "running"}


def test_a_corrupted_trial_is_told_and_fitted_again(bakeoff: Cli) -> None:
    run = fit()
    name = next(trial.candidate.name for trial in run.folder.trials() if trial.candidate.algorithm == "knn")
    trial = run.path / "trials" / f"{name.rpartition('-')[2]}.json"
    trial.write_bytes(trial.read_bytes()[:-40])
    code, _, told = bakeoff("show", run.path, name)
    assert code == 5
    assert f"{trial}: this trial's file is damaged" in told
    assert "what to do: an unfinished run fits it again" in told
    kept = {path: path.stat().st_mtime_ns for path in trial.parent.glob("*.json") if path != trial}
    run.folder.update_facts(state="running")  # as a crash would have left it
    again = fit()
    assert again.path == run.path
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    pd.testing.assert_series_equal(again.leaderboard["score"], run.leaderboard["score"])
    assert again.trial(name).state == "done"


def test_a_corrupted_leaderboard(bakeoff: Cli) -> None:
    run = Path("data/runs/churn/20261102-060000-cd34")
    run.mkdir()
    (run / "run.json").write_text(json.dumps({"format": 1, "state": "finished"}))
    (run / "leaderboard.json").write_text("{")
    code, _, told = bakeoff("leaderboard", run)
    assert code == 5
    assert f"{run}: leaderboard.json cannot be read" in told
    assert "what to do: the run is unfinished or damaged; run it again" in told


def test_a_run_store_that_cannot_be_written() -> None:
    for folder in (UNWRITABLE, Path(table(customers()))):
        with pytest.raises(
            RunError, match=f"{folder}/.*: this cannot be written\n  given: .*\n  what to do: choose another folder"
        ) as caught:
            fit(folder=folder)
        assert caught.value.exit_code == 5


def test_a_data_folder_that_cannot_be_written(project: Path, bakeoff: Cli) -> None:
    outside = shutil.copy(table(customers()), project.parent / "clients.csv")
    shutil.rmtree("data/raw")
    Path("data/raw").symlink_to(UNWRITABLE)
    code, _, told = bakeoff("new", outside, "--target", "churned")
    assert code == 5
    assert "data/raw/clients.parquet: this cannot be written" in told
    assert "what to do: choose another folder, or mend its permissions" in told
    assert not Path("params/clients.yaml").exists()


def test_an_experiment_is_made_whole_or_not_at_all(bakeoff: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakeoff.cli.tracking.track", lambda path, root: None)
    Path("params").rmdir()
    Path("params").symlink_to(UNWRITABLE)
    code, _, told = bakeoff("new", table(customers(), "clients.csv"), "--target", "churned")
    assert code == 5
    assert "params/clients.yaml: this cannot be written" in told
    assert not Path("data/expectations/clients.json").exists()  # dvc.yaml and prefect.yaml are as before: the fixture sees to it


@pytest.mark.parametrize("gone", [".dvc", "dvc.yaml"])
def test_a_folder_that_is_no_project(gone: str, bakeoff: Cli, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(project, alone)
    shutil.rmtree(alone / gone) if (alone / gone).is_dir() else (alone / gone).unlink()
    monkeypatch.chdir(alone)
    code, _, told = bakeoff("new", table(customers()), "--target", "churned")
    assert code == 2
    assert f"{alone}: this folder is not a Bakeoff project" in told
    assert f"given: without {gone}" in told
    assert "what to do: go to the project's folder" in told
    assert bakeoff("check", experiment(customers()))[0] == 0


def test_a_project_without_git(bakeoff: Cli, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = shutil.copy(table(customers()), project.parent / "clients.csv")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    code, _, told = bakeoff("new", outside, "--target", "churned")
    assert code == 3
    assert f"{project}: dvc add failed" in told
    assert "is not a git repository" in told
    assert not Path("data/raw/clients.parquet").exists()
    assert not Path("params/clients.yaml").exists()


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_folds_on_which_the_metric_is_not_defined(task: str, tmp_path: Path) -> None:
    """A fold of one class has no AUC, one of one row no R²."""
    x = np.random.default_rng(0).normal(size=60 if task == "classification" else 15)
    frame = pd.DataFrame({"x": x, "y": np.where(x > np.sort(x)[-4], "yes", "no") if task == "classification" else x + 1})
    linear = "logistic_regression" if task == "classification" else "elastic_net"
    run = library.fit(frame, target="y", include=[linear], max_trials=1, folder=tmp_path)
    assert run.leaderboard["score"].notna().all()
    assert len(run.predictor().predict(frame)) == len(frame)


def test_a_full_disk_ends_the_run_and_the_same_call_goes_on(project: Path) -> None:
    """The kernel refuses the worker's .pkl by RLIMIT_FSIZE, as a full disk would: small files still fit, large ones do not."""
    code = (
        "import sys, bakeoff\nfrom bakeoff.errors import BakeoffError\nfrom tests.bad_input.conftest import customers\n"
        "try: bakeoff.fit(customers(), target='churned', include=['knn', 'extra_trees'], max_trials=2, folder='data/runs', name='churn',\n"
        "    overrides={'validation': {'folds': 2}, 'compute': {'max_concurrent_trials': 1}})\n"
        "except BakeoffError as mistake: sys.exit(f'{mistake}\\nexit code {mistake.exit_code}')\n"
    )
    most = 100_000

    def start(limited: bool) -> subprocess.CompletedProcess[str]:
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))) if limited else None
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, preexec_fn=limit)

    full = start(limited=True)
    assert "the disk is full\n  given: File too large\n  what to do: give space back (bakeoff clean), then start" in full.stderr
    assert "exit code 5" in full.stderr
    assert "Traceback" not in full.stderr
    (path,) = [path for path in Path("data/runs/churn").iterdir() if (path / "run.json").exists()]
    run = RunFolder(path)
    assert run.facts()["state"] == "running"
    assert {trial.state for trial in run.trials()} == {"done"}
    assert not list(path.rglob("*.part")) + list((path / "predictors").glob(".*"))
    first = {trial.id: trial.ended for trial in run.trials()}
    again = start(limited=False)
    assert again.returncode == 0, again.stderr
    assert {trial.id: trial.ended for trial in run.trials()}.items() >= first.items()
    assert open_run(path).leaderboard["state"].eq("done").all()


def test_a_full_disk_where_the_trial_is_recorded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent's own file does not fit: nothing is recorded, nothing is lost, and the run is not closed."""

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    record = RunFolder.record
    monkeypatch.setattr(RunFolder, "record", lambda run, trial: monkeypatch.setattr("os.fsync", refuse) or record(run, trial))
    with pytest.raises(DiskFullError, match="the disk is full\n  given: No space left on device"):
        fit()
    monkeypatch.undo()
    os.chdir(project)
    (path,) = [path for path in Path("data/runs/churn").iterdir() if (path / "run.json").exists()]
    assert RunFolder(path).facts()["state"] == "running"
    assert not RunFolder(path).trials()
    assert fit().path == path
