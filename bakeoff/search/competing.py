"""Who competes, and by which metric; law: names of params are resolved here, before anything heavy is imported."""

from bakeoff.algorithms import AlgorithmCard, algorithms_for
from bakeoff.errors import ParamsError, nearest
from bakeoff.evaluation import MetricCard, default_metric, get_metric
from bakeoff.params import RunParams

__all__ = ["check_names", "competitors", "primary_metric", "tried_unasked"]


def check_names(params: RunParams) -> None:
    """Resolves every name in the params. Raises ParamsError with the YAML path and the nearest names."""
    competitors(params)
    primary_metric(params)
    if params.search.meta_learner is not None:
        known = [card.name for card in algorithms_for(params.task)]
        if params.search.meta_learner not in known:
            what = f"no algorithm of this name learns a {params.task}"
            remedy = nearest(params.search.meta_learner, known)
            raise ParamsError(what, where="search.meta_learner", given=params.search.meta_learner, remedy=remedy)


def primary_metric(params: RunParams) -> MetricCard:
    """The metric that ranks, stops and ensembles."""
    name = params.search.metric
    return default_metric(params.task) if name is None else get_metric(name, params.task)


def competitors(params: RunParams) -> tuple[AlgorithmCard, ...]:
    """The cards that compete, the baseline not among them."""
    chosen = params.search.algorithms
    return algorithms_for(params.task, include=chosen.include, exclude=chosen.exclude)


def tried_unasked(params: RunParams) -> tuple[AlgorithmCard, ...]:
    """The competitors whose starts are tried: those of the portfolio and those included by name; all where that leaves none."""
    cards = competitors(params)
    named = params.search.algorithms.include or ()
    return tuple(card for card in cards if card.portfolio or card.name in named) or cards
