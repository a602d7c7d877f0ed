"""Which algorithm the tuner turns to."""

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search.choosing import ANYHOW, chances

LOSS, ACCURACY = get_metric("log_loss", "classification"), get_metric("accuracy", "classification")


def trials(algorithm: str, scores: list[float], seconds: float = 1.0, metric: str = "log_loss") -> list[Trial]:
    return [
        Trial(Candidate(number, algorithm, {}, "plain", seed=0), "done", scores={metric: score}, fit_seconds=seconds)
        for number, score in enumerate(scores)
    ]


def test_the_chances_are_shares_and_none_is_without() -> None:
    found = chances(["a", "b", "c"], [*trials("a", [0.5, 0.4]), *trials("b", [9.0, 8.9])], LOSS, clocked=True)
    assert found.sum() == pytest.approx(1)
    assert (found >= ANYHOW / 3 - 1e-12).all()


def test_the_better_one_has_the_greater_chance_in_either_direction() -> None:
    for metric, good, bad in ((LOSS, [0.31, 0.3, 0.32], [0.51, 0.5, 0.52]), (ACCURACY, [0.9, 0.91, 0.89], [0.7, 0.71, 0.69])):
        seen = [*trials("bad", bad, metric=metric.name), *trials("good", good, metric=metric.name)]
        found = dict(zip(("bad", "good"), chances(["bad", "good"], seen, metric, clocked=False), strict=True))
        assert found["good"] > 2 * found["bad"]


def test_of_two_alike_the_cheaper_one_has_more_turns_where_a_clock_decides() -> None:
    seen = [*trials("cheap", [0.4, 0.5, 0.45], seconds=1.0), *trials("dear", [0.4, 0.5, 0.45], seconds=10.0)]
    clocked, counted = (chances(["cheap", "dear"], seen, LOSS, clocked=c) for c in (True, False))
    assert clocked[0] > 5 * clocked[1]
    assert counted[0] == pytest.approx(counted[1])


@pytest.mark.parametrize("seen", [[], trials("a", [float("nan")]), [*trials("a", [0.4]), *trials("b", [0.4])]])
def test_nothing_to_tell_them_apart_by_gives_all_the_same(seen: list[Trial]) -> None:
    np.testing.assert_allclose(chances(["a", "b"], seen, LOSS, clocked=True), [0.5, 0.5])
