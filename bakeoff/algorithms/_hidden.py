"""The hidden layers of several networks in one; law: NumPy alone, arrays of members, rows and width, a matrix is shared by all members.

Two kinds. `RectifiedLayers`: the first layer's product is scaled by each member's own numbers, which begin as random signs, and gets a bias
of its own, the further layers are wholly shared; ReLU. `StandardizedLayers`: every product is standardized over the batch, each member for
itself, then scaled and given a bias by each member's own numbers; ELU. What was standardized over batches while learning is so by the
training rows' means and deviations afterwards, folded into scales and biases by `settle`.

Sources: Gorishniy, Kotelnikov and Babenko, TabM: advancing tabular deep learning with parameter-efficient ensembling, ICLR 2025 (the
scaling stands behind the first product instead of before it, so that the product is made once for all members); Ioffe and Szegedy, Batch
normalization, ICML 2015; Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear units (ELUs),
ICLR 2016. What each kind is better for: benchmarks/EXPERIMENTS.md, "Batch normalization".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

__all__ = ["Layers", "RectifiedLayers", "StandardizedLayers", "Weights"]

Weights = Mapping[str, np.ndarray]
"""Parts of one vector, by name: layer0 (features, width), scale0 (members, width), ...; or of its gradient."""
BYTE = 256
LEAST_VARIANCE = 1e-5


class Layers(Protocol):
    """What a kind of hidden layers can do."""

    def sizes(self, features: int) -> dict[str, tuple[int, ...]]:
        """The shapes of its weights. Those called scale begin as signs (the first layer's) or 1, those called bias as 0."""

    def forward(self, w: Weights, x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, list[Any]]:
        """(members, rows, width) of a batch (rows, features) while learning; and what `backward` needs."""

    def backward(self, w: Weights, g: Weights, back: np.ndarray, passed: list[Any]) -> None:
        """Writes into `g` the gradient by every weight, from that by what `forward` gave, (members, rows, width), which it overwrites."""

    def settle(self, w: Weights, X: np.ndarray) -> None:
        """Makes weights that were learned by batches, in place, into such that `member` says the same by."""

    def member(self, w: Weights, product: np.ndarray, member: int) -> np.ndarray:
        """(rows, width) of one member, of settled weights; `product` is the first layer's, (rows, width)."""


@dataclass(frozen=True)
class RectifiedLayers:
    """ReLU, no standardizing."""

    members: int
    width: int
    layers: int
    dropout: float

    def sizes(self, features: int) -> dict[str, tuple[int, ...]]:
        k, width, deeper = self.members, self.width, range(1, self.layers)
        matrices = {"layer0": (features, width), **{f"layer{n}": (width, width) for n in deeper}}
        return {**matrices, **{f"bias{n}": (width,) for n in deeper}, "scale0": (k, width), "bias0": (k, width)}

    def forward(self, w: Weights, x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, list[Any]]:
        passed: list[Any] = []
        hidden = x
        for layer in range(self.layers):
            product = _product(hidden, w[f"layer{layer}"])
            value = np.add(product, w[f"bias{layer}"], out=product) if layer else _scaled(product, w["scale0"], w["bias0"])
            gate = self._gate(value, rng)
            value *= gate
            passed.append((hidden, product, gate))
            hidden = value
        return hidden, passed

    def backward(self, w: Weights, g: Weights, back: np.ndarray, passed: list[Any]) -> None:
        for layer in reversed(range(1, self.layers)):
            seen, _, gate = passed[layer]
            back *= gate
            g[f"layer{layer}"][:], g[f"bias{layer}"][:] = _flat(seen).T @ _flat(back), _flat(back).sum(axis=0)
            back = _product(back, _turned(w[f"layer{layer}"]))
        seen, product, gate = passed[0]
        back *= gate
        g["scale0"][:], g["bias0"][:] = np.einsum("krw,rw->kw", back, product), back.sum(axis=1)
        g["layer0"][:] = seen.T @ np.einsum("krw,kw->rw", back, w["scale0"])

    def settle(self, w: Weights, X: np.ndarray) -> None:
        pass

    def member(self, w: Weights, product: np.ndarray, member: int) -> np.ndarray:
        hidden = np.maximum(product * w["scale0"][member] + w["bias0"][member], 0)
        for layer in range(1, self.layers):
            hidden = np.maximum(hidden @ w[f"layer{layer}"] + w[f"bias{layer}"], 0)
        return np.asarray(hidden)

    def _gate(self, hidden: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """ReLU and dropout in one: what a unit's value is multiplied by."""
        kept = _kept(hidden, self.dropout, rng)
        return hidden > 0 if kept is None else (hidden > 0) * kept


@dataclass(frozen=True)
class StandardizedLayers:
    """Standardized over the batch, ELU."""

    members: int
    width: int
    layers: int
    dropout: float

    def sizes(self, features: int) -> dict[str, tuple[int, ...]]:
        matrices = {f"layer{n}": (self.width if n else features, self.width) for n in range(self.layers)}
        return {**matrices, **{f"{name}{n}": (self.members, self.width) for n in range(self.layers) for name in ("scale", "bias")}}

    def forward(self, w: Weights, x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, list[Any]]:
        passed: list[Any] = []
        hidden = x
        for layer in range(self.layers):
            unit, spread = _standardized(_product(hidden, w[f"layer{layer}"]))
            value, slope = _elu(_scaled(unit, w[f"scale{layer}"], w[f"bias{layer}"]))
            kept = _kept(value, self.dropout, rng)
            if kept is not None:
                value *= kept
                slope *= kept
            passed.append((hidden, unit, spread, slope))
            hidden = value
        return hidden, passed

    def backward(self, w: Weights, g: Weights, back: np.ndarray, passed: list[Any]) -> None:
        for layer in reversed(range(self.layers)):
            (seen, unit, spread, slope), scale = passed[layer], w[f"scale{layer}"]
            back *= slope
            means = _mean(back * unit), _mean(back)
            g[f"scale{layer}"][:], g[f"bias{layer}"][:] = (back.shape[-2] * mean[:, 0] for mean in means)
            back = _through_standardizing(back, unit, scale[:, None] / spread, means)
            g[f"layer{layer}"][:] = _flat(seen).T @ _flat(back)
            if layer:
                back = _product(back, _turned(w[f"layer{layer}"]))

    def settle(self, w: Weights, X: np.ndarray) -> None:
        first = X @ w["layer0"]
        for member in range(self.members):  # one after another: all at once would not stay in the processor's cache
            product = first
            for layer in range(self.layers):
                scale, bias = w[f"scale{layer}"][member], w[f"bias{layer}"][member]
                mean = _mean(product)[0]
                scale /= np.sqrt(_mean(np.square(product - mean))[0] + LEAST_VARIANCE)
                bias -= mean * scale
                if layer + 1 < self.layers:
                    product = _elu(product * scale + bias)[0] @ w[f"layer{layer + 1}"]

    def member(self, w: Weights, product: np.ndarray, member: int) -> np.ndarray:
        hidden = product
        for layer in range(self.layers):
            hidden = hidden @ w[f"layer{layer}"] if layer else hidden
            hidden, _ = _elu(hidden * w[f"scale{layer}"][member] + w[f"bias{layer}"][member])
        return hidden


def _kept(values: np.ndarray, dropout: float, rng: np.random.Generator) -> np.ndarray | None:
    """What dropout multiplies values by, 0 or the inverse of the kept part, drawn in bytes, eight to a word; None without dropout."""
    closed = round(BYTE * dropout)
    if not closed:
        return None
    drawn = rng.bit_generator.random_raw(-(-values.size // 8)).view(np.uint8)[: values.size]
    return np.asarray((drawn >= closed).reshape(values.shape) * np.float32(BYTE / (BYTE - closed)))


def _flat(rows: np.ndarray) -> np.ndarray:
    return rows.reshape(math.prod(rows.shape[:-1]), rows.shape[-1])


def _product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(..., a) by (a, b) as one matrix, which is faster than one for each member."""
    return np.asarray((_flat(rows) @ matrix).reshape(*rows.shape[:-1], matrix.shape[1]))


def _turned(matrix: np.ndarray) -> np.ndarray:
    """The transposed one, copied: OpenBLAS takes twice as long for the view."""
    return np.ascontiguousarray(matrix.T)


def _mean(rows: np.ndarray) -> np.ndarray:
    """Over the rows, which stay as an axis of one; a product is faster than mean()."""
    count = rows.shape[-2]
    return np.asarray(np.full((1, count), 1 / count, dtype=rows.dtype) @ rows)


def _standardized(product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In place, over the rows; and the deviations."""
    product -= _mean(product)
    spread = np.sqrt(_mean(np.square(product)) + LEAST_VARIANCE)
    product /= spread
    return product, spread


def _through_standardizing(back: np.ndarray, unit: np.ndarray, factor: np.ndarray, means: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The gradient by a product from that by its scaled standardization, `unit` times a scale: `factor` is the scale / the product's
    deviation, `means` those over the rows of `back * unit` and of `back`. Overwrites `back` and `unit`.

    Where one product was standardized for all members their gradients are added.
    """
    with_unit, plain = (mean * factor for mean in means)
    if unit.ndim < back.ndim:
        back = np.einsum("krw,kw->rw", back, factor[:, 0])
        with_unit, plain = with_unit.sum(axis=0), plain.sum(axis=0)
    else:
        back *= factor
    unit *= with_unit
    back -= unit
    back -= plain
    return back


def _scaled(unit: np.ndarray, scale: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(members, rows, width), by each member's numbers."""
    scaled = unit * scale[:, None]
    scaled += bias[:, None]
    return np.asarray(scaled)


def _elu(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x where it is above 0, exp(x) - 1 elsewhere, in place; and its slope. Not by np.minimum: with a number it is four times slower."""
    slope = np.abs(values)
    slope -= values
    slope *= -0.5  # what is below 0
    values -= slope
    np.exp(slope, out=slope)
    values += slope
    values -= 1
    return values, slope
