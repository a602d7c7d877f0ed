"""Text components: texts that share words are near each other, how long they are stands beside; nothing depends on rows not trained on."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMN = (Column("said", "text", "str"),)


def texts(*values: str | None) -> pd.DataFrame:
    return pd.DataFrame({"said": pd.Series(values, dtype="str")})


def test_texts_of_one_topic_point_the_same_way() -> None:
    ships, bread = "the ship left the harbour at dawn", "we bake bread with flour and water"
    train = texts(*[ships, bread] * 10, None)
    featurizer = get_featurizer("text_components").build(COLUMN, components=2)
    featurizer.fit_transform(train, np.zeros(21), 0)
    one, other, ship, oven, nothing = featurizer.transform(texts(ships, bread, "a ship at dawn", "bread and water", "zebra"))[:, 2:]
    assert np.dot(one, ship) > 0.3
    assert np.dot(other, oven) > 0.3
    assert abs(np.dot(one, oven)) < 1e-9
    np.testing.assert_array_equal(nothing, 0)


def test_columns_without_a_shared_word_have_zeros() -> None:
    featurizer = get_featurizer("text_components").build(COLUMN)
    np.testing.assert_array_equal(featurizer.fit_transform(texts("a", "b", None), np.zeros(3), 0)[:, 2:], np.zeros((3, 32)))
    assert len(featurizer.features()) == 34


def test_lengths_are_counted_in_characters_and_words_and_missing_ones_are_not_zero() -> None:
    featurizer = get_featurizer("text_components").build(COLUMN, components=2)
    got = featurizer.fit_transform(texts("a ship at dawn", "", None, "bread"), np.zeros(4), 0)
    assert [name for name, _ in featurizer.features()][:2] == ["said.characters", "said.words"]
    np.testing.assert_array_equal(got[:, :2], [[14, 4], [0, 0], [np.nan, np.nan], [5, 1]])
