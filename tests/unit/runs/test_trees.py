"""Trees are written small and say what they said."""

import io
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from bakeoff.runs import load_predictor, save_predictor
from bakeoff.runs.trees import _written, dump, read_tree
from tests.training import train

ROWS = 4_000
SMALL = {"n_estimators": 5, "random_state": 0}


def written(thing):
    file = io.BytesIO()
    dump(thing, file)
    return file.getvalue()


def table(classes=0, missing=False):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(ROWS, 6)) * 10.0 ** rng.integers(-30, 30, 6)
    X[:, 5] = rng.integers(0, 3, ROWS)
    if missing:
        X[rng.random(X.shape) < 0.1] = np.nan
    y = rng.integers(0, classes, ROWS) if classes else rng.normal(size=ROWS)
    return X, y


def rows_between_thresholds(estimator, X):
    """Rows that hold the float32 values next to the trees' thresholds, on both sides."""
    trees = [tree.tree_ for tree in np.ravel(getattr(estimator, "estimators_", [estimator]))]
    near = np.concatenate([tree.threshold[tree.feature >= 0] for tree in trees]).astype(np.float32)
    near = near[np.isfinite(near)]  # some part missing values from all others
    both = np.concatenate([near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf))])
    return np.concatenate([X, np.repeat(both[:, None], X.shape[1], axis=1)])


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    ("estimator", "classes"),
    [
        (RandomForestClassifier(**SMALL), 2),
        (ExtraTreesClassifier(**SMALL, min_samples_leaf=3), 9),
        (RandomForestRegressor(**SMALL, max_leaf_nodes=500), 0),
        (ExtraTreesRegressor(**SMALL), 0),
        (DecisionTreeRegressor(), 0),
    ],
    ids=lambda one: type(one).__name__ if hasattr(one, "fit") else one,
)
def test_reads_what_it_wrote(estimator, classes, missing):
    X, y = table(classes, missing)
    estimator.fit(X, y, sample_weight=np.linspace(0.5, 2, len(X)))
    everything = written(estimator)
    assert len(everything) < len(pickle.dumps(estimator, protocol=5)) / 2
    again = pickle.loads(everything)
    rows = rows_between_thresholds(estimator, X)
    ask = "predict_proba" if classes else "predict"
    assert np.array_equal(getattr(again, ask)(rows), getattr(estimator, ask)(rows))
    assert np.array_equal(again.apply(rows), estimator.apply(rows))
    assert np.allclose(again.feature_importances_, estimator.feature_importances_, rtol=1e-5, atol=1e-7)


def test_nothing_is_lost_the_second_time():
    X, y = table(3, missing=True)
    once = pickle.loads(written(RandomForestClassifier(**SMALL).fit(X, y)))
    for before, after in zip(once.estimators_, pickle.loads(written(once)).estimators_, strict=True):
        assert pickle.dumps(before.tree_) == pickle.dumps(after.tree_)


def test_keeps_what_nobody_predicts_by_to_float32():
    X, y = table()
    tree = DecisionTreeRegressor(min_samples_leaf=20).fit(X, y, sample_weight=np.linspace(0.5, 2, len(X))).tree_
    again = pickle.loads(written(tree))
    for name in ("children_left", "children_right", "feature", "n_node_samples", "weighted_n_node_samples"):
        assert np.array_equal(getattr(again, name), getattr(tree, name))
    for name in ("value", "impurity", "threshold"):
        assert np.allclose(getattr(again, name), getattr(tree, name), rtol=1e-6, atol=1e-7)
    assert again.max_depth == tree.max_depth


def test_a_tree_of_one_leaf():
    X, _ = table()
    tree = DecisionTreeRegressor().fit(X, np.ones(len(X)))
    assert np.array_equal(pickle.loads(written(tree)).predict(X), tree.predict(X))


def test_boosted_trees():
    X, y = table(missing=False)
    boosted = GradientBoostingRegressor(**SMALL).fit(X, y)
    rows = rows_between_thresholds(boosted, X)
    assert np.array_equal(pickle.loads(written(boosted)).predict(rows), boosted.predict(rows))


def test_trees_of_several_targets_are_left_as_they_are():
    X, y = table()
    tree = DecisionTreeRegressor().fit(X, np.column_stack([y, -y]))
    again = pickle.loads(written(tree))
    assert np.array_equal(again.predict(X), tree.predict(X))
    assert np.array_equal(again.tree_.threshold, tree.tree_.threshold)


def test_predictors_hold_small_trees(tmp_path):
    X, y = table()
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"]).assign(y=y)
    predictor, *_ = train(frame, "y", tmp_path, algorithm="random_forest")
    assert save_predictor(predictor, tmp_path, {}) < len(pickle.dumps(predictor, protocol=5)) / 2
    rows = frame.drop(columns="y")
    assert np.array_equal(load_predictor(tmp_path / f"{predictor.name}.pkl").predict(rows), predictor.predict(rows))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("scale", "weight"), [(1e20, 1.0), (1e50, 1.0), (1.0, 1e9)])
def test_large_targets_and_weights_lose_nothing(scale, weight):
    X = np.random.default_rng(0).normal(size=(300, 3))
    forest = RandomForestRegressor(3, random_state=0).fit(X, X[:, 0] * scale, sample_weight=np.full(300, weight))
    again = pickle.loads(written(forest))
    assert np.array_equal(again.predict(X), forest.predict(X))
    assert np.allclose(again.feature_importances_, forest.feature_importances_, rtol=1e-5, atol=1e-7)


class Later:
    """A tree of a scikit-learn whose nodes hold something else."""

    def __getstate__(self):
        return {"nodes": np.zeros(1, dtype=[("child", "<i8"), ("is_categorical", "u1")]), "values": np.zeros((1, 1, 1))}

    def __reduce__(self):
        return Later, (), self.__getstate__()


def test_trees_of_another_scikit_learn_are_pickled_as_it_does():
    assert _written(Later())[0] is Later


def test_a_scikit_learn_whose_nodes_hold_something_else_does_not_read_small_ones():
    with pytest.raises(ValueError, match="is_categorical"):
        read_tree(Later, (), 1, 1, {})
