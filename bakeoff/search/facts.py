"""table_facts: what spaces, costs and the portfolio look at in a table; law: from schema, target, params and the metric's aim alone."""

import numpy as np

from bakeoff.algorithms import ALGORITHMS, TableFacts
from bakeoff.data.schema import Schema
from bakeoff.evaluation import MetricCard
from bakeoff.features import customized, is_wordy, offered_transforms, recipe_learns_from, takes_log_link
from bakeoff.params.featurization import FeaturizationParams
from bakeoff.search.options import is_imbalanced

__all__ = ["out_of_bag_recipes", "table_facts"]


def table_facts(schema: Schema, target: np.ndarray, metric: MetricCard) -> TableFacts:
    """Facts of a table with this schema and encoded target, to be judged by this metric."""
    classes, aims_at = len(schema.target.labels), metric.aims_at
    transforms = () if classes else offered_transforms(target, aims_at == "log_mean")
    return TableFacts(
        rows=len(target),
        columns=len(schema.columns),
        classes=classes,
        imbalanced=bool(classes) and is_imbalanced(target),
        target_transforms=transforms,
        log_link=not classes and aims_at == "mean" and takes_log_link(target),
        median=not classes and aims_at == "median",
        logarithmic=aims_at == "log_mean" and "log1p" in transforms,
        categorical=len(schema.names("categorical")),
        text=len(schema.names("text")),
        characters=sum(column.characters for column in schema.columns),
        numeric=len(schema.names("numeric")),
        lists=len(schema.names("list")),
        wordy=sum(is_wordy(column) for column in schema.columns),
        flags=sum(column.kind in ("boolean", "categorical") and not is_wordy(column) for column in schema.columns),
    )


def out_of_bag_recipes(schema: Schema, asked: FeaturizationParams) -> frozenset[str]:
    """Recipes of forests whose features learn nothing from the target, as params want them, so that rows out of bag may judge."""
    known = {recipe for card in ALGORITHMS if card.out_of_bag for recipe in card.recipes}
    return frozenset(recipe for recipe in known if recipe_learns_from(customized(recipe, asked), schema) != "target")
