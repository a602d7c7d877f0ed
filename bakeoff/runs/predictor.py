"""Predictors: what scoring loads, the only thing in a .pkl; law: these classes never move, and need the base install alone."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data import conform, decode_labels
from bakeoff.data.schema import Schema
from bakeoff.errors import PredictorError
from bakeoff.features import Encoder, Scale, Scaling, Shift, TargetTransform, Work, rows_at_once
from bakeoff.runs.blend import Blend, log_probabilities

__all__ = [
    "FittedPart",
    "MetaPredictor",
    "Predictor",
    "StackingPredictor",
    "TrialPredictor",
    "VotingPredictor",
    "decided",
    "meta_features",
    "spread_classes",
    "tempered",
]


@dataclass(frozen=True)
class FittedPart:
    """What one fold left: encoder, estimator, and for classification the class codes its training rows had."""

    encoder: Encoder
    estimator: Any
    classes: tuple[int, ...] = ()
    target_transform: TargetTransform | Shift | Scale | None = None
    bounds: tuple[float, float] | None = None
    """Between which finite values are kept."""
    prior: tuple[float, ...] = ()
    """What is mixed into the probabilities of all labels: their shares among the training rows, together less than 1; or nothing."""

    def predict_raw(self, matrix: np.ndarray, labels: int) -> np.ndarray:
        """(n, labels) probabilities, or (n,) values in the target's own unit where there are no labels, from an encoded matrix."""
        return self.finished(raw_prediction(self.estimator, matrix, self.classes, labels))

    def finished(self, raw: np.ndarray) -> np.ndarray:
        """What the part says, from what its estimator does."""
        return _finished(raw, self.prior, self.target_transform, self.bounds)


