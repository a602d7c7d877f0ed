"""Spelling components: what is spelled alike is near each other, also what was never seen."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

WHERE = ("ward", "school", "harbour", "office")
JOBS = ("Nurse, senior", *(f"{what} {where}" for what in ("Nurse", "Bus driver", "Teacher", "Clerk") for where in WHERE))


def words(*values: str | None) -> pd.DataFrame:
    return pd.DataFrame({"job": pd.Series(values, dtype="str")})


def points(*asked: str | None, known: tuple[str, ...] = JOBS, **parameters: int) -> np.ndarray:
    featurizer = get_featurizer("spelling_components").build((Column("job", "categorical", "str", known),), **parameters)
    featurizer.fit_transform(words(*known), np.zeros(len(known)), 0)
    return np.asarray(featurizer.transform(words(*asked)))


def test_words_in_another_order_are_nearer_than_other_words() -> None:
    senior, nurse, driver = points("Senior Nurse", "Nurse, senior", "Bus driver")
    assert np.linalg.norm(senior - nurse) < 0.5 * np.linalg.norm(senior - driver)


def test_an_unseen_spelling_has_numbers_near_those_it_shares_pieces_with() -> None:
    unseen, driver, clerk = points("busdrivers", "Bus driver office", "Clerk office")
    assert np.linalg.norm(unseen) > 0.1
    assert unseen @ driver > 2 * (unseen @ clerk)


def test_missing_and_what_shares_nothing_are_zeros() -> None:
    np.testing.assert_array_equal(points(None, "", "日本"), 0)


def test_it_has_as_many_components_as_asked_for_named_after_their_column() -> None:
    assert points("Clerk", components=3).shape == (1, 3)
    assert points("Clerk", known=("Clerk", "Cook"), components=40).shape == (1, 40)
    featurizer = get_featurizer("spelling_components").build((Column("job", "categorical", "str", JOBS),), components=2)
    assert featurizer.features() == (("job.spelling_0", "job"), ("job.spelling_1", "job"))


@pytest.mark.parametrize("known", [tuple(chr(0x4E00 + number) for number in range(150)), tuple("+" * size for size in range(1, 40))])
def test_spellings_without_a_word_or_a_piece_in_common_are_taken(known: tuple[str, ...]) -> None:
    assert np.isfinite(points(*known, None, known=known)).all()


def test_a_few_categories_are_left_alone() -> None:
    takes = get_featurizer("spelling_components").takes
    assert [takes(Column("job", "categorical", "str", tuple(map(str, range(size))))) for size in (30, 31)] == [False, True]


def test_directions_are_made_of_the_most_frequent_spellings_that_have_not_too_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakeoff.features.spelling_components.MOST_CHARACTERS", sum(map(len, JOBS)))
    np.testing.assert_array_equal(points("Clerk", "Cook", known=(*JOBS, "Cook of another ward")), points("Clerk", "Cook"))
    assert points("Cook", known=("C" + "o" * 1000 + "k", "Cook")).any()
