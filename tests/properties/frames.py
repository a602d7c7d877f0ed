"""Any frame that pandas can make: every dtype, missing values, extremes, mixes of objects, names that are no words."""

import decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as from_numpy
from hypothesis.extra import pandas as from_pandas

__all__ = ["frames", "plain_frames"]

ODD_WORDS = st.sampled_from(["", " ", "n/a", "yes", "No", "1,234", "$5", "12%", "2024-01-05", "03/04/2024", "00734", "\x00", "é", "日本"])
WORDS = st.text(max_size=8) | ODD_WORDS
DATES = st.datetimes()
SOME_DATES = st.datetimes(pd.Timestamp("1700-01-01").to_pydatetime(), pd.Timestamp("2200-01-01").to_pydatetime())
NUMBERS = ["int8", "int64", "uint64", "float16", "float32", "float64", "bool", "complex128"]
NUMPY = st.sampled_from([*NUMBERS, "datetime64[ns]", "timedelta64[ns]", "<U5"])
OBJECTS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.dates() | st.decimals(-10, 10, places=2)
REFUSED = st.binary(max_size=3) | st.lists(st.integers(), max_size=2) | st.dictionaries(st.integers(0, 2), st.integers(), max_size=1)
EXTENSIONS: dict[str, st.SearchStrategy[Any]] = {
    "Int64": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "UInt8": st.integers(0, 255) | st.none(),
    "Float32": st.floats(width=32) | st.none(),
    "boolean": st.booleans() | st.none(),
    "str": WORDS | st.none(),
    "category": WORDS | st.integers(0, 3) | st.none(),
    "datetime64[s]": DATES | st.none(),
    "datetime64[us, Europe/Vienna]": SOME_DATES | st.none(),
    "period[M]": st.sampled_from(list(pd.period_range("1999-01", periods=6, freq="M"))),
    "Sparse[float64]": st.sampled_from([0.0, 1.0, 2.5]),
    "cut": st.sampled_from(list(pd.interval_range(0, 4))),
}
ODD_NAMES = st.sampled_from(["a b", "a\nb", "id", "[x]<y>", '{"q": 1}', "target", "__index_level_0__", "é,é"])
NAMES = st.text(max_size=6) | st.integers() | st.none() | st.dates() | ODD_NAMES


@st.composite
def frames(draw: st.DrawFn) -> tuple[pd.DataFrame, str]:
    """A frame, and the name of the column to learn: as often a learnable one as one of the others."""
    rows = draw(st.integers(4, 24) | st.integers(0, 3))
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str) | st.lists(NAMES, min_size=1, max_size=3))
    frame = pd.concat([draw(_column(rows)) for _ in names], axis=1)
    frame.columns = pd.Index(names, dtype=object)
    if draw(st.booleans()):
        frame["y"] = _repeated(draw(st.sampled_from([["no", "yes"], [0, 1, 2], [True, False], [0.5, 7.25, -1.0, 3.0]])), rows)
    target = str(frame.columns[-1])
    if draw(st.booleans()):
        frame.index = pd.Index(draw(st.lists(st.integers(0, 9) | st.text(max_size=2), min_size=rows, max_size=rows)), dtype=object)
    return frame, target


@st.composite
def plain_frames(draw: st.DrawFn) -> tuple[pd.DataFrame, str]:
    """A frame that can be learned from: at least 12 rows, names of their own, a target that varies."""
    rows = draw(st.integers(12, 24))
    names = draw(st.lists(NAMES.filter(lambda name: str(name) not in ("y", "None")), min_size=1, max_size=5, unique_by=str))
    frame = pd.concat([draw(_plain_column(rows)) for _ in names], axis=1)
    frame.columns = pd.Index(names, dtype=object)
    frame["x"] = [number % 5 for number in range(rows)]
    frame["y"] = _repeated(draw(st.sampled_from([["no", "yes"], [0, 1, 2], [0.5, 7.25, -1.0, 3.0]])), rows)
    return frame.loc[:, ~frame.columns.map(str).duplicated()], "y"


def _repeated(values: list[Any], rows: int) -> list[Any]:
    return (values * rows)[:rows]


def _column(rows: int) -> st.SearchStrategy[pd.Series]:
    return st.one_of(_plain_column(rows), _plain_column(rows), _plain_column(rows), _values(REFUSED | OBJECTS, rows, "object"))


def _plain_column(rows: int) -> st.SearchStrategy[pd.Series]:
    index = from_pandas.range_indexes(rows, rows)
    numpy = NUMPY.flatmap(lambda dtype: from_pandas.series(dtype=dtype, index=index, elements=_elements(dtype)))
    extensions = st.sampled_from(list(EXTENSIONS)).flatmap(lambda dtype: _values(EXTENSIONS[dtype], rows, dtype))
    few = st.lists(OBJECTS, min_size=1, max_size=3).flatmap(lambda values: _values(st.sampled_from(values), rows, "object"))
    numbers = _values(st.sampled_from([decimal.Decimal("1.5"), decimal.Decimal(2), None]), rows, "object")
    return st.one_of(numpy, extensions, few, numbers)


def _elements(dtype: str) -> st.SearchStrategy[Any] | None:
    return st.text(max_size=5) if dtype == "<U5" else from_numpy.from_dtype(np.dtype(dtype))


def _values(elements: st.SearchStrategy[Any], rows: int, dtype: str) -> st.SearchStrategy[pd.Series]:
    made = st.lists(elements, min_size=rows, max_size=rows)
    if dtype == "cut":
        return made.map(lambda values: pd.Series(pd.Categorical(values)))
    return made.map(lambda values: pd.Series(values, dtype=dtype))
