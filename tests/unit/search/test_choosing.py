"""Which algorithm the tuner turns to."""

from collections.abc import Sequence

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search.choosing import ANYHOW, chances

LOSS, ACCURACY = get_metric("log_loss", "classification"), get_metric("accuracy", "classification")


def trials(algorithm: str, scores: Sequence[float | None], seconds: float = 1.0, metric: str = "log_loss") -> list[Trial]:
    return [
        Trial(Candidate(number, algorithm, {}, "plain", seed=0), "done", scores={metric: score}, fit_seconds=seconds)  # type: ignore[dict-item]
        for number, score in enumerate(scores)
    ]


def test_none_is_without_a_chance_and_who_has_no_score_has_that_of_the_least() -> None:
    seen = [*trials("a", [0.5, 0.4, 0.41, 0.42]), *trials("b", [9.0, 8.9, 8.95, 8.8]), *trials("c", [None])]
    found = dict(zip("abcd", chances(["a", "b", "c", "d"], seen, LOSS, clocked=True), strict=True))
    assert sum(found.values()) == pytest.approx(1)
    assert found["a"] > 0.5
    assert found["b"] == found["c"] == found["d"] >= ANYHOW / 4


def test_what_fails_has_fewer_turns() -> None:
    alike = [*trials("good", [0.4, 0.5, 0.45]), *trials("frail", [0.4, 0.5, 0.45])]
    failed = [Trial(Candidate(number, "frail", {}, "plain", seed=0), "failed") for number in range(5, 9)]
    good, frail = chances(["good", "frail"], [*alike, *failed], LOSS, clocked=False)
    assert good > 2 * frail


def test_one_with_wild_scores_does_not_make_all_others_alike() -> None:
    near = [*trials("best", [0.30, 0.31, 0.32, 0.33]), *trials("behind", [0.40, 0.41, 0.42, 0.43])]
    best, behind, _ = chances(["best", "behind", "wild"], [*near, *trials("wild", [1.0, 3.0, 9.0, 30.0])], LOSS, clocked=False)
    assert best > behind


def test_the_better_one_has_the_greater_chance_in_either_direction() -> None:
    for metric, good, bad in ((LOSS, [0.31, 0.3, 0.32], [0.51, 0.5, 0.52]), (ACCURACY, [0.9, 0.91, 0.89], [0.7, 0.71, 0.69])):
        seen = [*trials("bad", bad, metric=metric.name), *trials("good", good, metric=metric.name)]
        found = dict(zip(("bad", "good"), chances(["bad", "good"], seen, metric, clocked=False), strict=True))
        assert found["good"] > 2 * found["bad"]


def test_where_none_has_two_scores_to_tell_by_the_better_one_has_the_greater_chance() -> None:
    scores = {"good": 0.30, "fair": 0.31, "late": 0.33, "last": 0.34, "poor": 0.6, "poorer": 0.7, "bad": 0.8, "worst": 0.9}
    seen = [trial for name, score in scores.items() for trial in trials(name, [score])]
    found = dict(zip(scores, chances(list(scores), seen, LOSS, clocked=False), strict=True))
    assert found["good"] > found["fair"] > 2 * found["poor"]
    assert found["poor"] == pytest.approx(found["worst"], abs=1e-3)


def test_of_two_alike_the_cheaper_one_has_more_turns_where_a_clock_decides() -> None:
    seen = [*trials("cheap", [0.4, 0.5, 0.45], seconds=1.0), *trials("dear", [0.4, 0.5, 0.45], seconds=10.0)]
    clocked, counted = (chances(["cheap", "dear"], seen, LOSS, clocked=c) for c in (True, False))
    assert clocked[0] > 5 * clocked[1]
    assert counted[0] == pytest.approx(counted[1])


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize(
    "seen",
    [[], trials("a", [None]), trials("a", [float("nan")]), [*trials("a", [0.4]), *trials("b", [0.4])], trials("a", [1e308, -1e308, 1e308])],
)
def test_nothing_to_tell_them_apart_by_gives_all_the_same(seen: list[Trial]) -> None:
    np.testing.assert_allclose(chances(["a", "b"], seen, LOSS, clocked=True), [0.5, 0.5])
