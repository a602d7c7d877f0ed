"""Blends: how members' predictions become one; law: they are pickled within predictors, so these classes never move."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

__all__ = ["Blend", "LinearBlend", "LogitBlend", "MeanBlend", "blend_from_json", "blend_to_json", "log_probabilities"]

LEAST_PROBABILITY = 1e-7


class Blend(Protocol):
    """Weights, one a member in the members' order, and how they are used."""

    @property
    def weights(self) -> tuple[float, ...]: ...

    def combine(self, predictions: Sequence[np.ndarray]) -> np.ndarray:
        """(n, classes) probabilities or (n,) values from as many of every member."""
        ...


@dataclass(frozen=True)
class MeanBlend:
    """A weighted mean; weights sum to one."""

    weights: tuple[float, ...]

    def combine(self, predictions: Sequence[np.ndarray]) -> np.ndarray:
        """(n, classes) probabilities or (n,) values."""
        return _weighted_sum(self.weights, predictions)


@dataclass(frozen=True)
class LinearBlend:
    """A weighted sum of values and a constant, never below `low`; weights need not sum to one."""

    weights: tuple[float, ...]
    constant: float = 0.0
    low: float | None = None

    def combine(self, predictions: Sequence[np.ndarray]) -> np.ndarray:
        """(n,) values."""
        values = _weighted_sum(self.weights, predictions) + self.constant
        return values if self.low is None else np.maximum(values, self.low)


@dataclass(frozen=True)
class LogitBlend:
    """A softmax of weighted log probabilities and one constant a class: weights that sum to more than one sharpen, to less soften."""

    weights: tuple[float, ...]
    constants: tuple[float, ...]

    def combine(self, predictions: Sequence[np.ndarray]) -> np.ndarray:
        """(n, classes) probabilities."""
        from scipy.special import softmax

        logits = _weighted_sum(self.weights, [log_probabilities(p) if w else p for w, p in zip(self.weights, predictions, strict=True)])
        return np.asarray(softmax(logits + np.asarray(self.constants), axis=1))


_KINDS: Mapping[str, Callable[..., Blend]] = {"mean": MeanBlend, "linear": LinearBlend, "logit": LogitBlend}


def blend_to_json(blend: Blend) -> dict[str, Any]:
    """A blend without its weights, which a leaderboard's row has beside its members' names."""
    kind = next(name for name, known in _KINDS.items() if type(blend) is known)
    return {"kind": kind, **{name: value for name, value in vars(blend).items() if name != "weights"}}


def blend_from_json(content: Mapping[str, Any], weights: Sequence[float]) -> Blend:
    """The blend of `blend_to_json`."""
    more = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items() if name != "kind"}
    return _KINDS[content["kind"]](weights=tuple(weights), **more)


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms, of 1e-7 where a probability is less."""
    return np.asarray(np.log(np.maximum(probabilities, LEAST_PROBABILITY)))


def _weighted_sum(weights: Sequence[float], predictions: Sequence[np.ndarray]) -> np.ndarray:
    parts = [weight * prediction for weight, prediction in zip(weights, predictions, strict=True) if weight]
    return np.asarray(np.sum(parts, axis=0))
