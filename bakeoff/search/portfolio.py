"""The portfolio: what is tried first, in which order; law: the order is data, and its file says how it was made.

An entry is an algorithm and what differs from the first start of its card. The order is by task and size of table;
benchmarks/portfolio.py learns one.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bakeoff.algorithms import AlgorithmCard, TableFacts
from bakeoff.search.options import recipes_of, with_such_scaler

__all__ = ["FILE", "SMALL", "order", "settings_of"]

FILE = Path(__file__).with_name("portfolio.json")
SMALL = 3_000
"""Rows up to which a table is small."""


@cache
def _orders() -> Mapping[str, list[dict[str, Any]]]:
    found: Mapping[str, list[dict[str, Any]]] = json.loads(FILE.read_text())["orders"]
    return found


def order(task: str, facts: TableFacts) -> list[tuple[str, dict[str, Any]]]:
    """Algorithm and entry of each place, for tables like this one."""
    size = "small" if facts.rows <= SMALL else "large"
    return [(entry["algorithm"], entry["hyperparameters"]) for entry in _orders()[f"{task} {size}"]]


def settings_of(card: AlgorithmCard, entry: Mapping[str, Any], facts: TableFacts) -> dict[str, Any] | None:
    """An entry's hyperparameters, scaler and recipe among them; None where its recipe makes nothing of its own of such a table."""
    if entry.get("recipe", card.recipes[0]) not in recipes_of(card, facts):
        return None
    return with_such_scaler(card, {**card.start(facts)[0], **entry}, facts)
