"""What a run under a clock can afford; law: declared costs decide before anything ran, seconds measured once something did."""

import os
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from statistics import median
from typing import Any

from bakeoff.algorithms import AlgorithmCard, Hyperparameters, TableFacts, get_algorithm
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Trial
from bakeoff.search import portfolio
from bakeoff.search.options import PART, QUICK, judged_out_of_bag, part_asked, separated
from bakeoff.search.sampling import PARTS

__all__ = [
    "OVERHEAD_SECONDS",
    "TRIAL_SHARE",
    "affordable_deals",
    "affordable_folds",
    "cost_of",
    "encoding_seconds",
    "expected_seconds",
    "in_a_hurry",
    "on_a_part",
    "width_of",
]

FEATURES_PER_WORDY_COLUMN = 15
FOLDS = (8, 5, 4, 3)
FEW_ROWS = 8_000
"""Rows up to which there are three folds at least: one holdout is too small to choose by, and a mean of folds' estimators is worth more."""
ENTRIES = 10
CHEAPEST = 4
"""Of the portfolio's first entries, the cheapest ones that a run should get through."""
DEAREST = 2
"""Of the first entries, those that need not fit for more folds: what takes long on large tables, such as neighbours."""
TEXT_SECONDS, CHARACTER_SECONDS = 6e-4, 5.4e-6
"""What encoding a text, and each of its characters, costs in all recipes together, about (measured: 57 and 1,300 characters a row)."""
ENTRIES_SHARE = 0.6
"""Of the run's CPU seconds, what these may take with the number of folds that is chosen."""
CHEAPEST_SHARE = 0.9
"""Of the run's CPU seconds, what the cheapest may take with three folds instead of a holdout, or with five where size asks for three."""
WORTH_FOLDS = 5
"""Taken where there is time, also of tables whose size alone asks for three: half as many candidates by five folds are better."""
MOST_DEALS, DEALT_ROWS = 3, 2_000
"""How often a clock deals the same number of folds, and up to how many rows: what single rows say out of fold is luck of the deal there
(measured: benchmarks/EXPERIMENTS.md, "Folds dealt anew under a clock")."""
DEALT_CELLS = 400_000
"""Rows times columns up to which they are: each recipe's matrix is kept for every fold, 24 of them for three deals."""
OVERHEAD_SECONDS = 8.0
"""Of the limit, about what goes by before the first trial and after the last."""
TRIAL_SHARE = 0.3
"""Of the run's limit, what one trial may take."""
HURRY_SHARE = 0.5
"""Of the time that a trial may take, what its declared cost may be before its learning rate is raised."""
MOST_HURRY = 5.0
PART_OF = 200_000
"""Rows above which candidates learn from a part where time is short and one holdout judges: of several folds all rows are encoded, and a
linear model of a part takes boosters the time (measured: benchmarks/EXPERIMENTS.md, "Parts of large tables")."""
LARGEST_PART = 0.75
"""Of the rows, what a part may be: a larger one saves no time to speak of."""
SLOWEST_RATE, FASTEST_RATE = 0.015, 0.25
"""Rates of boosters, none beyond their spaces, where the tuner would not know it; networks have smaller ones, and are left alone."""
MOST_OFF = 20.0
"""Times by which a declared cost may be wrong at most."""
MOST_OTHERWISE = 1.5
"""Times by which the pace of other algorithms may change an expectation at most."""
NOTICEABLE_SECONDS = 0.3
"""Below this a trial says nothing about the machine's pace."""


