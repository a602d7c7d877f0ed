"""make_schema: every column has its kind or its reason, every hopeless table its message."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import Schema, conform, make_schema, read_table, schema_from_json, schema_to_json, store_dataset
from bakeoff.errors import DataError

ROWS = 120
DAYS = pd.Timestamp("2024-01-20") + pd.to_timedelta(np.arange(ROWS) % 97, unit="D")


def words(values: object) -> pd.Series:
    return pd.Series(values, dtype="str")


def table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(ROWS) % 11, **columns, "y": ["no", "yes"] * (ROWS // 2)})


def schema_of(frame: pd.DataFrame, **options: object) -> Schema:
    return make_schema(frame, **{"task": "classification", "target": "y", **options})  # type: ignore[arg-type]


KINDS = {
    "integers": (np.arange(ROWS) % 7, "numeric"),
    "floats": (np.linspace(0, 1, ROWS), "numeric"),
    "truth": (np.arange(ROWS) % 3 == 0, "boolean"),
    "truth as objects": (pd.Series([True, None, False] * 40, dtype=object), "boolean"),
    "yes and no": (words(["Yes", "no", "yes", None] * 30), "boolean"),
    "true and false": (words(["TRUE", "False"] * 60), "boolean"),
    "two words": (words(["good", "bad"] * 60), "categorical"),
    "dates": (DAYS, "datetime"),
    "zoned dates": (DAYS.tz_localize("Asia/Tokyo"), "datetime"),
    "date objects": (pd.Series(DAYS.date, dtype=object), "datetime"),
    "ISO dates": (words(DAYS.strftime("%Y-%m-%dT%H:%M:%S")), "datetime"),
    "German dates": (words(DAYS.strftime("%d.%m.%Y")), "datetime"),
    "British dates": (words(DAYS.strftime("%d/%m/%Y")), "datetime"),
    "American dates": (words(DAYS.strftime("%m/%d/%y")), "datetime"),
    "spelled dates": (words(DAYS.strftime("%d %B %Y")), "datetime"),
    "American minutes": (words(DAYS.strftime("%m/%d/%y %H:%M")), "datetime"),
    "dates with a clock of twelve hours": (words(DAYS.strftime("%Y-%m-%d %I:%M %p")), "datetime"),
    "dates with points": (words(DAYS.strftime("%Y.%m.%d")), "datetime"),
    "dates and gaps": (words(np.where(np.arange(ROWS) % 9 == 0, "n/a", DAYS.strftime("%Y-%m-%d"))), "datetime"),
    "money": (words([f"${n * 1111:,.2f}" for n in range(ROWS)]), "numeric"),
    "percent": (words([f"{n % 90}%" for n in range(ROWS)]), "numeric"),
    "numbers and n/a": (words(["n/a", "?", "1.5", "2"] * 30), "numeric"),
    "numbers and words": (words(["low", "1.5", "2"] * 40), "categorical"),
    "amounts and a word": (words([["pending", "Pending", n * 1.5][min(n % 9, 2)] for n in range(ROWS)]), "numeric"),
    "amounts and two words": (words([["pending", "paid", n * 1.5][min(n % 9, 2)] for n in range(ROWS)]), "categorical"),
    "amounts and '90+'": (words([["90+", n * 1.5][min(n % 9, 1)] for n in range(ROWS)]), "categorical"),
    "words and some amounts": (words([["none yet", n * 1.5][n % 3 == 0] for n in range(ROWS)]), "categorical"),
    "a few sizes and a word": (words([["small", n % 11][min(n % 9, 1)] for n in range(ROWS)]), "categorical"),
    "dates and a word": (words(np.where(np.arange(ROWS) % 4 == 0, "never", DAYS.strftime("%d.%m.%Y"))), "datetime"),
    "postal codes": (words([f"0{n % 40:04}" for n in range(ROWS)]), "categorical"),
    "category of integers": (pd.Categorical(np.arange(ROWS) % 4), "categorical"),
    "category of words": (pd.Categorical(["a", "b", "c"] * 40), "categorical"),
    "sentences": (words([f"the customer wrote {n} letters about nothing" for n in range(ROWS)]), "text"),
    "long labels": (words(["a rather long label with many words", "another long label with words"] * 60), "categorical"),
    "durations": (pd.to_timedelta(np.arange(ROWS) % 5, unit="h"), "numeric"),
    "mixed objects": (pd.Series([1, "a", 2.5] * 40, dtype=object), "categorical"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kind(name: str) -> None:
    values, kind = KINDS[name]
    schema = schema_of(table(**{name: values}))
    assert {c.name: c.kind for c in schema.columns}[name] == kind
    assert conform(table(**{name: values}), schema)[name].notna().mean() > 0.45


def test_the_one_word_among_numbers_is_told_and_expected_at_scoring() -> None:
    amounts = words([["pending", n * 1.5][min(n % 9, 1)] for n in range(ROWS)])
    schema = schema_of(table(amount=amounts))
    assert {column.name: column.unknown for column in schema.columns} == {"x": "", "amount": "pending"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conformed = conform(table(amount=words(["PENDING", "12.5"] * (ROWS // 2))), schema)["amount"]
    assert conformed.isna().mean() == 0.5
    assert conformed.max() == 12.5
    with pytest.warns(UserWarning, match="amount: 60 of 120 values are not numeric and count as missing, such as 'paid'"):
        conform(table(amount=words(["paid", "12.5"] * (ROWS // 2))), schema)
    assert schema_from_json(json.loads(json.dumps(schema_to_json(schema)))) == schema


DROPPED = {
    "constant": (np.ones(ROWS), "constant: every value is 1.0"),
    "constant words": (words(["a"] * ROWS), "constant: every value is a"),
    "all missing": (np.full(ROWS, np.nan), "every value is missing"),
    "all infinite": (np.full(ROWS, np.inf), "every value is missing"),
    "only blanks": (words(["  "] * ROWS), "every value is missing"),
    "twin": (np.arange(ROWS) % 11, "the same values as x"),
    "twin as words": (words([str(n % 11) for n in range(ROWS)]), "the same values as x"),
    "key": (words([f"K-{n:03}" for n in range(ROWS)]), "an identifier: each row has a value of its own"),
    "customer_id": (np.random.default_rng(0).permutation(10_000)[:ROWS], "an identifier: each row has a value of its own"),
    "PassengerId": (np.arange(ROWS), "an identifier: each row has a value of its own"),
    "Unnamed: 0": (np.arange(ROWS), "an identifier: each row has a value of its own"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_column_that_says_nothing_is_dropped_with_its_reason(name: str) -> None:
    values, reason = DROPPED[name]
    schema = schema_of(table(**{name: values}))
    assert [(d.name, d.reason) for d in schema.dropped] == [(name, reason)]
    assert schema.names() == ["x"]


@pytest.mark.parametrize("name", ["paid", "day", "price"])
def test_distinct_numbers_with_another_name_are_kept(name: str) -> None:
    assert name in schema_of(table(**{name: np.arange(ROWS)})).names()


def test_a_column_with_one_value_and_gaps_is_kept() -> None:
    assert "gap" in schema_of(table(gap=[1.0, np.nan] * 60)).names()


FAR_FROM_ZERO = {
    "seconds": (1.7e9 + np.arange(ROWS) % 97, 1.7e9 + np.mean(np.arange(ROWS) % 97)),
    "below 0": (words([f"{-4e8 - n % 7:.0f}" for n in range(ROWS)]), -4e8 - np.mean(np.arange(ROWS) % 7)),
    "gaps and no end": ([5e6, 5e6 + 1, np.nan, np.inf] * 30, 5e6 + 0.5),
    "hours": (pd.Timestamp("2024-01-20") + pd.to_timedelta(np.arange(ROWS) % 12, unit="h"), 19742 + 5.5 / 24),
    "days": (DAYS, 0),
    "years": (2000.0 + np.arange(ROWS) % 24, 0),
    "about 0": (np.linspace(-1, 1, ROWS), 0),
    "one value": ([1.7e9, np.nan] * 60, 0),
    "beyond all": ([1e300, -1e300, 1e308, 5e307] * 30, 0),
    "truth": ([1.0, *[0.0] * (ROWS - 1)], 0),
}


@pytest.mark.parametrize("name", FAR_FROM_ZERO)
def test_the_middle_is_told_of_what_lies_far_from_zero(name: str) -> None:
    values, middle = FAR_FROM_ZERO[name]
    schema = schema_of(table(**{name: values}))
    assert {column.name: column.middle for column in schema.columns}[name] == pytest.approx(middle, rel=1e-12)
    content = json.loads(json.dumps(schema_to_json(schema)))
    assert schema_from_json(content) == schema
    older = [{key: value for key, value in column.items() if key != "middle"} for column in content["columns"]]
    assert {column.middle for column in schema_from_json({**content, "columns": older}).columns} == {0.0}


def test_categories_are_most_frequent_first_then_alphabetical() -> None:
    schema = schema_of(table(c=words(["b", "a", "c", " c "] * 30)))
    assert schema.columns[1].categories == ("c", "a", "b")


def test_texts_tell_how_long_they_are_and_nothing_else_does() -> None:
    schema = schema_of(
        table(said=["four words of text, forty characters long", None] * 60, c=words(["b", "a"] * 60)), kinds={"said": "text"}
    )
    assert {column.name: column.characters for column in schema.columns} == {"x": 0, "said": 20, "c": 0}


def test_chosen_kinds_are_obeyed_and_keep_the_column() -> None:
    frame = table(code=np.arange(ROWS), key=words([f"K{n}" for n in range(ROWS)]))
    schema = schema_of(frame, kinds={"code": "categorical", "key": "categorical"})
    assert schema.names("categorical") == ["code", "key"]


def test_mode_off_believes_the_dtypes() -> None:
    frame = table(day=words(DAYS.strftime("%Y-%m-%d")), one=np.ones(ROWS), none=np.full(ROWS, np.nan))
    schema = schema_of(frame, mode="off")
    assert {c.name: c.kind for c in schema.columns} == {"x": "numeric", "day": "categorical", "one": "numeric"}
    assert [d.name for d in schema.dropped] == ["none"]


def test_left_out_columns_are_told() -> None:
    schema = schema_of(table(z=np.arange(ROWS) % 3), drop=("z",))
    assert [(d.name, d.reason) for d in schema.dropped] == [("z", "left out by data.drop")]


def test_rows_without_a_target_do_not_count() -> None:
    frame = table(only_there=[1.0, *[0.0] * (ROWS - 1)])
    frame.loc[0, "y"] = np.nan
    schema = schema_of(frame)
    assert [d.name for d in schema.dropped] == ["only_there"]


def test_names_that_are_no_strings_are_spelled() -> None:
    frame = pd.DataFrame({0: [1, 2, 3, 4], 1: [1, 1, 2, 2]})
    schema = make_schema(frame, task="regression", target="1")
    assert schema.names() == ["0"]
    assert conform(frame, schema).columns.tolist() == ["0"]


def test_a_schema_survives_json() -> None:
    frame = table(c=pd.Categorical(["a", "b", "c"] * 40), d=words(DAYS.strftime("%d/%m/%Y")), one=np.ones(ROWS))
    for target, task in (("y", "classification"), ("x", "regression"), ("x", "classification")):
        schema = make_schema(frame, task=task, target=target)
        assert schema_from_json(json.loads(json.dumps(schema_to_json(schema)))) == schema


Y = pd.DataFrame({"x": range(6), "y": [1, 1, 1, 2, 2, 2]})
HOPELESS = [
    (Y, {"target": "z"}, "the target is not among the columns"),
    (Y.rename(columns={"y": "Churned"}), {"target": "churn"}, "did you mean Churned"),
    (Y.assign(y=np.nan), {}, "every value of the target is missing"),
    (Y.assign(y="  "), {}, "every value of the target is missing"),
    (Y.assign(y=1), {}, "the target has one class only"),
    (Y.assign(y=[1, 1, 1, 2, 2, 3]), {}, "1 of 3 classes have a single row"),
    (pd.DataFrame({"x": range(30), "y": np.linspace(0, 1, 30)}), {}, "did you mean task: regression"),
    (Y.head(3), {}, "too few rows have a target"),
    (Y.assign(y=["a", "1", "2", "3", "4", "5"]), {"task": "regression"}, "1 of 6 values of the target are no finite numbers\n  given: a"),
    (Y.assign(y=[np.inf, 1, 2, 3, 4, 5]), {"task": "regression"}, "no finite numbers\n  given: inf"),
    (Y.assign(y=[-np.inf, 1, 1, -np.inf, 1, 1]), {}, "the target holds infinite values"),
    (Y.assign(y=3), {"task": "regression"}, "every row has the same target"),
    (Y.assign(x=1), {}, "x: constant"),
    (Y[["y"]], {}, "no column beside the target"),
    (Y, {"drop": ("q",)}, "data.drop: no such column"),
    (Y, {"kinds": {"X": "numeric"}}, "did you mean x"),
    (Y.assign(c=list("abcabc")), {"kinds": {"c": "numeric"}}, "column c: no value can be read as numeric"),
    (Y, {"drop": ("y",)}, "the target cannot be named here"),
    (pd.DataFrame([[1, 2, 3]] * 6, columns=["x", "x", "y"]), {}, "column names occur twice: 'x'"),
]


@pytest.mark.parametrize(("frame", "options", "message"), HOPELESS, ids=[m[:40] for _, _, m in HOPELESS])
def test_a_hopeless_table_says_why(frame: pd.DataFrame, options: dict[str, object], message: str) -> None:
    with pytest.raises(DataError) as caught:
        schema_of(frame, **options)
    assert message in str(caught.value)


def tags(separator: str) -> list[str]:
    rng = np.random.default_rng(0)
    return [separator.join(rng.choice(list("abcdefgh"), rng.integers(1, 5), replace=False)) for _ in range(ROWS)]


@pytest.mark.parametrize("separator", ["|", "; ", ", "])
def test_lists_of_recurring_tokens_are_lists(separator: str) -> None:
    frame = table(tags=words(tags(separator)))
    schema = schema_of(frame)
    assert [(c.kind, c.separator) for c in schema.columns if c.name == "tags"] == [("list", separator.strip())]
    conformed = conform(frame, schema_from_json(json.loads(json.dumps(schema_to_json(schema)))))["tags"]
    assert conformed.str.split("\n").tolist() == [row.split(separator) for row in frame["tags"]]


NO_LISTS = {
    "names": [f"Surname{number}, First{number % 50}" for number in range(ROWS)],
    "places": [f"{'ABCDEFGH'[n % 8]}, {n % 11}" for n in range(ROWS)],
    "decimal commas": [f"{n % 37},{n % 10}" for n in range(ROWS)],
    "few spellings": (["a,b,c", "a", "b,c"] * ROWS)[:ROWS],
}


@pytest.mark.parametrize("values", NO_LISTS.values(), ids=list(NO_LISTS))
def test_what_only_looks_like_lists_is_none(values: list[str]) -> None:
    assert "list" not in {c.kind for c in schema_of(table(odd=words(values))).columns}


def test_columns_that_hold_lists_are_stored_and_scored_alike(tmp_path: Path) -> None:
    rows = [row.split("|") for row in tags("|")]
    stored = store_dataset(table(tags=rows), tmp_path)
    schema = schema_of(read_table(stored.path))
    assert {c.name: c.kind for c in schema.columns}["tags"] == "list"
    for held in (rows, [tuple(row) for row in rows], [np.array(row) for row in rows]):
        assert conform(table(tags=held), schema)["tags"].str.split("\n").tolist() == rows


HELD = {
    "few spellings": [["a", "b"], ["a"], ["b", "c"]] * 40,
    "numbers": [[1.0, None, 2.5], [3], []] * 40,
    "one number": [[n % 7] for n in range(ROWS)],
}


@pytest.mark.parametrize("rows", HELD.values(), ids=list(HELD))
def test_lists_of_any_kind_are_scored_as_they_were_stored(rows: list[list[object]], tmp_path: Path) -> None:
    frame = table(tags=pd.Series(rows, dtype=object))
    stored = read_table(store_dataset(frame, tmp_path).path)
    schema = schema_of(stored)
    expected = conform(stored, schema)["tags"].reset_index(drop=True)
    pd.testing.assert_series_equal(conform(frame, schema)["tags"], expected)
    tuples = table(tags=pd.Series([tuple(row) for row in rows], dtype=object).astype("category"))
    pd.testing.assert_series_equal(conform(tuples, schema)["tags"], expected)


BRACKETS = {
    "SQL (DB)|C": ["SQL (DB)", "C"],
    "C|SQL (DB)": ["C", "SQL (DB)"],
    "(a)|(b)": ["(a)", "(b)"],
    "(a (b)|c)": ["a (b)", "c"],
    "['a]'|'b (1)']": ["a]", "b (1)"],
    " [[a|b]] ": ["a", "b"],
    "{a|b}": ["a", "b"],
    "[a)|b": ["[a)", "b"],
    "[]|": ["[]"],
}


def test_brackets_go_where_they_enclose_the_whole_list() -> None:
    schema = schema_of(table(tags=words(["a|b", "a", "b|c"] * 40)), kinds={"tags": "list"})
    read = conform(pd.DataFrame({"x": 1.0, "tags": list(BRACKETS)}), schema)["tags"]
    assert read.str.split("\n").tolist() == list(BRACKETS.values())


def test_a_wish_for_lists_finds_their_separator() -> None:
    schema = schema_of(table(tags=words(["red;green", "red", "green;blue"] * 40)), kinds={"tags": "list"})
    assert [(c.kind, c.separator) for c in schema.columns if c.name == "tags"] == [("list", ";")]


URLS = [f"https://shop.example/{'shoes' if n % 2 else 'hats'}/item-{n}" for n in range(ROWS)]
REVIEWS = ["".join(chr(0x4E00 + (7 * n + k * k) % 900) for k in range(20)) for n in range(ROWS)]


@pytest.mark.parametrize("values", [URLS, REVIEWS], ids=["addresses", "no blanks between words"])
def test_words_without_blanks_that_have_parts_are_no_identifiers(values: list[str]) -> None:
    assert "said" in schema_of(table(said=words(values))).names()


def test_dates_of_several_formats_in_one_column_are_dates() -> None:
    formats = ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%Y", "%d-%b-%Y"]
    days = pd.date_range("2024-01-01", periods=ROWS)
    frame = table(day=words([day.strftime(formats[n % 5]) for n, day in enumerate(days)]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schema = schema_of(frame)
        read = conform(frame, schema)["day"]
    (column,) = [c for c in schema.columns if c.name == "day"]
    assert (column.kind, set(column.categories)) == ("datetime", {"ISO8601", *formats[1:]})
    assert read.tolist() == days.tolist()


def test_words_of_which_few_are_dates_are_none() -> None:
    schema = schema_of(table(code=words([f"{n % 28 + 1:02}.01.2024" if n % 10 == 0 else f"{n % 40}x/{n % 7}" for n in range(ROWS)])))
    assert [c.kind for c in schema.columns if c.name == "code"] == ["categorical"]


@pytest.mark.parametrize(
    ("spell", "unit"),
    [(lambda n: f"{n / 4:.2f} kg", "kg"), (lambda n: f"{n}h", "h"), (lambda n: f"{n / 4:.2f}".replace(".", ",") + " m²", "m²")],
)
def test_numbers_with_one_unit_behind_them_are_numbers(spell: Callable[[int], str], unit: str) -> None:
    frame = table(size=words(["n/a" if n % 9 == 0 else spell(n) for n in range(ROWS)]))
    schema = schema_of(frame)
    (column,) = [c for c in schema.columns if c.name == "size"]
    assert (column.kind, column.unit) == ("numeric", unit)
    read = conform(frame, schema)["size"]
    scale = 1 if unit == "h" else 4
    assert read.tolist()[1:9] == [n / scale for n in range(1, 9)]
    assert read.isna().sum() == len(range(0, ROWS, 9))
    assert conform(pd.DataFrame({"x": [1.0], "size": [spell(7).split(" ")[0].removesuffix("h")]}), schema)["size"].tolist() == [7 / scale]


AMOUNTS = [7.5 + 800 * n for n in range(ROWS - 3)]
SPELLED = {
    "lakhs": ([*(f"₹{a:,.2f}" for a in AMOUNTS), "₹1,29,900", "-₹12,34,567.5", "1,00,00,000"], [*AMOUNTS, 129_900, -1_234_567.5, 1e7]),
    "minus": ([*(f"\u2212{a}" for a in AMOUNTS), "$5", "\u2212$1,200.50", "1e\u22125"], [*(-a for a in AMOUNTS), 5, -1200.5, 1e-5]),
    "minus, unit": ([*(f"\u2212{a} kg" for a in AMOUNTS), "5 kg", "-7 kg", "6 kg"], [*(-a for a in AMOUNTS), 5, -7, 6]),
}


@pytest.mark.parametrize("name", SPELLED)
def test_lakhs_and_the_minus_of_typographers_are_read_in_training_and_scoring(name: str) -> None:
    spelled, numbers = SPELLED[name]
    frame = table(size=words(spelled))
    schema = schema_of(frame)
    assert {c.name: c.kind for c in schema.columns}["size"] == "numeric"
    assert conform(frame, schema)["size"].tolist() == numbers
    assert [conform(frame.iloc[[row]], schema)["size"].item() for row in (0, -3, -2, -1)] == [numbers[row] for row in (0, -3, -2, -1)]


@pytest.mark.parametrize("some", ["1,2,345", "01,23,456", "123,45,678", "1,29,90", "1,29,9000", "1, 29, 900", "12,345,67", "5\u22127"])
def test_numbers_beside_each_other_are_not_one(some: str) -> None:
    schema = schema_of(table(size=np.arange(ROWS) / 7))
    with pytest.warns(UserWarning, match="size: 1 of 1 values are not numeric"):
        assert conform(pd.DataFrame({"x": [1.0], "size": words([some])}), schema)["size"].isna().all()


def test_lists_of_small_and_large_numbers_stay_lists() -> None:
    rng = np.random.default_rng(0)
    rows = [",".join(map(str, sorted(rng.choice([*range(10, 30), *range(100, 110)], rng.integers(1, 5))))) for _ in range(ROWS * 2)]
    frame = pd.concat([table(), table()], ignore_index=True).assign(tags=words(rows))
    assert {c.name: c.kind for c in schema_of(frame).columns}["tags"] == "list"


@pytest.mark.parametrize("spell", [lambda n: f"{n} {'kg' if n % 2 else 'lb'}", lambda n: f"{n % 20} kg", lambda n: f"0{n}a"])
def test_numbers_with_other_words_behind_them_are_none(spell: Callable[[int], str]) -> None:
    schema = schema_of(table(size=words([spell(n) for n in range(ROWS)] * 2)[:ROWS]))
    assert "numeric" not in [c.kind for c in schema.columns if c.name == "size"]


def test_a_kind_that_most_values_cannot_be_read_as_is_refused() -> None:
    with pytest.raises(DataError, match=r"column age: few values can be read as boolean"):
        schema_of(table(age=[n % 50 for n in range(ROWS)]), kinds={"age": "boolean"})
