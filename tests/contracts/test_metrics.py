"""Every metric's card keeps the promises that ranking relies on."""

import numpy as np
import pytest

from bakeoff.evaluation import METRICS, MetricCard

RANDOM = np.random.default_rng(5)
CLASSES = np.tile([0, 1, 1], 40)
VALUES = RANDOM.exponential(size=120) + 0.5


def seen(card: MetricCard, wrong_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Truth, and a prediction that is wrong in about `wrong_share` of the rows."""
    wrong = np.random.default_rng(1).random(120) < wrong_share
    if card.needs == "values":
        return VALUES, np.where(wrong, VALUES[::-1], VALUES)
    codes = np.where(wrong, 1 - CLASSES, CLASSES)
    return CLASSES, codes if card.needs == "labels" else np.eye(2)[codes]


@pytest.mark.parametrize("card", METRICS, ids=lambda card: card.name)
def test_a_perfect_prediction_gives_the_best_score(card: MetricCard) -> None:
    score = card.function(*seen(card, 0))
    assert isinstance(score, float)
    assert score == pytest.approx(card.best, abs=1e-12)


@pytest.mark.parametrize("card", METRICS, ids=lambda card: card.name)
def test_a_worse_prediction_gives_a_worse_score(card: MetricCard) -> None:
    good, middling, bad = (card.function(*seen(card, share)) for share in (0.02, 0.3, 0.9))
    sign = 1 if card.greater_is_better else -1
    if card.name == "median_absolute_error" or card.name == "normalized_median_absolute_error":
        assert good <= middling < bad
    else:
        assert sign * good > sign * middling > sign * bad


@pytest.mark.parametrize("card", METRICS, ids=lambda card: card.name)
def test_the_order_of_rows_is_nothing(card: MetricCard) -> None:
    truth, predicted = seen(card, 0.3)
    order = np.random.default_rng(2).permutation(len(truth))
    assert card.function(truth[order], predicted[order]) == pytest.approx(card.function(truth, predicted), rel=1e-12)


@pytest.mark.parametrize("card", METRICS, ids=lambda card: card.name)
def test_one_row_and_constant_truth_give_a_number_or_nan_without_warning(card: MetricCard, recwarn: pytest.WarningsRecorder) -> None:
    truth, predicted = seen(card, 0.3)
    for rows in (slice(0, 1), np.flatnonzero(truth == truth[0])):
        assert isinstance(card.function(truth[rows], predicted[rows]), float)
    assert not recwarn.list
