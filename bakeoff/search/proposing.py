"""Proposals: baseline, portfolio, then the tuner; law: a pure function of params, data facts, the trials seen, and the seed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Hyperparameters, TableFacts, get_algorithm, too_large
from bakeoff.features import LOG_LINK, MEDIAN
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Trial
from bakeoff.search.budgeting import cost_of, in_a_hurry, on_a_part
from bakeoff.search.choosing import chances
from bakeoff.search.competing import competitors, primary_metric, tried_unasked
from bakeoff.search.options import PART, QUICK, recipe_and_settings, recipes_of, starts_of, transforms_of
from bakeoff.search.portfolio import SMALL, order, settings_of
from bakeoff.search.ranking import LUCKY_ROWS, best_first
from bakeoff.search.tuning import suggest, tuner_available

__all__ = ["LAG", "is_tuners_turn", "known_candidates", "proposal", "trial_limit"]

LAG = 16
"""Under a trial limit candidate i sees trials 0 … i-LAG only, so that the plan is the same at any concurrency."""
TWINS, LINEAR_TWINS, TWIN_DISTANCE = 2, 1, 2
"""Boosters' and networks', and linear models' portfolio entries tried with a transformed target too, and how many places later."""
LINKED = 2
"""Boosters' entries of small tables tried with a log link of a target that is never below 0. On large ones the twin took another
candidate's turn (benchmarks/RESULTS.md, "And after that: a log link"); there it is the tuner's."""
MEDIANS = 4
"""Boosters' entries tried with absolute errors as their loss where the metric asks for medians."""
WEIGHTED_PLACE = 12
"""Of imbalanced classes, where the portfolio's first entry that looks at row weights stands once more, with weights of classes."""
PORTFOLIO_SHARE = 0.5
"""Of a run's limit, what the portfolio's order has for itself; from then on every second candidate is the tuner's, who sees what is good
on this table, while a large table would never come to the order's end (benchmarks/EXPERIMENTS.md, "The tuner beside the portfolio")."""
FIRST_PART, FIRST_PART_OF = 20_000, 30_000
"""Rows that the first candidate learns from where a clock rules, and above how many it is not from all."""
TRIES = 20
"""Suggestions made for a place in the plan before the spaces count as exhausted."""


def _always(_candidate: Candidate) -> bool:
    return True


def known_candidates(params: RunParams, facts: TableFacts, folds: int = 1) -> list[Candidate]:
    """Baseline and portfolio, in the learned order; after it the starts of competitors that have no place there, the cheap ones first.

    Where a clock decides, the cheapest of all settings comes first, so that a usable predictor exists within seconds. An algorithm that
    takes no table of this size stands here with one start, to be skipped with the reason. `folds` is how often each one is fitted.
    """
    cards = tried_unasked(params)
    chosen = [*_portfolio(params.task, cards, facts), *_other_starts(cards, facts)]
    if params.search.algorithms.include:
        chosen = _each_one_first(chosen)
    if params.limits.max_minutes is not None:
        chosen.insert(0, _first_usable(cards, facts))
    candidates = [_candidate(params, 0, get_algorithm("baseline"), {}, "baseline")]
    seen, refused = {candidates[0].id}, set[str]()
    for card, hyperparameters in chosen:
        own = on_a_part(params, card, hyperparameters, facts, folds)
        own = in_a_hurry(params, card, own, cost_of(card, facts, own) * folds)
        candidate = _candidate(params, len(candidates), card, own, "portfolio")
        if candidate.id not in seen and card.name not in refused:
            seen.add(candidate.id)
            candidates.append(candidate)
            refused |= {card.name} if too_large(card, facts) else set()
    most = trial_limit(params)
    return candidates if most is None else candidates[: most + 1]


def _portfolio(task: str, cards: Sequence[AlgorithmCard], facts: TableFacts) -> list[tuple[AlgorithmCard, Hyperparameters]]:
    """The learned order's entries, and late twins of the first of them.

    With a transformed target where it may be: of boosters and networks, and of a linear model; where logarithms are judged all entries
    learn these. With weights of classes where these are imbalanced: of the first that looks at weights.
    """
    known = {card.name: card for card in cards}
    found: list[tuple[AlgorithmCard, Hyperparameters]] = []
    for name, entry in order(task, facts):
        complete = settings_of(known[name], entry, facts) if name in known else None
        if complete is not None:
            found.append((known[name], complete))
    if facts.logarithmic:
        return [(card, {**settings, "target_transform": facts.target_transforms[0]}) for card, settings in found]
    for place, transform in sorted(_transformed([card for card, _ in found], facts).items(), reverse=True):
        card, settings = found[place]
        found.insert(place + TWIN_DISTANCE, (card, {**settings, "target_transform": transform}))
    weighable = [entry for entry in found if entry[0].facts.get("weights") is not False]
    for card, settings in weighable[:1] if facts.imbalanced else []:
        found.insert(WEIGHTED_PLACE, (card, {**settings, "class_weights": "balanced"}))
    return found


