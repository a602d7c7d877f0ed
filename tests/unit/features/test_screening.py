"""The random-column screen: what tells something stays among hundreds that do not."""

import numpy as np
import pytest

from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import fit_encoder, recipe_learns_from
from bakeoff.features.screening import FEWEST, screened

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(400, 300))


@pytest.mark.parametrize("classes", [0, 2, 3, 20])
def test_features_that_tell_stay_and_most_others_go(classes: int) -> None:
    value = NOISE[:, 7] + NOISE[:, 123]
    y = np.digitize(value, np.quantile(value, np.linspace(0, 1, classes + 1)[1:-1])) if classes else value
    kept = screened(NOISE, y, 0)
    assert {7, 123} <= set(kept)
    assert FEWEST <= len(kept) < 60
    np.testing.assert_array_equal(kept, screened(NOISE, y, 0))


def test_rows_that_tell_nothing_screen_nothing() -> None:
    assert len(screened(NOISE[:12], np.arange(12) % 2, 0)) == 300
    rare = np.zeros(20_000, dtype=np.int64)
    rare[1] = 1
    assert len(screened(np.tile(NOISE[:, :40], (50, 1)), rare, 0)) == 40


def test_a_constant_target_and_few_features_screen_nothing() -> None:
    assert len(screened(NOISE, np.zeros(400), 0)) == 300
    assert len(screened(NOISE[:, :5], NOISE[:, 7], 0)) == 5


def test_a_screened_encoder_gives_new_rows_the_same_features() -> None:
    import pandas as pd

    frame = pd.DataFrame(NOISE, columns=[f"x{place}" for place in range(300)])
    schema = Schema("regression", Target("y", "float64"), tuple(Column(name, "numeric", "float64") for name in frame))
    encoder, matrix = fit_encoder("screened_one_hot+standard", frame, NOISE[:, 7] * 3, schema, seed=0)
    assert "x7" in encoder.names
    assert matrix.shape[1] == len(encoder.names) < 60
    np.testing.assert_allclose(encoder.transform(frame), matrix)
    assert recipe_learns_from("screened", schema) == "target"
