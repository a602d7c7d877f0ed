"""Members: several networks in one, with mostly shared weights; law: NumPy alone, one vector of weights, a step is a few matrix products.

All members see the same rows and share the hidden layers' matrices (see _hidden); each ends in a head of its own. Members are trained each
for itself and speak together: as probabilities, or values. The trained weights are AdamW's (Loshchilov and Hutter, Decoupled weight decay
regularization, ICLR 2019), and a running mean of theirs is kept (see _epochs).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from bakeoff.algorithms._epochs import MEMORY, PATIENCE, validation_loss
from bakeoff.algorithms._hidden import Layers, RectifiedLayers, StandardizedLayers
from bakeoff.algorithms.card import Fitting

__all__ = ["Members", "Shape"]

BETAS, TINY = (0.9, 0.999), 1e-8
LONGEST_STEP = 1.0
"""Of a gradient: longer ones are shortened."""
CHUNK = 4_096
"""Rows predicted at once."""
SETTLING_ROWS = 4_096
"""Training rows at most by whose means and deviations a trained network standardizes."""


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
    standardized: bool = False
    """Whether products are standardized over the batch, with ELU instead of ReLU behind them."""

    @property
    def hidden(self) -> Layers:
        kind = StandardizedLayers if self.standardized else RectifiedLayers
        return kind(self.members, self.width, self.layers, self.dropout)


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
        settling = X[:: -(-len(X) // SETTLING_ROWS)]
        self.weights_ = mean
        for epoch in range(1, self.shape.epochs + 1):
            for rows in self._batches(rng, len(X)):
                if epoch > 1 and fitting.is_late():
                    return self  # an epoch that is not gone through is none, and cannot be carried out again
                step.down(self._gradient(trained, X[rows], target[rows], counts[rows], rng))
            memory = min(MEMORY, 1 - 1 / epoch)
            mean = memory * mean + (1 - memory) * trained
            settled = self._settled(mean, settling)
            loss = validation_loss(fitting, partial(self._predicted, settled))
            if loss is None or loss < best:
                best, self.best_epochs_, self.weights_ = np.inf if loss is None else loss, epoch, settled
            if fitting.is_late() or epoch - self.best_epochs_ >= PATIENCE:
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
        k, outputs = self.shape.members, self.classes or 1
        heads = {"head": (k, self.shape.width, outputs), "offset": (k, 1, outputs)}
        return {**self.shape.hidden.sizes(self.features_), **heads}

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
            if name.startswith("scale"):
                part[:] = rng.choice([-1.0, 1.0], part.shape) if name == "scale0" else 1
            elif not name.startswith(("bias", "offset")):
                part[:] = rng.uniform(-1, 1, part.shape) / np.sqrt(part.shape[-2])
        return vector

    def _batches(self, rng: np.random.Generator, count: int) -> Iterator[np.ndarray]:
        """As few as no batch is too large for, all about alike: what a small one is standardized by would be chance."""
        yield from np.array_split(rng.permutation(count), -(-count // self.shape.batch_size))

    def _gradient(self, vector: np.ndarray, x: np.ndarray, target: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Of the mean log loss, or squared error, of all members on a batch."""
        w, found = self._views(vector), np.empty_like(vector)
        g, hidden = self._views(found), self.shape.hidden
        last, passed = hidden.forward(w, x, rng)
        out = last @ w["head"] + w["offset"]
        error = _softmax(out) - target if self.classes else 2 * (out - target)
        error *= counts[:, None] / (len(x) * self.shape.members)
        g["head"][:], g["offset"][:] = last.transpose(0, 2, 1) @ error, error.sum(axis=1, keepdims=True)
        hidden.backward(w, g, error @ w["head"].transpose(0, 2, 1), passed)
        return found

    def _settled(self, vector: np.ndarray, X: np.ndarray) -> np.ndarray:
        settled = vector.copy()
        self.shape.hidden.settle(self._views(settled), X)
        return settled

    def _said(self, vector: np.ndarray, X: np.ndarray) -> np.ndarray:
        """(n, outputs) means over the members, in float64, of settled weights."""
        w, layers, parts = self._views(vector), self.shape.hidden, []
        for begin in range(0, len(X), CHUNK):
            x = np.ascontiguousarray(X[begin : begin + CHUNK], dtype=np.float32)
            product, total = x @ w["layer0"], np.zeros((len(x), self.classes or 1))
            for member in range(self.shape.members):
                hidden = layers.member(w, product, member)
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


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
