"""The tuner: what it is told of lies in the space that it draws from."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bakeoff.algorithms import TableFacts, get_algorithm
from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search.budgeting import FASTEST_RATE, SLOWEST_RATE
from bakeoff.search.options import QUICK
from bakeoff.search.tuning import suggest

WORDY = TableFacts(500, 10, 2, categorical=3, wordy=1)
LIGHTGBM = get_algorithm("lightgbm")
METRIC = get_metric("log_loss", "classification")


def trial(index: int, recipe: str) -> Trial:
    settings = dict(LIGHTGBM.start(WORDY)[0])
    return Trial(Candidate(index, "lightgbm", settings, recipe, seed=0), "done", scores={"log_loss": 0.5 - index / 100})


def suggested(trials: list[Trial]) -> dict[str, Any] | None:
    return suggest(np.random.default_rng(0), LIGHTGBM, trials, WORDY, METRIC)


def test_a_trial_of_a_recipe_that_is_not_tuned_is_no_part_of_the_model() -> None:
    known = [trial(1, "mixed"), trial(2, "crossed")]
    with_quick = suggested([*known, trial(3, QUICK)])
    assert with_quick is not None
    assert with_quick == suggested(known)
    assert with_quick["recipe"] != QUICK


def test_another_value_than_a_choice_s_is_outside() -> None:
    settings = {**LIGHTGBM.start(WORDY)[0], "extra_trees": "maybe"}
    odd = replace(trial(1, "mixed"), candidate=Candidate(1, "lightgbm", settings, "mixed", seed=0))
    assert suggested([odd]) == suggested([])


def test_it_stays_near_the_best_from_the_first_trial_on() -> None:
    best = trial(1, "crossed")
    recipes = [suggest(np.random.default_rng(seed), LIGHTGBM, [best], WORDY, METRIC)["recipe"] for seed in range(20)]  # type: ignore[index]
    at_random = [suggest(np.random.default_rng(seed), LIGHTGBM, [], WORDY, METRIC)["recipe"] for seed in range(20)]  # type: ignore[index]
    assert recipes.count("crossed") > 12 > at_random.count("crossed")


def test_what_is_fixed_is_not_varied_and_trials_that_have_it_are_known() -> None:
    best = trial(1, "plain")
    drawn = suggest(np.random.default_rng(0), LIGHTGBM, [best], WORDY, METRIC, ("recipe",))
    assert drawn is not None
    assert "recipe" not in drawn
    assert drawn != suggest(np.random.default_rng(0), LIGHTGBM, [], WORDY, METRIC, ("recipe",))


@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "catboost", "hist_gradient_boosting"])
def test_the_tuner_knows_the_rates_of_boosters_in_a_hurry(name: str) -> None:
    rate = get_algorithm(name).space(WORDY)["learning_rate"]
    assert rate.low <= SLOWEST_RATE or name == "catboost"
    assert rate.high >= FASTEST_RATE


def test_trials_are_told_in_the_order_they_were_made() -> None:
    """Of many, Optuna takes the first for the oldest."""
    known = []
    for index in range(1, 100):
        settings = {**LIGHTGBM.start(WORDY)[0], "learning_rate": 0.01 + 0.002 * index, "num_leaves": 4 + index}
        known.append(replace(trial(index, "mixed"), candidate=Candidate(index, "lightgbm", settings, "mixed", seed=0)))
    assert suggested(known[::-1]) == suggested(known)
