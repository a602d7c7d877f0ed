"""How candidates are judged; law: metrics are functions with cards, folds come from one seed, scores keep their natural direction."""

from bakeoff.evaluation.card import MetricCard
from bakeoff.evaluation.charts import chart_tables
from bakeoff.evaluation.folds import (
    REPEATS,
    Fold,
    Splitting,
    check_folds,
    deals_by_size,
    folds_by_size,
    hold_out,
    make_folds,
    strategy_by_size,
)
from bakeoff.evaluation.metrics import METRICS, default_metric, get_metric, metric_names, score_all, score_one
from bakeoff.evaluation.own_metric import is_own_metric, metric_file

__all__ = [
    "METRICS",
    "REPEATS",
    "Fold",
    "MetricCard",
    "Splitting",
    "chart_tables",
    "check_folds",
    "deals_by_size",
    "default_metric",
    "folds_by_size",
    "get_metric",
    "hold_out",
    "is_own_metric",
    "make_folds",
    "metric_file",
    "metric_names",
    "score_all",
    "score_one",
    "strategy_by_size",
]
