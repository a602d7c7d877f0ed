"""ALGORITHMS: what can compete; law: an explicit tuple of cards, listing it imports none of their libraries."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution

from bakeoff.algorithms import (
    baseline,
    bernoulli_naive_bayes,
    catboost,
    decision_tree,
    elastic_net,
    extra_trees,
    gaussian_naive_bayes,
    gaussian_process,
    gradient_boosting,
    hist_gradient_boosting,
    knn,
    lasso_lars,
    lightgbm,
    linear_svm,
    logistic_regression,
    mlp,
    multinomial_naive_bayes,
    random_forest,
    ridge,
    sgd,
    svm,
    tabm,
    xgboost,
)
from bakeoff.algorithms.card import AlgorithmCard, TableFacts
from bakeoff.errors import MissingLibraryError, ParamsError, nearest

__all__ = ["ALGORITHMS", "algorithms_for", "get_algorithm", "require_library", "too_large"]

ALGORITHMS: tuple[AlgorithmCard, ...] = (
    baseline.CARD,
    lightgbm.CARD,
    logistic_regression.CARD,
    elastic_net.CARD,
    random_forest.CARD,
    catboost.CARD,
    extra_trees.CARD,
    xgboost.CARD,
    hist_gradient_boosting.CARD,
    mlp.CARD,
    tabm.CARD,
    knn.CARD,
    svm.CARD,
    gaussian_process.CARD,
    ridge.CARD,
    lasso_lars.CARD,
    linear_svm.CARD,
    sgd.CARD,
    gradient_boosting.CARD,
    decision_tree.CARD,
    gaussian_naive_bayes.CARD,
    bernoulli_naive_bayes.CARD,
    multinomial_naive_bayes.CARD,
)
WHERE = "search.algorithms"


def get_algorithm(name: str, where: str = WHERE) -> AlgorithmCard:
    """The algorithm of this name; ParamsError with the nearest names."""
    found = {card.name: card for card in ALGORITHMS}
    if name not in found:
        raise ParamsError("there is no such algorithm", where=where, given=name, remedy=nearest(name, found))
    return found[name]


def algorithms_for(task: str, include: Sequence[str] | None = None, exclude: Sequence[str] = ()) -> tuple[AlgorithmCard, ...]:
    """The cards that compete for a task, in the registry's order, the baseline left out unless it is included by name.

    Raises ParamsError for an unknown name, for one of another task in `include`, and where nothing is left.
    """
    fitting = {card.name: card for card in ALGORITHMS if task in card.tasks}
    for name in include or ():
        if get_algorithm(name, f"{WHERE}.include").name not in fitting:
            raise ParamsError(f"this algorithm cannot do {task}", where=f"{WHERE}.include", given=name, allowed=", ".join(sorted(fitting)))
    for name in exclude:
        get_algorithm(name, f"{WHERE}.exclude")
    wanted = set(fitting) - {"baseline"} if include is None else set(include)
    chosen = tuple(card for name, card in fitting.items() if name in wanted and name not in exclude)
    if not chosen:
        raise ParamsError(
            f"no algorithm for {task} is left", where=f"{WHERE}.exclude", given=", ".join(exclude), remedy="exclude fewer algorithms"
        )
    return chosen


def require_library(card: AlgorithmCard) -> None:
    """Raise MissingLibraryError where the card's library is not installed; nothing is imported."""
    try:
        distribution(card.needs)
    except PackageNotFoundError:
        raise MissingLibraryError(
            f"{card.name} needs {card.needs}", where="search.algorithms", remedy=f"pip install {card.needs}, or exclude {card.name}"
        ) from None


def too_large(card: AlgorithmCard, facts: TableFacts, in_part: bool = True) -> str:
    """Why the card does not take so large a table; empty where it does, or, `in_part`, where it learns from a part of such a table."""
    most_rows = None if card.learns_from_part and in_part else card.max_rows
    for what, limit, size in (("rows", most_rows, facts.rows), ("columns", card.max_columns, facts.columns)):
        if limit is not None and size > limit:
            return f"{card.name} takes at most {limit:,} {what}, the table has {size:,}"
    return ""
