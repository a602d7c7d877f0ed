"""Forests are judged by the trees that did not draw a row, where rows are dealt one by one and no feature knows the target."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import roc_auc_score

from bakeoff.algorithms import Fitting, Setting, get_algorithm
from bakeoff.params import merge, validate
from bakeoff.runs import Candidate
from bakeoff.search import Prepared, begin_run, prepare
from bakeoff.search.budgeting import expected_seconds
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import Fitted, fit_candidate


@pytest.mark.parametrize("classes", [True, False])
def test_the_numbers_are_scikit_learns(classes: bool) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = X[:, 0] + 0.3 * rng.normal(size=300)
    forest: Any = RandomForestClassifier if classes else RandomForestRegressor
    fitted = forest(60, oob_score=True, random_state=0).fit(X, (y > 0).astype(int) if classes else y)
    out_of_bag = get_algorithm("random_forest").out_of_bag
    assert out_of_bag is not None
    expected = fitted.oob_decision_function_ if classes else fitted.oob_prediction_
    assert out_of_bag(fitted, X) == pytest.approx(expected)


def test_rows_that_every_tree_drew_are_not_judged_by_these_trees() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(4_000, 4)), rng.integers(0, 2, size=4_000)  # nothing to be learned: whoever knows has seen it
    card = get_algorithm("random_forest")
    settings = {"n_estimators": 2, "max_features": 1.0, "min_samples_leaf": 1, "criterion": "gini"}
    forest = card.build(Setting(task="classification", seed=0, threads=1, classes=2), settings)
    card.fit(forest, Fitting(X=X, y=y))
    assert card.out_of_bag is not None
    assert roc_auc_score(y, card.out_of_bag(forest, X)[:, 1]) == pytest.approx(0.5, abs=0.04)


def table(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.normal(size=rows), "who": np.arange(rows) % 40})
    frame["word"] = rng.choice([f"w{n:03d}" for n in range(150)], rows)
    frame["y"] = np.where(frame["a"] + frame["b"] + 0.5 * rng.normal(size=rows) > 0, "yes", "no")
    return frame


def fitted(folder: Path, columns: list[str], class_weights: str = "none", recipe: str = "imputed_mixed", **sections: Any) -> Fitted:
    ready, candidate = prepared(folder, columns, **sections)
    candidate = replace(candidate, recipe=recipe, hyperparameters={**candidate.hyperparameters, "class_weights": class_weights})
    found, folds, declared = fit_candidate(EncodedFolds(ready, 0), candidate), len(ready.folds), expected_seconds(candidate, ready.facts, 1)
    assert expected_seconds(candidate, ready.facts, folds) == pytest.approx(len(found.parts) * declared)  # what it costs is known before
    return found


def prepared(folder: Path, columns: list[str], **sections: Any) -> tuple[Prepared, Candidate]:
    content = {"name": "one", "task": "classification", "data": {"train": "a frame", "target": "y"}}
    run = begin_run(validate(merge(content, sections)), root=folder, source=table()[[*columns, "y"]], own=False)
    run.lock.release()
    settings = {"n_estimators": 50, "max_features": "sqrt", "min_samples_leaf": 2, "criterion": "gini"}
    return prepare(run), Candidate(1, "random_forest", settings, "imputed_mixed", seed=0)


def test_one_forest_of_all_rows_stands_for_all_folds_and_is_scored_by_each(tmp_path: Path) -> None:
    found = fitted(tmp_path / "bag", ["a", "b"])
    assert len(found.parts) == 1
    assert len(found.rounds) == 1
    assert len(found.fold_scores["AUC_weighted"]) == 8
    assert found.predictions.shape == (400, 2)
    assert found.scores["AUC_weighted"] == pytest.approx(np.mean(found.fold_scores["AUC_weighted"]), abs=0.05)
    seen = found.parts[0].estimator.predict_proba(table()[["a", "b"]].to_numpy())
    truth = (table()["y"] == "yes").to_numpy()
    assert found.scores["accuracy"] < np.mean((seen[:, 1] > 0.5) == truth)  # what has seen the row knows it better


@pytest.mark.parametrize(
    ("columns", "rules"),
    [
        (["a", "b", "who"], {"group": "who"}),
        (["a", "b", "who"], {"time": "who"}),
        (["a", "b"], {"strategy": "holdout"}),
        (["a", "b", "word"], {}),
        (["a", "b", "who"], {"recipe": "imputed_target_encoded"}),
        (["a", "b", "who"], {"data": {"weight": "who"}}),
        (["a", "b"], {"class_weights": "balanced"}),
    ],
    ids=["groups", "time", "one holdout", "features that know the target", "a recipe that does", "weighed rows", "weighed classes"],
)
def test_folds_judge_where_rows_out_of_the_bag_would_flatter(tmp_path: Path, columns: list[str], rules: dict[str, Any]) -> None:
    own = {name: rule for name, rule in rules.items() if name in ("class_weights", "recipe")}
    sections = {"data": rules["data"]} if "data" in rules else {} if own else {"validation": rules}
    if "recipe" in own:
        sections["featurization"] = {"mode": "custom", "kinds": {"who": "categorical"}}
    found = fitted(tmp_path, columns, **own, **sections)
    assert len(found.parts) == {"holdout": 1}.get(rules.get("strategy", ""), len(found.fold_scores["accuracy"]))
    assert found.parts[0].estimator.n_features_in_ > 0
    assert len(found.parts[0].estimator.estimators_samples_[0]) < 400


@pytest.mark.parametrize(("rules", "parts"), [({}, 1), ({"folds": 3, "group": "who"}, 3)])
def test_no_class_is_impossible_because_no_tree_voted_for_it(tmp_path: Path, rules: dict[str, Any], parts: int) -> None:
    found = fitted(tmp_path, ["a", "b", *(["who"] if rules else [])], validation=rules)
    assert len(found.parts) == parts
    shares = [sum(part.prior) for part in found.parts]
    assert shares == pytest.approx([1 / 301] * parts)
    assert found.predictions.sum(axis=1) == pytest.approx(1)
    assert found.predictions.min() >= min(found.parts[0].prior) * 0.99 > 0
    matrix = np.array([[-5.0, -5.0]])
    raw = found.parts[0].estimator.predict_proba(matrix)[0, 1]
    assert found.parts[0].predict_raw(matrix, 2)[0, 1] == pytest.approx(300 / 301 * raw + found.parts[0].prior[1])


def test_a_forest_of_a_transformed_target_is_judged_out_of_bag_too(tmp_path: Path) -> None:
    frame = table()[["a", "b"]].assign(y=np.exp(table()["a"] + table()["b"]))
    content = {"name": "one", "task": "regression", "data": {"train": "a frame", "target": "y"}}
    run = begin_run(validate(content), root=tmp_path, source=frame, own=False)
    run.lock.release()
    settings = {"n_estimators": 50, "max_features": 1.0, "min_samples_leaf": 2, "criterion": "squared_error", "target_transform": "log1p"}
    found = fit_candidate(EncodedFolds(prepare(run), 0), Candidate(1, "random_forest", settings, "imputed_mixed", seed=0))
    assert len(found.parts) == 1
    assert found.scores["spearman_correlation"] > 0.8
