"""outdone_recipes: what other recipes outdo on this table; law: compared within one algorithm, fold by fold, never by means alone."""

from collections.abc import Callable, Sequence
from functools import cache

from bakeoff.evaluation import MetricCard
from bakeoff.features import customized, made_of
from bakeoff.runs import Trial
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import best_first
from bakeoff.search.ties import Dealing, is_tied

__all__ = ["outdone_recipes", "what_recipes_make"]


def what_recipes_make(prepared: Prepared) -> Callable[[str], str]:
    """Says what a recipe makes of this table, in a word: recipes of other names may make the same."""

    @cache
    def made(recipe: str) -> str:
        base, _, scaler = recipe.partition("+")
        return f"{made_of(customized(base, prepared.params.featurization), prepared.schema)}+{scaler}"

    return made


def outdone_recipes(
    trials: Sequence[Trial], metric: MetricCard, dealing: Dealing | None = None, made: Callable[[str], str] = str
) -> set[str]:
    """Recipes whose best trial is worse than another recipe's by the same algorithm, beyond what folds differ by chance.

    `made` says in a word what a recipe makes of the table: recipes that make the same are one, and named by it.

    What columns are made into tells more on a table than which booster reads it: where crosses outdo the columns as they are for one,
    they do so for the others.
    """
    best: dict[str, dict[str, Sequence[float]]] = {}
    for trial in best_first(trials, metric):
        folds = trial.fold_scores.get(metric.name, ())
        best.setdefault(trial.candidate.algorithm, {}).setdefault(made(trial.candidate.recipe), folds)
    found = set()
    for recipes in best.values():
        (_, first), *others = recipes.items()
        found |= {recipe for recipe, folds in others if is_tied(folds, first, dealing) is False}
    return found
