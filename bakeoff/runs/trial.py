"""Candidate and Trial: a proposal and its outcome; law: plain frozen values, known by the digest of what they are."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Candidate", "Trial", "TrialState"]

TrialState = Literal["done", "failed", "skipped"]


@dataclass(frozen=True)
class Candidate:
    """A proposal: what to train. `index` is its place in the plan (0 is the baseline) and no part of its identity."""

    index: int
    algorithm: str
    hyperparameters: Mapping[str, Any]
    recipe: str
    seed: int
    threads: int = 1
    origin: str = "portfolio"
    """Who proposed it: baseline, portfolio or tuner."""

    @property
    def id(self) -> str:
        """Ten hex digits of the digest of algorithm, hyperparameters, recipe, seed and threads."""
        what = [self.algorithm, dict(self.hyperparameters), self.recipe, self.seed, self.threads]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:10]

    @property
    def name(self) -> str:
        """`<algorithm>-<id>`: the name of its task, its predictor and its leaderboard row."""
        return f"{self.algorithm}-{self.id}"

    def to_json(self) -> dict[str, Any]:
        """Plain values, `id` included."""
        return {**asdict(self), "hyperparameters": dict(self.hyperparameters), "id": self.id}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Candidate":
        """The candidate that `to_json` wrote."""
        return cls(**{k: v for k, v in content.items() if k != "id"})


@dataclass(frozen=True)
class Trial:
    """A candidate's outcome.

    `scores` are every metric on all out-of-fold rows, `fold_scores` the same fold by fold, or by parts of one holdout.
    """

    candidate: Candidate
    state: TrialState
    reason: str = ""
    """Why it failed or was skipped: one line a person understands."""
    error: str = ""
    """failed: exception type, message and last traceback lines."""
    scores: Mapping[str, float] = field(default_factory=dict)
    fold_scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    started: str = ""
    """UTC, ISO 8601, milliseconds."""
    ended: str = ""
    host: str = ""
    encode_seconds: float = 0.0
    """Of the folds that no trial before it had encoded by its recipe."""
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    whole_seconds: float = 0.0
    """skipped for its pace: what fitting and predicting all folds would have taken."""
    peak_memory_mb: float = 0.0
    warnings: tuple[str, ...] = ()
    rounds: tuple[int, ...] = ()
    """Boosting rounds, epochs or trees each fold carried out, where the algorithm has any."""
    predictor_bytes: int = 0
    temperature: float | None = None
    """What its log probabilities are divided by; None where they stay what they are."""
    decision: tuple[float, ...] | None = None
    """Factors of the classes' probabilities that its labels are decided with; None where the most probable one is the label."""

    @property
    def id(self) -> str:
        """The candidate's id."""
        return self.candidate.id

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "candidate": self.candidate.to_json()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Trial":
        """The trial that `to_json` wrote."""
        fields = dict(content)
        fields["candidate"] = Candidate.from_json(fields["candidate"])
        fields["scores"] = {k: _defined(v) for k, v in fields.get("scores", {}).items()}
        fields["fold_scores"] = {k: tuple(map(_defined, v)) for k, v in fields.get("fold_scores", {}).items()}
        fields["warnings"] = tuple(fields.get("warnings", ()))
        fields["rounds"] = tuple(fields.get("rounds", ()))
        fields["decision"] = None if fields.get("decision") is None else tuple(fields["decision"])
        return cls(**fields)


def _defined(score: float | None) -> float:
    """A score as it was: a file holds None for one that is not defined on its rows, such as an AUC of one class."""
    return math.nan if score is None else score
