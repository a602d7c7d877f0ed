"""Categories as shares of the training rows."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMN = (Column("town", "categorical", "str", ("Linz", "Graz")),)


def test_shares_are_of_the_training_rows() -> None:
    featurizer = get_featurizer("frequency_encoding").build(COLUMN)
    train = pd.DataFrame({"town": pd.Series(["Linz", "Graz", "Linz", None, "Linz"], dtype="str")})
    found = featurizer.fit_transform(train, np.arange(5.0), 0)
    np.testing.assert_allclose(found[:, 0], [0.6, 0.2, 0.6, 0.2, 0.6])
    new = pd.DataFrame({"town": pd.Series(["Wien", "Graz", None], dtype="str")})
    np.testing.assert_allclose(featurizer.transform(new)[:, 0], [0.0, 0.2, 0.2])
    many = pd.concat([new] * 40, ignore_index=True)
    np.testing.assert_allclose(featurizer.transform(many)[:3, 0], [0.0, 0.2, 0.2])
    assert featurizer.features() == (("town.share_of_rows", "town"),)


def test_a_missing_value_that_training_rows_never_had_is_unseen() -> None:
    featurizer = get_featurizer("frequency_encoding").build(COLUMN)
    featurizer.fit_transform(pd.DataFrame({"town": pd.Series(["Linz", "Graz"], dtype="str")}), np.arange(2.0), 0)
    assert featurizer.transform(pd.DataFrame({"town": pd.Series([None], dtype="str")}))[0, 0] == 0.0
