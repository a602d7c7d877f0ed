"""Greedy selection blends what complements each other."""

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.search.ensembling import grow_ensemble
from bakeoff.search.judged import Judged


def test_two_halves_are_blended_and_the_useless_one_is_left_out() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    errors = rng.normal(size=400)
    metric = get_metric("root_mean_squared_error", "regression")
    members = [truth + errors, truth - errors, rng.normal(size=400) * 10]
    weights = grow_ensemble(members, Judged(truth), metric)
    assert weights == pytest.approx([0.5, 0.5, 0])
    blend = sum(w * m for w, m in zip(weights, members, strict=True))
    assert Judged(truth).score(metric, np.asarray(blend)) < 1e-9


def test_a_lone_best_member_keeps_all_the_weight() -> None:
    truth = np.array([0, 1] * 50)
    right = np.eye(2)[truth]
    metric = get_metric("log_loss", "classification")
    assert grow_ensemble([right, 1 - right], Judged(truth), metric) == [1.0, 0.0]


def test_row_weights_decide_who_is_blended() -> None:
    truth = np.zeros(100)
    first_half = np.arange(100) < 50
    good_there, good_elsewhere = np.where(first_half, 0.0, 1.0), np.where(first_half, 1.0, 0.0)
    metric = get_metric("mean_absolute_error", "regression")
    judged = Judged(truth, np.where(first_half, 1.0, 0.0))
    assert grow_ensemble([good_elsewhere, good_there], judged, metric) == [0.0, 1.0]
