"""category_order: words for more and less have a place, words for kinds of things have none."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform, make_schema, schema_from_json, schema_to_json
from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import category_order, customized, fit_encoder, get_featurizer
from bakeoff.features.category_order import SCALES, is_all_in_order, order_of
from bakeoff.params.featurization import FeaturizationParams

ORDERED = (
    ("low", "med", "high", "vhigh"),
    ("Very_Poor", "Poor", "Fair", "Below_Average", "Average", "Above_Average", "Good", "Very_Good", "Excellent", "Very_Excellent"),
    ("Fair", "Good", "Very Good", "Premium", "Ideal"),
    ("S", "M", "L", "XL", "XXL"),
    ("never", "Rarely", "often", "always"),
    ("Mon", "Tue", "Wed", "Sun"),
    ("january", "March", "DEC"),
    ("Below_College", "College", "Bachelor", "Master", "Doctor"),
    ("1st-4th", "9th", "12th", "HS-grad", "Masters"),
    ("D", "E", "F", "G"),
    ("<0", "0<=X<200", ">=200"),
    ("emp_lt_1", "emp_1", "emp_2", "emp_10", "emp_ge_11"),
    ("< 1 year", "1 year", "2 years", "10+ years"),
    ("Fewer than 10 employees", "10 to 19 employees", "20 to 99 employees", "1,000 to 4,999 employees", "10,000 or more employees"),
    ("0", "1", "2-10", "11-100", "Over 100"),
    ("2", "3", "4", "5more"),
    ("18-24", "25-34", "35-44", "65+"),
    ("-20 to -10", "-10 to 0", "0 to 10", "10 to 20"),
    ("<-10", "-10--5", "-5-0", "0-5", ">5"),
    ("below \u22125 °C", "\u22125 to 5 °C", "5 to 15 °C", "above 15 °C"),
    ("(-10.0, -5.0]", "(-5.0, 0.0]", "(0.0, 5.0]", "(5.0, 10.0]"),
    ("[-3, -2)", "[-3, -1)", "[-2, 0)", "[0, 2)"),
    ("level -1", "level 0", "level 1", "level 2"),
    ("<100K", "100K-500K", "500K-1M", "1M-5M", "5M+"),
    ("<500k", "500k-1m", "1m-1b", ">1b"),
    ("<500", "500-1K", "1K-5K", "5-10K", "10-20K", ">20K"),
    ("$0", "$1-10K", "$10K-$1M", "over $1M"),
    ("<5m", "5-10m", "10-20m", ">20"),
    ("1 kg", "2 kg", "5 kg", "10 kg+"),
)
UNORDERED = (
    ("red", "green", "blue"),
    ("low", "high"),  # a code says as much of two
    ("C", "Q", "S"),
    ("M", "F", "X", "U"),
    ("A", "B", "C", "X", "\u0130"),
    ("A1", "B1", "C2", "D7"),
    ("Ford F150", "Mazda 3", "Audi 80"),
    ("GRUMMAN AA1", "BAC 1-11", "DC-3", "MU2"),
    ("low", "medium", "high", "red", "green", "blue", "cyan"),
    ("Berlin", "May", "March", "Rome"),
    tuple(f"area {number}" for number in range(31)),
    ("", " ", "?"),
    ("1", "2", "3", "4"),  # numbers that somebody made categories
    ("-1", "0", "1", "2"),
    (),
)


@pytest.mark.parametrize("words", ORDERED)
def test_words_for_more_and_less_are_in_order_however_they_come(words: tuple[str, ...]) -> None:
    for given in (words, words[::-1]):
        assert [word for word, _ in sorted(order_of(given), key=lambda one: one[1])] == list(words)
        assert is_all_in_order(Column("size", "categorical", "str", given))


@pytest.mark.parametrize("words", UNORDERED)
def test_other_words_have_no_order(words: tuple[str, ...]) -> None:
    column = Column("kind", "categorical", "str", words)
    assert order_of(words) == ()
    assert not get_featurizer("category_order").takes(column)
    assert not is_all_in_order(column)


def test_a_letter_that_is_two_in_lower_case_has_no_place() -> None:
    assert order_of((*"ABCDEFGHI", "\u0130")) == tuple((letter, float(place)) for place, letter in enumerate("ABCDEFGHI"))


def test_the_columns_of_a_wide_table_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Sequence[str]] = []
    monkeypatch.setattr(category_order, "_scales", lambda: ())
    monkeypatch.setattr(category_order, "_letters", lambda words: looked.append(words) or [None] * len(words))
    columns = [Column(f"c{number}", "categorical", "str", (f"a{number}", "b", "c")) for number in range(5000)]
    for _ in range(2):
        assert not any(map(get_featurizer("category_order").takes, columns))
    assert len(looked) == len(columns)


def test_no_word_has_two_places_on_a_scale() -> None:
    for scale in SCALES:
        words = [word for level in scale.split(" < ") for word in level.split("=")]
        assert len(set(words)) == len(words)
        assert all(word == word.strip().lower() for word in words)


def test_what_has_no_place_or_was_never_seen_is_missing() -> None:
    column = Column("level", "categorical", "str", ("high", "low", "medium", "unknown"))
    featurizer = get_featurizer("category_order").build((column,))
    frame = pd.DataFrame({"level": pd.Series(["low", "high", "unknown", None, "LOW", "medium"], dtype="str")})
    made = featurizer.fit_transform(frame, np.zeros(6), 0)[:, 0]
    assert made[0] < made[5] < made[1]
    np.testing.assert_array_equal(np.isnan(made), [False, False, True, True, True, False])
    assert featurizer.features() == (("level.place", "level"),)
    assert featurizer.transform(frame[:0]).shape == (0, 1)
    assert not is_all_in_order(column)


def test_forests_have_the_order_for_the_code_unless_it_is_blocked() -> None:
    columns = (
        Column("level", "categorical", "str", ("low", "medium", "high")),
        Column("colour", "categorical", "str", ("red", "blue", "tan")),
    )
    schema = Schema("regression", Target("y", "float64"), columns)
    frame = pd.DataFrame({"level": ["low", "high", "medium", "low"], "colour": ["red", "tan", "blue", "red"]}).astype("str")

    def names(recipe: str, *block: str) -> set[str]:
        asked = FeaturizationParams(mode="custom", block=block)
        return set(fit_encoder(customized(recipe, asked), frame, np.zeros(4), schema, seed=0)[0].names)

    assert names("imputed_mixed") == {"level.place", "colour"}
    assert names("mixed") == {"level.place", "level", "colour"}
    assert names("imputed_mixed", "category_order") == names("mixed", "category_order") == {"level", "colour"}


def test_a_pandas_dtype_tells_the_order() -> None:
    sizes = pd.Categorical(["tall", "grande", "venti", "tall"], categories=["tall", "grande", "venti", "trenta"], ordered=True)
    frame = pd.DataFrame({"size": sizes, "plain": pd.Categorical(["a", "b", "c", "a"]), "y": [1.0, 2.0, 3.0, 1.5]})
    schema = make_schema(frame, task="regression", target="y")
    assert [column.order for column in schema.columns] == [("tall", "grande", "venti", "trenta"), None]
    assert schema_from_json(json.loads(json.dumps(schema_to_json(schema)))) == schema
    conformed = conform(frame, schema)
    encoder, matrix = fit_encoder("mixed", conformed, frame["y"].to_numpy(), schema, seed=0)
    np.testing.assert_array_equal(matrix[:, encoder.names.index("size.place")], [0, 1, 2, 0])
