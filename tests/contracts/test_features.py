"""Every featurizer and every recipe keeps the promises that the engine relies on."""

import pickle

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import FEATURIZERS, RECIPES, SCALERS, FeaturizerCard, RecipeCard, fit_encoder, get_recipe, recipe_learns_from, scaled

FRAME = pd.DataFrame(
    {
        "size": [1.0, np.nan, 3.0, np.inf, 5.0, 1e300] * 5,
        "paid": [1.0, 0.0, np.nan, 1.0, 0.0, 1.0] * 5,
        "colour": pd.Series(["red", "green", None, "red", "red", "blue"] * 5, dtype="str"),
        "since": pd.to_datetime(
            ["2024-02-29 06:30", None, "1969-12-31", "2024-01-01", "2030-05-05", "2024-01-02"] * 5, format="ISO8601"
        ).astype("datetime64[ns]"),
        "said": pd.Series(["all is well", "not so", None, "", "well well", "no"] * 5, dtype="str"),
    }
)
COLUMNS = (
    Column("size", "numeric", "float64"),
    Column("paid", "boolean", "bool"),
    Column("colour", "categorical", "str", ("red", "green", "blue")),
    Column("since", "datetime", "datetime64[ns]", ("ISO8601",)),
    Column("said", "text", "str"),
)
SCHEMA = Schema("classification", Target("y", "int64", (0, 1)), COLUMNS)
Y = np.tile([0, 1, 1], 10)
UNSEEN = FRAME.assign(colour=pd.Series(["purple", None] * 15, dtype="str"), said=pd.Series(["words never seen", None] * 15, dtype="str"))


ALL_RECIPES = [*RECIPES, *(get_recipe(scaled(recipe.name, scaler)) for recipe in RECIPES if recipe.imputed for scaler in SCALERS)]


@pytest.mark.parametrize("card", FEATURIZERS, ids=lambda card: card.name)
def test_a_featurizer_names_what_it_makes(card: FeaturizerCard) -> None:
    columns = tuple(c for c in COLUMNS if c.kind in card.kinds)
    featurizer = card.build(columns)
    training = featurizer.fit_transform(FRAME, Y, 0)
    names, sources = zip(*featurizer.features(), strict=True)
    assert training.dtype == np.float64
    assert training.shape == (len(FRAME), len(names))
    assert len(set(names)) == len(names)
    assert set(sources) == {c.name for c in columns}
    assert not np.isinf(training).any()
    for frame in (UNSEEN, FRAME[:1], FRAME[:0]):
        assert pickle.loads(pickle.dumps(featurizer)).transform(frame).shape == (len(frame), len(names))


@pytest.mark.parametrize("card", [c for c in FEATURIZERS if c.learns_from == "schema"], ids=lambda card: card.name)
def test_what_learns_from_the_schema_does_not_look_at_rows(card: FeaturizerCard) -> None:
    columns = tuple(c for c in COLUMNS if c.kind in card.kinds)
    one, other = card.build(columns), card.build(columns)
    one.fit_transform(FRAME, Y, 0)
    other.fit_transform(UNSEEN[:2], Y[:2], 1)
    np.testing.assert_array_equal(one.transform(FRAME), other.transform(FRAME))


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_an_encoder_lines_up(recipe: RecipeCard) -> None:
    encoder, training = fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)
    for matrix, frame in ((training, FRAME), (encoder.transform(UNSEEN), UNSEEN), (encoder.transform(FRAME[:0]), FRAME[:0])):
        assert matrix.shape == (len(frame), len(encoder.names))
        assert matrix.dtype == np.float64
        assert matrix.flags.c_contiguous
        assert not np.isinf(matrix).any()
        assert not (recipe.imputed and np.isnan(matrix).any())
    assert len(encoder.sources) == len(encoder.names) == len(set(encoder.names))
    assert set(encoder.sources) <= {c.name for c in COLUMNS}
    assert all(encoder.sources[code] == "colour" for code in encoder.codes)
    assert not (recipe.scaler and encoder.codes)
    if recipe_learns_from(recipe.name) != "target":
        np.testing.assert_array_equal(training, encoder.transform(FRAME))


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_an_encoder_pickles_small_and_transforms_row_by_row(recipe: RecipeCard) -> None:
    encoder, _ = fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)
    content = pickle.dumps(encoder)
    assert len(content) < (100_000 if recipe.scaler in {"quantile", "pca", "truncated_svd"} else 20_000)
    whole = encoder.transform(FRAME)
    again = np.concatenate([pickle.loads(content).transform(FRAME[i : i + 1]) for i in range(6)])
    np.testing.assert_allclose(again, whole[:6], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_the_frame_is_left_as_it_was(recipe: RecipeCard) -> None:
    before = FRAME.copy(deep=True)
    fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)[0].transform(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)
