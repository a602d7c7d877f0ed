"""bakeoff.fit end to end: what it leaves, what it predicts, what it refuses, twice the same."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.errors import DataError, NoUsableTrialError, ParamsError, RunError
from bakeoff.runs import Candidate, read_plan
from bakeoff.search.launching import on_threads


def flowers(rows: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    kind = rng.integers(0, 3, rows)
    frame = pd.DataFrame({"length": kind + rng.normal(0, 0.4, rows), "width": rng.normal(size=rows)})
    frame["kind"] = np.array(["x", "y", "z"])[kind]
    frame["soil"] = np.where(rng.random(rows) < 0.8, np.array(["clay", "sand", "loam"])[kind], None)
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(kind * 30 + rng.integers(0, 20, rows), unit="D")
    frame["wet"] = kind > 0
    frame.loc[::7, "length"] = np.nan
    return frame


def fit(frame: pd.DataFrame, folder: Path, **more: Any) -> Any:
    given = {"target": "kind", "include": ["extra_trees", "logistic_regression"], "max_trials": 3, "folder": folder, **more}
    return bakeoff.fit(frame, **given, overrides={"validation": {"folds": 3}})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return fit(flowers(), tmp_path_factory.mktemp("runs"))


def test_the_leaderboard_ranks_every_trial_the_baseline_and_the_ensembles(run: Any) -> None:
    board = run.leaderboard
    assert list(board["rank"]) == [1, 2, 3, 4, 5, 6]
    assert set(board["algorithm"]) == {"baseline", "extra_trees", "logistic_regression", "voting_ensemble", "stacking_ensemble"}
    assert board.loc[board["algorithm"] != "stacking_ensemble", "score"].is_monotonic_decreasing
    assert {"accuracy", "log_loss", "AUC_weighted"} <= set(board.columns)
    assert run.failures.empty


def test_every_trial_left_a_predictor_that_opens_and_predicts(run: Any) -> None:
    frame = flowers(40)
    for name in run.leaderboard["name"]:
        predictor = run.predictor(name)
        proba = predictor.predict_proba(frame)
        assert list(proba.columns) == ["x", "y", "z"]
        assert np.allclose(proba.sum(axis=1), 1)
        assert set(predictor.predict(frame)) <= {"x", "y", "z"}
    assert (run.predictor().predict(frame) == frame["kind"]).mean() > 0.8


def test_predictions_do_not_depend_on_order_dtype_or_extra_columns(run: Any) -> None:
    predictor, frame = run.predictor(), flowers(30)
    expected = predictor.predict_proba(frame)
    other = frame[list(reversed(frame.columns))].assign(extra=1, soil=frame["soil"].astype("category"), wet=frame["wet"].astype(int))
    other["when"] = frame["when"].astype(str)
    pd.testing.assert_frame_equal(predictor.predict_proba(other), expected)
    unseen = predictor.predict_proba(frame.assign(soil="gravel"))
    assert np.isfinite(unseen.to_numpy()).all()


def test_a_missing_column_is_named(run: Any) -> None:
    with pytest.raises(DataError, match="soil"):
        run.predictor().predict(flowers(5).drop(columns="soil"))


def test_a_row_that_is_not_there_is_refused_with_the_nearest(run: Any) -> None:
    with pytest.raises(RunError, match="voting_ensemble"):
        run.metrics("voting_ensembel")


def test_the_same_call_again_gives_the_same_leaderboard_and_predictions(run: Any, tmp_path: Path) -> None:
    again = fit(flowers(), tmp_path)
    same = ["name", "score", "std", "rank"]
    pd.testing.assert_frame_equal(run.leaderboard[same], again.leaderboard[same])
    pd.testing.assert_frame_equal(run.predictor().predict_proba(flowers()), again.predictor().predict_proba(flowers()))


def test_a_regression_predicts_values_and_scores_its_test_part(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.choice(["u", "v"], 200)})
    frame["y"] = 3 * frame["a"] + (frame["b"] == "u") + rng.normal(0, 0.1, 200)
    overrides = {"data": {"test": 0.25}, "validation": {"folds": 3}}
    run = bakeoff.fit(frame, target="y", include=["elastic_net"], max_trials=2, folder=tmp_path, overrides=overrides)
    scores = run.folder.read_json("test_scores.json")
    assert scores["rows"] == 50
    assert scores["scores"][run.best]["r2_score"] > 0.9
    assert np.abs(run.predictor().predict(frame) - frame["y"]).mean() < 0.5


def test_a_predictor_changed_by_one_byte_is_not_opened(run: Any, tmp_path: Path) -> None:
    source = run.path / "predictors" / f"{run.best}.pkl"
    copy = tmp_path / source.name
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    copy.with_suffix(".json").write_bytes(source.with_suffix(".json").read_bytes())
    with pytest.raises(bakeoff.errors.PredictorError, match="changed or damaged"):
        bakeoff.load_predictor(copy)


def test_wrong_names_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="lightgbm"):
        fit(flowers(), tmp_path, include=["lightgmb"])
    with pytest.raises(ParamsError, match="accuracy"):
        fit(flowers(), tmp_path, metric="acuracy")
    with pytest.raises(ParamsError, match="allowed: a list"):
        fit(flowers(), tmp_path, include="lightgbm")


def test_no_usable_trial_is_an_error_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(NoUsableTrialError, match=r"over its memory limit|time left"):
        bakeoff.fit(flowers(), target="kind", max_trials=1, folder=tmp_path, overrides={"limits": {"trial_minutes": 1e-6}})


def test_where_there_was_no_time_for_anything_the_baseline_is_left(tmp_path: Path) -> None:
    run = bakeoff.fit(flowers(), target="kind", max_minutes=1e-3, folder=tmp_path)
    assert run.best.startswith("baseline")
    assert len(run.predictor().predict(flowers())) == len(flowers())


def test_whole_numbers_with_gaps_in_the_target_are_still_whole_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=120)})
    frame["y"] = np.where(np.arange(120) % 10 == 0, np.nan, (frame["a"] > 0).astype(float))
    run = bakeoff.fit(frame, target="y", task="classification", include=["logistic_regression"], max_trials=1, folder=tmp_path)
    predicted = run.predictor().predict(frame)
    assert (predicted.dtype, sorted(set(predicted))) == (np.dtype("int64"), [0, 1])
    assert len(np.load(run.path / "prepared" / "target.npy")) == 108


def test_an_interrupt_keeps_what_is_there_and_says_what_had_no_turn(tmp_path: Path) -> None:
    raised: list[bool] = []

    def interrupt(snapshot: Any) -> None:
        if snapshot.progress.done >= 2 and not raised:
            raised.append(True)
            raise KeyboardInterrupt

    own = {"validation": {"folds": 3}, "leaderboard": {"interval_seconds": 1}}
    run = bakeoff.fit(flowers(), target="kind", max_trials=30, folder=tmp_path, overrides=own, watch=interrupt)
    trials = {trial.id: trial for trial in run.folder.trials()}
    assert run.folder.facts()["state"] == "stopped"
    assert {candidate.id for candidate in read_plan(run.folder)} == trials.keys()
    skipped = [trial for trial in trials.values() if trial.state == "skipped"]
    assert skipped
    assert {trial.reason for trial in skipped} == {"stopped by Ctrl-C"}
    assert len(run.predictor().predict(flowers())) == 150


def test_what_has_not_begun_is_not_begun_where_a_watch_raises() -> None:
    begun: list[int] = []
    raised = threading.Event()

    def train(candidate: Candidate) -> str:
        begun.append(candidate.index)
        raised.wait(60)
        return "done"

    def searched() -> None:
        with on_threads(1, train) as launch:
            launch.map([Candidate(index, "knn", {}, "codes", seed=0) for index in range(50)])
            threading.Timer(0.2, raised.set).start()
            raise RuntimeError("a watch of the user's own")

    with pytest.raises(RuntimeError, match="a watch"):
        searched()
    assert len(begun) < 5
