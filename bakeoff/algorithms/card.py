"""AlgorithmCard: the declaration of one algorithm; law: functions and facts, never a subclass; heavy imports inside `build` and `fit`."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

__all__ = [
    "AlgorithmCard",
    "Deadline",
    "Dimension",
    "Estimator",
    "Fitting",
    "Hyperparameters",
    "OutOfBag",
    "Setting",
    "TableFacts",
    "choice",
    "fit_plain",
    "integer",
    "no_rounds",
    "range_of",
    "real",
]

BEYOND = 0.1
Hyperparameters = Mapping[str, Any]
OutOfBag = Callable[[Any, np.ndarray], np.ndarray]


class Estimator(Protocol):
    """What `build` gives: anything with scikit-learn's fit and predict."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Any: ...
    def predict(self, X: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class TableFacts:
    """Facts of a dataset that spaces, costs and limits may look at."""

    rows: int
    columns: int
    classes: int
    """Number of classes; 0 for regression."""
    imbalanced: bool = False
    """Whether some class has far fewer rows than another, so that class weights are worth a try."""
    target_transforms: tuple[str, ...] = ()
    """Transforms worth a try on a regression target, the most promising first; empty where it is not skewed."""
    log_link: bool = False
    """Whether a regression target may be learned by a log link: it is never below 0."""
    median: bool = False
    """Whether the metric asks for medians, so that a regression may be learned by absolute errors."""
    logarithmic: bool = False
    """Whether the metric asks for means of logarithms, so that their transform is what everybody begins with."""
    categorical: int = 0
    """Columns of categories."""
    text: int = 0
    """Columns of text."""
    characters: int = 0
    """Of a row's texts together, in the mean."""
    numeric: int = 0
    """Columns of numbers."""
    wordy: int = 0
    """Columns of text or lists, or of so many categories that their spellings are looked into."""
    lists: int = 0
    """Columns of lists."""
    flags: int = 0
    """Columns of which one-hot makes zeros and ones alone: booleans, and few categories."""
    out_of_bag: frozenset[str] | None = None
    """Recipes whose features let rows out of bag judge a forest; None: all."""


@dataclass(frozen=True)
class Setting:
    """Where an estimator is built: task, seed, threads, which matrix columns are category codes, and a regression's loss if not squared."""

    task: str
    seed: int
    threads: int
    classes: int = 0
    codes: tuple[int, ...] = ()
    log_link: bool = False
    """The loss is Poisson's deviance, of targets about 1; never where the card does not say that the algorithm has it."""
    median: bool = False
    """The loss is the absolute error; never where the card does not say that the algorithm has it, nor together with the other."""


Deadline = Callable[[], float]
"""The time.monotonic() by which a fit should have returned, as far as is known when it is asked: a run's end can come nearer."""


@dataclass(frozen=True)
class Fitting:
    """One fit: training rows, rows to stop early on (or None), and by when it should have returned.

    What grows step by step keeps to its deadline; other fits cannot be broken off from inside, and are killed long after it.
    """

    X: np.ndarray
    y: np.ndarray
    """Class codes 0 … k-1 (int64), or float64 values."""
    X_valid: np.ndarray | None = None
    y_valid: np.ndarray | None = None
    weights: np.ndarray | None = None
    weights_valid: np.ndarray | None = None
    """Weights of the rows to stop early on; None where they count alike."""
    deadline: Deadline | None = None
    in_range: bool = False
    """Whether what is predicted will be kept in the range of the training rows' values, and is judged so."""
    groups: np.ndarray | None = None
    """Of each training row, what is kept together where an algorithm parts them; None where rows are dealt one by one."""

    def seconds_left(self) -> float:
        """Until the deadline; infinite where there is none."""
        return math.inf if self.deadline is None else self.deadline() - time.monotonic()

    def is_late(self) -> bool:
        """Whether it should return what it has learned."""
        return self.seconds_left() <= 0


@dataclass(frozen=True)
class Dimension:
    """One searched hyperparameter: bounds (`low`, `high`, maybe logarithmic) or `choices`."""

    kind: Literal["integer", "real", "choice"]
    low: float = 0
    high: float = 0
    log: bool = False
    choices: tuple[Any, ...] = ()


def integer(low: int, high: int, log: bool = False) -> Dimension:
    """Whole numbers from `low` to `high`, both included."""
    return Dimension("integer", low, high, log)


def real(low: float, high: float, log: bool = False) -> Dimension:
    """Real numbers from `low` to `high`."""
    return Dimension("real", low, high, log)


def choice(*choices: Any) -> Dimension:
    """One of `choices` (plain JSON values)."""
    return Dimension("choice", choices=choices)


def range_of(values: np.ndarray) -> tuple[float, float]:
    """Between which predictions of a regression stay: the training rows' values, and BEYOND of their range on either side.

    Never below 0 where no value is: what is counted, paid or measured so cannot be, and a logarithmic error would not be defined.
    """
    low, high = float(values.min()), float(values.max())
    bottom = low - BEYOND * (high - low)
    return (max(0.0, bottom) if low >= 0 else bottom), high + BEYOND * (high - low)


def features_after(hyperparameters: Hyperparameters, columns: int) -> int:
    """About how many features a scaler makes of so many columns; costs may look at it where a fit takes as long as they are many."""
    return min(25 * columns, columns + 1_500) if hyperparameters.get("scaler") == "piecewise" else columns


def fit_plain(estimator: Any, fitting: Fitting) -> Any:
    """The estimator's own fit, with weights where there are any."""
    weights = {} if fitting.weights is None else {"sample_weight": fitting.weights}
    return estimator.fit(fitting.X, fitting.y, **weights)


def no_rounds(_estimator: Any) -> int | None:
    """None: the algorithm has no rounds."""
    return None


@dataclass(frozen=True)
class AlgorithmCard:
    """One algorithm that can be chosen; registry key = file name = `name` = YAML value."""

    name: str
    tasks: tuple[str, ...]
    build: Callable[[Setting, Hyperparameters], Any]
    """An unfitted estimator with scikit-learn's fit / predict / predict_proba; imports its library when called."""
    space: Callable[[TableFacts], Mapping[str, Dimension]]
    """What a tuner may vary."""
    start: Callable[[TableFacts], tuple[Hyperparameters, ...]]
    """Good hyperparameters to begin with, best first: the portfolio's entries."""
    cheap_start: Callable[[TableFacts], Hyperparameters]
    """The cheapest sensible setting: what a run in a hurry begins with."""
    recipes: tuple[str, ...]
    """Names of recipes whose matrix it takes, the preferred first. A start may name one as `recipe`."""
    cost: Callable[[TableFacts, Hyperparameters], float]
    """Declared cost of one fit, about seconds of one core on a usual machine; a formula, never measured where it runs."""
    fit: Callable[[Any, Fitting], Any] = fit_plain
    """Fits what `build` gave and returns it (early stopping, native categories, deadline)."""
    needs: str = "scikit-learn"
    """Distribution whose absence is a MissingLibraryError."""
    early_stopping: bool = False
    """Whether `fit` looks at X_valid."""
    max_rows: int | None = None
    """Rows above which it is skipped, with that reason, or learns from a part of them."""
    learns_from_part: bool = False
    """Whether it learns from a part of the rows where all would take longer than a trial may, or are more than it takes."""
    max_columns: int | None = None
    """Columns of the table above which it is skipped, with that reason."""
    scalers: tuple[str, ...] = ()
    """Scalers it may be tried with, the preferred first; `none` is one of them. A start may name one as `scaler`."""
    portfolio: bool = True
    """Whether its starts are tried unasked; where not, it competes once included by name, or when the tuner draws it."""
    rounds: Callable[[Any], int | None] = no_rounds
    """Boosting rounds, epochs, trees or steps along a path that a fitted estimator predicts with."""
    rounds_name: str = ""
    """The hyperparameter that bounds the rounds: what a refit without X_valid, or a replay, sets to `rounds`."""
    out_of_bag: OutOfBag | None = None
    """What a fitted estimator of resampled rows says of its training rows (n, features) by its members that did not see them:
    (n, classes) probabilities or (n,) values. None where it has no such members."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Further facts; `weights: False` says that row weights are not looked at, `votes` of about how many votes probabilities are shares,
    `path` that rounds are steps along a path of penalties, `log_link` and `median` that it looks at these in Setting."""

    @property
    def useful_when_cut_off(self) -> bool:
        """Whether a fit that its deadline ends has learned most of what there is; a path that ends early has not come far."""
        return self.early_stopping and not self.facts.get("path")
