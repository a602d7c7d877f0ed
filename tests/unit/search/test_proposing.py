"""Proposals: what comes first, so that a usable predictor is there within seconds."""

from typing import Any

import pytest

from bakeoff.algorithms import ALGORITHMS, TableFacts, get_algorithm
from bakeoff.params import validate
from bakeoff.runs import Candidate, Trial
from bakeoff.search.budgeting import affordable_deals, affordable_folds, encoding_seconds, expected_seconds, in_a_hurry
from bakeoff.search.competing import tried_unasked
from bakeoff.search.options import QUICK
from bakeoff.search.portfolio import order
from bakeoff.search.proposing import is_tuners_turn, known_candidates
from bakeoff.search.ranking import LUCKY_ROWS

PLAIN = TableFacts(50_000, 10, 2, numeric=10)
WORDY = TableFacts(50_000, 10, 2, numeric=5, categorical=5, wordy=3)


def params(**limits: Any) -> Any:
    return validate({"name": "x", "task": "classification", "data": {"train": "t.csv", "target": "y"}, "limits": limits})


def test_where_words_are_slow_to_encode_the_first_candidate_need_not_read_them() -> None:
    first = known_candidates(params(max_minutes=1), WORDY)[1]
    assert first.recipe == QUICK
    assert expected_seconds(first, WORDY, 1) < 1


@pytest.mark.parametrize(("rows", "columns", "quick"), [(2_700, 1_400, True), (9_000, 220, True), (2_900, 120, False), (9**6, 30, False)])
def test_of_a_wide_tables_many_cells_the_first_candidate_learns_no_medians(rows: int, columns: int, quick: bool) -> None:
    """They would be learned for every fold; of very many rows it learns from a part anyhow."""
    first = known_candidates(params(max_minutes=1), TableFacts(rows, columns, 2, numeric=columns), folds=5)[1]
    assert (first.recipe == QUICK) == quick


@pytest.mark.parametrize(("limits", "facts"), [({"max_minutes": 1}, PLAIN), ({"max_trials": 40}, WORDY)])
def test_else_no_candidate_is_quick(limits: dict[str, Any], facts: TableFacts) -> None:
    assert QUICK not in {candidate.recipe for candidate in known_candidates(params(**limits), facts)}


def test_wide_tables_are_screened_and_narrow_ones_are_not() -> None:
    wide, narrow = (known_candidates(params(max_trials=60), TableFacts(300, columns, 2, numeric=columns)) for columns in (200, 20))
    assert any(candidate.recipe.startswith("screened") for candidate in wide[:4])
    assert not any(candidate.recipe.startswith("screened") for candidate in narrow)


def test_a_linear_model_costs_what_the_scaler_makes_of_its_columns() -> None:
    card = get_algorithm("logistic_regression")
    settings = {name: value for name, value in card.start(PLAIN)[0].items() if name != "scaler"}
    plain, piecewise = (Candidate(1, card.name, settings, f"one_hot+{scaler}", seed=0) for scaler in ("standard", "piecewise"))
    assert expected_seconds(piecewise, PLAIN, 3) > 10 * expected_seconds(plain, PLAIN, 3)


def test_what_was_given_up_for_its_pace_tells_how_long_its_like_would_take() -> None:
    def of(index: int, algorithm: str = "extra_trees") -> Candidate:
        return Candidate(index, algorithm, dict(get_algorithm(algorithm).start(PLAIN)[0]), "mixed", seed=0)

    declared = expected_seconds(of(1), PLAIN, 8)
    given_up = Trial(of(1), "skipped", fit_seconds=2 * declared / 8, whole_seconds=4 * declared)
    assert expected_seconds(of(2), PLAIN, 8, [given_up]) == pytest.approx(4 * declared)
    assert expected_seconds(of(2), PLAIN, 8, [Trial(of(1), "skipped")]) == declared  # it was not begun


def test_what_no_trial_has_encoded_takes_about_as_long_as_other_recipes_did() -> None:
    def of(recipe: str) -> Candidate:
        return Candidate(1, "lightgbm", {}, recipe, seed=0)

    given = {"nothing": 9.0, QUICK: 9.0, "mixed": 2.0, "crossed": 4.0, "terms+standard": 60.0}
    trials = [Trial(of(recipe), "done", encode_seconds=seconds) for recipe, seconds in given.items()]
    trials[0] = Trial(Candidate(0, "baseline", {}, "nothing", seed=0, origin="baseline"), "done", encode_seconds=9.0)
    trials.append(Trial(of("mixed"), "done"))
    trials.append(Trial(of("arithmetic"), "skipped", encode_seconds=9.0))
    assert [encoding_seconds(of(recipe), trials) for recipe in ("mixed", QUICK, "one_hot", "arithmetic")] == [0, 0, 4, 4]
    assert encoding_seconds(of("one_hot"), trials[:2]) == 0


