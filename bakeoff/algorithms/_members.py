"""Members: several networks in one, with mostly shared weights; law: NumPy alone, one vector of weights, a step is a few matrix products.

All members see the same rows. The first layer's product is shared; each member scales it by numbers of its own, which begin as random
signs, and adds a bias of its own; the further layers are shared again; each member ends in a head of its own. Members are trained each for
itself and speak together: as probabilities, or values. Source: Gorishniy, Kotelnikov and Babenko, TabM: advancing tabular deep learning
with parameter-efficient ensembling, ICLR 2025 (the scaling stands behind the first product instead of before it, so that the product is
made once for all members); the trained weights are AdamW's (Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019).
"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from bakeoff.algorithms._epochs import MEMORY, PATIENCE, validation_loss
from bakeoff.algorithms.card import Fitting

__all__ = ["Members", "Shape"]

BETAS, TINY = (0.9, 0.999), 1e-8
LONGEST_STEP = 1.0
"""Of a gradient: longer ones are shortened."""
BYTE = 256
CHUNK = 4_096
"""Rows predicted at once."""


@dataclass(frozen=True)
class Shape:
    """How large a network is, and how it learns."""

    members: int
    width: int
    layers: int
    dropout: float
    learning_rate: float
    weight_decay: float
    batch_size: int
    epochs: int


class Members:
    """A classifier (`classes` above 0) or regressor with scikit-learn's methods; wants scaled features without NaN."""

    def __init__(self, shape: Shape, classes: int, seed: int) -> None:
        self.shape, self.classes, self.seed = shape, classes, seed
        self.center_, self.spread_ = 0.0, 1.0
        self.best_epochs_ = 0

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Members":
        """Training for all epochs."""
        return self.train(Fitting(X, y))

    def train(self, fitting: Fitting) -> "Members":
        """Epochs until the validation rows' loss rests, the deadline or the last; without validation rows as many as asked for."""
        X = np.ascontiguousarray(fitting.X, dtype=np.float32)
        target, counts = self._target(fitting)
        rng = np.random.default_rng(self.seed)
        self.features_ = X.shape[1]
        trained = self._first_weights(rng)
        step, mean, best = _AdamW(trained, self.shape), trained.copy(), np.inf
        self.weights_ = mean
        for epoch in range(1, self.shape.epochs + 1):
            for rows in self._batches(rng, len(X)):
                if epoch > 1 and _is_late(fitting):
                    return self  # an epoch that is not gone through is none, and cannot be carried out again
                step.down(self._gradient(trained, X[rows], target[rows], counts[rows], rng))
            memory = min(MEMORY, 1 - 1 / epoch)
            mean = memory * mean + (1 - memory) * trained
            loss = validation_loss(fitting, partial(self._predicted, mean))
            if loss is None or loss < best:
                best, self.best_epochs_, self.weights_ = np.inf if loss is None else loss, epoch, mean
            if _is_late(fitting) or epoch - self.best_epochs_ >= PATIENCE:
                break
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """(n,) values, or class codes."""
        said = self._predicted(self.weights_, X)
        return np.asarray(said.argmax(axis=1)) if self.classes else said

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """(n, classes) probabilities."""
        return self._predicted(self.weights_, X)

    def _predicted(self, vector: np.ndarray, X: np.ndarray) -> np.ndarray:
        said = self._said(vector, X)
        return said if self.classes else said[:, 0] * self.spread_ + self.center_

    def _target(self, fitting: Fitting) -> tuple[np.ndarray, np.ndarray]:
        """What outputs are compared with, (n, outputs), and what each row counts, 1 on average."""
        counts = np.ones(len(fitting.y)) if fitting.weights is None else fitting.weights / (fitting.weights.mean() or 1.0)
        if self.classes:
            return np.eye(self.classes, dtype=np.float32)[fitting.y], counts.astype(np.float32)
        self.center_ = float(np.average(fitting.y, weights=counts))
        self.spread_ = float(np.sqrt(np.average((fitting.y - self.center_) ** 2, weights=counts))) or 1.0
        return ((fitting.y - self.center_) / self.spread_).astype(np.float32)[:, None], counts.astype(np.float32)

    def _sizes(self) -> Mapping[str, tuple[int, ...]]:
        k, width, outputs = self.shape.members, self.shape.width, self.classes or 1
        deeper = {f"layer{n}": (width, width) for n in range(1, self.shape.layers)}
        biases = {f"bias{n}": (width,) for n in range(1, self.shape.layers)}
        own = {"scale": (k, width), "bias0": (k, width), "head": (k, width, outputs), "offset": (k, 1, outputs)}
        return {"layer0": (self.features_, width), **deeper, **biases, **own}

    def _views(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """The parts of a vector of weights, or of a gradient, by name."""
        views, begin = {}, 0
        for name, size in self._sizes().items():
            end = begin + math.prod(size)
            views[name] = vector[begin:end].reshape(size)
            begin = end
        return views

    def _first_weights(self, rng: np.random.Generator) -> np.ndarray:
        vector = np.zeros(sum(map(math.prod, self._sizes().values())), dtype=np.float32)
        for name, part in self._views(vector).items():
            if name == "scale":
                part[:] = rng.choice([-1.0, 1.0], part.shape)
            elif not name.startswith(("bias", "offset")):
                part[:] = rng.uniform(-1, 1, part.shape) / np.sqrt(part.shape[-2])
        return vector

    def _batches(self, rng: np.random.Generator, count: int) -> Iterator[np.ndarray]:
        order = rng.permutation(count)
        for begin in range(0, count, self.shape.batch_size):
            yield order[begin : begin + self.shape.batch_size]

    def _gradient(self, vector: np.ndarray, x: np.ndarray, target: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Of the mean log loss, or squared error, of all members on a batch."""
        w, found = self._views(vector), np.empty_like(vector)
        g = self._views(found)
        k, rows, width = self.shape.members, len(x), self.shape.width
        product = x @ w["layer0"]
        scaled, seen, open_ = product * w["scale"][:, None], [], []
        scaled += w["bias0"][:, None]
        hidden = scaled.reshape(k * rows, width)
        for layer in range(self.shape.layers):
            if layer:
                seen.append(hidden)
                hidden = hidden @ w[f"layer{layer}"]
                hidden += w[f"bias{layer}"]
            gate = self._gate(hidden, rng)
            open_.append(gate)
            hidden *= gate
        last = hidden.reshape(k, rows, width)
        error = _softmax(last @ w["head"] + w["offset"]) - target if self.classes else 2 * (last @ w["head"] + w["offset"] - target)
        error *= counts[:, None] / (rows * k)
        g["head"][:], g["offset"][:] = last.transpose(0, 2, 1) @ error, error.sum(axis=1, keepdims=True)
        back = (error @ w["head"].transpose(0, 2, 1)).reshape(k * rows, width)
        for layer in reversed(range(self.shape.layers)):
            back *= open_[layer]
            if layer:
                g[f"layer{layer}"][:], g[f"bias{layer}"][:] = seen[layer - 1].T @ back, back.sum(axis=0)
                back = back @ np.ascontiguousarray(w[f"layer{layer}"].T)  # OpenBLAS takes twice as long for the view
        apart = back.reshape(k, rows, width)
        g["scale"][:], g["bias0"][:] = np.einsum("krw,rw->kw", apart, product), apart.sum(axis=1)
        g["layer0"][:] = x.T @ np.einsum("krw,kw->rw", apart, w["scale"])
        return found

    def _gate(self, hidden: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """ReLU and dropout in one: what a unit's value is multiplied by. Dropout is drawn in bytes, eight to a word."""
        open_, closed = hidden > 0, round(BYTE * self.shape.dropout)
        if closed:
            drawn = rng.bit_generator.random_raw(-(-hidden.size // 8)).view(np.uint8)[: hidden.size]
            open_ &= (drawn >= closed).reshape(hidden.shape)
        return open_ * np.float32(BYTE / (BYTE - closed))

    def _said(self, vector: np.ndarray, X: np.ndarray) -> np.ndarray:
        """(n, outputs) means over the members, in float64."""
        w = self._views(vector)
        parts = []
        for begin in range(0, len(X), CHUNK):
            x = np.ascontiguousarray(X[begin : begin + CHUNK], dtype=np.float32)
            product, total = x @ w["layer0"], np.zeros((len(x), self.classes or 1))
            for member in range(self.shape.members):
                hidden = np.maximum(product * w["scale"][member] + w["bias0"][member], 0)
                for layer in range(1, self.shape.layers):
                    hidden = np.maximum(hidden @ w[f"layer{layer}"] + w[f"bias{layer}"], 0)
                out = (hidden @ w["head"][member] + w["offset"][member]).astype(np.float64)
                total += _softmax(out) if self.classes else out
            parts.append(total / self.shape.members)
        return np.concatenate(parts) if parts else np.zeros((0, self.classes or 1))


class _AdamW:
    """Steps down a gradient, in place; decay is apart from it."""

    def __init__(self, weights: np.ndarray, shape: Shape) -> None:
        self.weights, self.rate, self.decay = weights, shape.learning_rate, shape.weight_decay
        self.first, self.second, self.steps = np.zeros_like(weights), np.zeros_like(weights), 0
        self._room = np.empty_like(weights)

    def down(self, gradient: np.ndarray) -> None:
        length = float(np.sqrt(gradient @ gradient))
        if length > LONGEST_STEP:
            gradient *= LONGEST_STEP / length
        self.steps += 1
        room = self._room  # memory that is there: a new array for each of these would take as long as the sums
        self.first *= BETAS[0]
        self.first += np.multiply(gradient, 1 - BETAS[0], out=room)
        self.second *= BETAS[1]
        self.second += np.multiply(np.square(gradient, out=room), 1 - BETAS[1], out=room)
        rate = self.rate * math.sqrt(1 - BETAS[1] ** self.steps) / (1 - BETAS[0] ** self.steps)
        np.add(np.sqrt(self.second, out=room), TINY, out=room)
        self.weights *= 1 - self.rate * self.decay
        self.weights -= np.multiply(np.divide(self.first, room, out=room), rate, out=room)


def _is_late(fitting: Fitting) -> bool:
    return fitting.deadline is not None and time.monotonic() >= fitting.deadline


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
