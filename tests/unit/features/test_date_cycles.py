"""Date cycles: what is near in the year, the week or the day is near here."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

CYCLES = {"year": slice(0, 2), "week": slice(2, 4), "day": slice(4, 6)}


def circles(*values: str | None) -> np.ndarray:
    featurizer = get_featurizer("date_cycles").build((Column("at", "datetime", "datetime64[ns]"),))
    assert [name for name, _ in featurizer.features()] == [f"at.{wave}_of_{cycle}" for cycle in CYCLES for wave in ("sine", "cosine")]
    frame = pd.DataFrame({"at": pd.Series(pd.to_datetime(values, format="ISO8601")).astype("datetime64[ns]")})
    return np.asarray(featurizer.fit_transform(frame, np.zeros(len(values)), 0))


@pytest.mark.parametrize(
    ("cycle", "near", "far"),
    [
        ("year", ("2023-12-31", "2024-01-01"), ("2023-12-31", "2023-07-01")),
        ("week", ("2024-01-07 23:00", "2024-01-08 00:00"), ("2024-01-07 23:00", "2024-01-04 12:00")),
        ("day", ("2024-01-01 23:45", "2024-05-05 00:15"), ("2024-01-01 23:45", "2024-01-01 12:00")),
    ],
)
def test_the_end_of_a_cycle_is_next_to_its_beginning(cycle: str, near: tuple[str, str], far: tuple[str, str]) -> None:
    one, next_to_it = circles(*near)[:, CYCLES[cycle]]
    _, opposite = circles(*far)[:, CYCLES[cycle]]
    assert np.linalg.norm(one - next_to_it) < 0.15
    assert np.linalg.norm(one - opposite) > 1.95


def test_each_point_lies_on_its_circle_and_missing_is_missing() -> None:
    got = circles("2024-02-29 06:30", "1969-12-31 18:00", None)
    for columns in CYCLES.values():
        np.testing.assert_allclose(np.linalg.norm(got[:2, columns], axis=1), 1)
    assert np.isnan(got[2]).all()
    np.testing.assert_allclose(got[1, CYCLES["day"]], [-1, 0], atol=1e-12)
