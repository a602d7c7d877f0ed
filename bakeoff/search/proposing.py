"""Proposals: baseline, portfolio, then the tuner; law: a pure function of params, data facts, the trials seen, and the seed."""

from collections.abc import Sequence

from bakeoff.algorithms import AlgorithmCard, TableFacts, algorithms_for, get_algorithm, too_large
from bakeoff.evaluation import MetricCard, default_metric, get_metric
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Trial
from bakeoff.search.options import recipe_and_settings, starts_of
from bakeoff.search.ranking import best_first
from bakeoff.search.tuning import suggest

__all__ = ["LAG", "check_names", "competitors", "known_candidates", "primary_metric", "proposal", "trial_limit"]

LAG = 16
"""Under a trial limit, candidate i and every stopping rule see trials 0 … i-LAG only, so that the plan is the same at any concurrency."""
TRIES = 20
"""Suggestions made for a place in the plan before the spaces count as exhausted."""


def check_names(params: RunParams) -> None:
    """Resolves every name in the params. Raises ParamsError with the YAML path and the nearest names."""
    competitors(params)
    primary_metric(params)


def primary_metric(params: RunParams) -> MetricCard:
    """The metric that ranks, stops and ensembles."""
    name = params.search.metric
    return default_metric(params.task) if name is None else get_metric(name, params.task)


def competitors(params: RunParams) -> tuple[AlgorithmCard, ...]:
    """The cards that compete, the baseline not among them."""
    chosen = params.search.algorithms
    return algorithms_for(params.task, include=chosen.include, exclude=chosen.exclude)


def known_candidates(params: RunParams, facts: TableFacts) -> list[Candidate]:
    """Baseline and portfolio: first each algorithm's best start, cheap ones first, then the second starts, and so on.

    Where a clock decides, the cheapest of all settings comes first, so that a usable predictor exists within seconds. An algorithm that
    takes no table of this size stands here with one start, to be skipped with the reason.
    """
    cards = _tried_unasked(params)
    entries = []
    for card in cards:
        starts = starts_of(card, facts)
        for place, hyperparameters in enumerate(starts[:1] if too_large(card, facts) else starts):
            entries.append((place, card.cost(facts, hyperparameters), card, hyperparameters))
    entries.sort(key=lambda entry: (entry[0], entry[1], entry[2].name))
    chosen = [(card, hyperparameters) for _, _, card, hyperparameters in entries]
    if params.limits.max_minutes is not None:
        cheap = min(cards, key=lambda card: (too_large(card, facts), card.cost(facts, card.cheap_start(facts)), card.name))
        chosen.insert(0, (cheap, cheap.cheap_start(facts)))
    candidates = [_candidate(params, 0, get_algorithm("baseline"), {}, "baseline")]
    seen = {candidates[0].id}
    for card, hyperparameters in chosen:
        candidate = _candidate(params, len(candidates), card, dict(hyperparameters), "portfolio")
        if candidate.id not in seen:
            seen.add(candidate.id)
            candidates.append(candidate)
    most = trial_limit(params)
    return candidates if most is None else candidates[: most + 1]


def proposal(params: RunParams, facts: TableFacts, plan: Sequence[Candidate], seen: Sequence[Trial]) -> Candidate | None:
    """The tuner's candidate for place len(plan), from the trials in `seen`; None where the spaces are exhausted."""
    cards, metric = {card.name: card for card in competitors(params) if not too_large(card, facts)}, primary_metric(params)
    if not cards:
        return None
    ranked = [t for t in best_first(seen, metric) if t.candidate.algorithm in cards]
    order = list(dict.fromkeys([t.candidate.algorithm for t in ranked] + sorted(cards)))
    taken = {c.id for c in plan}
    for attempt_number in range(TRIES):
        suggestion = suggest(params.search.seed, (len(plan), attempt_number), [cards[name] for name in order], ranked, facts, metric)
        if suggestion is None:
            continue
        card, hyperparameters = suggestion
        candidate = _candidate(params, len(plan), card, hyperparameters, "tuner")
        if candidate.id not in taken:
            return candidate
    return None


def trial_limit(params: RunParams) -> int | None:
    """Trials after the baseline: as the params say; 20 where they set no limit at all; None where only a clock rules."""
    limits = params.limits
    if limits.max_trials is None and limits.max_minutes is None:
        return 20
    return limits.max_trials


def _tried_unasked(params: RunParams) -> tuple[AlgorithmCard, ...]:
    """The competitors whose starts are tried: those of the portfolio and those included by name; all where that leaves none."""
    cards = competitors(params)
    named = params.search.algorithms.include or ()
    return tuple(card for card in cards if card.portfolio or card.name in named) or cards


def _candidate(params: RunParams, index: int, card: AlgorithmCard, hyperparameters: dict[str, object], origin: str) -> Candidate:
    recipe = "plain" if params.featurization.mode == "off" else card.recipes[0]
    if params.featurization.mode == "off" and "plain" not in card.recipes:
        recipe = "imputed_plain" if "imputed_plain" in card.recipes else card.recipes[0]
    recipe, settings = recipe_and_settings(card, recipe, hyperparameters)
    return Candidate(
        index=index,
        algorithm=card.name,
        hyperparameters=settings,
        recipe=recipe,
        seed=params.search.seed,
        threads=params.compute.cores_per_trial,
        origin=origin,
    )
