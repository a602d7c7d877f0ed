"""The charts' numbers are right, bounded, and there for odd predictions too."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from bakeoff.evaluation import chart_tables

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(0, 3, 600)
PREDICTED = RANDOM.dirichlet(np.ones(3), 600) * 0.5 + 0.5 * np.eye(3)[RANDOM.permutation(TRUTH)]


def test_classification_tables() -> None:
    tables = chart_tables("classification", TRUTH, PREDICTED, ["a", "b", "c"])
    assert set(tables) == {"roc", "precision_recall", "confusion", "calibration"}
    confusion = tables["confusion"].pivot(index="truth", columns="predicted", values="rows").to_numpy()
    np.testing.assert_array_equal(confusion, sk.confusion_matrix(TRUTH, PREDICTED.argmax(axis=1)))
    assert tables["calibration"].groupby("label")["rows"].sum().tolist() == [600, 600, 600]
    for code, label in enumerate("abc"):
        positive = np.equal(TRUTH, code)
        roc = tables["roc"][tables["roc"]["label"] == label]
        assert len(roc) <= 200
        assert roc.iloc[[0, -1]][["false_positive_rate", "true_positive_rate"]].to_numpy().tolist() == [[0, 0], [1, 1]]
        area = np.trapezoid(roc["true_positive_rate"], roc["false_positive_rate"])
        assert area == pytest.approx(sk.roc_auc_score(positive, PREDICTED[:, code]), abs=0.01)
        curve = tables["precision_recall"][tables["precision_recall"]["label"] == label]
        assert curve["recall"].is_monotonic_increasing
        assert curve["precision"].iloc[-1] == pytest.approx(positive.mean())


def test_one_class_alone_has_no_curves() -> None:
    tables = chart_tables("classification", np.zeros(5, dtype=int), np.tile([0.9, 0.1], (5, 1)), [True, False])
    assert tables["roc"].empty
    assert list(tables["roc"].columns) == ["threshold", "false_positive_rate", "true_positive_rate", "label"]
    assert tables["precision_recall"].empty
    assert tables["confusion"]["rows"].tolist() == [5, 0, 0, 0]


def test_regression_tables() -> None:
    truth = RANDOM.normal(size=5000)
    predicted = truth + RANDOM.normal(size=5000)
    tables = chart_tables("regression", truth, predicted)
    assert set(tables) == {"residuals", "predicted_vs_true"}
    assert tables["residuals"]["rows"].sum() == 5000
    points = tables["predicted_vs_true"]
    assert len(points) == 2000
    assert points["truth"].iloc[0] == truth.min()
    assert points["truth"].iloc[-1] == truth.max()


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_row_counts_as_much_as_it_weighs(task: str) -> None:
    weights = RANDOM.integers(0, 4, 600).astype(float)
    rows = np.repeat(np.arange(600), weights.astype(int))
    truth, predicted = (TRUTH, PREDICTED) if task == "classification" else (TRUTH.astype(float), PREDICTED[:, 0])
    tables = chart_tables(task, truth, predicted, ["a", "b", "c"], weights=weights)
    expected = chart_tables(task, truth[rows], predicted[rows], ["a", "b", "c"])
    for name in sorted(set(tables) - {"predicted_vs_true"}):
        pd.testing.assert_frame_equal(tables[name], expected[name], check_dtype=False)


@pytest.mark.parametrize("residuals", [[1e15] * 4, [1e16, 1e16 + 2], [3.0], [0.0, 0.0]])
def test_residuals_of_hardly_any_range_have_one_bin(residuals: list[float]) -> None:
    table = chart_tables("regression", np.array(residuals), np.zeros(len(residuals)))["residuals"]
    assert table.to_numpy().tolist() == [[min(residuals), max(residuals), len(residuals)]]


def test_charts_of_five_hundred_classes_are_no_larger_than_those_of_twenty() -> None:
    rng = np.random.default_rng(0)
    truth = np.concatenate([np.arange(500), rng.integers(100, 120, 1_500)])
    predicted = rng.dirichlet(np.ones(500), len(truth))
    tables = chart_tables("classification", truth, predicted, range(500))
    for name in ("roc", "precision_recall", "calibration"):
        assert list(pd.unique(tables[name]["label"])) == [str(code) for code in range(100, 120)]
    confusion = tables["confusion"]
    assert confusion["rows"].min() == 1
    assert confusion["rows"].sum() == len(truth)
    at = confusion["truth"].astype(int) * 500 + confusion["predicted"].astype(int)
    assert set(at) == set(truth * 500 + predicted.argmax(axis=1))
