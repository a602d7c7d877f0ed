"""Several networks in one: the gradient, what is learned, what is kept."""

import time

import numpy as np
import pytest

from bakeoff.algorithms import get_algorithm
from bakeoff.algorithms._members import Members, Shape
from bakeoff.algorithms.card import Fitting, Setting, TableFacts

SMALL = Shape(members=3, width=5, layers=3, dropout=0.0, learning_rate=1e-2, weight_decay=0.0, batch_size=16, epochs=30)


def table(classes: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 4))
    value = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    return X, np.digitize(value, np.quantile(value, np.linspace(0, 1, classes + 1)[1:-1])) if classes else value


def loss_of(network: Members, vector: np.ndarray, X: np.ndarray, target: np.ndarray, counts: np.ndarray) -> float:
    """The mean loss of the members, each for itself, from the definition."""
    w, losses = network._views(vector), []
    for member in range(network.shape.members):
        hidden = np.maximum(X @ w["layer0"] * w["scale"][member] + w["bias0"][member], 0)
        for layer in range(1, network.shape.layers):
            hidden = np.maximum(hidden @ w[f"layer{layer}"] + w[f"bias{layer}"], 0)
        out = hidden @ w["head"][member] + w["offset"][member]
        each = np.log(np.exp(out).sum(axis=1)) - (target * out).sum(axis=1) if network.classes else np.square(out - target).sum(axis=1)
        losses.append(np.mean(counts * each))
    return float(np.mean(losses))


@pytest.mark.parametrize("classes", [3, 0])
def test_the_gradient_is_that_of_the_mean_loss(classes: int) -> None:
    network, rng = Members(SMALL, classes, 1), np.random.default_rng(2)
    X, y = table(classes, rows=7)
    network.features_ = 4
    target, counts = network._target(Fitting(X, y))[0].astype(float), rng.uniform(0.5, 2, 7)
    vector = network._first_weights(rng).astype(float)
    vector += rng.normal(size=vector.shape) / 10
    steps = 1e-5 * np.eye(len(vector))
    both = [[loss_of(network, vector + sign * step, X, target, counts) for sign in (1, -1)] for step in steps]
    expected = [(up - down) / 2e-5 for up, down in both]
    np.testing.assert_allclose(network._gradient(vector, X, target, counts, rng), expected, atol=1e-7)


@pytest.mark.parametrize("classes", [2, 3, 0])
def test_it_learns_what_no_line_can(classes: int) -> None:
    X, y = table(classes, rows=1_000)
    card = get_algorithm("tabm")
    facts = TableFacts(rows=750, columns=4, classes=classes)
    settings = {name: value for name, value in card.start(facts)[0].items() if name != "scaler"}
    network = card.fit(card.build(Setting("", seed=0, threads=1, classes=classes), settings), Fitting(X[:750], y[:750], X[:250], y[:250]))
    said = network.predict(X[750:])
    if classes:
        assert (said == y[750:]).mean() > 0.8
        np.testing.assert_allclose(network.predict_proba(X[750:]).sum(axis=1), 1, atol=1e-6)
    else:
        assert np.mean((said - y[750:]) ** 2) < 0.15 * y.var()


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    X, y = table(3)
    first, again, other = (Members(SMALL, 3, seed).fit(X, y).predict_proba(X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_row_that_counts_more_is_learned_better() -> None:
    X, y = table(0)
    weights = np.where(np.arange(len(y)) % 2, 20.0, 1.0)
    network = Members(SMALL, 0, 0).train(Fitting(X, y, weights=weights))
    off = np.square(network.predict(X) - y)
    assert off[1::2].mean() < off[::2].mean()


def test_the_epoch_that_is_best_on_the_validation_rows_is_kept() -> None:
    X, y = table(0)
    third = Members(Shape(**{**vars(SMALL), "epochs": 3}), 0, 0).fit(X, y)
    kept = Members(SMALL, 0, 0).train(Fitting(X, y, X, third.predict(X)))
    assert kept.best_epochs_ == 3
    np.testing.assert_array_equal(kept.weights_, third.weights_)


def test_it_stops_at_the_deadline_with_what_it_has_learned() -> None:
    X, y = table(0, rows=2_000)
    late = Members(Shape(**{**vars(SMALL), "epochs": 10**9}), 0, 0).train(Fitting(X, y, deadline=time.monotonic() + 0.2))
    assert np.isfinite(late.predict(X)).all()
    past = Members(SMALL, 0, 0).train(Fitting(X, y, deadline=time.monotonic() - 1))
    assert past.best_epochs_ == 1
    assert np.isfinite(past.predict(X)).all()
    assert past.predict(X[:0]).shape == (0,)
