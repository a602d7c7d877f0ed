"""What recipes make of columns: the numbers a person would expect."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import make_schema
from bakeoff.data.schema import Column, Kind, Schema, Target
from bakeoff.errors import DataError, ParamsError
from bakeoff.features import Block, RecipeCard, Rows, encode, fit_encoder, get_featurizer, get_recipe, recipe_learns_from
from bakeoff.features.imputing import fit_imputer
from bakeoff.features.scaling import fit_scaler


def schema_of(**kinds: Kind) -> Schema:
    categories = {"categorical": ("a", "b", "c")}
    columns = tuple(Column(name, kind, "x", categories.get(kind, ())) for name, kind in kinds.items())
    return Schema("regression", Target("y", "float64"), columns)


def words(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="str")


Y = np.zeros(6)


def test_codes_follow_the_schema_and_unseen_is_not_missing() -> None:
    frame = pd.DataFrame({"k": words("b", "a", None, "zebra", "c", "a"), "v": [1.0, np.inf, -np.inf, 1e300, np.nan, 2.0]})
    encoder, matrix = fit_encoder("codes", frame, Y, schema_of(k="categorical", v="numeric"), seed=0)
    assert (encoder.names, encoder.sources, encoder.codes) == (("v", "k"), (("v",), ("k",)), (1,))
    np.testing.assert_array_equal(matrix[:, 1], [1, 0, np.nan, 3, 2, 0])
    np.testing.assert_array_equal(matrix[:, 0], [1, np.nan, np.nan, 1e37, np.nan, 2])


def test_imputed_recipes_have_medians_and_indicators() -> None:
    frame = pd.DataFrame({"v": [1.0, 2.0, np.nan, 4.0, 100.0, np.nan], "k": words("a", None, "b", "a", "a", "a"), "empty": [np.nan] * 6})
    encoder, matrix = fit_encoder("imputed_mixed", frame, Y, schema_of(v="numeric", k="categorical", empty="numeric"), seed=0)
    assert encoder.names == ("v", "empty", "k", "v is missing")
    assert encoder.sources == (("v",), ("empty",), ("k",), ("v",))
    np.testing.assert_array_equal(matrix[:, 0], [1, 2, 3, 4, 100, 3])
    np.testing.assert_array_equal(matrix[:, 1], 0)
    np.testing.assert_array_equal(matrix[:, 2], [0, -1, 1, 0, 0, 0])
    np.testing.assert_array_equal(matrix[:, 3], [0, 0, 1, 0, 0, 1])
    np.testing.assert_array_equal(encoder.transform(frame.assign(empty=5.0))[:, 1], 5)


@pytest.mark.parametrize("missing", [False, True])
def test_a_block_that_others_have_too_is_not_changed(missing: bool) -> None:
    """Imputing and scaling are done in place, of a recipe's own matrix."""
    frame = pd.DataFrame({"v": [1.0, 2.0, np.nan if missing else 3.0, 4.0, 100.0, 5.0]})
    blocks: list[np.ndarray] = []

    def keep(_name: str, _shared: bool, make: Callable[[], Block]) -> Block:
        featurizer, block = make()
        block.flags.writeable = False
        blocks.append(block)
        return featurizer, block

    for train in (None, np.array([0, 2, 4, 5])):
        encoder, matrix = encode(get_recipe("one_hot+standard"), schema_of(v="numeric"), Rows(frame, Y, 0, train=train, keep=keep))
        some = slice(None) if train is None else train
        alone, expected = fit_encoder("one_hot+standard", frame.iloc[some], Y[some], schema_of(v="numeric"), seed=0)
        np.testing.assert_array_equal(matrix[some], expected)
        np.testing.assert_array_equal(encoder.transform(frame), matrix)
        np.testing.assert_array_equal(alone.transform(frame), matrix)
    assert len(blocks) == 2
    np.testing.assert_array_equal(blocks[0], frame)


def test_of_many_rows_the_median_of_a_column_without_a_missing_value_is_of_some() -> None:
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(5, 1, 60_000), np.where(np.arange(60_000) % 7, 2.0, np.nan)])
    imputer = fit_imputer(matrix, ())
    np.testing.assert_allclose(imputer.values, [5, 2], atol=0.1)
    np.testing.assert_array_equal(imputer.indicated, [1])


