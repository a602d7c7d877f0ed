"""RECIPES and FEATURIZERS: what can be made of columns; law: an explicit tuple of cards, key = file name = YAML value.

A recipe whose missing values are filled can be scaled: `one_hot+robust` is the recipe one_hot with the scaler robust.
"""

import json
from dataclasses import replace

from bakeoff.data.schema import Column, Schema
from bakeoff.errors import ParamsError, nearest
from bakeoff.features import (
    arithmetic,
    category_codes,
    category_order,
    category_ranks,
    cluster_distance,
    crossed_encoding,
    date_cycles,
    date_differences,
    date_parts,
    frequency_encoding,
    hashed_one_hot,
    hashed_words,
    linear_scores,
    numbers,
    one_hot,
    spelling_components,
    spelling_order,
    target_encoding,
    terms,
    text_components,
    timestamps,
    token_indicators,
    weight_of_evidence,
)
from bakeoff.features._words import has_many_spellings
from bakeoff.features.card import FeaturizerCard, LearnsFrom, RecipeCard
from bakeoff.features.scaling import SCALERS

__all__ = ["FEATURIZERS", "RECIPES", "few", "few_of_no_order", "get_featurizer", "get_recipe", "made_of", "recipe_learns_from", "scaled"]

FEATURIZERS: tuple[FeaturizerCard, ...] = (
    numbers.CARD,
    category_codes.CARD,
    one_hot.CARD,
    hashed_one_hot.CARD,
    target_encoding.CARD,
    weight_of_evidence.CARD,
    category_ranks.CARD,
    frequency_encoding.CARD,
    category_order.CARD,
    spelling_order.CARD,
    spelling_components.CARD,
    date_parts.CARD,
    timestamps.CARD,
    date_cycles.CARD,
    date_differences.CARD,
    text_components.CARD,
    hashed_words.CARD,
    token_indicators.CARD,
    linear_scores.CARD,
    crossed_encoding.CARD,
    arithmetic.CARD,
    cluster_distance.CARD,
    terms.CARD,
)


def few(column: Column) -> bool:
    """Whether each category is learned by itself."""
    return not has_many_spellings(column)


def few_of_no_order(column: Column) -> bool:
    """The same where their order does not say all: forests find splits of codes by chance, and more of them in one feature than in two."""
    return few(column) and not category_order.is_all_in_order(column)


_BESIDE = (
    "category_order",
    "spelling_order",
    "spelling_components",
    "linear_scores",
    "date_parts",
    "date_differences",
    "text_components",
    "token_indicators",
)
_MIXED = ("numbers", "category_codes", "category_ranks", "target_encoding", *_BESIDE)
_BY_SIZE = {"category_codes": few, "category_ranks": has_many_spellings, "target_encoding": has_many_spellings}
_ONE_HOT = (
    "category_order",
    "spelling_components",
    "linear_scores",
    "date_parts",
    "date_cycles",
    "date_differences",
    "text_components",
    "token_indicators",
)

RECIPES: tuple[RecipeCard, ...] = (
    RecipeCard("codes", ("numbers", "category_codes", *_BESIDE)),
    RecipeCard("mixed", _MIXED, only=_BY_SIZE),
    RecipeCard("imputed_mixed", _MIXED, imputed=True, only={**_BY_SIZE, "category_codes": few_of_no_order}),
    RecipeCard("target_encoded", ("numbers", "category_ranks", "target_encoding", *_BESIDE)),
    RecipeCard("imputed_target_encoded", ("numbers", "category_ranks", "target_encoding", *_BESIDE), imputed=True),
    RecipeCard("arithmetic", (*_MIXED, "arithmetic"), only=_BY_SIZE),
    RecipeCard("crossed", ("numbers", "category_ranks", "target_encoding", "crossed_encoding", *_BESIDE)),
    RecipeCard("one_hot", ("numbers", "one_hot", "target_encoding", *_ONE_HOT), imputed=True, only={"target_encoding": has_many_spellings}),
    RecipeCard("screened", _MIXED, only=_BY_SIZE, screened=True),
    RecipeCard(
        "screened_one_hot",
        ("numbers", "one_hot", "target_encoding", *_ONE_HOT),
        imputed=True,
        only={"target_encoding": has_many_spellings},
        screened=True,
    ),
    RecipeCard("terms", ("numbers", "date_parts", "date_cycles", "terms"), imputed=True),
    RecipeCard("quick", ("numbers", "category_codes", "timestamps", "hashed_words")),
    RecipeCard("nothing", ()),
    RecipeCard("plain", ("numbers", "category_codes", "timestamps")),
    RecipeCard("imputed_plain", ("numbers", "category_codes", "timestamps"), imputed=True),
)
"""`quick` is encoded at once, and learns nothing from words; `nothing` is for what looks at the target alone; `plain` is featurization
off, `imputed_plain` the same for what takes no NaN.

Both leave text and lists out, `quick` lists.
"""


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


def made_of(card: RecipeCard, schema: Schema) -> str:
    """What a recipe makes of such a table, in a word that is the same for recipes that make the same."""
    takes = [(name, [c.name for c in card.columns_for(get_featurizer(name), schema)]) for name in card.featurizers]
    return json.dumps([[name, columns] for name, columns in takes if columns] + [card.imputed, card.screened])


def recipe_learns_from(recipe: str | RecipeCard, schema: Schema) -> LearnsFrom:
    """What fitting an encoder of this recipe to such a table looks at; "schema": the same encoder comes out of any rows."""
    recipe = get_recipe(recipe) if isinstance(recipe, str) else recipe
    used = {featurizer.learns_from for featurizer in map(get_featurizer, recipe.featurizers) if recipe.columns_for(featurizer, schema)}
    if "target" in used or recipe.screened:
        return "target"
    return "rows" if "rows" in used or recipe.imputed or recipe.scaler or recipe.imputation else "schema"
