"""RECIPES and FEATURIZERS: what can be made of columns; law: an explicit tuple of cards, key = file name = YAML value."""

from bakeoff.errors import ParamsError, nearest
from bakeoff.features import category_codes, date_parts, hashed_words, numbers, one_hot, timestamps
from bakeoff.features.card import FeaturizerCard, LearnsFrom, RecipeCard

__all__ = ["FEATURIZERS", "RECIPES", "get_featurizer", "get_recipe", "recipe_learns_from"]

FEATURIZERS: tuple[FeaturizerCard, ...] = (
    numbers.CARD,
    category_codes.CARD,
    one_hot.CARD,
    date_parts.CARD,
    timestamps.CARD,
    hashed_words.CARD,
)

RECIPES: tuple[RecipeCard, ...] = (
    RecipeCard("codes", ("numbers", "category_codes", "date_parts", "hashed_words")),
    RecipeCard("imputed_codes", ("numbers", "category_codes", "date_parts", "hashed_words"), imputed=True),
    RecipeCard("one_hot_standard", ("numbers", "one_hot", "date_parts", "hashed_words"), imputed=True, scaler="standard"),
    RecipeCard("plain", ("numbers", "category_codes", "timestamps")),
    RecipeCard("imputed_plain", ("numbers", "category_codes", "timestamps"), imputed=True, scaler="standard"),
)
"""`plain` is featurization off, `imputed_plain` the same for what takes neither NaN nor scales; both leave text columns out."""


def get_featurizer(name: str) -> FeaturizerCard:
    """The featurizer of this name; ParamsError with the nearest names."""
    found = {card.name: card for card in FEATURIZERS}
    if name not in found:
        raise ParamsError("there is no such featurizer", where="featurizer", given=name, remedy=nearest(name, found))
    return found[name]


def get_recipe(name: str) -> RecipeCard:
    """The recipe of this name; ParamsError with the nearest names."""
    found = {card.name: card for card in RECIPES}
    if name not in found:
        raise ParamsError("there is no such recipe", where="recipe", given=name, remedy=nearest(name, found))
    return found[name]


def recipe_learns_from(name: str) -> LearnsFrom:
    """What fitting an encoder of this recipe looks at; "schema": the same encoder comes out of any rows."""
    recipe = get_recipe(name)
    looked_at = {get_featurizer(featurizer).learns_from for featurizer in recipe.featurizers}
    if "target" in looked_at:
        return "target"
    return "rows" if "rows" in looked_at or recipe.imputed or recipe.scaler else "schema"
