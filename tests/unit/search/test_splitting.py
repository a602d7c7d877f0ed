"""Every validation strategy, from params to the folds a run is judged by, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.algorithms import get_algorithm
from bakeoff.errors import DataError, ParamsError
from bakeoff.params import validate
from bakeoff.runs import Candidate, TrialPredictor
from bakeoff.search import Prepared, begin_run, prepare
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import fit_candidate
from bakeoff.search.options import recipe_and_settings


def table(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.choice(["u", "v", None], rows)})
    frame["kind"] = np.where(frame["a"] + rng.normal(0, 0.5, rows) > 0, "yes", "no")
    frame["house"] = rng.integers(0, 30, rows)
    frame["when"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(rows), unit="D")).astype(str)
    frame["first"], frame["second"] = (np.arange(rows) % 3 > 0).astype(int), np.where(np.arange(rows) < 100, "1", "0")
    frame["w"] = rng.integers(0, 4, rows) / 2
    return frame


def prepared(folder: Path, frame: pd.DataFrame | None = None, **sections: Any) -> Prepared:
    data = {"train": "a frame", "target": "kind", **sections.pop("data", {})}
    params = validate({"name": "x", "task": "classification", "data": data, **sections})
    run = begin_run(params, root=folder, source=table() if frame is None else frame)
    try:
        return prepare(run)
    finally:
        run.lock.release()


def said(ready: Prepared, name: str) -> str:
    from bakeoff.runs import RunFolder

    return next(f"{g['seen']}; {g['done']}" for g in RunFolder(ready.path).read_json("guardrails.json") if g["name"] == name)


@pytest.mark.parametrize(
    ("rules", "splits", "sentence"),
    [
        ({}, 16, "8-fold stratified cross-validation, dealt 2 times"),
        ({"folds": 4}, 4, "4-fold stratified cross-validation"),
        ({"strategy": "k_fold"}, 8, "8-fold stratified cross-validation"),
        ({"strategy": "repeated_k_fold", "folds": 3, "repeats": 4}, 12, "3-fold stratified cross-validation, dealt 4 times"),
        ({"strategy": "monte_carlo", "folds": 6, "fraction": 0.25}, 6, "6 random stratified splits, 60 of 240 rows"),
        ({"strategy": "holdout"}, 1, "stratified part set aside, 48 of 240 rows"),
        ({"split_columns": ["first", "second"]}, 2, "marks of first, second"),
        ({"time": "when", "folds": 3}, 3, "3 windows in the order of when"),
        ({"group": "house", "folds": 5}, 5, "5-fold stratified cross-validation, rows of one house kept together"),
    ],
)
def test_a_strategy_splits_as_it_says(tmp_path: Path, rules: dict[str, Any], splits: int, sentence: str) -> None:
    ready = prepared(tmp_path, validation=rules)
    assert len(ready.folds) == splits
    assert sentence in said(ready, "validation split handling")
    for fold in ready.folds:
        assert not np.intersect1d(fold.train, fold.valid).size
        assert set(ready.target[fold.train]) == {0, 1}


@pytest.mark.parametrize("strategy", ["k_fold", "repeated_k_fold", "monte_carlo", "holdout"])
def test_no_group_is_on_both_sides_and_the_classes_keep_their_shares(tmp_path: Path, strategy: str) -> None:
    ready = prepared(tmp_path, validation={"strategy": strategy, "group": "house"}, data={"test": 0.2})
    assert "house" not in ready.schema.names()
    assert ready.groups is not None
    test_houses = set(pd.read_parquet(ready.test_file)["house"])
    assert test_houses
    share = ready.target.mean()
    for fold in ready.folds:
        assert not set(ready.groups[fold.train]) & set(ready.groups[fold.valid])
        assert abs(ready.target[fold.valid].mean() - share) < 0.25
    assert "whole groups of house" in said(ready, "train-test split")


def test_time_judges_what_comes_after_and_stays_a_feature(tmp_path: Path) -> None:
    ready = prepared(tmp_path, validation={"time": "when"}, data={"test": 0.25})
    times = ready.frame["when"].to_numpy()
    assert len(ready.folds) == 5
    for fold in ready.folds:
        assert times[fold.train].max() < times[fold.valid].min()
    assert pd.to_datetime(pd.read_parquet(ready.test_file)["when"]).min() > times.max()
    assert "30 of 180" not in said(ready, "cross validation")
    assert len(ready.scored_rows) == 150


def test_marks_are_no_features_and_train_where_they_are_one(tmp_path: Path) -> None:
    ready = prepared(tmp_path, validation={"split_columns": ["first", "second"]})
    assert {c.name: c.reason for c in ready.schema.dropped} == dict.fromkeys(
        ("first", "second"), "tells who judges (validation.split_columns)"
    )
    np.testing.assert_array_equal(ready.folds[0].train, np.flatnonzero(np.arange(240) % 3 > 0))
    np.testing.assert_array_equal(ready.folds[1].train, np.arange(100))


def test_a_validation_file_judges_and_never_trains(tmp_path: Path) -> None:
    table(60).astype({"a": "str"}).drop(columns="house").to_csv(tmp_path / "judge.csv", index=False)
    ready = prepared(tmp_path, table().drop(columns="house"), validation={"file": str(tmp_path / "judge.csv")}, data={"weight": "w"})
    (fold,) = ready.folds
    np.testing.assert_array_equal(fold.train, np.flatnonzero(table()["w"]))
    np.testing.assert_array_equal(fold.valid, np.arange(240, 300))
    assert ready.weights is not None
    given = np.concatenate([table()["w"], table(60)["w"]])
    np.testing.assert_allclose(ready.weights, given / given[given > 0].mean())
    np.testing.assert_allclose(ready.frame["a"].to_numpy()[240:], table(60)["a"])


def test_columns_left_out_may_hold_anything_in_every_table(tmp_path: Path) -> None:
    odd = table().assign(meta=[{"k": n} for n in range(240)], raw=b"x")
    odd.head(60).to_parquet(tmp_path / "other.parquet")
    other, drop = str(tmp_path / "other.parquet"), ["meta", "raw"]
    ready = prepared(tmp_path / "runs", odd, validation={"file": other}, data={"test": other, "drop": drop})
    assert len(ready.target) == 300
    assert len(pd.read_parquet(ready.test_file)) == 60
    with pytest.raises(DataError, match=r"data\.drop"):
        prepared(tmp_path / "refused", odd.drop(columns=drop), data={"test": other})


def test_rows_without_a_target_are_told(tmp_path: Path) -> None:
    name, few, many = "rows without a target", table(), table()
    assert said(prepared(tmp_path / "none"), name) == "every row has a target; "
    few.loc[:8, "kind"] = None
    many.loc[::4, "kind"] = " "
    many.to_parquet(tmp_path / "test.parquet")
    assert said(prepared(tmp_path / "few", few), name).startswith("data.train: 9 of 240 rows have no target; left out: they neither")
    told = said(prepared(tmp_path / "many", few, data={"test": str(tmp_path / "test.parquet")}), name)
    assert told.startswith("data.train: 9 of 240 rows have no target; data.test: 60 of 240 rows have no target; left out; look")


def test_repeats_are_averaged(tmp_path: Path) -> None:
    ready = prepared(tmp_path, validation={"strategy": "repeated_k_fold", "folds": 3, "repeats": 2})
    encoded = EncodedFolds(ready, seed=0)
    fitted = fit_candidate(encoded, Candidate(0, "logistic_regression", {}, "one_hot+standard", seed=0))
    assert fitted.predictions.shape == (240, 2)
    np.testing.assert_allclose(fitted.predictions.sum(axis=1), 1)
    one, other = (
        next(
            part.predict_raw(encoded.of("one_hot+standard", number)[1][:1], 2)
            for number, (fold, part) in enumerate(zip(ready.folds, fitted.parts, strict=True))
            if 0 in fold.valid and (number < 3) == early
        )
        for early in (True, False)
    )
    np.testing.assert_allclose(fitted.predictions[:1], (one + other) / 2)
    rows = ready.folds[4].valid  # judged by what both repeats say of them, as the ensembles are
    right = np.argmax(fitted.predictions[rows], axis=1) == ready.target[rows]
    assert len(fitted.fold_scores["accuracy"]) == 6
    assert fitted.fold_scores["accuracy"][4] == pytest.approx(np.mean(right))


def judged_by(frame: pd.DataFrame, **rules: Any) -> dict[str, Any]:
    return {"frame": frame, "validation": rules}


WRONG = [
    (judged_by(table(), group="hause"), r"validation\.group: no such column\n  given: hause\n.*did you mean house"),
    (
        judged_by(table(), group="b", folds=5),
        r"validation\.group: there are fewer groups than folds\n  given: 3 groups\n  allowed: at least 5",
    ),
    (judged_by(table().assign(when="soon"), time="when"), r"validation\.time: when: the column cannot be read as dates"),
    (judged_by(table().assign(when=None), time="when"), r"validation\.time: when"),
    (judged_by(table().assign(when=table()["when"].mask(np.arange(240) < 3)), time="when"), r"3 of 240 rows have no time"),
    (judged_by(table().assign(when=5), time="when"), r"validation\.time: there are too few distinct times"),
    (judged_by(table().assign(first=2), split_columns=["first"]), r"split_columns: first: a split column holds other values than 0 and 1"),
    (judged_by(table().assign(first=1), split_columns=["first"]), r"split_columns: first: a split column has one part only"),
    (judged_by(table(), split_columns=["third"]), r"validation\.split_columns: no such column"),
    (
        judged_by(table().assign(first=(table()["kind"] == "yes").astype(int)), split_columns=["first"]),
        r"the training rows of a split are all of one class\n  given: split 1 of 1",
    ),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_what_cannot_be_split_is_refused(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, given["frame"], validation=given["validation"])


def test_a_validation_file_that_lacks_columns_is_refused(tmp_path: Path) -> None:
    table(60).drop(columns=["a", "kind"]).to_csv(tmp_path / "judge.csv", index=False)
    with pytest.raises(DataError, match=r"validation\.file: the table lacks 2 columns: a, kind"):
        prepared(tmp_path, validation={"file": str(tmp_path / "judge.csv")})


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"strategy": "holdout", "folds": 3}, r"validation\.folds: folds is not read with strategy: holdout"),
        ({"repeats": 3}, r"validation\.repeats: repeats is not read with strategy: auto, only with repeated_k_fold"),
        ({"strategy": "file"}, r"validation: strategy: file wants the key file"),
        ({"file": "a.csv", "time": "t"}, r"validation: file and time each say who judges"),
        ({"time": "t", "group": "g"}, r"validation: group cannot be kept together where time says who judges"),
        ({"file": "a.csv", "folds": 3}, r"validation: folds is not read where file says who judges"),
        ({"group": "y"}, r"validation\.group names the target, y"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(rules: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        validate({"name": "x", "task": "regression", "data": {"train": "x", "target": "y"}, "validation": rules})


def test_weights_reach_fits_and_scores(tmp_path: Path) -> None:
    ready = prepared(tmp_path, data={"weight": "w"}, validation={"folds": 3})
    assert "w" not in ready.schema.names()
    candidate = Candidate(0, "logistic_regression", {}, "one_hot+standard", seed=0)
    fitted = fit_candidate(EncodedFolds(ready, seed=0), candidate)
    hits = fitted.predictions.argmax(axis=1) == ready.target
    assert fitted.scores["accuracy"] == pytest.approx(np.average(hits, weights=table()["w"]))
    plain = fit_candidate(EncodedFolds(prepared(tmp_path / "2", table().drop(columns="w"), validation={"folds": 3}), seed=0), candidate)
    assert not np.allclose(plain.predictions, fitted.predictions)
    with pytest.warns(UserWarning, match=r"knn does not look at row weights \(data\.weight\)"):
        fit_candidate(EncodedFolds(ready, seed=0), Candidate(0, "knn", {"n_neighbors": 5}, "one_hot+standard", seed=0))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (-1.0, r"data\.weight: w: 240 of 240 row weights are no finite numbers of at least 0\n  given: -1\.0"),
        (np.where(np.arange(240) < 2, np.nan, 1), "2 of 240 row weights.*\n  given: missing"),
        (np.where(np.arange(240) < 2, np.inf, 1), "2 of 240 row weights.*\n  given: inf"),
        (0.0, r"data\.weight: w: every row weight is 0"),
    ],
)
def test_weights_that_are_none_are_refused(tmp_path: Path, weights: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, table().assign(w=weights), data={"weight": "w"})


def test_a_positive_label_is_known_however_it_is_spelled(tmp_path: Path) -> None:
    assert prepared(tmp_path, data={"positive_label": "no"}).schema.target.positive == 0
    assert prepared(tmp_path / "1", data={"positive_label": False}).schema.target.positive == 0, "no, as YAML reads it"
    assert (
        prepared(tmp_path / "2", table().assign(kind=table()["kind"] == "yes"), data={"positive_label": True}).schema.target.positive == 1
    )
    with pytest.raises(DataError, match=r"data\.positive_label: the target has no such label\n  given: 'maybe'\n  allowed: 'no', 'yes'"):
        prepared(tmp_path / "3", data={"positive_label": "maybe"})
    with pytest.raises(ParamsError, match=r"search\.metric: this metric speaks of one class.*\n  given: AUC_binary"):
        prepared(tmp_path / "4", table().assign(kind=np.arange(240) % 3), search={"metric": "AUC_binary"})


def test_a_weighted_regression_begins_at_the_weighted_mean(tmp_path: Path) -> None:
    params = validate({"name": "x", "task": "regression", "data": {"train": "a", "target": "a", "weight": "w"}, "validation": {"folds": 2}})
    run = begin_run(params, root=tmp_path, source=table())
    ready = prepare(run)
    run.lock.release()
    fitted = fit_candidate(EncodedFolds(ready, seed=0), Candidate(0, "baseline", {}, "codes", seed=0))
    rows = ready.folds[0].train
    expected = np.average(table()["a"].to_numpy()[rows], weights=table()["w"].to_numpy()[rows])
    np.testing.assert_allclose(fitted.predictions[ready.folds[0].valid], expected)


def test_the_estimators_of_a_candidate_have_a_seed_for_each_fold(tmp_path: Path) -> None:
    """Networks that begin alike, or boosters that draw the same columns, err alike: their mean keeps it."""
    encoded = EncodedFolds(prepared(tmp_path, validation={"folds": 3}), seed=0)
    own = get_algorithm("lightgbm").cheap_start(encoded.prepared.facts)
    for index in (0, 1):  # of two candidates side by side one begins with the last fold
        fitted = fit_candidate(encoded, Candidate(index, "lightgbm", own, "codes", seed=7))
        assert [part.estimator.settings["seed"] for part in fitted.parts] == [7, 8, 9]


def test_a_clock_asks_for_no_more_folds_than_there_are_groups(tmp_path: Path) -> None:
    for rows, dealt in ((240, 2), (400, 1)):
        frame = table(rows).assign(clinic=np.arange(rows) % 4)
        ready = prepared(tmp_path / str(rows), frame, validation={"group": "clinic"}, limits={"max_minutes": 60})
        assert len(ready.folds) == 4 * dealt


def test_a_clock_that_leaves_time_for_all_takes_no_repeats_from_few_groups(tmp_path: Path) -> None:
    frame = table().assign(clinic=np.arange(len(table())) % 5)
    for number, limits in enumerate(({}, {"max_minutes": 600})):
        ready = prepared(tmp_path / str(number), frame, validation={"group": "clinic"}, limits=limits)
        assert len(ready.folds) == 10, "5 folds, dealt 2 times"


@pytest.mark.parametrize(
    ("rows", "limits", "deals"),
    [
        (400, {}, 1),
        (400, {"max_minutes": 60}, 3),
        (400, {"max_minutes": 0.2}, 1),
        (400, {"max_minutes": 60, "max_trials": 30}, 1),
        (240, {"max_minutes": 60}, 3),
        (240, {"max_minutes": 0.2}, 2),
        (2_400, {"max_minutes": 60}, 1),
    ],
)
def test_a_clock_that_leaves_time_deals_the_folds_of_few_rows_anew(tmp_path: Path, rows: int, limits: dict[str, Any], deals: int) -> None:
    ready = prepared(tmp_path, table(rows), limits=limits)
    assert len(ready.folds) == 8 * deals
    judged = np.bincount(np.concatenate([fold.valid for fold in ready.folds]))
    assert (judged == deals).all(), "every row by every deal"
    first, *others = (np.stack([np.isin(np.arange(rows), fold.valid) for fold in ready.folds[at * 8 : at * 8 + 8]]) for at in range(deals))
    assert not any((first == other).all() for other in others)
    assert (f"dealt {deals} times" in said(ready, "validation split handling")) == (deals > 1)


@pytest.mark.parametrize("times", [1e-6, 5000.0])
@pytest.mark.parametrize("algorithm", ["xgboost", "svm", "lightgbm", "ridge", "sgd"])
def test_how_large_weights_are_in_all_changes_nothing(tmp_path: Path, algorithm: str, times: float) -> None:
    regression = algorithm in ("ridge", "sgd")
    scores = []
    for number, factor in enumerate((1.0, times)):
        data = {"train": "a", "target": "a" if regression else "kind", "weight": "w"}
        task = "regression" if regression else "classification"
        params = validate({"name": "x", "task": task, "data": data, "validation": {"folds": 2}})
        run = begin_run(params, root=tmp_path / str(number), source=table().assign(w=table()["w"] * factor))
        ready = prepare(run)
        run.lock.release()
        card = get_algorithm(algorithm)
        recipe, own = recipe_and_settings(card, card.recipes[0], card.start(ready.facts)[0])
        scores.append(fit_candidate(EncodedFolds(ready, seed=0), Candidate(0, algorithm, own, recipe, seed=0)).scores)
    assert scores[0] == pytest.approx(scores[1], rel=1e-3, nan_ok=True)


def test_rows_of_weight_0_train_nothing_and_are_judged_for_nothing(tmp_path: Path) -> None:
    ready = prepared(tmp_path, data={"weight": "w"}, validation={"folds": 3})
    none = np.flatnonzero(table()["w"] == 0)
    assert len(none) > 30
    assert not any(np.isin(fold.train, none).any() for fold in ready.folds)
    assert np.isin(none, ready.scored_rows).all()


def test_the_last_row_in_time_is_the_smallest_test_part(tmp_path: Path) -> None:
    ready = prepared(tmp_path, table(40), data={"test": 0.01}, validation={"time": "when", "folds": 2})
    assert len(ready.target) == 39
    assert len(pd.read_parquet(ready.test_file)) == 1


@pytest.mark.parametrize(("rules", "kept"), [({"folds": 3}, True), ({"time": "when", "folds": 2}, False)])
def test_a_row_like_no_other_gets_no_absurd_value(tmp_path: Path, rules: dict[str, Any], kept: bool) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=120), "when": np.arange(120)})
    frame["y"] = 3 * frame["a"] + rng.normal(size=120)
    content = {"name": "x", "task": "regression", "data": {"train": "x", "target": "y"}, "validation": rules}
    run = begin_run(validate(content), root=tmp_path, source=frame)
    run.lock.release()
    fitted = fit_candidate(EncodedFolds(prepare(run), 0), Candidate(1, "ridge", {}, "one_hot+standard", seed=0))
    said = TrialPredictor("x", Prepared(run.path).schema, fitted.parts).predict(pd.DataFrame({"a": [999_999.0], "when": [5]}))
    spread = frame["y"].max() - frame["y"].min()
    assert (said[0] <= frame["y"].max() + 0.1 * spread + 1e-9) == kept


def test_a_test_fraction_leaves_two_rows_of_each_class(tmp_path: Path) -> None:
    frame = table(205)
    frame["kind"] = ["a"] * 103 + ["b"] * 100 + ["c"] * 2
    ready = prepared(tmp_path, frame, data={"test": 0.2})
    assert np.bincount(ready.target).tolist()[2] == 2
    assert 160 <= len(ready.target) <= 166


def test_weights_that_leave_a_split_one_class_are_refused(tmp_path: Path) -> None:
    frame = table().sort_values("kind", ignore_index=True)
    frame["w"] = np.where(frame["kind"] == "no", 1.0, 0.0)
    frame.loc[frame.index[-1], "w"] = 1.0
    with pytest.raises(DataError, match=r"data.weight: the training rows of a split are all of one class"):
        prepared(tmp_path, frame, data={"weight": "w"})


def test_rows_in_the_order_of_time_are_encoded_by_other_blocks_of_time(tmp_path: Path) -> None:
    ready = prepared(tmp_path, validation={"time": "when", "folds": 3})
    assert ready.groups is not None
    days = pd.to_datetime(table()["when"]).to_numpy()
    blocks = [days[ready.groups == block] for block in range(20)]
    assert {len(block) for block in blocks} == {12}
    assert all(blocks[n].max() < blocks[n + 1].min() for n in range(19))
