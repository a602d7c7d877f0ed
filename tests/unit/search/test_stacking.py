"""Stacking: non-negative weights with the least loss, near the voting ensemble's."""

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.search.judged import Judged
from bakeoff.search.stacking import stack

LOG_LOSS = get_metric("log_loss", "classification")
ERROR, ABSOLUTE = (get_metric(name, "regression") for name in ("root_mean_squared_error", "mean_absolute_error"))


def classes_and_logits(rows: int = 4_000, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Truths drawn from the softmax of the logits that are given with them."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(rows, classes)) * 2
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=1), logits


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def test_what_is_too_sure_of_itself_is_softened() -> None:
    truth, logits = classes_and_logits()
    sure = softmax(3 * logits)
    blend = stack([sure], Judged(truth), [1.0], LOG_LOSS)
    assert 0.3 < blend.weights[0] < 0.5
    assert Judged(truth).score(LOG_LOSS, blend.combine([sure])) < 0.75 * Judged(truth).score(LOG_LOSS, sure)


def test_a_class_that_all_members_overlook_gets_its_constant() -> None:
    truth, logits = classes_and_logits()
    biased = softmax(logits + np.array([-2.0, 0, 0]))
    blended = stack([biased], Judged(truth), [1.0], LOG_LOSS).combine([biased])
    assert abs(blended[:, 0].mean() - (truth == 0).mean()) < 0.25 * abs(biased[:, 0].mean() - (truth == 0).mean())


def test_no_weight_is_negative_and_who_has_no_vote_has_none() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=500)
    members = [truth + rng.normal(size=500), -truth, rng.normal(size=500)]
    weights = stack(members, Judged(truth), [0.5, 0.5, 0.0], ERROR).weights
    assert weights[0] > 0
    assert min(weights) >= 0
    assert weights[1] == pytest.approx(0, abs=0.1)
    assert weights[2] == 0


def test_a_shrunken_members_values_are_stretched_whatever_the_unit() -> None:
    rng = np.random.default_rng(2)
    truth = 1e6 + 1e4 * rng.normal(size=2_000)
    shrunken = 1e6 + 0.5 * (truth - 1e6) + 10
    blended = stack([shrunken], Judged(truth), [1.0], ERROR).combine([shrunken])
    assert np.abs(blended - truth).mean() < 0.6 * np.abs(shrunken - truth).mean()


def test_rows_of_weight_two_count_as_two_rows_would() -> None:
    truth, logits = classes_and_logits(rows=300)
    first, second = softmax(logits), softmax(logits[:, ::-1])
    weights = np.where(np.arange(300) < 100, 2.0, 1.0)
    twice = np.concatenate([np.arange(100), np.arange(300)])
    weighted = stack([first, second], Judged(truth, weights), [0.5, 0.5], LOG_LOSS)
    repeated = stack([first[twice], second[twice]], Judged(truth[twice]), [0.5, 0.5], LOG_LOSS)
    assert weighted.weights == pytest.approx(repeated.weights, abs=1e-4)


def test_constant_truth_is_no_error() -> None:
    assert np.isfinite(stack([np.ones(10)], Judged(np.ones(10)), [1.0], ERROR).combine([np.ones(10)])).all()


@pytest.mark.parametrize("classes", [True, False])
def test_where_a_constant_would_be_best_the_members_keep_their_votes(classes: bool) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 60_000)
    against = np.where(truth == 1, 0.45, 0.55) + rng.normal(0, 0.01, len(truth))
    member = np.column_stack([1 - against, against]) if classes else against
    blend = stack([member], Judged(truth if classes else truth.astype(float)), [1.0], LOG_LOSS if classes else ERROR)
    assert blend.weights == (1.0,)
    assert blend.combine([member]).shape == member.shape


def test_where_medians_are_asked_for_one_far_row_decides_nothing() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=400)
    members = [truth + rng.normal(0, 0.3, 400), truth + rng.normal(0, 0.3, 400)]
    truth[7] = 5_000.0
    members[1][7] = 400.0
    off = [np.median(np.abs(stack(members, Judged(truth), [0.5, 0.5], metric).combine(members) - truth)) for metric in (ABSOLUTE, ERROR)]
    assert off[0] < 0.25
    assert off[1] > 5 * off[0]


def test_no_value_is_below_the_least_that_may_be() -> None:
    rng = np.random.default_rng(4)
    truth = rng.poisson(0.3, 500).astype(float)
    member = truth - 0.5 + rng.normal(0, 0.1, 500)
    assert stack([member], Judged(truth, least=0.0), [1.0], ERROR).combine([np.array([-3.0])]) == 0
    assert stack([member], Judged(truth), [1.0], ERROR).combine([np.array([-3.0])]) < 0
