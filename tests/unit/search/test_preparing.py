"""The prepared frame: what children open is what was written, and numbers are mapped from the file, not copied."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.search import begin_run, prepare, preparing
from bakeoff.search.preparing import Prepared

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


def test_what_is_prepared_is_on_disk_before_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    run = begin_run(
        validate({"name": "x", "task": "regression", "data": {"train": "a frame", "target": "y"}}),
        root=tmp_path,
        source=frame(60).assign(y=range(60)),
    )
    prepare(run)
    run.lock.release()
    written = {path.name for path in (run.path / "prepared").iterdir() if not path.name.startswith("done")}
    assert written <= set(flushed)
    assert {"frame.arrow", "target.npy", "folds.npz"} <= written
