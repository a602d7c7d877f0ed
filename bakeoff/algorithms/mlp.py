"""mlp: a network of one to three hidden layers; law: see _epochs; wants scaled numbers without NaN."""

from collections.abc import Mapping

import numpy as np

from bakeoff.algorithms._epochs import MEMORY, ByEpochs
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, integer, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> ByEpochs:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    network = MLPClassifier if setting.classes else MLPRegressor
    model = network(
        hidden_layer_sizes=(hyperparameters["width"],) * hyperparameters["layers"],
        alpha=hyperparameters["alpha"],
        learning_rate_init=hyperparameters["learning_rate"],
        batch_size=hyperparameters["batch_size"],
        # an instance goes on from epoch to epoch, a number would deal the same batches every time
        random_state=np.random.RandomState(setting.seed),
    )
    return ByEpochs(model, hyperparameters["epochs"], setting.classes, np.float32, MEMORY)


def fit(estimator: ByEpochs, fitting: Fitting) -> ByEpochs:
    estimator.model.batch_size = min(estimator.model.batch_size, len(fitting.X))
    return estimator.train(fitting)


def rounds(estimator: ByEpochs) -> int:
    return estimator.best_epochs_


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "layers": integer(1, 3),
        "width": integer(16, 256, log=True),
        "alpha": real(1e-6, 1.0, log=True),
        "learning_rate": real(3e-4, 1e-2, log=True),
        "batch_size": choice(32, 128, 512),
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    batch = 32 if facts.rows <= 5_000 else 128 if facts.rows <= 50_000 else 512
    shared = {"epochs": 200, "learning_rate": 1e-3, "batch_size": batch}
    alpha = 0.1 if facts.classes else 1e-3  # measured on digits, vehicle, hpc_data, credit_g and concrete: 1e-3, 0.1, 1
    return (
        {**shared, "layers": 2, "width": 128, "alpha": alpha},
        {**shared, "layers": 1, "width": 64, "alpha": 0.1, "scaler": "standard"},
    )


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return {**start(facts)[0], "epochs": 40, "layers": 1, "width": 32, "learning_rate": 5e-3}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    epochs = min(hyperparameters.get("epochs", 200), 20 + 0.01 / hyperparameters["learning_rate"])
    width, layers = hyperparameters["width"], hyperparameters["layers"]
    weights = width * (2 * facts.columns + width * (layers - 1) + facts.classes + 1)
    batches = 1 + facts.rows / hyperparameters["batch_size"]
    return float(0.02 + epochs * (batches * 1.5e-4 * (1 + layers) + facts.rows * weights * 3e-10))


CARD = AlgorithmCard(
    name="mlp",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "screened_one_hot", "imputed_plain"),
    scalers=("quantile", "standard", "piecewise", "robust"),
    cost=cost,
    learns_from_part=True,
    fit=fit,
    early_stopping=True,
    rounds=rounds,
    rounds_name="epochs",
    max_rows=500_000,
    max_columns=5_000,
)
