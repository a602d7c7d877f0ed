"""replay: a run under a clock carried out again, its refusals, and what it says of rows that come out otherwise."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.cli.main import main
from bakeoff.errors import DataError, RunError
from bakeoff.runs import FinishedRun, RunFolder, open_run
from bakeoff.search import Replayed, begin_run, replay

FOLDS = 3
CLOCKED = ["lightgbm", "xgboost", "mlp", "logistic_regression", "random_forest"]


def table(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"size": rng.normal(size=rows), "colour": rng.choice(["red", "green", "blue"], rows)})
    frame["y"] = np.where(frame["size"] + (frame["colour"] == "red") + rng.normal(0, 0.7, rows) > 0.3, "yes", "no")
    frame.loc[::11, "size"] = np.nan
    return frame


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run under a time limit that chose the number of folds; its trials end by number, so that any machine carries out all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.search.splitting.affordable_folds", lambda *_: FOLDS)
        folder = tmp_path_factory.mktemp("runs")
        return bakeoff.fit(table(), target="y", include=CLOCKED, max_trials=6, max_minutes=30, folder=folder, name="clocked")


@pytest.fixture(scope="module")
def replayed(clocked: FinishedRun) -> Replayed:
    return replay(clocked.folder)


def ranked(run: FinishedRun) -> pd.DataFrame:
    board = run.leaderboard
    timings = [column for column in board.columns if column.startswith(("fit_seconds", "latency_", "size_mb"))]
    return board[board["rank"].notna()].drop(columns=timings).reset_index(drop=True)


def test_a_clocked_run_keeps_the_plan_it_carried_out(clocked: FinishedRun) -> None:
    kept = json.loads((clocked.path / "carried_out.json").read_text())
    assert (kept["folds"], kept["splits"]) == (FOLDS, FOLDS)
    trials = {trial["candidate"]["id"]: trial["rounds"] for trial in kept["trials"]}
    assert trials == {trial.id: list(trial.rounds) for trial in clocked.folder.trials()}
    with_rounds = {trial["candidate"]["algorithm"]: len(trial["rounds"]) for trial in kept["trials"] if trial["rounds"]}
    assert with_rounds == {**dict.fromkeys(CLOCKED, FOLDS), "random_forest": 1}  # which rows out of the bag judge


def test_a_replay_gives_the_same_leaderboard_and_the_same_predictions(clocked: FinishedRun, replayed: Replayed) -> None:
    again = open_run(replayed.run.path)
    assert replayed.differences == ()
    assert not replayed.libraries
    pd.testing.assert_frame_equal(ranked(again), ranked(clocked), rtol=1e-9, atol=1e-9)
    for name in ranked(clocked)["name"]:
        before, after = (run.predictor(name).predict_proba(table()) for run in (clocked, again))
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-9)


def test_a_replay_is_a_run_of_its_own_that_no_clock_rules(clocked: FinishedRun, replayed: Replayed) -> None:
    facts, params = replayed.run.facts(), replayed.run.params()
    assert facts["replay_of"] == f"clocked/{clocked.path.name}"
    assert (facts["state"], facts["own"]) == ("finished", False)
    assert params.limits.max_minutes is None
    assert params.validation.folds == FOLDS
    rounds = {trial.id: trial.rounds for trial in replayed.run.trials()}
    assert rounds == {trial.id: trial.rounds for trial in clocked.folder.trials()}


def copied(run: FinishedRun, folder: Path) -> RunFolder:
    """The run in a store of its own, with its dataset."""
    shutil.copytree(run.path.parent.parent, folder)
    facts = run.folder.facts()
    copy = RunFolder(folder / "clocked" / run.path.name)
    copy.update_facts(dataset=str(folder / ".datasets" / Path(facts["dataset"]).name))
    return copy


def keep_trials(run: RunFolder, *names: str) -> dict[str, Any]:
    kept = run.read_json("carried_out.json")
    kept["trials"] = [trial for trial in kept["trials"] if trial["candidate"]["algorithm"] in names]
    run.write_json("carried_out.json", kept)
    return dict(kept)


def test_what_comes_out_otherwise_is_named(clocked: FinishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = copied(clocked, tmp_path / "runs")
    kept = keep_trials(run, "baseline", "lightgbm")
    kept["trials"][1]["rounds"] = [1, 2, 3]
    run.write_json("carried_out.json", kept)
    assert main(["replay", str(run.path)]) == 1
    out = capsys.readouterr().out
    name = next(trial.candidate.name for trial in run.trials() if trial.candidate.algorithm == "lightgbm")
    line = next(line for line in out.splitlines() if line.startswith(f"  {name}: "))
    assert ", difference " in line
    assert "out-of-fold predictions differ by up to" in line
    assert "random_forest" in out
    assert "missing" in out


def test_a_replay_can_be_replayed_and_the_command_says_that_all_is_equal(
    clocked: FinishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copied(clocked, tmp_path / "runs")
    keep_trials(run, "baseline", "xgboost")
    once = replay(run)
    assert main(["replay", str(once.run.path)]) == 0
    out = capsys.readouterr().out
    assert f"replayed: {once.run.path}, 2 trials on {FOLDS} splits" in out
    assert "equal:    every score and every out-of-fold prediction" in out


def test_a_table_that_is_gone_or_changed_is_told(clocked: FinishedRun, tmp_path: Path) -> None:
    run = copied(clocked, tmp_path / "runs")
    dataset = Path(run.facts()["dataset"])
    table(100).to_parquet(dataset)
    with pytest.raises(DataError, match="copy of its table was changed"):
        replay(run)
    dataset.unlink()
    with pytest.raises(DataError, match="table that this run learned from is gone"):
        replay(run)
    assert len(list(run.path.parent.glob("*/run.json"))) == len(list(clocked.path.parent.glob("*/run.json")))


def test_rows_that_are_split_otherwise_are_told(clocked: FinishedRun, tmp_path: Path) -> None:
    run = copied(clocked, tmp_path / "runs")
    run.write_json("carried_out.json", {**run.read_json("carried_out.json"), "folds": 4})
    with pytest.raises(DataError, match="split otherwise"):
        replay(run)


def test_a_run_that_goes_on_is_not_replayed(clocked: FinishedRun, tmp_path: Path) -> None:
    run = copied(clocked, tmp_path / "runs")
    run.update_facts(state="running")
    with pytest.raises(RunError, match="this run has not ended"):
        replay(run)


def test_an_interrupted_replay_goes_on_and_no_other_run_goes_on_in_its_folder(
    clocked: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied(clocked, tmp_path / "runs")
    keep_trials(run, "baseline", "xgboost")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bakeoff.search.replaying.rank", interrupted)
        with pytest.raises(KeyboardInterrupt):
            replay(run)
    (begun,) = [RunFolder(path.parent) for path in run.path.parent.glob("*/replay.json") if path.parent.name not in left_by(clocked)]
    recorded = {trial.id: trial.started for trial in begun.trials()}
    other = begin_run(begun.params(), root=tmp_path / "runs", source=table())
    other.lock.release()
    assert other.path != begun.path
    replayed = replay(run)
    assert replayed.run.path == begun.path
    assert {trial.id: trial.started for trial in replayed.run.trials()} == recorded


def left_by(run: FinishedRun) -> set[str]:
    return {path.parent.name for path in run.path.parent.glob("*/run.json")}


def test_a_trial_limited_run_is_replayed_alike(tmp_path: Path) -> None:
    frame = table(60).assign(y=lambda rows: rows["size"].fillna(0) ** 2)
    frame.to_csv(tmp_path / "table.csv", index=False)
    names = ["elastic_net", "sgd"]
    more = {"include": names, "max_trials": 2, "folder": tmp_path / "runs", "overrides": {"refit": "full"}}
    run = bakeoff.fit(tmp_path / "table.csv", target="y", task="regression", **more)
    (tmp_path / "runs" / ".datasets" / Path(run.folder.facts()["dataset"]).name).unlink()
    replayed = replay(run.folder)
    assert len(run.folder.trials()) == len(replayed.run.trials()) == 3
    assert replayed.differences == ()
    assert replayed.plan.folds is None
    pd.testing.assert_frame_equal(ranked(open_run(replayed.run.path)), ranked(run), rtol=1e-9, atol=1e-9)


def test_a_replay_deals_the_folds_as_often_as_the_clock_had_them_dealt(tmp_path: Path) -> None:
    own: dict[str, Any] = {"include": ["logistic_regression"], "max_minutes": 30, "overrides": {"limits": {"exit_score": 0.1}}}
    run = bakeoff.fit(table(400), target="y", **own, folder=tmp_path, name="dealt")
    replayed = replay(run.folder)
    assert (replayed.plan.folds, replayed.plan.deals, replayed.plan.splits) == (8, 3, 24)
    assert replayed.run.params().validation.repeats == 3
    assert replayed.differences == ()
