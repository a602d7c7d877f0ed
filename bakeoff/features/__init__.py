"""What is made of columns; law: one file per featurizer, recipes compose them, what learns from rows is fitted inside the fold."""

from bakeoff.features.card import Featurizer, FeaturizerCard, RecipeCard
from bakeoff.features.encoding import Encoder, fit_encoder
from bakeoff.features.recipes import FEATURIZERS, RECIPES, get_featurizer, get_recipe, recipe_learns_from

__all__ = [
    "FEATURIZERS",
    "RECIPES",
    "Encoder",
    "Featurizer",
    "FeaturizerCard",
    "RecipeCard",
    "fit_encoder",
    "get_featurizer",
    "get_recipe",
    "recipe_learns_from",
]
