"""Linear models walk from the strongest penalty to the weakest, keep what judges best, and end there again without rows to judge by."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from bakeoff.algorithms import AlgorithmCard, Fitting, Setting, get_algorithm
from bakeoff.algorithms._penalty_path import follow
from bakeoff.algorithms.card import TableFacts

LINEAR = ("logistic_regression", "ridge", "elastic_net")


def _table(card: AlgorithmCard, rows: int = 300, columns: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Few columns say something, with noise: neither the strongest nor the weakest penalty is best."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    y = X[:, :5].sum(axis=1) + rng.normal(scale=2.0, size=rows)
    return X, (y > 0).astype(np.int64) if "classification" in card.tasks else y


def _fitted(card: AlgorithmCard, fitting: Fitting, **more: Any) -> Any:
    task, facts = card.tasks[0], TableFacts(len(fitting.y), fitting.X.shape[1], 2 if "classification" in card.tasks else 0)
    return card.fit(card.build(Setting(task, 0, 1, facts.classes), {**card.start(facts)[0], **more}), fitting)


def _loss(card: AlgorithmCard, estimator: Any, X: Any, y: np.ndarray) -> float:
    if "classification" in card.tasks:
        return float(-np.log(estimator.predict_proba(X)[np.arange(len(y)), y]).mean())
    return float(np.square(estimator.predict(X) - y).mean())


@pytest.mark.parametrize("name", LINEAR)
def test_the_penalty_that_judges_best_is_found(name: str) -> None:
    card = get_algorithm(name)
    X, y = _table(card)
    judged = Fitting(X[:200], y[:200], X[200:], y[200:])
    found = _fitted(card, judged)
    steps = card.rounds(found)
    assert steps is not None
    assert steps > 1
    losses = [_loss(card, _fitted(card, Fitting(X[:200], y[:200]), steps=step), X[200:], y[200:]) for step in range(1, steps + 2)]
    assert int(np.argmin(losses)) == steps - 1


@pytest.mark.parametrize("name", LINEAR)
def test_a_replay_of_as_many_steps_is_the_same_model(name: str) -> None:
    card = get_algorithm(name)
    X, y = _table(card)
    found = _fitted(card, Fitting(X[:200], y[:200], X[200:], y[200:]))
    again = _fitted(card, Fitting(X[:200], y[:200]), **{card.rounds_name: card.rounds(found)})
    assert np.array_equal(again.coef_, found.coef_)
    assert np.array_equal(again.intercept_, found.intercept_)


@pytest.mark.parametrize("name", LINEAR)
def test_the_deadline_leaves_a_model(name: str) -> None:
    card = get_algorithm(name)
    X, y = _table(card)
    late = _fitted(card, Fitting(X[:200], y[:200], X[200:], y[200:], deadline=lambda: 0.0))
    assert card.rounds(late) == 1
    assert np.isfinite(late.predict(X)).all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(60, 10), (30, 80)])
def test_ridge_solves_what_scikit_learn_does(shape: tuple[int, int], weighted: bool) -> None:
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(1)
    X, y = rng.normal(size=shape) + 3.0, rng.normal(size=shape[0])
    weights = rng.uniform(0.5, 2.0, shape[0]) if weighted else None
    card = get_algorithm("ridge")
    for matrix in (X, sparse.csr_array(X)):
        found = _fitted(card, Fitting(matrix, y, weights=weights), steps=11)
        wanted = Ridge(alpha=found.alpha, solver="cholesky").fit(X, y, sample_weight=weights)
        np.testing.assert_allclose(found.coef_, wanted.coef_, rtol=1e-2, atol=1e-3)
        np.testing.assert_allclose(found.predict(X), wanted.predict(X), rtol=1e-2, atol=1e-3)


def test_ridge_survives_columns_that_rounding_makes_alike() -> None:
    X = np.random.default_rng(2).normal(size=(50, 3))
    wide = np.column_stack([X, X[:, 0] * 1e12, X[:, 0] * 1e12 + X[:, 1] * 1e-9])
    found = _fitted(get_algorithm("ridge"), Fitting(wide, X[:, 0], wide, X[:, 0]))
    assert np.isfinite(found.coef_).all()
    assert np.square(found.predict(wide) - X[:, 0]).mean() < 1e-3


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("seed", range(6))
def test_what_only_the_difference_of_two_like_columns_tells_is_found(name: str, seed: int) -> None:
    """The strong penalties see their sum, which says nothing, and may be worse than none."""
    rng = np.random.default_rng(seed)
    both, apart = rng.normal(size=600), 0.05 * rng.normal(size=(600, 2))
    X = np.column_stack([both + apart[:, 0], both + apart[:, 1], rng.normal(size=(600, 8))])
    y = 20 * (X[:, 0] - X[:, 1]) + 0.2 * rng.normal(size=600)
    card = get_algorithm(name)
    target = (y > 0).astype(np.int64) if "classification" in card.tasks else y
    found = _fitted(card, Fitting(X[:400], target[:400], X[400:], target[400:]))
    without = np.log(2) if "classification" in card.tasks else y[400:].var()
    assert _loss(card, found, X[400:], target[400:]) < 0.2 * without


@pytest.mark.parametrize("l1_ratio", [0.05, 0.5, 1.0])
def test_elastic_net_begins_where_features_get_weights(l1_ratio: float) -> None:
    """Many columns that say a little each: a penalty that suits one strong column leaves none of them a weight."""
    rng = np.random.default_rng(3)
    X = 0.3 * rng.normal(size=(600, 60))
    y = X.sum(axis=1) + 0.1 * rng.normal(size=600)
    found = _fitted(get_algorithm("elastic_net"), Fitting(X[:400], y[:400], X[400:], y[400:]), l1_ratio=l1_ratio)
    assert np.square(found.predict(X[400:]) - y[400:]).mean() < 0.05 * y[400:].var()


def test_rare_words_of_many_classes_are_learned() -> None:
    """A class's words are in few rows, so that gradients are small from the beginning."""
    rng = np.random.default_rng(4)
    rows, classes, words = 3_000, 20, 2_000
    y = rng.integers(0, classes, rows)
    own, others = 100 * y[:, None] + rng.integers(0, 100, (rows, 2)), rng.integers(0, words, (rows, 8))
    places = np.column_stack([own, others])
    X = sparse.csr_array((np.full(places.size, 0.3), (np.repeat(np.arange(rows), 10), places.ravel())), shape=(rows, words))
    card = get_algorithm("logistic_regression")
    found = card.fit(card.build(Setting("classification", 0, 1, classes), {}), Fitting(X[:2000], y[:2000], X[2000:], y[2000:]))
    weakest = card.fit(card.build(Setting("classification", 0, 1, classes), {"steps": 12}), Fitting(X[:2000], y[:2000]))
    assert _loss(card, found, X[2000:], y[2000:]) <= _loss(card, weakest, X[2000:], y[2000:]) + 1e-9


