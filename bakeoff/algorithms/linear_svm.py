"""linear_svm: the separating plane of the widest margin; law: wants scaled numbers without NaN; probabilities as in _probabilities."""

from collections.abc import Mapping

from bakeoff.algorithms._probabilities import WithProbabilities
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> WithProbabilities:
    from sklearn.svm import LinearSVC

    machine = LinearSVC(
        C=hyperparameters["C"], loss=hyperparameters["loss"], dual="auto", max_iter=2000, tol=1e-3, random_state=setting.seed
    )
    return WithProbabilities(machine, setting.seed)


def fit(estimator: WithProbabilities, fitting: Fitting) -> WithProbabilities:
    return estimator.learn(fitting)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"C": real(1e-4, 100.0, log=True), "loss": choice("squared_hinge", "hinge")}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"C": 0.1, "loss": "squared_hinge"}, {"C": 0.003, "loss": "squared_hinge"})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"C": 0.003, "loss": "squared_hinge"}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    passes = 30 + 300 * hyperparameters["C"] ** 0.3
    return float(0.01 + 4e-9 * facts.rows * facts.columns * max(facts.classes, 2) * passes)


CARD = AlgorithmCard(
    name="linear_svm",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    fit=fit,
    max_rows=200_000,
    max_columns=5_000,
    portfolio=False,
)
