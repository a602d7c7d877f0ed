"""Which recipes others outdo: within one algorithm, and only where the folds can tell."""

from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search.outdone import outdone_recipes

METRIC = get_metric("log_loss", "classification")
CLEAR, CLOSE = (0.30, 0.31, 0.29, 0.30, 0.32), (0.40, 0.26, 0.33, 0.27, 0.34)


def trial(algorithm: str, recipe: str, folds: tuple[float, ...], seed: int = 0) -> Trial:
    return Trial(Candidate(1, algorithm, {}, recipe, seed), "done", scores={METRIC.name: sum(folds) / 5}, fold_scores={METRIC.name: folds})


def worse(folds: tuple[float, ...], by: float) -> tuple[float, ...]:
    return tuple(loss + by + 0.001 * place for place, loss in enumerate(folds))


def test_a_recipe_is_outdone_where_the_same_algorithm_is_clearly_better_on_another() -> None:
    trials = [trial("lightgbm", "crossed", CLEAR), trial("lightgbm", "mixed", worse(CLEAR, 0.1)), trial("lightgbm", "plain", CLOSE)]
    assert outdone_recipes(trials, METRIC) == {"mixed"}


def test_recipes_that_make_the_same_of_the_table_are_one() -> None:
    trials = [trial("lightgbm", "crossed", CLEAR), trial("lightgbm", "mixed", worse(CLEAR, 0.1)), trial("lightgbm", "codes", CLEAR)]
    made = {"crossed": "crosses", "mixed": "columns", "codes": "columns"}
    assert outdone_recipes(trials, METRIC, None, made.__getitem__) == set()
    assert outdone_recipes(trials[:2], METRIC, None, made.__getitem__) == {"columns"}


def test_what_another_algorithm_did_says_nothing() -> None:
    trials = [trial("lightgbm", "crossed", CLEAR), trial("knn", "mixed", worse(CLEAR, 0.1))]
    assert outdone_recipes(trials, METRIC) == set()


def test_a_recipes_best_trial_speaks_for_it() -> None:
    trials = [trial("lightgbm", "crossed", worse(CLEAR, 0.01)), trial("lightgbm", "mixed", worse(CLEAR, 0.1))]
    assert outdone_recipes([*trials, trial("lightgbm", "mixed", CLEAR, seed=1)], METRIC) == {"crossed"}
    assert outdone_recipes([], METRIC) == set()
