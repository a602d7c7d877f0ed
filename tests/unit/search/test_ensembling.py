"""Greedy selection blends what complements each other."""

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.search.ensembling import grow_ensemble, grow_on_draws
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


def test_the_mean_of_draws_is_less_lucky_on_rows_it_was_not_chosen_on() -> None:
    """Twenty members, all alike but for noise: whoever chooses by few rows chooses by luck."""
    metric, rng = get_metric("root_mean_squared_error", "regression"), np.random.default_rng(0)
    once, drawn = [], []
    for seed in range(12):
        few, many = rng.normal(size=60), rng.normal(size=3_000)
        seen, unseen = few + rng.normal(size=(20, 60)), many + rng.normal(size=(20, 3_000))
        first = sorted(range(20), key=lambda i: np.mean((seen[i] - few) ** 2))
        members = [seen[i] for i in first]
        for weights, losses in (
            (grow_ensemble(members, Judged(few), metric), once),
            (grow_on_draws(members, Judged(few), metric, draws=10, seed=seed), drawn),
        ):
            assert sum(weights) == pytest.approx(1)
            losses.append(Judged(many).score(metric, np.tensordot(weights, unseen[first], 1)))
    assert np.mean(drawn) < np.mean(once)


def test_draws_are_the_same_for_the_same_seed() -> None:
    metric, rng = get_metric("root_mean_squared_error", "regression"), np.random.default_rng(0)
    truth = rng.normal(size=50)
    members = [truth + rng.normal(size=50) for _ in range(5)]
    weights = [grow_on_draws(members, Judged(truth), metric, draws=3, seed=seed) for seed in (1, 1, 2)]
    assert weights[0] == weights[1] != weights[2]


def test_members_that_would_hardly_count_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = iter([[0.9, 0.1, 0.0], [0.95, 0.0, 0.05], [0.9, 0.1, 0.0]])
    monkeypatch.setattr("bakeoff.search.ensembling.grow_ensemble", lambda *_: next(grown))
    members = [np.zeros(10)] * 3
    metric = get_metric("root_mean_squared_error", "regression")
    weights = grow_on_draws(members, Judged(np.zeros(10)), metric, draws=3, seed=0)
    assert weights == pytest.approx([2.75 / 2.95, 0.2 / 2.95, 0.0])


def test_each_draw_has_every_class() -> None:
    """Two of twelve rows are of the rare class: drawn freely, many draws would have none, and a metric may fail there."""
    seen = []

    def worth(self: Judged, metric: object, raw: np.ndarray) -> float:
        seen.append(set(self.truth))
        return 0.0

    truth = np.array([0] * 10 + [1, 1])
    metric = get_metric("accuracy", "classification")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Judged, "worth", worth)
        grow_on_draws([np.eye(2)[truth]] * 2, Judged(truth), metric, draws=20, seed=0)
    assert seen
    assert all(classes == {0, 1} for classes in seen)


def test_a_target_in_a_very_small_unit_is_blended_all_the_same() -> None:
    rng = np.random.default_rng(0)
    truth, errors = 1e-13 * rng.normal(size=400), 1e-13 * rng.normal(size=400)
    weights = grow_ensemble([truth + errors, truth - errors], Judged(truth), get_metric("root_mean_squared_error", "regression"))
    assert weights == pytest.approx([0.5, 0.5])
