"""The dataset store: one content, one file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bakeoff.data import EXAMPLES, dataset_digest, make_schema, read_table, store_dataset, write_example
from bakeoff.errors import DataError, ParamsError


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2, 3], "b": pd.Series(["x", None, "y"], dtype="str"), "c": [1.5, np.nan, 2.5]})


def test_a_file_and_a_frame_of_one_content_are_one_dataset(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "t.csv", index=False)
    stored = store_dataset(tmp_path / "t.csv", tmp_path / "store")
    assert (stored.rows, stored.columns) == (3, 3)
    assert stored.path == tmp_path / "store" / f"{stored.digest}.parquet"
    assert store_dataset(frame(), tmp_path / "store") == stored
    pd.testing.assert_frame_equal(read_table(stored.path), frame())
    assert [p.name for p in (tmp_path / "store").iterdir()] == [stored.path.name]


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    stored = store_dataset(frame(), tmp_path)
    before = stored.path.stat().st_mtime_ns
    store_dataset(frame(), tmp_path)
    assert stored.path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "other",
    [
        frame().assign(a=[1, 2, 4]),
        frame().rename(columns={"a": "z"}),
        frame()[["b", "a", "c"]],
        frame().astype({"a": "float64"}),
        frame().iloc[::-1],
        frame().assign(b=pd.Series(["x", "", "y"], dtype="str")),
    ],
    ids=["value", "name", "column order", "dtype", "row order", "missing or blank"],
)
def test_another_content_has_another_digest(other: pd.DataFrame) -> None:
    assert dataset_digest(other) != dataset_digest(frame())


def test_the_digest_survives_the_round_trip_of_every_dtype(tmp_path: Path) -> None:
    odd = pd.DataFrame(
        {
            7: [1, 2],
            "category": pd.Categorical(["b", "a"]),
            "numbers as categories": pd.Categorical([2, 1]),
            "numbers in order": pd.Categorical([2, 1], categories=[3, 1, 2], ordered=True),
            "ranges in order": pd.cut([1, 2], [0, 1, 2, 3]),
            "dates in order": pd.Categorical(pd.to_datetime(["2024-01-02", "2024-01-01"]), ordered=True),
            "objects": pd.Series([1, "a"], dtype=object),
            "truth": pd.Series([True, None], dtype=object),
            "zoned": pd.to_datetime(["2024-01-01", None]).tz_localize("Asia/Tokyo"),
            "days": pd.to_timedelta([1, 2], unit="D"),
            "months": pd.period_range("2024-01", periods=2, freq="M"),
            "all missing": pd.Series([None, None], dtype=object),
            "nullable numbers": pd.array([1, None], dtype="Int64"),
            "nullable truth": pd.array([True, None], dtype="boolean"),
            "nullable words": pd.array(["a", None], dtype="string"),
            "arrow's numbers": pd.array([1, 2], dtype="int64[pyarrow]"),
            "arrow's days": pd.array([date(2024, 1, 1), None], dtype="date32[pyarrow]"),
            "days as objects": pd.Series([date(2024, 1, 1), None], dtype=object),
            "by the second": np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[s]"),
        },
        index=["x", "y"],
    )
    stored = store_dataset(odd, tmp_path)
    again = read_table(stored.path)
    assert next(iter(again.columns)) == "7"
    assert dataset_digest(again) == stored.digest
    assert store_dataset(stored.path, tmp_path) == stored


IN_ORDER = {
    "whole numbers": ([10, 20, None, 40], [40, 30, 20, 10], ("40", "30", "20", "10")),
    "numbers": ([1.5, None, 2.5, 1.5], [2.5, 9.25, 1.5], ("2.5", "9.25", "1.5")),
    "ranges": (pd.cut([3, 1, -1, 1], [-2, 0, 2, 4, 6]), None, ("(-2, 0]", "(0, 2]", "(2, 4]", "(4, 6]")),
    "words and numbers": (["low", 3, 4, 3], [4, "low", 3], ("4", "low", "3")),
}


@pytest.mark.parametrize("name", IN_ORDER)
def test_categories_keep_their_order(name: str, tmp_path: Path) -> None:
    values, categories, order = IN_ORDER[name]
    held = values if categories is None else pd.Categorical(values, categories=categories, ordered=True)
    stored = store_dataset(pd.DataFrame({"size": held, "y": np.arange(4.0)}), tmp_path)
    again = read_table(stored.path)
    assert make_schema(again, task="regression", target="y").columns[0].order == order
    assert dataset_digest(again) == stored.digest


def test_numbers_in_another_order_or_none_are_another_dataset(tmp_path: Path) -> None:
    held = pd.Series(pd.Categorical([1, 2, 3, 2], categories=[3, 2, 1], ordered=True))
    frames = [pd.DataFrame({"size": v, "y": range(4)}) for v in (held, held.cat.reorder_categories([1, 2, 3]), held.cat.as_unordered())]
    read = [read_table(store_dataset(frame, tmp_path).path) for frame in frames]
    assert [make_schema(one, task="regression", target="y").columns[0].order for one in read] == [("3", "2", "1"), ("1", "2", "3"), None]


def test_frames_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column names occur twice: '1'"):
        store_dataset(pd.DataFrame([[1, 2]], columns=["1", 1]), tmp_path)
    with pytest.raises(DataError, match="nested values"):
        store_dataset(pd.DataFrame({"a": [[1], [[2]]]}), tmp_path)
    with pytest.raises(DataError, match="no rows"):
        store_dataset(pd.DataFrame({"a": []}), tmp_path)


ODD = {
    "all pd.NA": (pd.Series([pd.NA, pd.NA], dtype=object), [np.nan, np.nan]),
    "pd.NA in lists": (pd.Series([[pd.NA, 1], [None, 2.0]], dtype=object), ["1", "2"]),
    "decimals that signal": (pd.Series([Decimal("sNaN"), Decimal("1.5")], dtype=object), [np.nan, 1.5]),
    "half a surrogate pair": (pd.Series(["a\ud800", "b"], dtype=object), ["a?", "b"]),
    "half a surrogate pair in lists": (pd.Series([["a\ud800"], ["b"]], dtype=object), ["a?", "b"]),
    "long doubles": (pd.Series([0.5, 1.5], dtype=np.longdouble), [0.5, 1.5]),
    "lists of Arrow": (pd.Series([[1, 2], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))), ["1|2", np.nan]),
    "sparse objects": (pd.Series(pd.arrays.SparseArray(np.array(["a", "b"], dtype=object), fill_value="a")), ["a", "b"]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_values_are_stored(tmp_path: Path, name: str) -> None:
    values, kept = ODD[name]
    stored = store_dataset(pd.DataFrame({"odd": values, "one": 1}), tmp_path)
    again = read_table(stored.path)
    assert dataset_digest(again) == stored.digest
    pd.testing.assert_series_equal(again["odd"], pd.Series(kept, name="odd"), check_dtype=False)


def test_structs_of_arrow_are_refused_as_dicts_are(tmp_path: Path) -> None:
    structs = pd.Series([{"a": 1}] * 2, dtype=pd.ArrowDtype(pa.struct([("a", pa.int64())])))
    for nested in (structs, structs.astype(object)):
        with pytest.raises(DataError, match="nested: the column holds nested values"):
            store_dataset(pd.DataFrame({"nested": nested}), tmp_path)


def test_bytes_of_arrow_are_refused_as_bytes_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="raw: the column holds bytes"):
        store_dataset(pd.DataFrame({"raw": pd.Series([b"a", b"b"], dtype=pd.ArrowDtype(pa.binary()))}), tmp_path)


def test_what_is_left_out_may_hold_anything_in_a_frame_as_in_a_file(tmp_path: Path) -> None:
    odd = frame().assign(deep=[{"k": 1}, None, {"k": 2}], raw=[b"x", b"y", None], plain=[1, 2, 3])
    odd.to_parquet(tmp_path / "t.parquet")
    drop = ["deep", "raw", "plain"]
    stored = store_dataset(odd, tmp_path, drop)
    assert stored == store_dataset(tmp_path / "t.parquet", tmp_path, drop)
    assert read_table(stored.path)["plain"].tolist() == [1, 2, 3]
    with pytest.raises(DataError, match="raw: the column holds bytes"):
        store_dataset(odd, tmp_path, ["deep"])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_examples_are_the_same_bytes_each_time(tmp_path: Path, example: object) -> None:
    name, target = example.name, example.target  # type: ignore[attr-defined]
    if name == "randhie":
        pytest.importorskip("statsmodels")
    write_example(name, tmp_path / "one.parquet")
    write_example(name, tmp_path / "new folder" / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "new folder" / "two.parquet").read_bytes()
    assert target in read_table(tmp_path / "one.parquet")


def test_an_unknown_example_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="did you mean wine"):
        write_example("vine", tmp_path / "x.parquet")
