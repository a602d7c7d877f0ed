"""own_metric: a user's function as a metric; law: named `module:function`, imported from the project's folder or what is installed.

    # metrics.py beside the params folder, named in the params as  search: {metric: "metrics:cost_of_errors"}
    def cost_of_errors(truth, predicted, weights=None):
        return float(np.average(10 * (truth > predicted) + (truth < predicted), weights=weights))

    cost_of_errors.greater_is_better = False
    cost_of_errors.needs = "labels"

`needs` is "probabilities" (rows, classes) or "labels" (class codes, in the order of the labels) for classification, and "values" for
regression, where it may be left out. The truth is class codes, or values. A parameter called weights or sample_weight gets the rows'
weights, or None; a function without one does not look at them. Instead of a function a MetricCard can be named.
"""

import importlib
import inspect
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bakeoff.errors import ParamsError, nearest
from bakeoff.evaluation.card import MetricCard, MetricFunction

__all__ = ["is_own_metric", "metric_file", "own_metric"]

WHERE = "search.metric"

Needs = Literal["probabilities", "labels", "values"]
NEEDS: dict[str, tuple[Needs, ...]] = {"classification": ("probabilities", "labels"), "regression": ("values",)}
FAULTS = (ArithmeticError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError, SyntaxError, TypeError, ValueError)
"""What a module may raise while it is imported; a fault of its author's, told without our traceback."""


def is_own_metric(name: str) -> bool:
    """Whether a metric's name is `module:function`."""
    return ":" in name


def own_metric(name: str, task: str) -> MetricCard:
    """The card of the function or MetricCard that `module:function` names; ParamsError where it cannot be used as one."""
    found = _imported(name)
    if isinstance(found, MetricCard):
        if task not in found.tasks:
            raise ParamsError(f"this metric is for {' and '.join(found.tasks)}, not {task}", where=WHERE, given=name)
        return replace(found, name=name)
    if not callable(found):
        raise ParamsError("a metric is a function", where=WHERE, given=f"{name} is a {type(found).__name__}")
    direction = getattr(found, "greater_is_better", None)
    if not isinstance(direction, bool):
        raise ParamsError(
            "the metric does not say which scores are better",
            where=WHERE,
            given=name,
            remedy=f"add below the function: {name.rpartition(':')[2]}.greater_is_better = True (or False)",
        )
    asked = getattr(found, "needs", "values" if task == "regression" else None)
    needs = next((choice for choice in NEEDS[task] if choice == asked), None)
    if needs is None:
        allowed = " or ".join(f'"{choice}"' for choice in NEEDS[task])
        remedy = f"add below the function: {name.rpartition(':')[2]}.needs = {allowed}"
        raise ParamsError(f"the metric does not say what it needs for {task}", where=WHERE, given=f"needs = {asked!r}", remedy=remedy)
    best = float(getattr(found, "best", math.inf if direction else -math.inf))
    return MetricCard(name, (task,), _adapted(name, found), direction, needs, best)


def metric_file(name: str) -> Path | None:
    """The file of the module in `module:function`; None where it has none. ParamsError where it cannot be imported."""
    _imported(name)
    file = getattr(sys.modules[name.partition(":")[0]], "__file__", None)
    return Path(file) if file and Path(file).is_file() else None


def _imported(name: str) -> Any:
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute.isidentifier() or module_name.startswith((".", "__main__")):
        raise ParamsError("a metric of your own is named module:function", where=WHERE, given=name, allowed="metrics:profit")
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            remedy = f"put {module_name.replace('.', '/')}.py into the project's folder, {here}"
            raise ParamsError(f"there is no module {module_name}", where=WHERE, given=name, remedy=remedy) from error
        raise ParamsError(f"importing {module_name} failed", where=WHERE, given=str(error), remedy=f"pip install {error.name}") from error
    except FAULTS as error:
        raise ParamsError(f"importing {module_name} failed", where=WHERE, given=f"{type(error).__name__}: {error}") from error
    if not hasattr(module, attribute):
        functions = [word for word, value in vars(module).items() if callable(value) and not word.startswith("_")]
        remedy = nearest(attribute, functions) if functions else ""
        raise ParamsError(f"{module_name} has no {attribute}", where=WHERE, given=name, remedy=remedy)
    return getattr(module, attribute)


def _adapted(name: str, function: Callable[..., Any]) -> MetricFunction:
    try:
        parameters = inspect.signature(function)
    except ValueError as error:  # built into C
        raise ParamsError("the metric's parameters cannot be told", where=WHERE, given=name, remedy="wrap it in a function") from error
    taken = next((word for word in ("weights", "sample_weight") if word in parameters.parameters), None)
    try:
        parameters.bind(0, 0, **({taken: None} if taken else {}))
    except TypeError as error:
        allowed = "function(truth, predicted) or function(truth, predicted, weights)"
        raise ParamsError("the metric has other parameters", where=WHERE, given=f"{name}{parameters}", allowed=allowed) from error

    def metric(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None, /) -> float:
        score = function(truth, predicted, **({taken: weights} if taken else {}))
        if not isinstance(score, Real):
            raise TypeError(f"the metric {name} gave {type(score).__name__}, a number is wanted")
        return float(score)

    return metric
