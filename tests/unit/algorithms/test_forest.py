"""Forests: what bounds their trees."""

import numpy as np
import pytest

from bakeoff.algorithms import Fitting, Setting, _forest, get_algorithm


@pytest.mark.parametrize(("trees", "classes", "leaves"), [(150, 1, 15_000), (300, 2, 15_000), (150, 50, 4_166), (150, 1_000, 1_000)])
def test_many_classes_leave_a_tree_fewer_leaves(trees: int, classes: int, leaves: int) -> None:
    assert _forest._most_leaves(trees, classes) == leaves


@pytest.mark.parametrize("name", ["random_forest", "extra_trees"])
def test_a_fit_keeps_the_shares_of_many_classes_within_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_forest, "MOST_BYTES", 4 * 2 * 8 * 30 * 40)
    monkeypatch.setattr(_forest, "FEWEST_LEAVES", 8)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 3)), np.arange(400) % 30
    card = get_algorithm(name)
    settings = {"n_estimators": 4, "max_features": "sqrt", "min_samples_leaf": 1, "criterion": "gini"}
    fitted = card.fit(card.build(Setting("classification", seed=0, threads=1, classes=30), settings), Fitting(X, y))
    assert sum(tree.tree_.value.nbytes for tree in fitted.estimators_) <= _forest.MOST_BYTES
    assert max(tree.tree_.n_leaves for tree in fitted.estimators_) == 40
