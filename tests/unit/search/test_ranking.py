"""The leaderboard's order: natural scores in, best first out, failures last with their reasons."""

import math
from typing import Any

import pytest

from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search.ranking import build_leaderboard, is_better

ACCURACY = get_metric("accuracy", "classification")
LOG_LOSS = get_metric("log_loss", "classification")


def trial(index: int, state: str = "done", **scores: float) -> Trial:
    candidate = Candidate(index, "knn", {"n_neighbors": index + 1}, "codes", seed=0)
    return Trial(candidate, state, "why" if state != "done" else "", scores=scores)  # type: ignore[arg-type]


def test_greater_is_better_and_less_is_better_rank_the_other_way_round() -> None:
    trials = [trial(0, accuracy=0.5, log_loss=0.2), trial(1, accuracy=0.9, log_loss=0.7)]
    assert [r["index"] for r in build_leaderboard(trials, ACCURACY, "classification")["rows"]] == [1, 0]
    assert [r["index"] for r in build_leaderboard(trials, LOG_LOSS, "classification")["rows"]] == [0, 1]


def test_undefined_scores_and_failures_come_last_and_equals_keep_the_plans_order() -> None:
    trials = [trial(0, accuracy=math.nan), trial(1, "failed"), trial(2, accuracy=0.7), trial(3, accuracy=0.7), trial(4, "skipped")]
    board = build_leaderboard(trials, ACCURACY, "classification", planned=9)
    assert [(r["index"], r["rank"]) for r in board["rows"]] == [(2, 1), (3, 2), (0, 3), (1, None), (4, None)]
    assert board["counts"] == {"done": 3, "failed": 1, "skipped": 1, "planned": 9}
    assert board["rows"][3]["reason"] == "why"


def test_the_ensemble_stands_where_its_score_puts_it() -> None:
    row = {"name": "voting_ensemble", "score": 0.8, "scores": {}, "index": None}
    board = build_leaderboard([trial(0, accuracy=0.9), trial(1, accuracy=0.7)], ACCURACY, "classification", [row])
    assert [r["name"] == "voting_ensemble" for r in board["rows"]] == [False, True, False]


def stacked(by_fold: list[float]) -> dict[str, Any]:
    return {
        "name": "stacking_ensemble",
        "score": sum(by_fold) / len(by_fold),
        "by_fold": by_fold,
        "scores": {},
        "index": None,
        "reason": "",
    }


def folded(index: int, by_fold: list[float], algorithm: str = "knn") -> Trial:
    candidate = Candidate(index, algorithm, {"number": index}, "codes", seed=0, origin="baseline" if algorithm == "baseline" else "tuner")
    mean = sum(by_fold) / len(by_fold)
    return Trial(candidate, "done", scores={"accuracy": mean}, fold_scores={"accuracy": tuple(by_fold)})


BEST = [0.90, 0.84, 0.88, 0.86]


@pytest.mark.parametrize(
    ("stacking", "first"),
    [
        ([0.89, 0.85, 0.87, 0.86], True),  # less by a hair, and by chance for all that folds can tell
        ([0.80, 0.74, 0.78, 0.76], False),  # less in every fold
        ([0.93, 0.88, 0.91, 0.90], True),  # more in every fold, though less in the score of all rows
        ([0.87], False),  # no folds to tell by
    ],
)
def test_the_stacking_ensemble_stands_before_what_it_is_tied_with(stacking: list[float], first: bool) -> None:
    row = {**stacked(stacking), "score": min(0.86, stacked(stacking)["score"])}
    board = build_leaderboard([folded(0, BEST), folded(1, [0.5] * 4)], ACCURACY, "classification", [row])
    names = [r["name"].partition("-")[0] for r in board["rows"]]
    assert names == (["stacking_ensemble", "knn", "knn"] if first else ["knn", "stacking_ensemble", "knn"])
    assert [r["rank"] for r in board["rows"]] == [1, 2, 3]
    assert ("cannot tell it from knn" in board["rows"][0]["reason"]) is first


def test_where_nothing_is_learned_the_ensemble_does_not_stand_before_the_baseline() -> None:
    board = build_leaderboard([folded(0, BEST, "baseline"), folded(1, [0.5] * 4)], ACCURACY, "classification", [stacked(BEST[::-1])])
    assert board["rows"][0]["algorithm"] == "baseline"


def test_is_better_is_strict_and_nan_is_worst() -> None:
    assert is_better(0.1, 0.2, LOG_LOSS)
    assert not is_better(0.2, 0.2, LOG_LOSS)
    assert not is_better(math.nan, 0.2, LOG_LOSS)
    assert is_better(0.2, math.nan, LOG_LOSS)