class Predictor(ABC):
    """Predicts from a raw frame: any column order, extra columns ignored, unseen categories allowed; a missing column is a DataError."""

    decision: tuple[float, ...] | None = None
    """Factors of the classes' probabilities whose largest product is the predicted label; None where the most probable one is."""

    def __init__(self, name: str, schema: Schema) -> None:
        self.name, self.schema = name, schema
        self.card: dict[str, Any] = {}
        """What the card beside the .pkl says; filled by load_predictor."""

    def __repr__(self) -> str:
        what = f"{self.schema.task} of {self.schema.target.name!r} from {len(self.schema.columns)} columns"
        return f"<{type(self).__name__} {self.name}: {what}>"

    def predict_raw(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, classes) probabilities or (n,) values from a conformed frame; as many rows are worked on at once as need little room."""
        encoders = list(self.encoders())
        rows = rows_at_once(encoders) if len(frame) > 1 else 1
        return np.concatenate([self.say(frame.iloc[begin : begin + rows], Work(encoders)) for begin in range(0, max(1, len(frame)), rows)])

    @abstractmethod
    def say(self, frame: pd.DataFrame, work: Work) -> np.ndarray:
        """What `predict_raw` gives, with what others of an ensemble made of these rows."""

    @abstractmethod
    def encoders(self) -> Iterable[Encoder]:
        """Those of all parts of all members."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) labels in their own dtype and spelling, or float64 values, in the rows' order. Raises DataError."""
        raw = self.predict_raw(conform(frame, self.schema))
        return decode_labels(self.codes(raw), self.schema) if raw.ndim == 2 else raw

    def codes(self, raw: np.ndarray) -> np.ndarray:
        """(n,) codes of the labels chosen from (n, classes) probabilities."""
        return decided(raw, self.decision)

    def predict_proba(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Probabilities, one column a label, the frame's own index. Raises DataError, PredictorError."""
        if self.schema.task != "classification":
            raise PredictorError("only a classification has probabilities", where=self.name, given=self.schema.task, remedy="call predict")
        raw = self.predict_raw(conform(frame, self.schema))
        return pd.DataFrame(raw, columns=list(self.schema.target.labels), index=frame.index)


class TrialPredictor(Predictor):
    """A trial's predictor: the mean of what its folds' estimators say, of probabilities at its temperature."""

    temperature: float | None = None
    """What log probabilities are divided by; None where they stay what they are."""

    def __init__(self, name: str, schema: Schema, parts: Sequence[FittedPart]) -> None:
        super().__init__(name, schema)
        self.parts = tuple(parts)

    def say(self, frame: pd.DataFrame, work: Work) -> np.ndarray:
        labels = len(self.schema.target.labels)
        total = np.zeros((len(frame), labels) if labels else len(frame))
        for part in self.parts if len(frame) else ():  # scikit-learn refuses to predict no rows
            total += part.predict_raw(part.encoder.transform(frame, work), labels)
        mean = total / len(self.parts)
        return mean if self.temperature is None else tempered(mean, self.temperature)

    def encoders(self) -> Iterable[Encoder]:
        return [part.encoder for part in self.parts]


class _OfMembers(Predictor):
    """What is made of the predictions of `members`."""

    members: tuple[Predictor, ...]

    def encoders(self) -> Iterable[Encoder]:
        return [encoder for member in self.members for encoder in member.encoders()]


class VotingPredictor(_OfMembers):
    """A weighted mean of trials' predictors; weights sum to one."""

    def __init__(self, name: str, schema: Schema, members: Sequence[Predictor], weights: Sequence[float]) -> None:
        super().__init__(name, schema)
        self.members, self.weights = tuple(members), tuple(weights)

    def say(self, frame: pd.DataFrame, work: Work) -> np.ndarray:
        parts = [weight * member.say(frame, work) for member, weight in zip(self.members, self.weights, strict=True)]
        return np.asarray(np.sum(parts, axis=0))


class StackingPredictor(_OfMembers):
    """Trials' predictors combined by a blend."""

    def __init__(self, name: str, schema: Schema, members: Sequence[Predictor], blend: Blend) -> None:
        super().__init__(name, schema)
        self.members, self.blend = tuple(members), blend

    def say(self, frame: pd.DataFrame, work: Work) -> np.ndarray:
        return self.blend.combine([member.say(frame, work) for member in self.members])


class MetaPredictor(_OfMembers):
    """What an estimator learned to make of trials' predictions."""

    prior: tuple[float, ...] = ()
    target_transform: TargetTransform | Shift | Scale | None = None
    bounds: tuple[float, float] | None = None
    """As those of a FittedPart."""

    def __init__(
        self, name: str, schema: Schema, members: Sequence[Predictor], scaler: Scaling, estimator: Any, classes: tuple[int, ...]
    ) -> None:
        super().__init__(name, schema)
        self.members, self.scaler, self.estimator, self.classes = tuple(members), scaler, estimator, classes

    def say(self, frame: pd.DataFrame, work: Work) -> np.ndarray:
        if not len(frame):
            return self.members[0].say(frame, work)
        return self.combine(meta_features([member.say(frame, work) for member in self.members]))

    def combine(self, matrix: np.ndarray) -> np.ndarray:
        """(n, classes) probabilities or (n,) values from `meta_features` of the members' predictions."""
        raw = raw_prediction(self.estimator, self.scaler.transform(matrix), self.classes, len(self.schema.target.labels))
        return _finished(raw, self.prior, self.target_transform, self.bounds)


def _finished(
    raw: np.ndarray,
    prior: tuple[float, ...],
    transform: TargetTransform | Shift | Scale | None,
    bounds: tuple[float, float] | None,
) -> np.ndarray:
    """(n, labels) probabilities or (n,) values of an estimator, what it was not told of the target made good."""
    raw = (1 - sum(prior)) * raw + np.asarray(prior) if prior else raw
    raw = raw if transform is None else transform.back(raw)
    return raw if bounds is None else np.where(np.isfinite(raw), np.clip(raw, *bounds), raw)


def decided(raw: np.ndarray, factors: tuple[float, ...] | None) -> np.ndarray:
    """(n,) class codes: the greatest probability times its class's factor; the greatest probability where there are no factors."""
    return np.asarray((raw if factors is None else raw * np.asarray(factors)).argmax(axis=1))


def tempered(raw: np.ndarray, temperature: float) -> np.ndarray:
    """(n, classes) probabilities softened by a temperature above 1, sharpened by one below; the order of a row's classes stays."""
    from scipy.special import softmax

    return np.asarray(softmax(log_probabilities(raw) / temperature, axis=1))


def meta_features(predictions: Sequence[np.ndarray]) -> np.ndarray:
    """(n, features) of members' predictions: values as they are, of probabilities the log odds of each class against the first."""
    if predictions[0].ndim == 1:
        return np.column_stack(predictions)
    logs = [log_probabilities(prediction) for prediction in predictions]
    return np.concatenate([log[:, 1:] - log[:, :1] for log in logs], axis=1)


def raw_prediction(estimator: Any, matrix: np.ndarray, classes: tuple[int, ...], count: int) -> np.ndarray:
    """(n, count) probabilities of an estimator that knows the class codes `classes`, or its (n,) values where count is 0."""
    if not count:
        return np.asarray(estimator.predict(matrix), dtype=float)
    return spread_classes(np.asarray(estimator.predict_proba(matrix), dtype=float), classes, count)


def spread_classes(probabilities: np.ndarray, classes: tuple[int, ...], count: int) -> np.ndarray:
    """Probabilities of some classes as probabilities of all: a class the training rows lacked has 0."""
    if len(classes) == count:
        return probabilities
    full = np.zeros((len(probabilities), count))
    full[:, list(classes)] = probabilities
    return full
