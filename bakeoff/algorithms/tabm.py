"""tabm: several networks in one, which share most weights and vote; law: see _members; wants scaled numbers without NaN."""

from collections.abc import Mapping

from bakeoff.algorithms._members import Members, Shape
from bakeoff.algorithms.card import (
    AlgorithmCard,
    Dimension,
    Fitting,
    Hyperparameters,
    Setting,
    TableFacts,
    choice,
    features_after,
    integer,
    real,
)

__all__ = ["CARD"]

LARGEST_BATCH = 1_024
BATCHES = ((2_000, 32), (10_000, 128), (50_000, 256), (200_000, 512))
"""Rows up to which a batch has so many."""
MANY_ROWS = 2_000
"""Above which half as many members do: of 4, 8 and 16 the mean loss on seven sets is the same, 8 are safer on few rows."""

UNITS = {False: 60, True: 150}
"""Multiplications that the dropout, scale and activation of one unit are worth; and with standardizing it."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Members:
    return Members(Shape(**hyperparameters), setting.classes, setting.seed)


def fit(estimator: Members, fitting: Fitting) -> Members:
    return estimator.train(fitting)


def rounds(estimator: Members) -> int:
    return estimator.best_epochs_


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "members": choice(4, 8, 16),
        "width": choice(32, 64, 128, 256),
        "layers": integer(1, 3),
        "dropout": choice(0.0, 0.1, 0.2, 0.35),
        "standardized": choice(False, True),
        "learning_rate": real(5e-4, 2e-2, log=True),
        "weight_decay": real(1e-4, 1e-1, log=True),
        "batch_size": choice(*(size for _, size in BATCHES), LARGEST_BATCH),
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    batch = next((size for rows, size in BATCHES if facts.rows <= rows), LARGEST_BATCH)
    shared = {
        "members": 8 if facts.rows <= MANY_ROWS else 4,
        "width": 128,
        "layers": 2,
        "dropout": 0.1,
        "standardized": False,
        "weight_decay": 3e-4,
        "batch_size": batch,
        "epochs": 200,
    }
    return ({**shared, "learning_rate": 2e-3},)


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return {**start(facts)[0], "members": 4, "width": 32, "learning_rate": 5e-3, "epochs": 40}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    epochs = min(hyperparameters.get("epochs", 200), 25 + 0.05 / hyperparameters["learning_rate"])
    width, members, deeper = hyperparameters["width"], hyperparameters["members"], hyperparameters["layers"] - 1
    columns = features_after({"scaler": "piecewise", **hyperparameters}, facts.columns)
    weights = width * (columns + width * deeper)
    units = UNITS[hyperparameters.get("standardized", False)] * (deeper + 1)
    products = width * (columns + members * (width * deeper + facts.classes + 1 + units))
    steps = 1 + facts.rows / hyperparameters["batch_size"]
    return float(0.02 + epochs * (steps * (1.5e-4 + 2e-9 * weights) + facts.rows * products * 8e-11))


CARD = AlgorithmCard(
    name="tabm",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "screened_one_hot", "imputed_plain"),
    scalers=("piecewise", "quantile", "standard"),
    cost=cost,
    learns_from_part=True,
    fit=fit,
    early_stopping=True,
    rounds=rounds,
    rounds_name="epochs",
    max_rows=500_000,
    max_columns=5_000,
)
