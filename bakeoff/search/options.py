"""What the engine varies beside an algorithm's own hyperparameters; law: an option left at `none` is no part of a candidate.

| option           | where it is offered                                                     | where it is kept                     |
|------------------|-------------------------------------------------------------------------|--------------------------------------|
| recipe           | the algorithm's card names several that differ on such a table          | Candidate.recipe, before the +       |
| scaler           | the algorithm's card names scalers                                      | Candidate.recipe, after the +        |
| target_transform | the regression target is skewed, or never below 0 and the algorithm has | Candidate.hyperparameters            |
|                  | a log link, or the metric asks for medians (features/                   |                                      |
|                  | target_transforms.py)                                                   |                                      |
| rows             | all rows would take longer than a trial may, or are more than the       | Candidate.hyperparameters            |
|                  | algorithm takes, and its card says that it learns from a part           |                                      |
| class_weights    | the largest class has twice the rows of the smallest or more, and the   | Candidate.hyperparameters            |
|                  | algorithm looks at row weights                                          |                                      |
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Dimension, Hyperparameters, TableFacts, choice
from bakeoff.features import LOG_LINK, MEDIAN, scaled
from bakeoff.search.weighting import CLASS_WEIGHTS

__all__ = [
    "QUICK",
    "is_imbalanced",
    "part_asked",
    "place_in_space",
    "recipe_and_settings",
    "recipes_of",
    "separated",
    "space_of",
    "starts_of",
    "transforms_of",
    "with_such_scaler",
]

NONE = {"target_transform": "none", "class_weights": "none"}
PART = "rows"
"""The option that names the rows a candidate learns from: a part of the table's (sampling.py)."""
IMBALANCED = 2
QUICK = "quick"
"""The recipe of the first candidate where others would take long to encode; never tuned."""
QUICK_CELLS, QUICK_ROWS = 1_000_000, 30_000
"""Cells from which on every fold's own means and medians take long, of so many rows at most: of more the first candidate learns from a
part (benchmarks/RESULTS.md, "Twenty further ones")."""
WIDE = 60
"""Columns from which on features are worth screening."""


def _has_many_cells(facts: TableFacts) -> bool:
    return min(facts.rows, QUICK_ROWS) * facts.columns >= QUICK_CELLS


WORTH: Mapping[str, Callable[[TableFacts], bool]] = {
    "codes": lambda facts: facts.categorical > 0,
    "mixed": lambda facts: facts.categorical > 0,
    "target_encoded": lambda facts: facts.categorical > 0,
    "imputed_target_encoded": lambda facts: facts.categorical > 0,
    "crossed": lambda facts: facts.categorical > 0 and facts.columns > 1,
    "arithmetic": lambda facts: facts.numeric > 1,
    QUICK: lambda facts: (facts.wordy > 0 or _has_many_cells(facts)) and facts.columns > facts.lists,
    "screened": lambda facts: facts.columns >= WIDE,
    "screened_one_hot": lambda facts: facts.columns >= WIDE,
    "terms": lambda facts: facts.wordy > 0,
}
"""Where a recipe that is not a card's first makes other features than that; never, where it is not named."""


def _never(_facts: TableFacts) -> bool:
    return False


def is_imbalanced(codes: np.ndarray) -> bool:
    """Whether the largest class has at least twice the rows of the smallest that occurs."""
    rows = np.bincount(codes)
    return bool(rows.max() >= IMBALANCED * rows[rows > 0].min())


def recipes_of(card: AlgorithmCard, facts: TableFacts) -> tuple[str, ...]:
    """The card's recipes that differ on such a table, the preferred first."""
    return card.recipes[:1] + tuple(name for name in card.recipes[1:] if WORTH.get(name, _never)(facts))


def scalers_of(card: AlgorithmCard, facts: TableFacts, recipe: str | None = None) -> tuple[str, ...]:
    """The card's scalers that differ on such a table, with this recipe, the preferred first.

    Zeros and ones have no ranges to be cut into, and terms are not scaled.
    """
    if recipe == "terms" and not facts.columns - facts.categorical - facts.text - facts.lists:
        return card.scalers[:1]
    return tuple(name for name in card.scalers if name != "piecewise" or facts.flags < facts.columns)


