"""Category ranks: frequent categories stand apart from rare ones, as numbers."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer


def test_a_category_s_place_is_a_number_and_no_code_of_a_set() -> None:
    card = get_featurizer("category_ranks")
    featurizer = card.build((Column("town", "categorical", "str", ("often", "sometimes", "once")),))
    asked = pd.DataFrame({"town": pd.Series(["once", "often", None, "never", "sometimes"], dtype="str")})
    np.testing.assert_array_equal(featurizer.transform(asked)[:, 0], [2, 0, np.nan, 3, 1])
    assert not card.gives_codes