def cost_of(card: AlgorithmCard, facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    """Declared cost of one fit, about seconds of one core, on the features that are made of such a table, or of the part that is learned
    from."""
    rows = min(facts.rows, part_asked(hyperparameters) or facts.rows)
    return card.cost(replace(facts, rows=rows, columns=facts.columns + FEATURES_PER_WORDY_COLUMN * facts.wordy), hyperparameters)


def affordable_folds(facts: TableFacts, task: str, names: Sequence[str], cpu_seconds: float, usual: int) -> int:
    """The number of folds for so many CPU seconds; 1 is a holdout. `usual` is what the number of rows asks for.

    Fewer, where not even the cheapest of the portfolio's first entries would fit: eight folds of everything are worth little when only
    two candidates get their turn. More, where all of the first entries fit, the two dearest aside; and five instead of three, or three
    instead of a holdout, where the cheapest barely fit: each estimator then learns from more rows (measured:
    benchmarks/EXPERIMENTS.md, "Folds under a clock"). `names` are the algorithms that compete.
    """
    first, texts = sorted(_costs_in_order(facts, task, names)[:ENTRIES]), _text_seconds(facts)
    most, least = sum(first[: max(CHEAPEST, len(first) - DEAREST)]) + texts, sum(first[:CHEAPEST]) + texts
    more = _most_folds(most, ENTRIES_SHARE * cpu_seconds) if first else 1
    enough = min(usual, _most_folds(least, ENTRIES_SHARE * cpu_seconds))
    worth = WORTH_FOLDS if 1 < usual < WORTH_FOLDS else min(usual, FOLDS[-1])
    worth = min(worth, _most_folds(least, CHEAPEST_SHARE * cpu_seconds))
    fewest = min(usual, FOLDS[-1]) if facts.rows <= FEW_ROWS else 1
    return max(more, enough, worth, fewest)


def affordable_deals(facts: TableFacts, task: str, names: Sequence[str], cpu_seconds: float, folds: int) -> int:
    """How often so many folds are dealt for so many CPU seconds: 1 to MOST_DEALS; of many rows or cells once.

    As often as the whole portfolio fits: the time is the tuner's otherwise, whose candidates join no ensemble of few rows. `names` are the
    algorithms that compete.
    """
    costs = _costs_in_order(facts, task, names)
    if facts.rows > DEALT_ROWS or facts.rows * facts.columns > DEALT_CELLS or not costs:
        return 1
    return max(1, min(MOST_DEALS, int(ENTRIES_SHARE * cpu_seconds / (folds * (sum(costs) + _text_seconds(facts))))))


def _costs_in_order(facts: TableFacts, task: str, names: Sequence[str]) -> list[float]:
    """Declared seconds of one fold of each of the portfolio's entries, in its order, of the algorithms named."""
    costs = []
    for name, entry in portfolio.order(task, facts):
        settings = portfolio.settings_of(get_algorithm(name), entry, facts) if name in names else None
        if settings is not None:
            costs.append(cost_of(get_algorithm(name), facts, settings))
    return costs


def _text_seconds(facts: TableFacts) -> float:
    """What encoding the texts of one fold takes in all recipes together, about."""
    return (TEXT_SECONDS * facts.text + CHARACTER_SECONDS * facts.characters) * facts.rows


def _most_folds(seconds_a_fold: float, seconds: float) -> int:
    """The greatest number of folds that fits; 1 where none does."""
    return next((folds for folds in FOLDS if folds * seconds_a_fold <= seconds), 1)


def in_a_hurry(params: RunParams, card: AlgorithmCard, hyperparameters: Hyperparameters, cost: float) -> dict[str, Any]:
    """Hyperparameters with a greater learning rate where the time that a trial may take would cut off its rounds.

    Fewer rounds that go further lose a little; rounds that are never carried out lose much. `cost` is that of all folds.
    """
    chosen, limit = dict(hyperparameters), params.limits.max_minutes
    if limit is None or not card.rounds_name or not SLOWEST_RATE <= chosen.get("learning_rate", 0.0) < FASTEST_RATE:
        return chosen
    affordable = HURRY_SHARE * TRIAL_SHARE * limit * 60 * params.compute.cores_per_trial
    factor = min(MOST_HURRY, max(1.0, cost / affordable))
    return {**chosen, "learning_rate": min(FASTEST_RATE, round(chosen["learning_rate"] * factor, 4))}


def on_a_part(params: RunParams, card: AlgorithmCard, hyperparameters: Hyperparameters, facts: TableFacts, folds: int) -> dict[str, Any]:
    """Hyperparameters with the largest part of the rows that a trial has time for, where it has none for all and the algorithm takes one.

    Without a clock, the largest part that the algorithm takes, where it does not take all rows.
    """
    chosen, limit, trial = dict(hyperparameters), params.limits.max_minutes, params.limits.trial_minutes
    if not card.learns_from_part or PART in chosen:
        return chosen
    minutes = min(inf if limit is None else TRIAL_SHARE * limit, trial or inf) if facts.rows > PART_OF and folds == 1 else inf
    affordable = minutes * 60 * params.compute.cores_per_trial
    most = card.max_rows or inf
    if facts.rows <= most and _all_folds(card, facts, chosen, folds) <= affordable:
        return chosen
    smaller = [size for size in PARTS if size <= min(most, LARGEST_PART * facts.rows)]
    fitting = [size for size in smaller if _all_folds(card, facts, {**chosen, PART: size}, folds) <= affordable]
    size = max(fitting, default=min(smaller, default=None))
    return chosen if size is None else {**chosen, PART: size}


def expected_seconds(candidate: Candidate, facts: TableFacts, folds: int, trials: Sequence[Trial] = ()) -> float:
    """Seconds that a candidate's folds will take, at the pace of the trials of its algorithm that tell one.

    Where there are none, at the pace of all, which says how fast the machine is, and little of another algorithm on this table.
    """
    declared = _declared(candidate, facts, folds)
    alike = _paces([t for t in trials if t.candidate.algorithm == candidate.algorithm], facts, folds)
    if alike:
        return declared * median(alike)
    others = _paces(trials, facts, folds)
    return declared * (min(max(median(others), 1 / MOST_OTHERWISE), MOST_OTHERWISE) if others else 1.0)


def encoding_seconds(candidate: Candidate, trials: Sequence[Trial]) -> float:
    """Seconds that a candidate's folds will take to encode: none where a trial did it, else about as long as for the other recipes.

    Of trials that learned from as many rows.
    """
    taken: dict[str, float] = {}
    part = part_asked(candidate.hyperparameters)
    for trial in trials:
        alike = part_asked(trial.candidate.hyperparameters) == part
        if alike and trial.state == "done" and trial.candidate.origin != "baseline" and trial.candidate.recipe != QUICK:
            taken[trial.candidate.recipe] = taken.get(trial.candidate.recipe, 0.0) + trial.encode_seconds
    return 0.0 if candidate.recipe in (QUICK, *taken) or not taken else median(taken.values())


def _declared(candidate: Candidate, facts: TableFacts, folds: int) -> float:
    card = get_algorithm(candidate.algorithm)
    scaler = candidate.recipe.partition("+")[2] or "none"
    return _all_folds(card, facts, {**candidate.hyperparameters, "scaler": scaler}, folds, candidate.recipe) / max(1, candidate.threads)


def _all_folds(card: AlgorithmCard, facts: TableFacts, hyperparameters: Hyperparameters, folds: int, recipe: str = "") -> float:
    """Declared cost of a candidate: of one fit where rows out of bag judge it."""
    alike = part_asked(hyperparameters) is None and separated(hyperparameters)[1]["class_weights"] == "none"
    out_of_bag = card.out_of_bag is not None and alike and judged_out_of_bag(recipe, facts)
    return cost_of(card, facts, hyperparameters) * (1 if out_of_bag else folds)


def _paces(trials: Sequence[Trial], facts: TableFacts, folds: int) -> list[float]:
    """Seconds per declared cost of each trial that took long enough to tell, within reason: finished, or killed for its time, which it
    takes at least, or given up for its pace, at which all folds would have taken so long."""
    telling = [t for t in trials if t.state == "done" or (t.state == "failed" and t.fit_seconds) or t.whole_seconds]
    pairs = [(_told_seconds(t), _declared(t.candidate, facts, folds)) for t in telling if t.candidate.origin != "baseline"]
    return [min(max(s / declared, 1 / MOST_OFF), MOST_OFF) for s, declared in pairs if max(s, declared) > NOTICEABLE_SECONDS]


def _told_seconds(trial: Trial) -> float:
    """What a trial's declared cost stands for; what judges a part is more rows than it learned from, and no part of it."""
    if trial.state == "skipped":
        return trial.whole_seconds
    return trial.fit_seconds + (trial.predict_seconds if part_asked(trial.candidate.hyperparameters) is None else 0.0)


def width_of(params: RunParams) -> int:
    """Trials side by side: as the params say, or as many as the cores carry."""
    cores = len(os.sched_getaffinity(0))
    return params.compute.max_concurrent_trials or max(1, min(16, cores // params.compute.cores_per_trial))