@pytest.mark.parametrize(("seconds", "usual", "folds"), [(1, 5, 3), (20, 5, 5), (100_000, 5, 8), (100_000, 1, 8)])
def test_folds_are_as_many_as_the_time_is_long(seconds: float, usual: int, folds: int) -> None:
    names = [card.name for card in ALGORITHMS]
    assert affordable_folds(TableFacts(5_000, 20, 2, numeric=20), "classification", names, seconds, usual) == folds


@pytest.mark.parametrize(("seconds", "usual", "folds"), [(40, 3, 1), (60, 3, 3), (110, 3, 5), (110, 1, 1)])
def test_five_folds_are_worth_half_of_the_candidates_but_where_rows_are_very_many(seconds: float, usual: int, folds: int) -> None:
    names = [card.name for card in ALGORITHMS]
    assert affordable_folds(TableFacts(51_490, 5, 2, categorical=4, wordy=4), "classification", names, seconds, usual) == folds


@pytest.mark.parametrize(
    ("rows", "columns", "seconds", "deals"),
    [
        (700, 20, 100, 1),
        (700, 20, 300, 2),
        (700, 20, 600, 3),
        (2_000, 20, 1e9, 3),
        (2_001, 20, 1e9, 1),
        (700, 571, 1e9, 3),
        (700, 572, 1e9, 1),
    ],
)
def test_folds_are_dealt_anew_where_the_whole_portfolio_fits(rows: int, columns: int, seconds: float, deals: int) -> None:
    facts, names = TableFacts(rows, columns, 2, numeric=columns), [card.name for card in ALGORITHMS]
    assert affordable_deals(facts, "classification", names, seconds, 8) == deals


@pytest.mark.parametrize(("characters", "folds"), [(50, 5), (1_300, 1)])
def test_long_texts_leave_time_for_fewer_folds_than_short_ones(characters: int, folds: int) -> None:
    facts = TableFacts(12_000, 3, 2, text=1, wordy=1, characters=characters)
    assert affordable_folds(facts, "classification", [card.name for card in ALGORITHMS], 200, 5) == folds


def test_a_large_table_in_no_time_is_held_out_once() -> None:
    assert affordable_folds(TableFacts(100_000, 50, 2, numeric=50), "classification", ["lightgbm", "xgboost"], 5, 3) == 1


@pytest.mark.parametrize("names", [["catboost"], ["gaussian_naive_bayes"], ["extra_trees", "random_forest"]])
def test_few_competitors_get_no_folds_for_free(names: list[str]) -> None:
    assert affordable_folds(TableFacts(1_000_000, 50, 2, numeric=50), "classification", names, 500, 1) == 1


def test_lists_alone_are_not_read_quickly() -> None:
    lists = TableFacts(500, 2, 2, wordy=2, lists=2)
    assert QUICK not in {candidate.recipe for candidate in known_candidates(params(max_minutes=1), lists)}


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("rows", [1_000, 100_000])
def test_what_the_learned_order_names_is_tried_unasked(task: str, rows: int) -> None:
    named = {name for name, _ in order(task, TableFacts(rows, 10, 2 if task == "classification" else 0))}
    content = {"name": "x", "task": task, "data": {"train": "x", "target": "y"}}
    assert named <= {card.name for card in tried_unasked(validate(content))}


@pytest.mark.parametrize(
    ("rate", "cost", "raised"), [(0.04, 1, 0.04), (0.04, 18, 0.08), (0.04, 1e3, 0.2), (0.06, 1e3, 0.25), (0.3, 1e3, 0.3)]
)
def test_rounds_that_time_would_cut_off_go_further(rate: float, cost: float, raised: float) -> None:
    """Of a minute a trial has 18 s, half of them for what is declared: up to five times the rate, and no more than 0.25."""
    found = in_a_hurry(params(max_minutes=1), get_algorithm("lightgbm"), {"learning_rate": rate}, cost)
    assert found["learning_rate"] == pytest.approx(raised)
    assert in_a_hurry(params(), get_algorithm("lightgbm"), {"learning_rate": rate}, cost)["learning_rate"] == rate


def test_the_tuner_waits_for_half_of_the_limit_and_for_the_portfolio_where_there_is_none() -> None:
    assert [is_tuners_turn(9_000, begun, 31.0, 60.0) for begun in (10, 11, 12)] == [False, True, False]
    assert not is_tuners_turn(9_000, 11, 29.0, 60.0)
    assert not is_tuners_turn(9_000, 11, 1e6, None)
    assert not is_tuners_turn(LUCKY_ROWS, 11, 59.0, 60.0)
