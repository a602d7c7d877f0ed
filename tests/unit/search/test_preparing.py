"""The prepared frame: what children open is what was written, and numbers are mapped from the file, not copied."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.search import preparing
from bakeoff.search.preparing import Prepared, compared_rows
from bakeoff.search.splitting import Fold

ROWS = 70_000
"""More than Arrow puts into a chunk of its own accord."""


def frame(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["a", "b", "c"])
    numbers.loc[::7, "b"] = np.nan
    words = pd.Series(np.resize(["x", "yy", None], rows), dtype="str")
    others = {"word": words, "when": pd.date_range("2020", periods=rows, freq="s"), "count": np.arange(rows), "truth": numbers["a"] > 0}
    return numbers.assign(**others, small=numbers["a"].astype("float32"), level=pd.Categorical(words))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prepared").mkdir()
    return tmp_path


@pytest.mark.parametrize("index", [None, "b"])
@pytest.mark.parametrize("rows", [1, 100, ROWS])
def test_what_is_read_is_what_was_written(folder: Path, rows: int, index: str | None) -> None:
    written = frame(rows) if index is None else frame(rows).set_index(index)
    preparing._write_frame(written, folder / "prepared" / "frame.arrow")
    pd.testing.assert_frame_equal(Prepared(folder).frame, written, check_exact=True)


def test_columns_of_numbers_are_mapped_missing_values_or_not(folder: Path) -> None:
    preparing._write_frame(frame(ROWS), folder / "prepared" / "frame.arrow")
    read = Prepared(folder).frame
    mapped = [
        line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith("prepared/frame.arrow")
    ]
    for name in ("a", "b", "c", "count", "small"):
        address = read[name].to_numpy().__array_interface__["data"][0]
        assert any(int(begin, 16) <= address < int(end, 16) for begin, end in mapped), name


def judged_by(folder: Path, *valid: np.ndarray, groups: np.ndarray | None = None, **validation: object) -> Prepared:
    """What `prepare` would leave of such folds."""
    content = {"name": "x", "task": "classification", "data": {"train": "t.csv", "target": "y"}, "validation": validation}
    one = Prepared(folder)
    vars(one).update(folds=tuple(Fold(np.arange(3), rows) for rows in valid), groups=groups, params=validate(content))
    return one


def test_candidates_are_compared_by_folds(folder: Path) -> None:
    folds = np.arange(300).reshape(3, 100)
    for compared, rows in zip(compared_rows(judged_by(folder, *folds)), folds, strict=True):
        np.testing.assert_array_equal(compared, rows)


def test_candidates_are_compared_by_equal_parts_of_one_holdout(folder: Path) -> None:
    rows = np.arange(1_000, 2_000)
    compared = compared_rows(judged_by(folder, rows))
    assert [len(part) for part in compared] == [200] * 5
    np.testing.assert_array_equal(np.sort(np.concatenate(compared)), rows)
    assert np.ptp(compared[0]) > 900
    ordered = compared_rows(judged_by(folder, rows, strategy="time_ordered", time="when"))
    assert [(part[0], part[-1]) for part in ordered] == [(begin, begin + 199) for begin in range(1_000, 2_000, 200)]


def test_parts_of_one_holdout_keep_groups_whole(folder: Path) -> None:
    rows, groups = np.arange(1_000), np.repeat(np.arange(8), 125)
    compared = compared_rows(judged_by(folder, rows, groups=groups))
    assert len(compared) == 5
    assert sum(len(set(groups[part])) for part in compared) == 8


@pytest.mark.parametrize(("rows", "parts"), [(1, 1), (149, 1), (150, 3), (249, 4), (10_000, 5)])
def test_a_small_holdout_is_not_parted(folder: Path, rows: int, parts: int) -> None:
    assert len(compared_rows(judged_by(folder, np.arange(rows)))) == parts
    assert len(compared_rows(judged_by(folder, np.arange(rows), groups=np.zeros(rows, dtype=int)))) == 1
