"""What is made of columns; law: one file per featurizer, recipes compose them, what learns from rows is fitted inside the fold."""

from bakeoff.features._reading import Readings, remembering
from bakeoff.features._words import is_wordy
from bakeoff.features._work import Work, rows_at_once
from bakeoff.features.card import Featurizer, FeaturizerCard, LearnsFrom, RecipeCard
from bakeoff.features.customizing import check_featurizers, custom_schema, customized
from bakeoff.features.encoding import Block, Encoder, Rows, encode, fit_encoder
from bakeoff.features.recipes import FEATURIZERS, RECIPES, get_featurizer, get_recipe, made_of, recipe_learns_from, scaled
from bakeoff.features.scaling import SCALERS, Scaling, fit_scaler
from bakeoff.features.target_transforms import (
    LOG_LINK,
    MEDIAN,
    TARGET_TRANSFORMS,
    Scale,
    Shift,
    TargetTransform,
    fit_target_transform,
    offered_transforms,
    takes_log_link,
)

__all__ = [
    "FEATURIZERS",
    "LOG_LINK",
    "MEDIAN",
    "RECIPES",
    "SCALERS",
    "TARGET_TRANSFORMS",
    "Block",
    "Encoder",
    "Featurizer",
    "FeaturizerCard",
    "LearnsFrom",
    "Readings",
    "RecipeCard",
    "Rows",
    "Scale",
    "Scaling",
    "Shift",
    "TargetTransform",
    "Work",
    "check_featurizers",
    "custom_schema",
    "customized",
    "encode",
    "fit_encoder",
    "fit_scaler",
    "fit_target_transform",
    "get_featurizer",
    "get_recipe",
    "is_wordy",
    "made_of",
    "offered_transforms",
    "recipe_learns_from",
    "remembering",
    "rows_at_once",
    "scaled",
    "takes_log_link",
]
