"""Rows that the folds cannot tell apart are tied, clear winners are not."""

import math

import pytest

from bakeoff.search.ties import Dealing, is_tied


def test_noise_is_a_tie_and_a_difference_in_every_fold_is_none() -> None:
    best = [0.90, 0.92, 0.88, 0.91, 0.89]
    assert is_tied([0.91, 0.91, 0.87, 0.92, 0.88], best) is True
    assert is_tied([0.80, 0.82, 0.78, 0.81, 0.79], best) is False
    assert is_tied(best, best) is True


def test_a_clear_mean_difference_is_still_a_tie_where_folds_disagree_widely() -> None:
    assert is_tied([0.95, 0.60, 0.97, 0.62, 0.90], [0.80, 0.85, 0.82, 0.84, 0.86]) is True


@pytest.mark.parametrize("scores", [[0.9, 0.8], [], [0.9, math.nan, 0.8]])
def test_too_few_folds_or_an_undefined_score_say_nothing(scores: list[float]) -> None:
    assert is_tied(scores, [0.9, 0.8, 0.7][: len(scores)]) is None


def test_repeated_folds_tell_no_more_than_folds_dealt_once() -> None:
    best, near, far = [0.90, 0.92, 0.88, 0.91], [0.894, 0.923, 0.873, 0.904], [0.863, 0.891, 0.847, 0.876]
    assert is_tied(near * 4, best * 4) is False  # taken for sixteen folds of new rows
    for scores, tied in ((near, True), (far, False)):
        assert is_tied(scores, best) is tied
        assert is_tied(scores * 4, best * 4, Dealing(1 / 3, times=4)) is tied
    assert is_tied(near[:2] * 4, best[:2] * 4, Dealing(1, times=4)) is None


def test_folds_without_a_score_do_not_count() -> None:
    gap = float("nan")
    assert is_tied([0.9, gap, 0.8, 0.7], [0.8, 0.9, 0.9, 0.7]) is True
    assert is_tied([0.9, gap, 0.8, 0.7], [0.8, 0.9, gap, 0.7]) is None
