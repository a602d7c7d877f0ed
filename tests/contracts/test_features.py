"""Every featurizer and every recipe keeps the promises that the engine relies on."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import (
    FEATURIZERS,
    RECIPES,
    SCALERS,
    FeaturizerCard,
    RecipeCard,
    fit_encoder,
    get_featurizer,
    get_recipe,
    recipe_learns_from,
    scaled,
)

TIMES = 12
ROWS = 6 * TIMES
TITLES = tuple(f"{rank} {what}" for what in ("nurse", "driver", "teacher", "clerk", "cook") for rank in (*"123456", "senior", "deputy"))


def dates(*values: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime([*values] * TIMES, format="ISO8601")).astype("datetime64[ns]")


FRAME = pd.DataFrame(
    {
        "size": [1.0, np.nan, 3.0, np.inf, 5.0, 1e300] * TIMES,
        "length": np.arange(ROWS) * 37 % 71 / 7,
        "depth": np.arange(ROWS) * 53 % 67 / 5,
        "paid": [1.0, 0.0, np.nan, 1.0, 0.0, 1.0] * TIMES,
        "sunny": np.repeat([0.0, 1.0], ROWS // 2),
        "colour": pd.Series(["red", "green", None, "red", "red", "blue"] * TIMES, dtype="str"),
        "job": pd.Series(([None, *TITLES] * 3)[:ROWS], dtype="str"),
        "since": dates("2024-02-29 06:30", None, "1969-12-31", "2024-01-01", "2030-05-05", "2024-01-02"),
        "until": dates("2024-03-01", None, None, "1700-01-01", "2261-01-01", "2024-01-02 18:00"),
        "said": pd.Series(["all is well", "not so", None, "", "well well", "no"] * TIMES, dtype="str"),
        "tags": pd.Series(["sea\nsun", "sun", None, "sea\nsand\nsun", "sand", "sea\nsea"] * TIMES, dtype="str"),
    }
)
COLUMNS = (
    Column("size", "numeric", "float64"),
    Column("length", "numeric", "float64"),
    Column("depth", "numeric", "float64"),
    Column("paid", "boolean", "bool"),
    Column("sunny", "boolean", "bool"),
    Column("colour", "categorical", "str", ("red", "green", "blue")),
    Column("job", "categorical", "str", TITLES),
    Column("since", "datetime", "datetime64[ns]", ("ISO8601",)),
    Column("until", "datetime", "datetime64[ns]", ("ISO8601",)),
    Column("said", "text", "str"),
    Column("tags", "list", "str", (), ","),
)
SCHEMA = Schema("classification", Target("y", "int64", (0, 1)), COLUMNS)
Y = ((FRAME["paid"] == 1) ^ (FRAME["sunny"] == 1)).to_numpy(np.int64)
UNSEEN = FRAME.assign(
    colour=pd.Series(["purple", None] * (ROWS // 2), dtype="str"),
    job=pd.Series(["senior pilot", None] * (ROWS // 2), dtype="str"),
    said=pd.Series(["words never seen", None] * (ROWS // 2), dtype="str"),
    tags=pd.Series(["snow\nsea", None] * (ROWS // 2), dtype="str"),
)
LEFT_OUT = {"quick": {"tags"}, "plain": {"said", "tags"}, "imputed_plain": {"said", "tags"}, "nothing": {column.name for column in COLUMNS}}
"""Columns that a recipe has no features for."""
CHOOSY = ("crossed_encoding", "arithmetic")
"""Featurizers that make features of some of the columns they take, maybe of none."""
CHOOSES_ALONE = ("arithmetic",)
"""What looks at the target to choose features, whose values then owe nothing to it."""
LEARNS_MUCH = ("quantile", "pca", "piecewise", "truncated_svd")
ALL_RECIPES = [*RECIPES, *(get_recipe(scaled(recipe.name, scaler)) for recipe in RECIPES if recipe.imputed for scaler in SCALERS)]


def taken_by(card: FeaturizerCard) -> tuple[Column, ...]:
    return tuple(c for c in COLUMNS if c.kind in card.kinds and card.takes(c))


def stored(matrix: Any) -> np.ndarray:
    """What a matrix holds: all of an array, of a CSR array all but zeros."""
    return np.asarray(matrix.data if sparse.issparse(matrix) else matrix)


def dense(matrix: Any) -> np.ndarray:
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix)


def by_name(card: FeaturizerCard, frame: pd.DataFrame, y: np.ndarray) -> dict[str, np.ndarray]:
    featurizer = card.build(taken_by(card))
    matrix = featurizer.fit_transform(frame, y, 0)
    return {name: column for (name, *_), column in zip(featurizer.features(), matrix.T, strict=True)}


def check_form(matrix: Any, shape: tuple[int, int], is_sparse: bool) -> None:
    assert matrix.shape == shape
    assert matrix.dtype == np.float64
    assert not np.isinf(stored(matrix)).any()
    assert sparse.issparse(matrix) == is_sparse
    if is_sparse:
        assert matrix.format == "csr"
        assert stored(matrix).all()


@pytest.mark.parametrize("card", FEATURIZERS, ids=lambda card: card.name)
def test_a_featurizer_names_what_it_makes(card: FeaturizerCard) -> None:
    columns = taken_by(card)
    featurizer = card.build(columns)
    training = featurizer.fit_transform(FRAME, Y, 0)
    names = [name for name, *_ in featurizer.features()]
    sources = {source for _, *several in featurizer.features() for source in several}
    check_form(training, (ROWS, len(names)), card.sparse)
    assert len(set(names)) == len(names)
    taken = {c.name for c in columns}
    assert sources < taken if card.name in CHOOSY else sources == taken
    for frame in (UNSEEN, FRAME[:1], FRAME[:0]):
        check_form(pickle.loads(pickle.dumps(featurizer)).transform(frame), (len(frame), len(names)), card.sparse)


@pytest.mark.parametrize("card", FEATURIZERS, ids=lambda card: card.name)
def test_a_featurizer_learns_anew_from_other_rows(card: FeaturizerCard) -> None:
    """Fitted twice it is as if fitted once, and a fit on few rows is one too."""
    used, fresh = card.build(taken_by(card)), card.build(taken_by(card))
    used.fit_transform(FRAME, Y, 0)
    rows = slice(7, 17)
    np.testing.assert_array_equal(dense(used.fit_transform(FRAME[rows], Y[rows], 3)), dense(fresh.fit_transform(FRAME[rows], Y[rows], 3)))
    assert used.features() == fresh.features()
    np.testing.assert_array_equal(dense(used.transform(UNSEEN)), dense(fresh.transform(UNSEEN)))


@pytest.mark.parametrize("card", [c for c in FEATURIZERS if c.learns_from == "schema"], ids=lambda card: card.name)
def test_what_learns_from_the_schema_does_not_look_at_rows(card: FeaturizerCard) -> None:
    one, other = card.build(taken_by(card)), card.build(taken_by(card))
    one.fit_transform(FRAME, Y, 0)
    other.fit_transform(UNSEEN[:2], Y[:2], 1)
    np.testing.assert_array_equal(one.transform(FRAME), other.transform(FRAME))


@pytest.mark.parametrize("card", [c for c in FEATURIZERS if c.learns_from == "target"], ids=lambda card: card.name)
def test_a_row_s_own_target_changes_its_own_features_in_nothing(card: FeaturizerCard) -> None:
    """Feature by feature: which are worth having may be decided by all targets."""
    frame, y = pd.concat([FRAME] * 3, ignore_index=True), np.tile(Y, 3)
    before, after = (by_name(card, frame, target) for target in (y, np.where(np.arange(len(y)) == 10, 1 - y, y)))
    both = set(before) & set(after)
    assert both
    assert all(before[name][10] == after[name][10] for name in both)
    changed = [name for name in both if not np.array_equal(before[name], after[name], equal_nan=True)]
    assert bool(changed) != (card.name in CHOOSES_ALONE)


@pytest.mark.parametrize("card", FEATURIZERS, ids=lambda card: card.name)
def test_what_adds_or_is_sparse_is_never_the_only_one_for_a_kind(card: FeaturizerCard) -> None:
    """So what stands in for a featurizer can be chosen among those that do neither."""
    alone = [other for other in FEATURIZERS if not other.adds and not other.sparse and set(other.kinds) & set(card.kinds)]
    assert {kind for other in alone for kind in other.kinds} >= set(card.kinds)
    assert not (card.gives_codes and (card.adds or card.sparse))


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_an_encoder_lines_up(recipe: RecipeCard) -> None:
    encoder, training = fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)
    is_sparse = any(get_featurizer(name).sparse for name in recipe.featurizers)
    for matrix, frame in ((training, FRAME), (encoder.transform(UNSEEN), UNSEEN), (encoder.transform(FRAME[:0]), FRAME[:0])):
        check_form(matrix, (len(frame), len(encoder.names)), is_sparse)
        assert is_sparse or matrix.flags.c_contiguous
        assert not (recipe.imputed and np.isnan(stored(matrix)).any())
    assert len(encoder.sources) == len(encoder.names) == len(set(encoder.names))
    sources = {source for several in encoder.sources for source in several}
    assert sources <= {c.name for c in COLUMNS}
    assert recipe.scaler or recipe.screened or sources == {c.name for c in COLUMNS} - LEFT_OUT.get(recipe.name, set())
    assert all(encoder.sources[code] in (("colour",), ("job",)) for code in encoder.codes)
    assert not (recipe.scaler and encoder.codes)


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_training_rows_are_encoded_like_any_other_where_no_target_is_looked_at(recipe: RecipeCard) -> None:
    looking = [card for card in map(get_featurizer, recipe.featurizers) if card.learns_from == "target"]
    looked_at = {column.name for card in looking for column in recipe.columns_for(card, SCHEMA)}
    rest = replace(SCHEMA, columns=tuple(c for c in COLUMNS if c.name not in looked_at))
    assert (recipe_learns_from(recipe.name, SCHEMA) == "target") == (bool(looked_at) or recipe.screened)
    assert recipe_learns_from(recipe.name, rest) == recipe_learns_from(recipe, rest)
    assert (recipe_learns_from(recipe, rest) == "target") == recipe.screened
    encoder, training = fit_encoder(recipe.name, FRAME, Y, rest, seed=0)
    # a row's terms are summed up in another order where the vocabulary is being learned: the last bit may differ
    rounding = 1e-14 if sparse.issparse(training) else 0.0
    np.testing.assert_allclose(dense(training), dense(encoder.transform(FRAME)), rtol=rounding, atol=0)
    if recipe_learns_from(recipe, rest) == "schema":
        other, _ = fit_encoder(recipe.name, FRAME[:5], Y[:5], rest, seed=1)
        np.testing.assert_array_equal(dense(training), dense(other.transform(FRAME)))


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_an_encoder_pickles_small_and_transforms_row_by_row(recipe: RecipeCard) -> None:
    encoder, _ = fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)
    content = pickle.dumps(encoder)
    assert len(content) < 20_000 * (1 + ("spelling_components" in recipe.featurizers) + 5 * (recipe.scaler in LEARNS_MUCH))
    whole = dense(encoder.transform(FRAME))
    again = np.concatenate([dense(pickle.loads(content).transform(FRAME[i : i + 1])) for i in range(6)])
    np.testing.assert_allclose(again, whole[:6], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("recipe", ALL_RECIPES, ids=lambda recipe: recipe.name)
def test_the_frame_is_left_as_it_was(recipe: RecipeCard) -> None:
    before = FRAME.copy(deep=True)
    fit_encoder(recipe.name, FRAME, Y, SCHEMA, seed=0)[0].transform(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)
