"""Several networks in one: the gradient, what is learned, what is kept."""

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.algorithms import get_algorithm
from bakeoff.algorithms._members import Members, Shape
from bakeoff.algorithms.card import Fitting, Setting, TableFacts

SMALL = Shape(members=3, width=5, layers=3, dropout=0.0, learning_rate=1e-2, weight_decay=0.0, batch_size=16, epochs=30)
STANDARDIZED = replace(SMALL, standardized=True)
KINDS = pytest.mark.parametrize("shape", [SMALL, STANDARDIZED], ids=["rectified", "standardized"])


def table(classes: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 4))
    value = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    return X, np.digitize(value, np.quantile(value, np.linspace(0, 1, classes + 1)[1:-1])) if classes else value


def layer_of(network: Members, w: dict[str, np.ndarray], layer: int, member: int, hidden: np.ndarray) -> np.ndarray:
    """What one layer makes of (rows, width), from the definition."""
    product = hidden @ w[f"layer{layer}"]
    if not network.shape.standardized:
        return np.maximum(product + w[f"bias{layer}"] if layer else product * w["scale0"][member] + w["bias0"][member], 0)
    unit = (product - product.mean(axis=0)) / np.sqrt(product.var(axis=0) + 1e-5)
    value = unit * w[f"scale{layer}"][member] + w[f"bias{layer}"][member]
    return np.where(value > 0, value, np.exp(value) - 1)


def loss_of(network: Members, vector: np.ndarray, X: np.ndarray, target: np.ndarray, counts: np.ndarray) -> float:
    """The mean loss of the members, each for itself, from the definition."""
    w, losses = network._views(vector), []
    for member in range(network.shape.members):
        hidden = X
        for layer in range(network.shape.layers):
            hidden = layer_of(network, w, layer, member, hidden)
        out = hidden @ w["head"][member] + w["offset"][member]
        each = np.log(np.exp(out).sum(axis=1)) - (target * out).sum(axis=1) if network.classes else np.square(out - target).sum(axis=1)
        losses.append(np.mean(counts * each))
    return float(np.mean(losses))


@KINDS
@pytest.mark.parametrize("classes", [3, 0])
def test_the_gradient_is_that_of_the_mean_loss(classes: int, shape: Shape) -> None:
    network, rng = Members(shape, classes, 1), np.random.default_rng(2)
    X, y = table(classes, rows=7)
    network.features_ = 4
    target, counts = network._target(Fitting(X, y))[0].astype(float), rng.uniform(0.5, 2, 7)
    vector = network._first_weights(rng).astype(float)
    vector += rng.normal(size=vector.shape) / 10
    steps = 1e-5 * np.eye(len(vector))
    both = [[loss_of(network, vector + sign * step, X, target, counts) for sign in (1, -1)] for step in steps]
    expected = [(up - down) / 2e-5 for up, down in both]
    np.testing.assert_allclose(network._gradient(vector, X, target, counts, rng), expected, atol=1e-7)


@KINDS
def test_settled_weights_say_of_the_training_rows_what_a_batch_of_all_of_them_says(shape: Shape) -> None:
    network, rng = Members(replace(shape, dropout=0.5), 3, 1), np.random.default_rng(2)
    X, _ = table(3)
    network.features_ = 4
    vector = network._first_weights(rng).astype(float)
    vector += rng.normal(size=vector.shape) / 10
    w, settled = network._views(vector), network._settled(vector, X)
    for member in range(shape.members):
        hidden = X
        for layer in range(shape.layers):
            hidden = layer_of(network, w, layer, member, hidden)
        said = network.shape.hidden.member(network._views(settled), X @ w["layer0"], member)
        np.testing.assert_allclose(said, hidden, atol=1e-9)
    assert (vector == settled).all() != shape.standardized


@pytest.mark.parametrize("rows", [1, 2, 17])
def test_a_batch_of_any_size_is_standardized(rows: int) -> None:
    X, y = table(3, rows)
    assert np.isfinite(Members(STANDARDIZED, 3, 0).fit(X, y).predict_proba(10 * X)).all()


@KINDS
@pytest.mark.parametrize("classes", [2, 3, 0])
def test_it_learns_what_no_line_can(classes: int, shape: Shape) -> None:
    X, y = table(classes, rows=1_000)
    card = get_algorithm("tabm")
    facts = TableFacts(rows=750, columns=4, classes=classes)
    settings = {name: value for name, value in card.start(facts)[0].items() if name != "scaler"}
    settings = {**settings, "standardized": shape.standardized}
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
    odd = np.arange(len(y)) % 2 == 1
    off = [np.square(Members(SMALL, 0, 0).train(Fitting(X, y, weights=w)).predict(X) - y) for w in (1 + 19.0 * odd, 20 - 19.0 * odd)]
    assert off[0][odd].mean() < off[1][odd].mean()
    assert off[1][~odd].mean() < off[0][~odd].mean()


@pytest.mark.parametrize("classes", [3, 0])
def test_a_row_that_counts_nothing_is_not_learned_from(classes: int) -> None:
    X, y = table(classes)
    counts = (np.arange(len(y)) % 2).astype(float)
    other = np.where(counts > 0, y, y[::-1])
    one, two = (Members(SMALL, classes, 0).train(Fitting(X, target, weights=counts)).weights_ for target in (y, other))
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("classes", "y"), [(1, np.zeros(50, dtype=int)), (0, np.full(50, 3.0))])
def test_a_target_that_is_always_the_same(classes: int, y: np.ndarray) -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    network = Members(SMALL, classes, 0).fit(X, y)
    np.testing.assert_allclose(network.predict(X), y, atol=0.5)


def test_the_epoch_that_is_best_on_the_validation_rows_is_kept() -> None:
    X, y = table(0)
    third = Members(Shape(**{**vars(SMALL), "epochs": 3}), 0, 0).fit(X, y)
    kept = Members(SMALL, 0, 0).train(Fitting(X, y, X, third.predict(X)))
    assert kept.best_epochs_ == 3
    np.testing.assert_array_equal(kept.weights_, third.weights_)


class Steps:
    """A clock that goes on by one second each time it is asked."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds


def test_at_the_deadline_it_keeps_the_epochs_that_it_went_through(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = table(0)
    monkeypatch.setattr("bakeoff.algorithms.card.time", Steps())
    cut = Members(SMALL, 0, 0).train(Fitting(X, y, deadline=lambda: 50.0))  # 13 batches an epoch
    assert 1 < cut.best_epochs_ < SMALL.epochs
    whole = Members(Shape(**{**vars(SMALL), "epochs": cut.best_epochs_}), 0, 0).fit(X, y)
    np.testing.assert_array_equal(cut.weights_, whole.weights_)


def test_the_first_epoch_is_gone_through_however_late_it_is() -> None:
    X, y = table(0)
    past = Members(SMALL, 0, 0).train(Fitting(X, y, deadline=lambda: 0.0))
    first = Members(Shape(**{**vars(SMALL), "epochs": 1}), 0, 0).fit(X, y)
    assert past.best_epochs_ == 1
    np.testing.assert_array_equal(past.weights_, first.weights_)
    assert past.predict(X[:0]).shape == (0,)


def test_settings_that_older_code_wrote_are_those_of_plain_layers() -> None:
    card, facts = get_algorithm("tabm"), TableFacts(rows=750, columns=4, classes=2)
    settings = dict(card.start(facts)[0])
    older = {name: value for name, value in settings.items() if name != "standardized"}
    assert card.cost(facts, older) == card.cost(facts, settings)
    assert card.build(Setting("", seed=0, threads=1, classes=2), older).shape == Shape(**settings)
