"""Row weights: the numbers are scikit-learn's with sample_weight, and a row of weight 2 is two rows; one class can be the positive one."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from bakeoff.evaluation import get_metric, score_all, score_one


def classes_drawn(seed: int, rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes), random.choice(classes, rows - classes)])
    predicted = np.round(random.dirichlet(np.ones(classes), rows) + 0.4 * np.eye(classes)[truth], 1) + 0.05
    return truth, predicted / predicted.sum(axis=1, keepdims=True)


def values_drawn(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.round(random.exponential(size=rows) + 0.1, 1) + 0.1
    return truth, np.round(truth * random.uniform(0.5, 1.5, rows), 1)


def sklearn_classification(truth: np.ndarray, predicted: np.ndarray, w: np.ndarray) -> dict[str, float]:
    labels, classes = predicted.argmax(axis=1), predicted.shape[1]
    one_hot, weight = np.eye(classes)[truth], {"sample_weight": w}
    sizes = np.bincount(truth, w)
    expected: dict[str, Any] = {
        "accuracy": sk.accuracy_score(truth, labels, **weight),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, labels, **weight),
        "weighted_accuracy": sk.accuracy_score(truth, labels, sample_weight=w * sizes[truth]),
        "norm_macro_recall": sk.balanced_accuracy_score(truth, labels, adjusted=True, **weight),
        "matthews_correlation": sk.matthews_corrcoef(truth, labels, **weight),
        "log_loss": sk.log_loss(truth, predicted, labels=np.arange(classes), **weight),
    }
    for average in ("macro", "micro", "weighted"):
        expected[f"AUC_{average}"] = sk.roc_auc_score(one_hot, predicted, average=average, **weight)
        expected[f"average_precision_score_{average}"] = sk.average_precision_score(one_hot, predicted, average=average, **weight)
        expected[f"f1_score_{average}"] = sk.f1_score(truth, labels, average=average, **weight)
        expected[f"precision_score_{average}"] = sk.precision_score(truth, labels, average=average, zero_division=0, **weight)
        expected[f"recall_score_{average}"] = sk.recall_score(truth, labels, average=average, **weight)
    return expected | (sklearn_binary(truth, predicted, w, 1) if classes == 2 else {})


def sklearn_binary(truth: np.ndarray, predicted: np.ndarray, w: np.ndarray, positive: int) -> dict[str, float]:
    true, labels, score = truth == positive, predicted.argmax(axis=1) == positive, predicted[:, positive]
    return {
        "AUC_binary": sk.roc_auc_score(true, score, sample_weight=w),
        "average_precision_score_binary": sk.average_precision_score(true, score, sample_weight=w),
        "f1_score_binary": sk.f1_score(true, labels, sample_weight=w),
        "precision_score_binary": sk.precision_score(true, labels, zero_division=0, sample_weight=w),
        "recall_score_binary": sk.recall_score(true, labels, sample_weight=w),
    }


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_classification_agrees_with_scikit_learn(seed: int, classes: int) -> None:
    truth, predicted = classes_drawn(seed, 80, classes)
    weights = np.random.default_rng(seed).exponential(size=80)
    got = score_all(truth, predicted, weights)
    assert got == pytest.approx(sklearn_classification(truth, predicted, weights), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_regression_agrees_with_scikit_learn(seed: int) -> None:
    truth, predicted = values_drawn(seed, 90)
    weights = np.random.default_rng(seed).exponential(size=90)
    weight, got = {"sample_weight": weights}, score_all(truth, predicted, weights)
    expected = {
        "mean_absolute_error": sk.mean_absolute_error(truth, predicted, **weight),
        "median_absolute_error": sk.median_absolute_error(truth, predicted, **weight),
        "mean_absolute_percentage_error": sk.mean_absolute_percentage_error(truth, predicted, **weight),
        "root_mean_squared_error": sk.root_mean_squared_error(truth, predicted, **weight),
        "root_mean_squared_log_error": sk.root_mean_squared_log_error(truth, predicted, **weight),
        "r2_score": sk.r2_score(truth, predicted, **weight),
        "explained_variance": sk.explained_variance_score(truth, predicted, **weight),
    }
    for name in ("mean_absolute_error", "median_absolute_error", "root_mean_squared_error", "root_mean_squared_log_error"):
        expected[f"normalized_{name}"] = expected[name] / np.ptp(truth)
    assert {name: score for name, score in got.items() if name != "spearman_correlation"} == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_row_of_weight_two_is_two_rows_and_one_of_weight_nothing_is_none(task: str) -> None:
    truth, predicted = classes_drawn(0, 60, 3) if task == "classification" else values_drawn(0, 60)
    weights = np.random.default_rng(0).integers(0, 4, 60)
    times = np.repeat(np.arange(60), weights)
    expected = score_all(truth[times], predicted[times])
    assert score_all(truth, predicted, weights.astype(float)) == pytest.approx(expected, rel=1e-10)
    assert len(expected) > 10


def test_equal_weights_change_nothing() -> None:
    truth, predicted = classes_drawn(4, 70, 2)
    assert score_all(truth, predicted, np.full(70, 3.0)) == pytest.approx(score_all(truth, predicted))


@pytest.mark.parametrize(("classes", "positive"), [(2, 0), (2, 1), (3, 1)])
def test_binary_metrics_speak_of_the_positive_class(classes: int, positive: int) -> None:
    truth, predicted = classes_drawn(2, 80, classes)
    weights = np.random.default_rng(5).exponential(size=80)
    got = score_all(truth, predicted, weights, positive)
    expected = sklearn_binary(truth, predicted, weights, positive)
    assert {name: got[name] for name in expected} == pytest.approx(expected, rel=1e-10)
    for name, score in expected.items():
        assert score_one(get_metric(name, "classification"), truth, predicted, weights, positive) == pytest.approx(score)


def test_without_a_positive_class_three_classes_have_no_binary_metrics() -> None:
    truth, predicted = classes_drawn(2, 80, 3)
    assert not [name for name in score_all(truth, predicted) if name.endswith("_binary")]


def test_rows_without_any_weight_have_no_score() -> None:
    truth, predicted = values_drawn(0, 10)
    assert np.isnan(list(score_all(truth, predicted, np.zeros(10)).values())).all()
