"""Training epoch by epoch: what is kept."""

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from bakeoff.algorithms._epochs import ByEpochs
from bakeoff.algorithms.card import Fitting


def network() -> MLPRegressor:
    return MLPRegressor(hidden_layer_sizes=(4,), batch_size=16, random_state=np.random.RandomState(3))


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    return X, X @ np.array([1.0, -2.0, 0.5])


def weights_by_epoch(rows: tuple[np.ndarray, np.ndarray], epochs: int) -> list[np.ndarray]:
    X, y = rows
    alone, seen = network(), []
    for _ in range(epochs):
        alone.partial_fit(X, (y - y.mean()) / y.std())
        seen.append(alone.coefs_[0].copy())
    return seen


def test_the_first_epochs_are_averaged_plainly(rows: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = rows
    kept = ByEpochs(network(), 3, 0, np.float32, memory=0.9).train(Fitting(X, y))
    np.testing.assert_allclose(kept.model.coefs_[0], np.mean(weights_by_epoch(rows, 3), axis=0), rtol=1e-5)


def test_later_the_mean_so_far_counts_what_the_memory_says(rows: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = rows
    kept = ByEpochs(network(), 15, 0, np.float32, memory=0.9).train(Fitting(X, y))
    seen = weights_by_epoch(rows, 15)
    mean = np.mean(seen[:10], axis=0)
    for latest in seen[10:]:
        mean = 0.9 * mean + 0.1 * latest
    np.testing.assert_allclose(kept.model.coefs_[0], mean, rtol=1e-5)


def test_without_memory_the_last_epoch_is_kept(rows: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = rows
    kept = ByEpochs(network(), 3, 0, np.float32).train(Fitting(X, y))
    np.testing.assert_array_equal(kept.model.coefs_[0], weights_by_epoch(rows, 3)[-1])


def test_the_mean_that_is_best_on_the_validation_rows_is_kept(rows: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = rows
    third = ByEpochs(network(), 3, 0, np.float32, memory=0.9).train(Fitting(X, y))
    kept = ByEpochs(network(), 40, 0, np.float32, memory=0.9).train(Fitting(X, y, X, third.predict(X)))  # none is as right as the third
    assert kept.best_epochs_ == 3
    np.testing.assert_array_equal(kept.model.coefs_[0], third.model.coefs_[0])
