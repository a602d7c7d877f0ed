"""What a run under a clock can afford; law: declared costs decide before anything ran, seconds measured once something did."""

import os
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from bakeoff.algorithms import AlgorithmCard, Hyperparameters, TableFacts, get_algorithm
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Trial
from bakeoff.search import portfolio

__all__ = ["OVERHEAD_SECONDS", "TRIAL_SHARE", "affordable_folds", "cost_of", "expected_seconds", "width_of"]

FEATURES_PER_WORDY_COLUMN = 30
FOLDS = (8, 5, 4, 3, 2)
ENTRIES = 10
"""Places of the portfolio that a run should get through, boosters among them."""
ENTRIES_SHARE = 0.5
"""Of the run's CPU seconds, what these entries may take with the number of folds that is chosen."""
OVERHEAD_SECONDS = 8.0
"""Of the limit, about what goes by before the first trial and after the last."""
TRIAL_SHARE = 0.3
"""Of the run's limit, what one trial may take."""
MOST_OFF = 20.0
"""Times by which a declared cost may be wrong at most."""
NOTICEABLE_SECONDS = 0.3
"""Below this a trial says nothing about the machine's pace."""


def cost_of(card: AlgorithmCard, facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    """Declared cost of one fit, about seconds of one core, on the features that are made of such a table."""
    return card.cost(replace(facts, columns=facts.columns + FEATURES_PER_WORDY_COLUMN * facts.wordy), hyperparameters)


def affordable_folds(facts: TableFacts, task: str, names: Sequence[str], cpu_seconds: float) -> int:
    """The largest number of folds with which the portfolio's first entries take half the CPU seconds at most; 1 is a holdout.

    Eight folds of everything are worth little when only two candidates get their turn. `names` are the algorithms that compete.
    """
    costs = []
    for name, entry in portfolio.order(task, facts):
        settings = portfolio.settings_of(get_algorithm(name), entry, facts) if name in names else None
        if settings is not None:
            costs.append(cost_of(get_algorithm(name), facts, settings))
    once = sum(costs[:ENTRIES])
    return next((folds for folds in FOLDS if folds * once <= ENTRIES_SHARE * cpu_seconds), 1)


def expected_seconds(candidate: Candidate, facts: TableFacts, folds: int, trials: Sequence[Trial] = ()) -> float:
    """Seconds that a candidate's folds will take, at the pace of the finished trials of its algorithm, of all where there are none."""
    declared = _declared(candidate, facts, folds)
    alike = _paces([t for t in trials if t.candidate.algorithm == candidate.algorithm], facts, folds)
    paces = alike or _paces(trials, facts, folds)
    return declared * (median(paces) if paces else 1.0)


def _declared(candidate: Candidate, facts: TableFacts, folds: int) -> float:
    return cost_of(get_algorithm(candidate.algorithm), facts, candidate.hyperparameters) * folds / max(1, candidate.threads)


def _paces(trials: Sequence[Trial], facts: TableFacts, folds: int) -> list[float]:
    """Seconds per declared cost of each finished trial that took long enough to tell, within reason."""
    done = [t for t in trials if t.state == "done" and t.candidate.origin != "baseline"]
    pairs = [(t.fit_seconds + t.predict_seconds, _declared(t.candidate, facts, folds)) for t in done]
    return [min(max(s / declared, 1 / MOST_OFF), MOST_OFF) for s, declared in pairs if max(s, declared) > NOTICEABLE_SECONDS]


def width_of(params: RunParams) -> int:
    """Trials side by side: as the params say, or as many as the cores carry."""
    cores = len(os.sched_getaffinity(0))
    return params.compute.max_concurrent_trials or max(1, min(16, cores // params.compute.cores_per_trial))
