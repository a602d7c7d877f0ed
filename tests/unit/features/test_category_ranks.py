"""Category ranks: frequent categories stand apart from rare ones, as numbers."""

import numpy as np
import pandas as pd

from bakeoff.data import conform, make_schema
from bakeoff.data.schema import Column
from bakeoff.features import RecipeCard, Rows, encode, get_featurizer


def test_a_category_s_place_is_a_number_and_no_code_of_a_set() -> None:
    card = get_featurizer("category_ranks")
    featurizer = card.build((Column("town", "categorical", "str", ("once", "often", "sometimes")),))
    featurizer.fit_transform(pd.DataFrame({"town": ["sometimes", "often", "often", "once", "sometimes", "often"]}), np.zeros(6), 0)
    asked = pd.DataFrame({"town": pd.Series(["once", "often", None, "never", "sometimes"], dtype="str")})
    np.testing.assert_array_equal(featurizer.transform(asked)[:, 0], [2, 0, np.nan, 3, 1])
    assert not card.gives_codes


def test_ranks_are_those_of_the_training_rows_alone() -> None:
    frame = pd.DataFrame({"town": ["a", "b", "b", "c", "c", "c"]})
    target = np.array([0, 1, 0, 1, 0, 1])
    schema = make_schema(frame.assign(y=target), task="classification", target="y")
    rows = Rows(conform(frame, schema), target, 0, train=np.array([0, 1, 2]))
    encoder, matrix = encode(RecipeCard("ranks", ("category_ranks",)), schema, rows)
    np.testing.assert_array_equal(matrix[:, 0], [1, 0, 0, 2, 2, 2])
    np.testing.assert_array_equal(encoder.transform(rows.frame), matrix)
