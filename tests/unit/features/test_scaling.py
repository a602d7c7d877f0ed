"""What scalers make of numbers: what a person would expect, whatever the numbers are."""

import numpy as np
import pytest

from bakeoff.errors import ParamsError
from bakeoff.features import SCALERS, get_recipe, scaled
from bakeoff.features.scaling import Piecewise, fit_scaler

RANDOM = np.random.default_rng(0)
MATRIX = np.column_stack([RANDOM.normal(5, 2, 400), RANDOM.exponential(size=400), RANDOM.integers(0, 2, 400), np.full(400, 7.0)])
STRANGE = np.array([[1e37, -1e37, 0.5, 7.0], [0.0, 0.0, 0.0, 0.0], [-1e37, 1e300, 1.0, 1e37]])


@pytest.mark.parametrize("name", SCALERS)
def test_nothing_infinite_or_missing_leaves_a_scaler(name: str) -> None:
    scaler = fit_scaler(name, MATRIX)
    assert np.isfinite(scaler.transform(MATRIX)).all()
    assert np.isfinite(scaler.transform(np.clip(STRANGE, -1e37, 1e37))).all()


@pytest.mark.parametrize("name", SCALERS)
def test_in_place_comes_the_same(name: str) -> None:
    scaler, own = fit_scaler(name, MATRIX), MATRIX.copy()
    expected = scaler.transform(MATRIX)
    np.testing.assert_array_equal(scaler.transform(own, out=own), expected)


@pytest.mark.parametrize("name", SCALERS)
@pytest.mark.parametrize("shape", [(1, 3), (2, 1), (3, 40)])
def test_few_rows_many_columns_and_constants_are_taken(name: str, shape: tuple[int, int]) -> None:
    for matrix in (np.arange(np.prod(shape), dtype=float).reshape(shape), np.zeros(shape)):
        got = fit_scaler(name, matrix).transform(matrix)
        assert np.isfinite(got).all()
        assert len(got) == len(matrix)


def test_each_has_the_scale_it_is_named_after() -> None:
    varying = MATRIX[:, :3]
    minmax = fit_scaler("minmax", varying).transform(np.vstack([varying, varying.max(axis=0) + 9]))
    assert (minmax.min(axis=0) == 0).all()
    assert (minmax.max(axis=0) == 1).all()
    np.testing.assert_allclose(np.abs(fit_scaler("maxabs", varying).transform(varying)).max(axis=0), 1)
    robust = fit_scaler("robust", varying).transform(varying)[:, :2]
    np.testing.assert_allclose(np.median(robust, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.subtract(*np.quantile(robust, [0.75, 0.25], axis=0)), 1)
    np.testing.assert_allclose(np.linalg.norm(fit_scaler("normalizer", varying).transform(varying), axis=1), 1)
    assert not fit_scaler("normalizer", varying).transform(np.zeros((1, 3))).any()


def test_quantiles_are_normal_and_equal_values_share_one() -> None:
    got = fit_scaler("quantile", MATRIX).transform(MATRIX)
    for column in (0, 1):
        assert abs(got[:, column].mean()) < 0.02
        assert abs(got[:, column].std() - 1) < 0.05
    assert (np.argsort(got[:, 0], kind="stable") == np.argsort(MATRIX[:, 0], kind="stable"))[20:-20].all()
    zero, one = (np.unique(got[MATRIX[:, 2] == value, 2]) for value in (0, 1))
    assert len(zero) == len(one) == 1
    assert -1.5 < zero[0] < 0 < one[0] < 1.5


def test_components_hold_the_variance_and_are_the_same_from_either_side() -> None:
    from sklearn.decomposition import PCA

    wide = RANDOM.normal(size=(30, 4)) @ RANDOM.normal(size=(4, 60)) + 0.01 * RANDOM.normal(size=(30, 60))
    scaler = fit_scaler("pca", wide)
    components = scaler.transform(wide)
    assert components.shape == (30, 4)
    standard = fit_scaler("standard", wide).transform(wide)
    np.testing.assert_allclose(np.abs(components), np.abs(PCA(4).fit_transform(standard)), atol=1e-6)
    tall = fit_scaler("pca", MATRIX)
    assert tall.transform(MATRIX).shape == (400, 3)
    np.testing.assert_allclose(np.corrcoef(tall.transform(MATRIX).T), np.eye(3), atol=1e-9)


def test_piecewise_says_how_far_a_value_has_come_through_each_range() -> None:
    matrix = np.column_stack([np.arange(240.0), np.full(240, 7.0), np.arange(240) % 2])
    scaler = fit_scaler("piecewise", matrix)
    assert isinstance(scaler, Piecewise)
    got = scaler.transform(matrix)
    np.testing.assert_array_equal(got[:, :3], fit_scaler("standard", matrix).transform(matrix))
    assert scaler.made_of() == [("{}", 0), ("{}", 1), ("{}", 2), *((f"{{}}_range_{n}", 0) for n in range(1, 25))]
    ranges = got[:, 3:]
    assert ranges.shape == (240, 24)
    np.testing.assert_allclose(ranges.sum(axis=1), matrix[:, 0] * 24 / 239)
    assert (np.diff(ranges, axis=0) >= 0).all()
    assert (ranges[:, 1:] <= ranges[:, :-1]).all()


def test_piecewise_is_zero_below_and_one_above_the_training_rows() -> None:
    matrix = np.random.default_rng(1).normal(size=(500, 2))
    below, above, far = fit_scaler("piecewise", matrix).transform(np.array([[-50.0, -50], [50, 50], [1e37, -1e37]]))[:, 2:]
    assert not below.any()
    assert (above == 1).all()
    np.testing.assert_array_equal(np.unique(far), [0, 1])


def test_piecewise_of_a_wide_table_stays_bounded_and_of_constants_adds_nothing() -> None:
    wide = RANDOM.normal(size=(60, 2000))
    assert 2000 + 1000 < fit_scaler("piecewise", wide).transform(wide[:1]).shape[1] < 2000 + 1600
    assert fit_scaler("piecewise", np.full((60, 5), 3.0)).transform(np.full((1, 5), 4.0)).shape == (1, 5)


def test_a_recipe_is_spelled_with_its_scaler() -> None:
    assert (get_recipe("one_hot+pca").scaler, get_recipe("one_hot").scaler) == ("pca", None)
    assert scaled("codes", "standard") == "codes"
    with pytest.raises(ParamsError, match=r"there is no such scaler\n  given: one_hot\+robus\n.*did you mean robust"):
        get_recipe("one_hot+robus")
    with pytest.raises(ParamsError, match="a recipe that keeps missing values is not scaled"):
        get_recipe("codes+robust")


def test_of_many_columns_each_has_fewer_ranges() -> None:
    matrix = np.random.default_rng(0).normal(size=(300, 150))
    made = fit_scaler("piecewise", matrix).made_of()
    assert made is not None
    np.testing.assert_array_equal(np.bincount([column for _, column in made]), np.full(150, 11))
    few = fit_scaler("piecewise", np.column_stack([matrix, matrix > 0, matrix > 1])).made_of()
    assert few is not None
    assert few[450:] == made[150:]
