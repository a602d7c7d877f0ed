"""Weight of evidence: log odds against the overall odds, for values deviations, nothing for what was never seen."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMN = (Column("town", "categorical", "str", ("a", "b")),)


def words(values: object) -> pd.DataFrame:
    return pd.DataFrame({"town": pd.Series(values, dtype="str")})


def test_two_classes_have_one_evidence_whose_sign_says_for_or_against() -> None:
    frame, y = words(["a"] * 40 + ["b"] * 40), np.array([1] * 30 + [0] * 10 + [1] * 10 + [0] * 30)
    featurizer = get_featurizer("weight_of_evidence").build(COLUMN)
    featurizer.fit_transform(frame, y, 0)
    share = (30 + 10 * 0.5) / 50
    expected = np.log(share / (1 - share))
    np.testing.assert_allclose(featurizer.transform(words(["a", "b", "zebra"]))[:, 0], [expected, -expected, 0.0])
    assert featurizer.features() == (("town.evidence_of_class_1", "town"),)


def test_values_are_deviations_from_the_overall_mean() -> None:
    frame, y = words(["a"] * 30 + ["b"] * 30), np.repeat([1.0, 5.0], 30)
    featurizer = get_featurizer("weight_of_evidence").build(COLUMN, smoothing=0.001)
    featurizer.fit_transform(frame, y, 0)
    np.testing.assert_allclose(featurizer.transform(words(["a", "b", None]))[:, 0], [-1, 1, 0], atol=1e-3)
    assert featurizer.features() == (("town.deviations_from_mean_target", "town"),)


def test_a_class_that_a_part_lacks_gives_finite_evidence() -> None:
    frame, y = words(["a", "b"] * 20), np.array([0] * 39 + [1])
    assert np.isfinite(get_featurizer("weight_of_evidence").build(COLUMN).fit_transform(frame, y, 0)).all()
