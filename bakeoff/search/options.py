"""What the engine varies beside an algorithm's own hyperparameters; law: an option left at `none` is no part of a candidate.

| option           | where it is offered                                                     | where it is kept                     |
|------------------|-------------------------------------------------------------------------|--------------------------------------|
| scaler           | the algorithm's card names scalers                                      | Candidate.recipe, after the +        |
| target_transform | the regression target is skewed (features/target_transforms.py)         | Candidate.hyperparameters            |
| class_weights    | the largest class has twice the rows of the smallest or more, and the   | Candidate.hyperparameters            |
|                  | algorithm looks at row weights                                          |                                      |
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Dimension, Hyperparameters, TableFacts, choice
from bakeoff.features import scaled
from bakeoff.search.weighting import CLASS_WEIGHTS

__all__ = ["is_imbalanced", "place_in_space", "recipe_and_settings", "separated", "space_of", "starts_of"]

NONE = {"target_transform": "none", "class_weights": "none"}
IMBALANCED = 2


def is_imbalanced(codes: np.ndarray) -> bool:
    """Whether the largest class has at least twice the rows of the smallest that occurs."""
    rows = np.bincount(codes)
    return bool(rows.max() >= IMBALANCED * rows[rows > 0].min())


def space_of(card: AlgorithmCard, facts: TableFacts) -> Mapping[str, Dimension]:
    """The algorithm's space with the options it is offered; empty where the algorithm has nothing to vary."""
    space = dict(card.space(facts))
    if not space:
        return {}
    if len(card.scalers) > 1:
        space["scaler"] = choice(*card.scalers)
    if facts.target_transforms:
        space["target_transform"] = choice("none", *facts.target_transforms)
    if facts.imbalanced and card.facts.get("weights") is not False:
        space["class_weights"] = choice(*CLASS_WEIGHTS)
    return space


def starts_of(card: AlgorithmCard, facts: TableFacts) -> tuple[Hyperparameters, ...]:
    """The algorithm's starts; where the target is skewed, the best one has a twin with the most promising transform.

    The twin stands second among the starts of what stops early (boosters and networks), which have most to gain, and last elsewhere.
    """
    starts = card.start(facts)
    if not facts.target_transforms or not starts or not card.space(facts):
        return starts
    place = 1 if card.early_stopping else len(starts)
    return (*starts[:place], {**starts[0], "target_transform": facts.target_transforms[0]}, *starts[place:])


def recipe_and_settings(card: AlgorithmCard, recipe: str, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A candidate's recipe and hyperparameters: the scaler (the card's preferred one where none is chosen) joins the recipe's name."""
    kept = {name: value for name, value in settings.items() if name != "scaler" and NONE.get(name, ()) != value}
    return scaled(recipe, settings.get("scaler", card.scalers[0] if card.scalers else "none")), kept


def place_in_space(recipe: str, hyperparameters: Hyperparameters) -> dict[str, Any]:
    """A candidate's values of all dimensions that `space_of` may have."""
    return {**NONE, "scaler": recipe.partition("+")[2] or "none", **hyperparameters}


def separated(hyperparameters: Hyperparameters) -> tuple[dict[str, Any], dict[str, str]]:
    """The algorithm's own hyperparameters, and the engine's options."""
    own = {name: value for name, value in hyperparameters.items() if name not in NONE}
    return own, {name: str(hyperparameters.get(name, none)) for name, none in NONE.items()}