def _transformed(cards: Sequence[AlgorithmCard], facts: TableFacts) -> dict[int, str]:
    """The places in the order of what has a twin, and the twin's transform of the target."""
    linear = [place for place, card in enumerate(cards) if card.facts.get("path")][:LINEAR_TWINS]
    others = [place for place, card in enumerate(cards) if card.useful_when_cut_off][:TWINS]
    linked = [place for place, card in enumerate(cards) if LOG_LINK in transforms_of(card, facts)]
    twins = {place: facts.target_transforms[0] for place in [*linear, *others] if facts.target_transforms}
    medians = [place for place, card in enumerate(cards) if MEDIAN in transforms_of(card, facts)]
    twins |= dict.fromkeys(linked[:LINKED], LOG_LINK) if facts.rows <= SMALL else {}
    return twins | dict.fromkeys(medians[:MEDIANS], MEDIAN)


def _first_usable(cards: Sequence[AlgorithmCard], facts: TableFacts) -> tuple[AlgorithmCard, Hyperparameters]:
    """The cheapest of all settings, on a part of a large table; where encoding would take long, of those that need little of it."""
    quick = [card for card in cards if QUICK in recipes_of(card, facts)]
    some = replace(facts, rows=min(facts.rows, FIRST_PART_OF))
    cheap = min(quick or cards, key=lambda card: (too_large(card, facts), cost_of(card, some, card.cheap_start(some)), card.name))
    part = {PART: FIRST_PART} if facts.rows > FIRST_PART_OF else {}
    return cheap, {**cheap.cheap_start(some), **part, **({"recipe": QUICK} if quick else {})}


def _each_one_first(entries: list[tuple[AlgorithmCard, Hyperparameters]]) -> list[tuple[AlgorithmCard, Hyperparameters]]:
    """The first entry of every algorithm, then the others: who names three algorithms wants to see three, however few trials there are."""
    names = [card.name for card, _ in entries]
    return sorted(entries, key=lambda entry: names.index(entry[0].name) != entries.index(entry))


def _other_starts(cards: Sequence[AlgorithmCard], facts: TableFacts) -> list[tuple[AlgorithmCard, Hyperparameters]]:
    entries = []
    for card in cards:
        for place, hyperparameters in enumerate(starts_of(card, facts)):
            entries.append((place, cost_of(card, facts, hyperparameters), card, hyperparameters))
    entries.sort(key=lambda entry: (entry[0], entry[1], entry[2].name))
    return [(card, hyperparameters) for _, _, card, hyperparameters in entries]


def is_tuners_turn(rows: int, begun: int, elapsed: float, limit: float | None) -> bool:
    """Whether the next candidate after so many is the tuner's though the portfolio has more, so many seconds into a run of `limit`.

    Never where few `rows` judge: ensembles do without its candidates there.
    """
    return limit is not None and rows > LUCKY_ROWS and elapsed > PORTFOLIO_SHARE * limit and begun % 2 == 1 and tuner_available()


def proposal(
    params: RunParams,
    facts: TableFacts,
    plan: Sequence[Candidate],
    seen: Sequence[Trial],
    fits: Callable[[Candidate], bool] = _always,
    folds: int = 1,
) -> Candidate | None:
    """The tuner's candidate for place len(plan), from the trials in `seen`; None where the spaces are exhausted.

    `fits` says whether a candidate can be carried out in the time left; others are not proposed. `folds` is how often each one is fitted.
    """
    cards, metric = {card.name: card for card in competitors(params) if not too_large(card, facts)}, primary_metric(params)
    if not cards:
        return None
    names, taken = sorted(cards), {c.id for c in plan}
    fixed = ("recipe",) if params.featurization.mode == "off" else ()
    chance = chances(names, seen, metric, params.limits.max_minutes is not None)
    for attempt_number in range(TRIES):
        rng = np.random.default_rng(_seed(params.search.seed, len(plan), attempt_number))
        card = cards[str(rng.choice(names, p=chance))]
        known = best_first(seen, metric) if attempt_number < TRIES // 2 else []  # by chance, where all near the best is taken
        hyperparameters = suggest(rng, card, known, facts, metric, fixed)
        own = None if hyperparameters is None else on_a_part(params, card, hyperparameters, facts, folds)
        candidate = None if own is None else _candidate(params, len(plan), card, own, "tuner")
        if candidate is not None and candidate.id not in taken and fits(candidate):
            return candidate
        chance[names.index(card.name)] /= 2  # where one algorithm has nearly all chances, others still get theirs
        chance /= chance.sum()
    return None


def _seed(*parts: int) -> int:
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "little")


def trial_limit(params: RunParams) -> int | None:
    """Trials after the baseline: as the params say; 20 where they set neither max_trials nor max_minutes; None where only a clock rules."""
    limits = params.limits
    if limits.max_trials is None and limits.max_minutes is None:
        return 20
    return limits.max_trials


def _candidate(params: RunParams, index: int, card: AlgorithmCard, hyperparameters: dict[str, object], origin: str) -> Candidate:
    recipe = card.recipes[0]
    if params.featurization.mode == "off":
        recipe = next((name for name in ("plain", "imputed_plain") if name in card.recipes), recipe)
        hyperparameters = {name: value for name, value in hyperparameters.items() if name != "recipe"}
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
