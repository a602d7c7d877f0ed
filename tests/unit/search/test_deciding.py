"""Labels from probabilities: thresholds where a metric judges labels."""

import time

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.runs import decided
from bakeoff.search.deciding import MOST_CLASSES, STEPS, _labels, decide
from bakeoff.search.judged import Judged


def rare_class(rows: int = 5_000) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of a class that 4 % of the rows have, and the truth."""
    rng = np.random.default_rng(0)
    chance = rng.beta(0.4, 9.0, size=rows)
    return np.column_stack([1 - chance, chance]), (rng.random(rows) < chance).astype(np.int64)


def test_without_factors_the_most_probable_class_is_the_label() -> None:
    assert list(decided(np.array([[0.6, 0.4], [0.5, 0.5], [0.1, 0.9]]), None)) == [0, 0, 1]


@pytest.mark.parametrize("name", ["f1_score_macro", "balanced_accuracy", "matthews_correlation"])
def test_a_rare_class_is_predicted_sooner_than_at_one_half(name: str) -> None:
    raw, truth = rare_class()
    metric, judged = get_metric(name, "classification"), Judged(truth)
    factors = decide(raw[:2_500], judged.some(np.arange(2_500)), metric)
    assert factors[1] > factors[0]
    there = judged.some(np.arange(2_500, 5_000))
    assert there.score(metric, raw[2_500:], decided(raw[2_500:], factors)) > 1.05 * there.score(metric, raw[2_500:])


def test_the_threshold_for_balanced_accuracy_is_near_the_classs_share() -> None:
    raw, truth = rare_class(40_000)
    factors = decide(raw, Judged(truth), get_metric("balanced_accuracy", "classification"))
    threshold = factors[0] / (factors[0] + factors[1])
    assert threshold == pytest.approx(truth.mean(), rel=0.5)


def test_nothing_is_changed_where_nothing_is_better() -> None:
    right = np.eye(3)[np.array([0, 1, 2] * 10)] * 0.8 + 0.05
    assert decide(right, Judged(np.array([0, 1, 2] * 10)), get_metric("accuracy", "classification")) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_looking_the_others_up_once_changes_no_label(classes: int) -> None:
    rng = np.random.default_rng(classes)
    raw = rng.dirichlet(np.ones(classes), size=400).round(1)  # rounded: many are equal
    logs = rng.normal(size=classes).round(1)
    for code in range(classes):
        for step, labels in zip(STEPS, _labels(raw, logs, code), strict=True):
            factors = logs.copy()
            factors[code] = step
            np.testing.assert_array_equal(labels, decided(raw, tuple(np.exp(factors))))


@pytest.mark.parametrize("classes", [MOST_CLASSES, 100])
def test_many_classes_are_decided_in_a_moment(classes: int) -> None:
    rng = np.random.default_rng(0)
    raw, truth = rng.dirichlet(np.ones(classes), size=4_000), rng.integers(0, classes, 4_000)
    begun = time.process_time()
    assert (set(decide(raw, Judged(truth), get_metric("accuracy", "classification"))) == {1.0}) == (classes > MOST_CLASSES)
    assert time.process_time() - begun < 10


def test_of_more_classes_none_has_a_factor() -> None:
    rng = np.random.default_rng(0)
    raw, truth = rng.dirichlet(np.ones(MOST_CLASSES + 1), size=400), rng.integers(0, MOST_CLASSES + 1, 400)
    assert set(decide(raw, Judged(truth), get_metric("accuracy", "classification"))) == {1.0}


def test_three_classes_have_a_factor_each() -> None:
    rng = np.random.default_rng(1)
    raw = rng.dirichlet([8, 1, 1], size=6_000)
    truth = np.array([rng.choice(3, p=p) for p in raw])
    metric = get_metric("f1_score_macro", "classification")
    factors = decide(raw[:3_000], Judged(truth[:3_000]), metric)
    assert min(factors[1:]) > factors[0]
    there = Judged(truth[3_000:])
    assert there.score(metric, raw[3_000:], decided(raw[3_000:], factors)) > 1.1 * there.score(metric, raw[3_000:])
