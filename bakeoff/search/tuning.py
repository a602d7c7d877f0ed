"""The tuner; law: only Optuna knows how, and a suggestion is made from scratch, so it can be made again."""

import math
import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Dimension, TableFacts
from bakeoff.errors import MissingLibraryError
from bakeoff.evaluation import MetricCard
from bakeoff.runs import Trial
from bakeoff.search.options import part_asked, place_in_space, space_of, with_such_scaler

__all__ = ["suggest", "tuner_available"]

FIRST_RANDOM = 1
"""Trials of an algorithm before the sampler models them: from the first on it stays near the best half the time, and a portfolio's trial
is a better place to start from than a random one (benchmarks/EXPERIMENTS.md, "The tuner beside the portfolio")."""


def tuner_available() -> bool:
    """Whether Optuna is installed; without it a search ends after the portfolio."""
    from importlib.util import find_spec

    return find_spec("optuna") is not None


def suggest(
    rng: np.random.Generator,
    card: AlgorithmCard,
    trials: Sequence[Trial],
    facts: TableFacts,
    metric: MetricCard,
    fixed: Collection[str] = (),
) -> dict[str, Any] | None:
    """Hyperparameters of an algorithm to try next, from a multivariate TPE over its trials; None where it has nothing to vary.

    Dimensions that are `fixed` are left out.
    """
    space = {name: dimension for name, dimension in space_of(card, facts).items() if name not in fixed}
    if not space:
        return None
    try:
        import optuna
    except ImportError as error:
        raise MissingLibraryError(
            "the tuner needs Optuna", where="search", given="optuna is not installed", remedy='pip install "bakeoff[search]"'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distributions = {name: _distribution(dimension) for name, dimension in space.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)), multivariate=True, n_startup_trials=FIRST_RANDOM)
    study = optuna.create_study(sampler=sampler, direction="maximize" if metric.greater_is_better else "minimize")
    for trial in sorted(
        trials, key=lambda one: one.candidate.index
    ):  # of many trials Optuna takes the first ones for old, and weighs them less
        known = _known(trial, card, distributions, metric)
        if known is not None:
            study.add_trial(optuna.trial.create_trial(params=known[0], distributions=distributions, value=known[1]))
    asked = study.ask(distributions)
    start = card.start(facts)
    return with_such_scaler(card, {**(dict(start[0]) if start else {}), **asked.params}, facts)


def _known(trial: Trial, card: AlgorithmCard, distributions: dict[str, Any], metric: MetricCard) -> tuple[dict[str, Any], float] | None:
    """A trial's place in the space and its score; None where it is another algorithm's or lies outside, or the first candidate's, which
    learned from a part alone."""
    asked = part_asked(trial.candidate.hyperparameters)
    if trial.candidate.algorithm != card.name or (asked is not None and not card.learns_from_part):
        return None
    value = trial.scores.get(metric.name)
    given = place_in_space(trial.candidate.recipe, trial.candidate.hyperparameters)
    if value is None or math.isnan(value) or not set(distributions) <= set(given):
        return None
    params = {name: given[name] for name in distributions}
    return (params, value) if all(_inside(d, params[name]) for name, d in distributions.items()) else None


def _inside(distribution: Any, value: Any) -> bool:
    """Whether a value is one that the distribution may give; of choices, Optuna would raise at any other."""
    choices = getattr(distribution, "choices", None)
    return value in choices if choices is not None else bool(distribution._contains(distribution.to_internal_repr(value)))


def _distribution(dimension: Dimension) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.kind == "choice":
        return CategoricalDistribution(dimension.choices)
    if dimension.kind == "integer":
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
