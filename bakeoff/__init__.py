"""Bakeoff finds the best model for a table; law: importing it is instant, every name below loads on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "fit", "load_predictor", "open_run"]

_HOMES = {"fit": "bakeoff.search.notebook", "load_predictor": "bakeoff.runs.saving", "open_run": "bakeoff.runs.opened"}

if TYPE_CHECKING:
    from bakeoff.runs.opened import open_run
    from bakeoff.runs.saving import load_predictor
    from bakeoff.search.notebook import fit


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])
