"""One holdout's parts: by them candidates are compared as by folds."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.search import begin_run, prepare
from bakeoff.search.comparing import parts_of_holdout
from bakeoff.search.preparing import Prepared


def is_one_of_all(parts: list[np.ndarray], rows: int) -> bool:
    return len(parts) == 1 and list(parts[0]) == list(range(rows))


@pytest.mark.parametrize(("rows", "parts"), [(1, 1), (149, 1), (150, 3), (249, 4), (250, 5), (10_000, 5)])
def test_a_small_holdout_is_one_part(rows: int, parts: int) -> None:
    found = parts_of_holdout(np.arange(float(rows)), "regression", None, 0)
    assert len(found) == parts
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.arange(rows))
    assert np.ptp([len(part) for part in found]) <= 1


def test_parts_hold_classes_alike_and_a_metric_of_ones_own_sees_every_class() -> None:
    target = np.repeat([0, 1], [245, 5])
    assert [np.bincount(target[part]).tolist() for part in parts_of_holdout(target, "classification", None, 0)] == [[49, 1]] * 5
    rare = np.repeat([0, 1], [497, 3])
    assert len(parts_of_holdout(rare, "classification", None, 0)) == 5
    assert len(parts_of_holdout(rare, "classification", None, 0, complete=True)) == 3
    assert is_one_of_all(parts_of_holdout(np.repeat([0, 1], [498, 2]), "classification", None, 0, complete=True), 500)


def test_groups_stay_whole_and_parts_of_a_few_rows_are_none() -> None:
    groups = np.repeat(np.arange(8), 125)
    parts = parts_of_holdout(np.zeros(1_000), "regression", groups, 0)
    assert len(parts) == 5
    assert sum(len(set(groups[part])) for part in parts) == 8
    uneven = np.repeat(np.arange(11), [990, *[1] * 10])
    assert is_one_of_all(parts_of_holdout(np.zeros(1_000), "regression", uneven, 0), 1_000)
    assert is_one_of_all(parts_of_holdout(np.zeros(1_000), "regression", np.zeros(1_000, dtype=int), 0), 1_000)


def prepared(folder: Path, rows: int, **validation: Any) -> Prepared:
    rng = np.random.default_rng(0)
    when = pd.date_range("2020-01-01", periods=rows, freq="h").to_numpy()
    table = pd.DataFrame({"a": rng.normal(size=rows), "when": rng.permutation(when), "y": rng.normal(size=rows)})
    content = {"name": "part", "task": "regression", "data": {"train": "a frame", "target": "y"}, "validation": validation}
    run = begin_run(validate(content), root=folder, source=table, own=False)
    ready = prepare(run)
    run.lock.release()
    return ready


def test_parts_of_the_last_window_follow_each_other(tmp_path: Path) -> None:
    one = prepared(tmp_path, 200_100, strategy="time_ordered", time="when")  # so many rows have one window
    times = one.frame["when"].to_numpy()
    spans = [(times[part].min(), times[part].max()) for part in one.compared]
    assert len(spans) == 5
    assert np.median([(end - begin) / np.ptp(times[one.folds[0].valid]) for begin, end in spans]) < 0.51  # it has four blocks
    assert sorted(spans) == spans
    assert one.dealing.judged_to_trained == pytest.approx(1 / 4 / 5)


def test_folds_are_compared_as_they_are(tmp_path: Path) -> None:
    one = prepared(tmp_path, 400, folds=3)
    for compared, fold in zip(one.compared, one.folds, strict=True):
        np.testing.assert_array_equal(compared, fold.valid)
    assert one.dealing.judged_to_trained == pytest.approx(1 / 2, abs=0.01)
