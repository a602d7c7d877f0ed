"""Temperatures: what they are chosen by, and that trial, predictor, card and refit have the same."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

import bakeoff
from bakeoff.evaluation import Fold
from bakeoff.runs import tempered
from bakeoff.search.calibrating import temperature_alone, temperature_of
from bakeoff.search.judged import Judged

ROWS = 4_000


def said(temperature: float, classes: int = 3, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that this temperature puts right, and the classes that came."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(rows, classes)) * 2
    chances = softmax(logits, axis=1)
    truth = (rng.random(rows)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    return softmax(logits * temperature, axis=1), truth


def prepared_for(truth: np.ndarray, weights: np.ndarray | None = None) -> Any:
    rows = np.arange(len(truth))
    folds = tuple(Fold(rows[rows % 5 != part], rows[rows % 5 == part]) for part in range(5))
    params = SimpleNamespace(search=SimpleNamespace(seed=0))
    return SimpleNamespace(target=truth, folds=folds, scored_rows=rows, groups=None, weights_of=lambda _: weights, params=params)


@pytest.mark.parametrize("classes", [2, 3, 9])
@pytest.mark.parametrize("temperature", [0.4, 2.5])
def test_the_temperature_that_was_taken_away_is_found(temperature: float, classes: int) -> None:
    raw, truth = said(temperature, classes)
    assert temperature_of(raw, Judged(truth)) == pytest.approx(temperature, rel=0.1)
    assert temperature_alone(prepared_for(truth), raw) == pytest.approx(temperature, rel=0.1)


def test_probabilities_that_are_right_stay_what_they_are() -> None:
    raw, truth = said(1.0)
    assert temperature_of(raw, Judged(truth)) == pytest.approx(1.0, abs=0.08)
    noise = np.random.default_rng(1).integers(0, 3, ROWS)
    assert temperature_alone(prepared_for(noise), np.full((ROWS, 3), 1 / 3)) is None


def test_rows_count_as_much_as_they_weigh() -> None:
    (sure, one), (unsure, other) = said(2.5), said(0.4)
    raw, truth = np.concatenate([sure, unsure]), np.concatenate([one, other])
    weights = np.repeat([1.0, 0.0], ROWS)
    assert temperature_of(raw, Judged(truth, weights)) == pytest.approx(2.5, rel=0.1)


@pytest.mark.parametrize("truth", [np.array([0, 1, 1, 0, 1, 0]), np.zeros(6, dtype=int)])
def test_few_rows_that_are_all_right_or_all_wrong_give_no_absurd_temperature(truth: np.ndarray) -> None:
    right = np.eye(2)[truth] * 0.98 + 0.01
    assert 0.05 <= temperature_of(right, Judged(truth)) <= 1.0
    assert 1.0 <= temperature_of(right, Judged(1 - truth)) <= 20.0


def test_a_temperature_keeps_each_row_s_order_and_its_sum() -> None:
    raw, _ = said(1.0)
    softer, sharper = tempered(raw, 3.0), tempered(raw, 0.3)
    for one in (softer, sharper):
        np.testing.assert_allclose(one.sum(axis=1), 1.0)
        np.testing.assert_array_equal(one.argsort(axis=1), raw.argsort(axis=1))
    assert (softer.max(axis=1) < raw.max(axis=1)).all()
    assert (sharper.max(axis=1) > raw.max(axis=1)).all()


def test_a_trial_its_predictor_its_card_and_its_refit_have_one_temperature(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(600, 4)), columns=list("abcd"))
    frame["y"] = np.where(frame["a"] + 0.3 * rng.normal(size=600) > 0, "up", "down")
    own = {"refit": "full", "search": {"metric": "log_loss"}}
    run = bakeoff.fit(frame, target="y", include=["gaussian_naive_bayes"], max_trials=1, folder=tmp_path, overrides=own)
    baseline, trial = sorted(run.folder.trials(), key=lambda one: one.candidate.index)
    assert baseline.temperature is None
    assert trial.temperature is not None
    assert trial.temperature < 0.9  # three columns that say nothing make it less sure than it may be
    refit = next(row["name"] for row in run.folder.leaderboard()["rows"] if row["origin"] == "refit")
    for name in (trial.candidate.name, refit):
        predictor = run.predictor(name)
        assert predictor.card["temperature"] == trial.temperature == predictor.temperature
    predictor = run.predictor(trial.candidate.name)
    softened = predictor.predict_proba(frame).to_numpy()
    predictor.temperature = None
    np.testing.assert_allclose(tempered(predictor.predict_proba(frame).to_numpy(), trial.temperature), softened)
