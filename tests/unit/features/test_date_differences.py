"""Date differences: days from one date to another, of each pair of columns."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer


def dates(*values: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(values, format="ISO8601")).astype("datetime64[ns]")


def differences(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    featurizer = get_featurizer("date_differences").build(tuple(Column(str(name), "datetime", "datetime64[ns]") for name in frame))
    matrix = featurizer.fit_transform(frame, np.zeros(len(frame)), 0)
    return dict(zip([name for name, *_ in featurizer.features()], matrix.T, strict=True))


def test_days_are_counted_from_the_first_column_to_the_second_and_missing_is_missing() -> None:
    got = differences(
        pd.DataFrame(
            {
                "ordered": dates("2024-02-28", "2024-03-01", None, "2024-01-01"),
                "sent": dates("2024-03-01 12:00", "2024-02-29", "2024-01-01", None),
                "paid": dates("2024-02-28", "2024-03-31", "2024-01-02", "2025-01-01"),
            }
        )
    )
    assert list(got) == ["ordered.days_to_sent", "ordered.days_to_paid", "sent.days_to_paid"]
    np.testing.assert_array_equal(got["ordered.days_to_sent"], [2.5, -1, np.nan, np.nan])
    np.testing.assert_array_equal(got["ordered.days_to_paid"], [0, 30, np.nan, 366])


def test_dates_centuries_apart_have_a_difference() -> None:
    got = differences(pd.DataFrame({"born": dates("1700-01-01", None), "until": dates("2261-12-31", "2261-12-31")}))
    expected = (np.datetime64("2261-12-31") - np.datetime64("1700-01-01")).astype(float)
    np.testing.assert_array_equal(got["born.days_to_until"], [expected, np.nan])


def test_one_column_has_none_and_many_have_fifteen() -> None:
    assert differences(pd.DataFrame({"a": dates("2024-01-01")})) == {}
    many = differences(pd.DataFrame({f"d{number}": dates("2024-01-01") for number in range(9)}))
    assert (len(many), next(reversed(many))) == (15, "d1.days_to_d8")
