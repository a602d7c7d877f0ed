"""What can be trained; law: one file per algorithm, each a card of functions and facts, libraries imported when they are used."""

from bakeoff.algorithms.card import (
    AlgorithmCard,
    Deadline,
    Dimension,
    Fitting,
    Hyperparameters,
    OutOfBag,
    Setting,
    TableFacts,
    choice,
    no_rounds,
    range_of,
)
from bakeoff.algorithms.registry import ALGORITHMS, algorithms_for, get_algorithm, require_library, too_large

__all__ = [
    "ALGORITHMS",
    "AlgorithmCard",
    "Deadline",
    "Dimension",
    "Fitting",
    "Hyperparameters",
    "OutOfBag",
    "Setting",
    "TableFacts",
    "algorithms_for",
    "choice",
    "get_algorithm",
    "no_rounds",
    "range_of",
    "require_library",
    "too_large",
]