@pytest.mark.parametrize("name", ["ridge", "elastic_net"])
def test_one_absurd_row_among_those_that_judge_does_not_choose_the_penalty(name: str) -> None:
    card = get_algorithm(name)
    rng = np.random.default_rng(5)
    X = rng.normal(size=(400, 10))
    y = X @ rng.normal(size=10) + rng.normal(size=400)
    judging = X[200:].copy()
    judging[7, 3] = 1e4
    found = _fitted(card, Fitting(X[:200], y[:200], judging, y[200:], in_range=True))
    assert np.square(found.predict(X[200:]) - y[200:]).mean() < 0.4 * y[200:].var()  # noise alone is 0.28


def test_elastic_net_means_the_same_on_any_scale_of_the_target() -> None:
    card = get_algorithm("elastic_net")
    X, y = _table(card)
    weights = np.linspace(0.5, 2.0, 200)
    targets = [1e4 * factor * y + 7 * factor for factor in (1, 1000)]
    plain, moved = (_fitted(card, Fitting(X[:200], target[:200], X[200:], target[200:], weights)) for target in targets)
    assert card.rounds(plain) == card.rounds(moved)
    np.testing.assert_allclose(moved.coef_, 1000 * plain.coef_, rtol=1e-6)


def test_losses_that_are_no_numbers_leave_the_first_solution() -> None:
    class Model:
        coef_, intercept_, most_steps = np.zeros(1), np.zeros(1), None

        def predict(self, X: np.ndarray) -> np.ndarray:
            return np.full(len(X), np.nan)

    model = Model()
    solved: list[float] = []

    def solve(penalty: float) -> None:
        solved.append(penalty)
        model.coef_ = np.full(1, penalty)

    X = np.zeros((2, 1))
    follow(model, (3.0, 2.0, 1.0), 1, Fitting(X, np.zeros(2), X, np.ones(2)), solve)
    assert solved == [3.0, 2.0, 1.0]
    assert model.coef_[0] == 3.0
