"""featurization: custom: what is asked is done, what cannot be done is refused with its YAML path."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import make_schema
from bakeoff.data.schema import Column, Schema, Target
from bakeoff.errors import DataError, ParamsError
from bakeoff.features import (
    FEATURIZERS,
    RECIPES,
    Encoder,
    check_featurizers,
    custom_schema,
    customized,
    fit_encoder,
    get_featurizer,
    get_recipe,
    recipe_learns_from,
)
from bakeoff.params import validate
from bakeoff.params.featurization import FeaturizationParams

ROWS = 200
RNG = np.random.default_rng(0)
CODES = get_recipe("codes").featurizers
FEW = Column("few", "categorical", "str", ("a", "b"))
MANY = Column("many", "categorical", "str", tuple(f"town {number}" for number in range(40)))
FRAME = pd.DataFrame(
    {
        "size": np.where(np.arange(ROWS) % 4 == 0, np.nan, np.arange(ROWS) % 7),
        "town": pd.Series(np.where(np.arange(ROWS) % 5 == 0, None, RNG.choice(["a", "b", "b", "c"], ROWS)), dtype="str"),
        "when": pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 50, ROWS), unit="D")).astype("datetime64[ns]"),
    }
)
FRAME.loc[::10, "when"] = pd.NaT
Y = RNG.integers(0, 2, ROWS)


def asked(**wishes: Any) -> FeaturizationParams:
    content = {"name": "x", "task": "classification", "data": {"train": "x", "target": "y"}, "featurization": {"mode": "custom", **wishes}}
    found: FeaturizationParams = validate(content).featurization
    check_featurizers(found)
    return found


def schema_of(wishes: FeaturizationParams) -> Schema:
    frame = FRAME.assign(y=Y, same=1)
    return custom_schema(make_schema(frame, task="classification", target="y"), wishes)


def encoded(recipe: str, **wishes: Any) -> tuple[Encoder, dict[str, np.ndarray]]:
    wish = asked(**wishes)
    encoder, matrix = fit_encoder(customized(recipe, wish), FRAME, Y, schema_of(wish), seed=0)
    np.testing.assert_array_equal(encoder.transform(FRAME), matrix)
    return encoder, dict(zip(encoder.names, matrix.T, strict=True))


@pytest.mark.parametrize(
    ("strategy", "value"),
    [("mean", FRAME["size"].mean()), ("median", FRAME["size"].median()), ("constant:-7", -7), ("most_frequent", None)],
)
def test_a_number_is_filled_as_asked_with_an_indicator(strategy: str, value: float | None) -> None:
    expected = FRAME["size"].mode()[0] if value is None else value
    encoder, features = encoded("codes", imputation={"size": strategy})
    np.testing.assert_array_equal(features["size"], FRAME["size"].fillna(expected))
    np.testing.assert_array_equal(features["size is missing"], FRAME["size"].isna())
    assert encoder.sources[encoder.names.index("size is missing")] == ("size",)


def test_the_indicator_can_be_left_out_and_the_mean_is_learned_inside_the_fold() -> None:
    _, features = encoded("codes", imputation={"size": {"strategy": "mean", "indicator": False}})
    assert "size is missing" not in features
    whole = schema_of(asked())
    schema = replace(whole, columns=tuple(column for column in whole.columns if column.kind != "categorical"))
    assert recipe_learns_from(customized("codes", asked()), schema) == "schema"
    assert recipe_learns_from(customized("codes", asked(imputation={"size": "mean"})), schema) == "rows"


def test_words_and_dates_are_filled_too() -> None:
    _, features = encoded("codes", imputation={"town": "constant:nowhere", "when": "constant:2024-03-01"})
    codes = features["town"]
    filled, others = set(codes[FRAME["town"].isna()]), set(codes[FRAME["town"].notna()])
    assert (len(filled), filled | others) == (1, {0.0, 1.0, 2.0, 3.0})
    assert not filled & others
    assert set(features["when.month"][FRAME["when"].isna()]) == {3.0}
    _, frequent = encoded("one_hot", imputation={"town": "most_frequent"})
    assert "town=(missing)" not in frequent
    assert frequent["town=b"][FRAME["town"].isna()].all()


def test_a_blocked_featurizer_is_replaced_by_one_of_its_kind_and_else_by_nothing() -> None:
    assert customized("one_hot", asked(block=["one_hot"])).featurizers[1] == "hashed_one_hot"
    assert customized("one_hot", asked(block=["one_hot", "hashed_one_hot", "target_encoding"])).featurizers[1] == "category_ranks"
    four = ["one_hot", "hashed_one_hot", "target_encoding", "category_ranks"]
    assert customized("one_hot", asked(block=four)).featurizers[1] == "category_codes"
    assert customized("codes", asked(block=["text_components"])).featurizers == (*CODES[:-2], "hashed_words", CODES[-1])
    assert customized("codes", asked(block=["hashed_words", "text_components"])).featurizers == (*CODES[:-2], CODES[-1])
    assert customized("codes", asked(block=["date_parts"])).featurizers == tuple("timestamps" if n == "date_parts" else n for n in CODES)
    encoder, _ = encoded("codes", block=["date_parts", "timestamps"])
    assert set(encoder.sources) == {("size",), ("town",)}


@pytest.mark.parametrize("name", [card.name for card in FEATURIZERS if card.adds or card.sparse])
def test_nothing_stands_in_for_what_adds_or_is_sparse_and_it_stands_in_for_nothing(name: str) -> None:
    for recipe in RECIPES:
        rest = tuple(other for other in recipe.featurizers if other != name)
        assert customized(recipe.name, asked(block=[name])).featurizers == rest
        alike = [card.name for card in FEATURIZERS if card.kinds == get_featurizer(name).kinds and card.name != name]
        assert name in recipe.featurizers or name not in customized(recipe.name, asked(block=alike)).featurizers


def taken(recipe: str, *block: str) -> dict[str, list[str]]:
    """By featurizer the columns that it has, of one with few and one with many categories."""
    schema = Schema("classification", Target("y", "int64", (0, 1)), (FEW, MANY))
    card = customized(recipe, asked(block=list(block)))
    return {name: [c.name for c in found] for name in card.featurizers if (found := card.columns_for(get_featurizer(name), schema))}


def test_a_stand_in_has_the_columns_of_what_it_stands_in_for_besides_its_own() -> None:
    beside = {"spelling_order": ["many"], "spelling_components": ["many"], "linear_scores": ["many"]}
    assert taken("mixed") == {"category_codes": ["few"], "category_ranks": ["many"], "target_encoding": ["many"], **beside}
    assert taken("mixed", "category_codes") == {"one_hot": ["few"], "category_ranks": ["many"], "target_encoding": ["many"], **beside}
    assert taken("mixed", "category_ranks") == {"category_codes": ["few", "many"], "target_encoding": ["many"], **beside}
    two = ("one_hot", "hashed_one_hot")
    assert taken("mixed", "category_codes", *two) == {"target_encoding": ["few", "many"], "category_ranks": ["many"], **beside}
    assert taken("one_hot", *two)["target_encoding"] == ["few", "many"]


def test_parameters_reach_their_featurizer() -> None:
    _, features = encoded("one_hot", parameters={"one_hot": {"most_features": 1}})
    assert {"town=b", "town=(rare)", "town=(missing)"} <= set(features)
    assert not {"town=a", "town=c"} & set(features)
    _, hashed = encoded("one_hot", block=["one_hot"], parameters={"hashed_one_hot": {"buckets": 4.0}})
    assert [name for name in hashed if name.startswith("town")] == [*(f"town.bucket_{n}" for n in range(4)), "town.(missing)"]


REFUSED_NAMES = [
    ({"block": ["one_hto"]}, r"featurization\.block: there is no such featurizer\n  given: one_hto\n.*did you mean one_hot"),
    (
        {"parameters": {"one_hot": {"most_feature": 3}}},
        r"featurization\.parameters\.one_hot: there is no such parameter[\s\S]*did you mean most_features",
    ),
    (
        {"parameters": {"one_hot": {"most_features": 0}}},
        r"one_hot\.most_features: wrong value\n  given: 0\n  allowed: a whole number from 1",
    ),
    ({"parameters": {"numbers": {"a": 1}}}, r"featurization\.parameters\.numbers: there is no such parameter[\s\S]*has no parameters"),
    ({"parameters": {"one_hot": {}}, "block": ["one_hot"]}, r"parameters\.one_hot: a blocked featurizer has no parameters"),
    (
        {"orders": {"town": [], "size": ["S", "M"]}, "block": ["category_order"]},
        r"featurization\.orders\.size: category_order is blocked, and nothing else looks at an order",
    ),
    ({"imputation": {"size": "average"}}, r"featurization\.imputation\.size\.strategy: wrong value\n  given: 'average'"),
]


@pytest.mark.parametrize(("wishes", "message"), REFUSED_NAMES)
def test_names_that_are_none_are_refused_before_any_data_is_read(wishes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        asked(**wishes)


@pytest.mark.parametrize(
    ("imputation", "message"),
    [
        ({"town": "mean"}, r"featurization\.imputation\.town: a categorical column has no mean\n  given: mean\n  allowed: most_frequent"),
        ({"size": "constant:big"}, r"featurization\.imputation\.size: this constant cannot be read as numeric\n  given: constant:big"),
        ({"when": "constant:soon"}, r"imputation\.when: this constant cannot be read as datetime"),
        ({"same": "mean"}, r"imputation\.same: a column that is left out is not filled\n  given: constant"),
        ({"sise": "mean"}, r"imputation\.sise: no such column to learn from\n  given: sise\n.*did you mean size"),
    ],
)
def test_an_imputation_that_the_table_does_not_allow_is_refused(imputation: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        schema_of(asked(imputation=imputation))


def test_parameters_of_a_featurizer_without_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"featurization\.parameters\.hashed_words: the table has no text column that hashed_words takes"):
        schema_of(asked(parameters={"hashed_words": {"buckets": 8}}))
    with pytest.raises(DataError, match=r"spelling_components: the table has no categorical column that spelling_components takes"):
        schema_of(asked(parameters={"spelling_components": {"components": 8}}))


@pytest.mark.parametrize("key", ["kinds", "drop", "imputation", "block", "parameters"])
def test_overrides_are_read_with_custom_alone(key: str) -> None:
    values = {"kinds": {"a": "text"}, "drop": ["a"], "imputation": {"a": "mean"}, "block": ["one_hot"], "parameters": {"one_hot": {}}}
    content = {"name": "x", "task": "regression", "data": {"train": "x", "target": "y"}, "featurization": {key: values[key]}}
    with pytest.raises(ParamsError, match=rf"featurization\.{key}: {key} is read only with mode: custom"):
        validate(content)


def test_an_order_is_the_one_that_is_asked_for() -> None:
    _, features = encoded("mixed", orders={"town": ["b", "c", "a"]})
    places = FRAME["town"].map({"b": 0, "c": 1, "a": 2}).to_numpy(float)
    np.testing.assert_array_equal(features["town.place"], places)
    _, features = encoded("imputed_mixed", orders={"town": ["c", "a", "b"]})
    assert "town.place" in features
    assert "town" not in features
    _, features = encoded("imputed_mixed", orders={"town": ["c", "a"]})  # b has no place: nothing stands for its code
    assert {"town.place", "town"} < set(features)


def test_an_order_found_by_names_is_taken_back() -> None:
    frame = pd.DataFrame({"level": pd.Series(["low", "medium", "high"] * 9, dtype="str"), "y": [0, 1] * 13 + [0]})
    schema = make_schema(frame, task="classification", target="y")
    for wishes, ordered in ({}, True), ({"orders": {"level": []}}, False):
        (column,) = custom_schema(schema, asked(**wishes)).columns
        assert get_featurizer("category_order").takes(column) == ordered


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ({"town": ["a", "bb"]}, "no such category"),
        ({"town": ["a", "a"]}, "each once"),
        ({"town": ["a"]}, "two categories"),
        ({"size": ["1", "2"]}, "only categories"),
        ({"same": ["1", "2"]}, "left out"),
        ({"twon": ["a", "b"]}, "no such column"),
    ],
)
def test_an_impossible_order_is_an_error(orders: dict[str, list[str]], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        schema_of(asked(orders=orders))
    assert caught.value.where == f"featurization.orders.{next(iter(orders))}"
