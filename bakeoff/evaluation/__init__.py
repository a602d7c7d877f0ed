"""How candidates are judged; law: metrics are functions with cards, folds come from one seed, scores keep their natural direction."""

from bakeoff.evaluation.card import MetricCard
from bakeoff.evaluation.charts import chart_tables
from bakeoff.evaluation.folds import Fold, folds_by_size, make_folds
from bakeoff.evaluation.metrics import METRICS, default_metric, get_metric, metric_names, score_all

__all__ = [
    "METRICS",
    "Fold",
    "MetricCard",
    "chart_tables",
    "default_metric",
    "folds_by_size",
    "get_metric",
    "make_folds",
    "metric_names",
    "score_all",
]