def test_what_is_missing_in_the_same_rows_is_told_once() -> None:
    dates = pd.Series(pd.date_range("2024-01-01", periods=6, freq="31h", unit="ns")).where(np.arange(6) != 2)
    frame = pd.DataFrame({"v": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0], "d": dates, "w": [np.nan, 2.0, 3.0, 4.0, 5.0, 6.0]})
    encoder, matrix = fit_encoder("one_hot", frame, Y, schema_of(v="numeric", d="datetime", w="numeric"), seed=0)
    assert [name for name in encoder.names if "missing" in name] == ["v is missing", "w is missing"]
    assert encoder.sources[-2:] == (("v",), ("w",))
    np.testing.assert_array_equal(matrix[:, -2:], [[0, 1], [0, 0], [1, 0], [0, 0], [0, 0], [0, 0]])
    alone, matrix = fit_encoder("one_hot", frame, Y, schema_of(d="datetime", w="numeric"), seed=0)
    assert alone.names[-2:] == ("w is missing", "d.days is missing")
    np.testing.assert_array_equal(alone.transform(frame), matrix)


def test_one_hot_groups_what_is_rare_and_unseen() -> None:
    frame = pd.DataFrame({"k": words(*["a"] * 6, *["b"] * 5, "c", None, None)})
    encoder, matrix = fit_encoder("one_hot+standard", frame, np.zeros(14), schema_of(k="categorical"), seed=0)
    assert encoder.names == ("k=a", "k=b", "k=(rare)", "k=(missing)")
    assert set(encoder.sources) == {("k",)}
    np.testing.assert_allclose(matrix.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(matrix.std(axis=0), 1)
    lit = encoder.transform(pd.DataFrame({"k": words("b", "purple", None)})) > 0
    np.testing.assert_array_equal(lit, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_dates_become_parts() -> None:
    frame = pd.DataFrame({"d": pd.to_datetime(["1970-01-02 12:00", None, "2024-02-29"], format="ISO8601").astype("datetime64[ns]")})
    encoder, matrix = fit_encoder("codes", frame, Y[:3], schema_of(d="datetime"), seed=0)
    assert encoder.names == ("d.days", "d.year", "d.month", "d.day", "d.weekday", "d.day_of_year", "d.hour")
    np.testing.assert_array_equal(matrix[0], [1.5, 1970, 1, 2, 4, 2, 12])
    assert np.isnan(matrix[1]).all()
    np.testing.assert_array_equal(matrix[2, 1:], [2024, 2, 29, 3, 60, 0])
    plain = fit_encoder("plain", frame, Y[:3], schema_of(d="datetime"), seed=0)[1]
    np.testing.assert_array_equal(plain[:, 0], matrix[:, 0])


def test_numbers_and_dates_far_from_zero_are_told_apart_in_single_precision() -> None:
    rng = np.random.default_rng(0)
    begun, ended = (1.7e9 + rng.permutation(200) for _ in range(2))
    dates = pd.Series(pd.to_datetime(begun, unit="s")).astype("datetime64[ns]")
    frame = pd.DataFrame({"begun": begun, "ended": ended, "d": dates, "y": ended - begun})
    frame.loc[::50, ["begun", "d"]] = None
    schema = make_schema(frame, task="regression", target="y")
    for recipe, names in (("arithmetic", ("begun", "ended", "d.days")), ("plain", ("begun", "ended", "d"))):
        encoder, matrix = fit_encoder(recipe, frame, frame["y"].to_numpy(), schema, seed=0)
        for name in names:
            values = matrix[:, encoder.names.index(name)]
            known = values[~np.isnan(values)]
            assert len(np.unique(known.astype(np.float32))) == len(known) >= 196
        if recipe == "arithmetic":  # of the numbers themselves
            np.testing.assert_array_equal(matrix[:, encoder.names.index("begun - ended")], frame["begun"] - frame["ended"])
    odd = pd.DataFrame({"begun": [7.0, np.inf], "ended": [1e300, -np.inf], "d": [pd.NaT, pd.Timestamp("2200-01-01")]})
    assert not np.isinf(encoder.transform(odd)).any()


def test_texts_with_the_same_words_look_alike() -> None:
    frame = pd.DataFrame({"t": words("good bread", "bread good", "stale rolls", None)})
    encoder, matrix = fit_encoder(RecipeCard("hashed", ("hashed_words",)), frame, Y[:4], schema_of(t="text"), seed=0)
    assert encoder.names[:3] == ("t.characters", "t.words", "t.bucket_0")
    np.testing.assert_array_equal(matrix[0], matrix[1])
    assert not np.array_equal(matrix[0, 2:], matrix[2, 2:])
    assert np.isnan(matrix[3, :2]).all()


def test_a_range_is_named_after_its_column_and_a_component_is_numbered() -> None:
    frame = pd.DataFrame({"age": np.arange(14.0), "t": np.arange(14.0) ** 2})
    ranges = fit_encoder("one_hot+piecewise", frame, np.zeros(14), schema_of(age="numeric", t="numeric"), seed=0)[0]
    assert ranges.names[:4] == ("age", "t", "age_range_1", "age_range_2")
    assert dict(zip(ranges.names, ranges.sources, strict=True))["t_range_1"] == ("t",)
    components = fit_encoder("one_hot+pca", frame, np.zeros(14), schema_of(age="numeric", t="numeric"), seed=0)[0]
    assert components.names == ("pca_1", "pca_2")


def test_constant_columns_scale_to_zero() -> None:
    scaled = fit_scaler("standard", np.array([[5.0, 0.1], [5.0, 0.1], [5.0, 0.1]])).transform(np.array([[5.0, 0.1]]))
    np.testing.assert_allclose(scaled, 0, atol=1e-12)


PLAIN: dict[str, Kind] = {"v": "numeric", "k": "categorical", "d": "datetime"}


@pytest.mark.parametrize(
    ("recipe", "kinds", "learns"),
    [
        ("codes", PLAIN, "rows"),
        ("mixed", PLAIN, "rows"),
        ("mixed", {"v": "numeric", "d": "datetime"}, "schema"),
        ("plain", {**PLAIN, "t": "text"}, "rows"),
        ("imputed_mixed", PLAIN, "rows"),
        ("one_hot+standard", PLAIN, "rows"),
        ("terms", {**PLAIN, "t": "text"}, "rows"),
        ("codes", {**PLAIN, "t": "text"}, "target"),
        ("target_encoded", PLAIN, "target"),
        ("target_encoded", {"v": "numeric"}, "schema"),
        ("crossed", {"v": "numeric"}, "target"),
    ],
)
def test_what_recipes_learn_from_such_a_table(recipe: str, kinds: dict[str, Kind], learns: str) -> None:
    assert recipe_learns_from(recipe, schema_of(**kinds)) == learns


def test_a_column_of_many_categories_is_learned_another_way_than_one_of_few() -> None:
    towns = tuple(f"town {number}" for number in range(40))
    columns = (Column("colour", "categorical", "str", ("red", "blue")), Column("town", "categorical", "str", towns))
    frame = pd.DataFrame({"colour": words(*["red", "blue"] * 40), "town": words(*towns, *towns)})
    schema = Schema("regression", Target("y", "float64"), columns)
    encoder, matrix = fit_encoder("mixed", frame, np.arange(80.0), schema, seed=0)
    made = {source: [n for n, s in zip(encoder.names, encoder.sources, strict=True) if s == (source,)] for source in ("colour", "town")}
    assert made["colour"] == ["colour"]
    components = [f"town.spelling_{number}" for number in range(12)]
    assert made["town"] == ["town", "town.mean_target", "town.order", *components, "town.linear_score"]
    assert encoder.codes == (0,)
    np.testing.assert_array_equal(matrix[:, encoder.names.index("town")], [sorted(towns).index(town) for town in towns] * 2)


def test_no_two_features_have_one_name() -> None:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    schema = Schema("regression", Target("y", "float64"), (Column("month", "categorical", "str", months),))
    names = fit_encoder("mixed", pd.DataFrame({"month": words(*months * 3)}), np.arange(36.0), schema, seed=0)[0].names
    assert {"month.order", "month.place"} < set(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("far", "unit"), [(1.7e9, 50.0), (0.0, 1e20), (0.0, 1e-25), (1e40, 1e40)])
def test_features_of_a_far_or_very_large_target_are_as_those_of_a_usual_one(far: float, unit: float) -> None:
    """Means of 200 categories that single precision tells apart, and scores of words that are numbers."""
    rng = np.random.default_rng(0)
    town, usual = rng.integers(0, 200, 2_000), rng.normal(size=2_000)
    usual += rng.normal(size=200)[town]
    towns = tuple(f"town {number}" for number in range(200))
    frame = pd.DataFrame({"town": pd.Series([towns[place] for place in town], dtype="str")})
    schema = Schema("regression", Target("y", "float64"), (Column("town", "categorical", "str", towns),))
    expected, got = (fit_encoder("mixed", frame, y, schema, seed=0)[1].astype(np.float32) for y in (usual, far + unit * usual))
    for place in range(got.shape[1]):
        assert np.corrcoef(got[:, place], expected[:, place])[0, 1] > 0.999
        assert len(np.unique(got[:, place])) > 0.9 * len(np.unique(expected[:, place]))


def test_rows_in_which_no_word_stands_twice_are_told() -> None:
    frame = pd.DataFrame({"t": words("one bread", "two rolls", "three cakes", "four pies")})
    schema = Schema("regression", Target("y", "float64"), (Column("t", "text", "str"),))
    with pytest.raises(DataError, match="recipe terms finds no feature in the rows"):
        fit_encoder("terms", frame, np.arange(4.0), schema, seed=0)


def test_one_hot_features_of_many_columns_are_bounded() -> None:
    kinds = tuple("abcdefghijklmnopqrst")
    columns = tuple(Column(f"c{number}", "categorical", "str", kinds) for number in range(300))
    frame = pd.DataFrame({column.name: words(*kinds * 6) for column in columns})
    one_hot = get_featurizer("one_hot")
    assert one_hot.build(columns).fit_transform(frame, np.zeros(120), 0).shape == (120, 300 * (16 + 1))
    assert one_hot.build(columns, most_features=18).fit_transform(frame, np.zeros(120), 0).shape == (120, 300 * (18 + 1))
    assert one_hot.build(columns[:250]).fit_transform(frame, np.zeros(120), 0).shape == (120, 250 * 20)


def test_words_stand_last_unscaled_in_a_sparse_matrix() -> None:
    frame = pd.DataFrame({"t": words(*["good bread", "good rolls", None] * 4), "v": np.arange(12.0)})
    encoder, matrix = fit_encoder("terms+standard", frame, np.zeros(12), schema_of(t="text", v="numeric"), seed=0)
    assert encoder.names[:2] == ("v", "t.term=good")
    assert set(encoder.sources[1:]) == {("t",)}
    rows = matrix.toarray()
    assert (rows[:, 0].mean(), rows[:, 0].std()) == pytest.approx((0, 1))
    np.testing.assert_array_equal(rows[:, 1] > 0, [True, True, False] * 4)
    alone, _ = fit_encoder("terms", frame[["t"]], np.zeros(12), schema_of(t="text"), seed=0)
    np.testing.assert_array_equal(alone.transform(frame).toarray(), rows[:, 1:])


def test_a_recipe_that_takes_no_column_says_so() -> None:
    with pytest.raises(DataError, match="recipe plain takes none of the columns\n  given: columns of kind: text"):
        fit_encoder("plain", pd.DataFrame({"t": words("x", "y")}), Y[:2], schema_of(t="text"), seed=0)


def test_unknown_names_are_reported_with_the_nearest() -> None:
    with pytest.raises(ParamsError, match=r"there is no such recipe\n  given: code\n.*did you mean codes"):
        get_recipe("code")
    with pytest.raises(ParamsError, match=r"there is no such featurizer\n  given: onehot\n.*did you mean one_hot"):
        get_featurizer("onehot")
    with pytest.raises(ParamsError, match="there is no such scaler"):
        fit_scaler("huge", np.zeros((1, 1)))