def with_such_scaler(card: AlgorithmCard, settings: Hyperparameters, facts: TableFacts) -> dict[str, Any]:
    """The settings, scaled by `standard` where their own scaler would make the same of such a table."""
    scaler = settings.get("scaler", card.scalers[0] if card.scalers else "none")
    differ = scalers_of(card, facts, settings.get("recipe"))
    return {**settings, "scaler": "standard"} if scaler in set(card.scalers) - set(differ) else dict(settings)


def transforms_of(card: AlgorithmCard, facts: TableFacts) -> tuple[str, ...]:
    """What the algorithm may learn instead of the target as it is, the most promising first."""
    losses = [name for name, asked in ((LOG_LINK, facts.log_link), (MEDIAN, facts.median)) if asked and card.facts.get(name)]
    return (*losses, *facts.target_transforms)


def space_of(card: AlgorithmCard, facts: TableFacts) -> Mapping[str, Dimension]:
    """The algorithm's space with the options it is offered; empty where it has nothing to vary, and no scaler either."""
    space = dict(card.space(facts))
    if not space and not card.scalers:
        return {}
    recipes = [name for name in recipes_of(card, facts) if name != QUICK]
    if len(recipes) > 1:
        space["recipe"] = choice(*recipes)
    if len(scalers_of(card, facts)) > 1:
        space["scaler"] = choice(*scalers_of(card, facts))
    if transforms := transforms_of(card, facts):
        space["target_transform"] = choice("none", *transforms)
    if facts.imbalanced and card.facts.get("weights") is not False:
        space["class_weights"] = choice(*CLASS_WEIGHTS)
    return space


def starts_of(card: AlgorithmCard, facts: TableFacts) -> tuple[Hyperparameters, ...]:
    """The algorithm's starts; where the target may be transformed, the best one has a twin with the most promising transform.

    The twin stands second among the starts of what stops early (boosters and networks), which have most to gain, and last elsewhere.
    Where logarithms are judged all starts learn these.
    """
    starts = tuple(with_such_scaler(card, one, facts) for one in card.start(facts))
    transforms = transforms_of(card, facts)
    if not transforms or not starts or not space_of(card, facts):
        return starts
    if facts.logarithmic:
        return tuple({**one, "target_transform": transforms[0]} for one in starts)
    place = 1 if card.early_stopping else len(starts)
    return (*starts[:place], {**starts[0], "target_transform": transforms[0]}, *starts[place:])


def recipe_and_settings(card: AlgorithmCard, recipe: str, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A candidate's recipe and hyperparameters: `recipe` where settings name no other, joined by the scaler, or the preferred one."""
    kept = {name: value for name, value in settings.items() if name not in ("recipe", "scaler") and NONE.get(name, ()) != value}
    return scaled(str(settings.get("recipe", recipe)), settings.get("scaler", card.scalers[0] if card.scalers else "none")), kept


def place_in_space(recipe: str, hyperparameters: Hyperparameters) -> dict[str, Any]:
    """A candidate's values of all dimensions that `space_of` may have."""
    name, _, scaler = recipe.partition("+")
    return {**NONE, "recipe": name, "scaler": scaler or "none", **hyperparameters}


def part_asked(hyperparameters: Hyperparameters) -> int | None:
    """The rows of each fold that a candidate learns from; None where it does from all."""
    asked = hyperparameters.get(PART)
    return None if asked is None else int(asked)


def judged_out_of_bag(recipe: str, facts: TableFacts) -> bool:
    """Whether a forest of this recipe is judged by rows out of bag, if it is fitted on all rows without class weights."""
    return facts.out_of_bag is None or recipe.partition("+")[0] in facts.out_of_bag


def separated(hyperparameters: Hyperparameters) -> tuple[dict[str, Any], dict[str, str]]:
    """The algorithm's own hyperparameters, and the engine's options."""
    own = {name: value for name, value in hyperparameters.items() if name not in {*NONE, PART}}
    return own, {name: str(hyperparameters.get(name, none)) for name, none in NONE.items()}
