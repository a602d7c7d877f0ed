"""One run with everything a params file can ask of validation, weights and featurization, seen by who opens it afterwards."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

import bakeoff
from bakeoff.cli.main import main
from bakeoff.errors import DataError, ParamsError
from bakeoff.params import validate
from bakeoff.search import check_params, score_table


def table(rows: int = 260, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"size": rng.normal(size=rows), "town": rng.choice(["a", "b", "c"], rows), "said": "well", "house": np.arange(rows) // 4}
    )
    frame["bought"] = np.where(frame["size"] + (frame["town"] == "a") + rng.normal(0, 0.5, rows) > 0.3, "yes", "no")
    frame["w"] = rng.integers(0, 3, rows) + 0.5
    frame["useless"] = rng.normal(size=rows)
    frame.loc[::6, "size"] = np.nan
    frame["street"] = [f"{'North' if number % 2 else 'South'} street {number}" for number in rng.integers(0, 40, rows)]
    return frame


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    overrides = {
        "data": {"weight": "w", "positive_label": "no", "test": 0.2},
        "validation": {"strategy": "repeated_k_fold", "folds": 3, "repeats": 2, "group": "house"},
        "featurization": {
            "mode": "custom",
            "drop": ["useless"],
            "imputation": {"size": {"strategy": "median", "indicator": False}},
            "block": ["category_codes", "one_hot", "hashed_one_hot"],
            "parameters": {"target_encoding": {"smoothing": 5}},
        },
    }
    folder = tmp_path_factory.mktemp("runs")
    given: dict[str, Any] = {"include": ["logistic_regression", "knn"], "metric": "f1_score_binary", "max_trials": 3, "folder": folder}
    return bakeoff.fit(table(), target="bought", overrides=overrides, **given)


def test_every_trial_is_judged_with_its_weights_on_the_positive_label(run: Any) -> None:
    truth = np.load(run.path / "prepared" / "target.npy")
    weights, groups = np.load(run.path / "prepared" / "weights.npy"), np.load(run.path / "prepared" / "groups.npy")
    assert len(np.unique(groups)) == 52
    assert run.failures.empty
    assert {trial.decision is None for trial in run.folder.trials()} == {True, False}
    for trial in run.folder.trials():
        predicted = np.load(run.path / "predictions" / f"{trial.id}.npy")
        likeliest = sk.f1_score(truth == 0, predicted.argmax(axis=1) == 0, sample_weight=weights)
        if trial.decision is None:
            assert trial.scores["f1_score_binary"] == pytest.approx(likeliest)
        else:  # that of labels which other rows chose
            assert trial.scores["f1_score_binary"] > likeliest
        assert len(trial.fold_scores["accuracy"]) == 6
        ignores = trial.candidate.algorithm == "knn"
        assert any("does not look at row weights" in line for line in trial.warnings) == ignores


def test_the_test_part_is_scored_with_weights_too(run: Any) -> None:
    test = pd.read_parquet(run.path / "prepared" / "test.parquet")
    predicted = run.predictor().predict(test)
    scores = run.folder.read_json("test_scores.json")["scores"][run.best]
    assert scores["accuracy"] == pytest.approx(np.average(predicted == test["bought"], weights=test["w"]))
    assert (test["house"].value_counts() == 4).all()


def test_the_predictor_needs_no_weight_no_group_and_no_dropped_column(run: Any) -> None:
    frame = table(20, seed=9)
    expected = run.predictor().predict_proba(frame)
    pd.testing.assert_frame_equal(run.predictor().predict_proba(frame[["street", "town", "size"]]), expected)


def test_the_summary_says_what_became_of_every_column(run: Any) -> None:
    summary = run.folder.read_json("featurization_summary.json")
    columns = {column["name"]: column for column in summary["columns"]}
    assert {name: column["dropped"] for name, column in columns.items() if column["dropped"]} == {
        "house": "tells which rows belong together (validation.group)",
        "w": "the weight of each row (data.weight)",
        "useless": "left out by featurization.drop",
        "said": "constant: every value is well",
    }
    made = columns["town"]["recipes"]["one_hot+standard"]
    assert made == {"featurizer": "target_encoding", "features": ["town.share_of_class_1"], "dropped": ""}
    many = columns["street"]["recipes"]["one_hot+standard"]
    assert many["featurizer"] == "target_encoding, spelling_components, linear_scores"
    components = [f"street.spelling_{number}" for number in range(12)]
    assert many["features"] == ["street.share_of_class_1", *components, "street.linear_score_of_class_1"]
    assert (columns["size"]["imputation"], columns["size"]["indicator"]) == ("median", False)
    assert columns["size"]["recipes"]["one_hot+standard"]["features"] == ["size"]


def test_guardrails_tell_how_rows_were_split(run: Any) -> None:
    found = {check["name"]: check for check in run.folder.read_json("guardrails.json")}
    assert (
        "3-fold stratified cross-validation, dealt 2 times, rows of one house kept together" in found["validation split handling"]["done"]
    )
    assert "whole groups of house" in found["train-test split"]["done"]
    assert found["cross validation"]["seen"] == "208 of 208 rows are judged, in 6 splits"


def test_any_trial_is_evaluated_on_a_labelled_table(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = table(80, seed=5)
    fresh.to_csv(tmp_path / "fresh.csv", index=False)
    name = str(run.leaderboard["name"].iloc[-1])
    rows, scores = score_table(run, name, fresh)
    predicted = run.predictor(name).predict(fresh)
    assert (rows, scores["accuracy"]) == (80, pytest.approx(np.average(predicted == fresh["bought"], weights=fresh["w"])))
    assert main(["evaluate", str(run.path), "--trial", name, "--data", str(tmp_path / "fresh.csv")]) == 0
    said = capsys.readouterr().out
    assert f"{name} on 80 rows" in said
    assert f"{scores['f1_score_binary']:.4f}" in said.split("f1_score_binary")[1].splitlines()[0]
    with pytest.raises(DataError, match=r"the frame: the table lacks a column: w"):
        score_table(run, name, fresh.drop(columns="w"))
    assert main(["evaluate", str(run.path), "--trial", "best", "--data", str(tmp_path / "none.csv")]) == 3


def test_the_features_are_shown(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(run.path), "--features"]) == 0
    said = capsys.readouterr().out
    assert "featurization custom, blocked: category_codes, one_hot, hashed_one_hot" in said
    assert "w: left out: the weight of each row (data.weight)" in said
    assert "one_hot+standard        target_encoding: town.share_of_class_1" in said
    assert "one_hot+standard        target_encoding, spelling_components, linear_scores: street.share_of_class_1, street.spelling_0" in said
    assert json.loads((run.path / "featurization_summary.json").read_text())["mode"] == "custom"


def test_in_order_of_time_the_newest_window_s_estimator_predicts(tmp_path: Path) -> None:
    frame = table(120).assign(when=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(120), unit="D"))
    given: dict[str, Any] = {"include": ["logistic_regression"], "max_trials": 1, "folder": tmp_path}
    run = bakeoff.fit(frame, target="bought", overrides={"validation": {"time": "when", "folds": 3}}, **given)
    assert len(run.predictor().parts) == 1
    assert all(len(trial.fold_scores["accuracy"]) == 3 for trial in run.folder.trials())
    assert "when.year" in json.dumps(run.folder.read_json("featurization_summary.json"))


def test_parameters_that_no_competitor_would_read_are_refused() -> None:
    wishes = {"mode": "custom", "parameters": {"one_hot": {"most_features": 5}}}
    content = {"name": "x", "task": "regression", "data": {"train": "x", "target": "y"}, "featurization": wishes}
    check_params(validate(content))
    with pytest.raises(
        ParamsError, match=r"featurization\.parameters\.one_hot: no algorithm that competes uses this featurizer\n  given: rec"
    ):
        check_params(validate({**content, "search": {"algorithms": {"include": ["lightgbm"]}}}))
    sparse = {"mode": "custom", "parameters": {"terms": {"most_terms": 500}}}  # it cannot be added, so that is no remedy
    with pytest.raises(ParamsError, match=r"parameters\.terms: no algorithm that competes[\s\S]*what to do: take its parameters out"):
        check_params(validate({**content, "featurization": sparse, "search": {"algorithms": {"include": ["lightgbm"]}}}))


def test_parameters_that_no_recipe_for_such_a_table_would_read_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(60.0), "b": np.arange(60.0) % 7, "y": np.arange(60.0) % 5})
    wishes = {"mode": "custom", "parameters": {"crossed_encoding": {"smoothing": 5.0}}}  # crosses need a column of categories
    given: dict[str, Any] = {"target": "y", "task": "regression", "max_trials": 1, "folder": tmp_path}
    where = r"featurization\.parameters\.crossed_encoding: no algorithm has a recipe for such a table that uses this featurizer"
    with pytest.raises(ParamsError, match=where + r"[\s\S]*featurization\.add: \[crossed_encoding\]"):
        bakeoff.fit(frame, overrides={"featurization": wishes}, **given)
    run = bakeoff.fit(frame, overrides={"featurization": {**wishes, "add": ["crossed_encoding"]}}, **given)
    assert run.folder.trials()[0].state == "done"
