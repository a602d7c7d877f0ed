"""Transforms of the target: there and back, finite for whatever an estimator says, offered to skewed targets alone."""

import pickle

import numpy as np
import pytest

from bakeoff.features import LOG_LINK, MEDIAN, TARGET_TRANSFORMS, Scale, fit_target_transform, offered_transforms, takes_log_link

SKEWED = np.random.default_rng(0).lognormal(sigma=1.5, size=300)
TRANSFORMS = [name for name in TARGET_TRANSFORMS if name not in ("none", LOG_LINK, MEDIAN)]


def skewness(values: np.ndarray) -> float:
    return float(np.mean(((values - values.mean()) / values.std()) ** 3))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_there_and_back(name: str) -> None:
    transform = fit_target_transform(name, SKEWED)
    assert transform is not None
    seen = transform.forward(SKEWED)
    assert abs(skewness(seen)) < skewness(SKEWED) / 2
    assert (seen.mean(), seen.std()) == pytest.approx((0, 1), abs=0.05)
    back = pickle.loads(pickle.dumps(transform)).back(seen)
    np.testing.assert_allclose(back, SKEWED, rtol=1e-6)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_wild_predictions_stay_within_the_training_targets(name: str) -> None:
    transform = fit_target_transform(name, SKEWED)
    assert transform is not None
    back = transform.back(np.array([-1e9, -50.0, 0.0, 50.0, 1e9]))
    assert np.isfinite(back).all()
    assert (back.min(), back.max()) == pytest.approx((SKEWED.min(), SKEWED.max()))
    assert np.isfinite(transform.forward(np.array([-1e6, 0.0, 1e12]))).all()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_no_rows_are_none_there_and_back(name: str) -> None:
    transform = fit_target_transform(name, SKEWED)
    assert transform is not None
    assert transform.forward(np.zeros(0)).shape == transform.back(np.zeros(0)).shape == (0,)


def test_nothing_to_transform() -> None:
    assert fit_target_transform("none", SKEWED) is None
    assert fit_target_transform("log1p", np.full(5, 3.0)) is None
    with pytest.raises(ValueError, match="no target transform square"):
        fit_target_transform("square", SKEWED)


def test_only_skewed_targets_are_offered_one() -> None:
    assert offered_transforms(SKEWED) == ("log1p", "yeo-johnson", "quantile")
    assert offered_transforms(SKEWED - SKEWED.mean()) == offered_transforms(-SKEWED) == ("yeo-johnson", "quantile")
    assert offered_transforms(np.random.default_rng(0).normal(size=500)) == ()
    assert offered_transforms(np.full(5, 3.0)) == offered_transforms(np.zeros(0)) == ()


def test_a_target_far_from_0_is_shifted_there() -> None:
    seconds = 1.7e9 + np.random.default_rng(0).normal(0, 3600, 300)
    shift = fit_target_transform("none", seconds)
    assert shift is not None
    assert abs(shift.forward(seconds)).max() < 1e5
    np.testing.assert_allclose(pickle.loads(pickle.dumps(shift)).back(shift.forward(seconds).astype(np.float32)), seconds, atol=1e-2)
    assert fit_target_transform("none", 2000.0 + np.arange(25.0)) is None


@pytest.mark.parametrize("unit", [1e-12, 1e-3, 1e12])
def test_a_target_of_a_very_small_or_large_spread_is_learned_in_units_of_it(unit: float) -> None:
    y = unit * (3 + np.random.default_rng(0).normal(size=300))
    shift = fit_target_transform("none", y)
    assert shift is not None
    assert shift.forward(y).std() == pytest.approx(1)
    np.testing.assert_allclose(shift.back(shift.forward(y)), y)


def test_a_median_is_learned_of_what_none_would_be() -> None:
    assert fit_target_transform(MEDIAN, SKEWED) is None
    for far in (SKEWED + 1e9, SKEWED * 1e-9):
        shifted = fit_target_transform(MEDIAN, far)
        assert shifted is not None
        assert shifted == fit_target_transform("none", far)


def test_where_logarithms_are_judged_they_are_offered_for_every_target_that_has_some() -> None:
    assert offered_transforms(np.arange(9.0), logarithmic=True) == ("log1p",)
    assert offered_transforms(-SKEWED + SKEWED.max(), logarithmic=True) == ("log1p", "yeo-johnson", "quantile")
    assert offered_transforms(np.arange(9.0) - 1, logarithmic=True) == ()


def test_a_log_link_learns_targets_in_units_of_their_mean() -> None:
    scale = fit_target_transform(LOG_LINK, SKEWED)
    assert isinstance(scale, Scale)
    assert scale.forward(SKEWED).mean() == pytest.approx(1)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(scale)).back(scale.forward(SKEWED)), SKEWED)
    assert fit_target_transform(LOG_LINK, np.zeros(5)) is None
    with pytest.raises(ValueError, match=r"never below 0: -2"):
        fit_target_transform(LOG_LINK, np.array([-2.0, 5.0]))


def test_a_log_link_is_for_targets_that_are_never_below_0_and_differ() -> None:
    assert takes_log_link(SKEWED)
    assert takes_log_link(np.array([0.0, 0.0, 3.0]))
    for other in (SKEWED - 1, np.zeros(5), np.full(5, 3.0), 1.7e9 + SKEWED, np.zeros(0)):
        assert not takes_log_link(other)
