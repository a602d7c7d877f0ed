"""Lists of tokens: each frequent token is a feature, rare and unseen ones are counted, a missing list stays missing."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMN = (Column("tags", "list", "str", (), ","),)


def lists(*values: str | None) -> pd.DataFrame:
    return pd.DataFrame({"tags": pd.Series(values, dtype="str")})


def test_frequent_tokens_are_features_and_others_are_counted() -> None:
    featurizer = get_featurizer("token_indicators").build(COLUMN, fewest_rows=2)
    featurizer.fit_transform(lists("sea\nsun", "sun", "sea\nfog", None), np.zeros(4), 0)
    assert [name for name, _ in featurizer.features()] == ["tags.tokens", "tags.rare_tokens", "tags has sea", "tags has sun"]
    got = featurizer.transform(lists("sun\nsea\nsun", "fog\nsnow", None))
    np.testing.assert_array_equal(got, [[2, 0, 1, 1], [2, 2, 0, 0], [np.nan, 0, 0, 0]])
