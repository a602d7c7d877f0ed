"""Cluster distances: rows of one cluster are near its centre, whatever the columns' scales and gaps."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMNS = (Column("metres", "numeric", "float64"), Column("millimetres", "numeric", "float64"))


def test_each_cluster_is_near_a_centre_of_its_own() -> None:
    rng = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 40, axis=0) + rng.normal(size=(120, 2)) / 10
    frame = pd.DataFrame({"metres": places[:, 0], "millimetres": 1000 * places[:, 1]})
    featurizer = get_featurizer("cluster_distance").build(COLUMNS, clusters=3)
    matrix = featurizer.fit_transform(frame, np.zeros(120), 0)
    nearest = matrix.argmin(axis=1).reshape(3, 40)
    assert (nearest == nearest[:, :1]).all()
    assert len(np.unique(nearest[:, 0])) == 3
    np.testing.assert_array_equal(featurizer.transform(frame), matrix)
    assert featurizer.features() == tuple((f"distance_to_cluster_{number}", "metres", "millimetres") for number in (1, 2, 3))


def test_few_distinct_rows_and_missing_values_have_distances_too() -> None:
    frame = pd.DataFrame({"metres": [1.0, np.nan, 1.0, 2.0], "millimetres": [np.nan] * 4})
    matrix = get_featurizer("cluster_distance").build(COLUMNS).fit_transform(frame, np.zeros(4), 0)
    assert np.isfinite(matrix).all()
    assert matrix.shape == (4, 3)
