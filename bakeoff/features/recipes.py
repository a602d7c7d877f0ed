"""RECIPES and FEATURIZERS: what can be made of columns; law: an explicit tuple of cards, key = file name = YAML value.

A recipe whose missing values are filled can be scaled: `one_hot+robust` is the recipe one_hot with the scaler robust.
"""

from dataclasses import replace

from bakeoff.errors import ParamsError, nearest
from bakeoff.features import (
    category_codes,
    date_parts,
    hashed_one_hot,
    hashed_words,
    numbers,
    one_hot,
    target_encoding,
    text_components,
    timestamps,
)
from bakeoff.features.card import FeaturizerCard, LearnsFrom, RecipeCard
from bakeoff.features.scaling import SCALERS

__all__ = ["FEATURIZERS", "RECIPES", "get_featurizer", "get_recipe", "recipe_learns_from", "scaled"]

FEATURIZERS: tuple[FeaturizerCard, ...] = (
    numbers.CARD,
    category_codes.CARD,
    one_hot.CARD,
    hashed_one_hot.CARD,
    target_encoding.CARD,
    date_parts.CARD,
    timestamps.CARD,
    hashed_words.CARD,
    text_components.CARD,
)

RECIPES: tuple[RecipeCard, ...] = (
    RecipeCard("codes", ("numbers", "category_codes", "date_parts", "hashed_words")),
    RecipeCard("imputed_codes", ("numbers", "category_codes", "date_parts", "hashed_words"), imputed=True),
    RecipeCard("one_hot", ("numbers", "one_hot", "date_parts", "hashed_words"), imputed=True),
    RecipeCard("hashed_one_hot", ("numbers", "hashed_one_hot", "date_parts", "hashed_words"), imputed=True),
    RecipeCard("target_encoded", ("numbers", "target_encoding", "date_parts", "hashed_words")),
    RecipeCard("imputed_target_encoded", ("numbers", "target_encoding", "date_parts", "hashed_words"), imputed=True),
    RecipeCard("text_components", ("numbers", "one_hot", "date_parts", "text_components"), imputed=True),
    RecipeCard("plain", ("numbers", "category_codes", "timestamps")),
    RecipeCard("imputed_plain", ("numbers", "category_codes", "timestamps"), imputed=True),
)
"""`plain` is featurization off, `imputed_plain` the same for what takes no NaN; both leave text columns out."""


def get_featurizer(name: str) -> FeaturizerCard:
    """The featurizer of this name; ParamsError with the nearest names."""
    found = {card.name: card for card in FEATURIZERS}
    if name not in found:
        raise ParamsError("there is no such featurizer", where="featurizer", given=name, remedy=nearest(name, found))
    return found[name]


def get_recipe(name: str) -> RecipeCard:
    """The recipe of this name, `recipe` or `recipe+scaler`; ParamsError with the nearest names."""
    base, _, scaler = name.partition("+")
    found = {card.name: card for card in RECIPES}
    if base not in found:
        raise ParamsError("there is no such recipe", where="recipe", given=name, remedy=nearest(base, found))
    recipe = found[base]
    if name == base:
        return recipe
    if scaler not in SCALERS:
        raise ParamsError("there is no such scaler", where="recipe", given=name, remedy=nearest(scaler, SCALERS))
    if not recipe.imputed:
        allowed = ", ".join(card.name for card in RECIPES if card.imputed)
        raise ParamsError("a recipe that keeps missing values is not scaled", where="recipe", given=name, allowed=allowed)
    return replace(recipe, name=name, scaler=scaler)


def scaled(recipe: str, scaler: str) -> str:
    """The name of a recipe with a scaler; the recipe itself where it keeps missing values, or the scaler is none.

    >>> scaled("one_hot", "robust"), scaled("one_hot", "none"), scaled("codes", "robust")
    ('one_hot+robust', 'one_hot', 'codes')
    """
    return f"{recipe}+{scaler}" if scaler != "none" and get_recipe(recipe).imputed else recipe


def recipe_learns_from(recipe: str | RecipeCard) -> LearnsFrom:
    """What fitting an encoder of this recipe looks at; "schema": the same encoder comes out of any rows."""
    recipe = get_recipe(recipe) if isinstance(recipe, str) else recipe
    looked_at = {get_featurizer(featurizer).learns_from for featurizer in recipe.featurizers}
    if "target" in looked_at:
        return "target"
    return "rows" if "rows" in looked_at or recipe.imputed or recipe.scaler or recipe.imputation else "schema"
