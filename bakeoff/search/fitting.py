"""fit_candidate: fold by fold, fit, predict, score; law: validation rows reach the estimator for early stopping alone."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Deadline, Fitting, OutOfBag, Setting, get_algorithm, require_library
from bakeoff.evaluation import Fold, score_all
from bakeoff.features import MEDIAN, Encoder, Scale
from bakeoff.runs import Candidate, FittedPart, decided, spread_classes, tempered
from bakeoff.search.calibrating import temperature_alone
from bakeoff.search.carried_out import rounds_again
from bakeoff.search.competing import primary_metric
from bakeoff.search.deciding import Decision, decide_alone
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.options import judged_out_of_bag, separated
from bakeoff.search.pacing import End, Pace, never
from bakeoff.search.preparing import Prepared
from bakeoff.search.targets import LearnedTarget, learned_target

__all__ = ["Fitted", "fit_candidate", "scores_by_fold", "setting_for"]


WORDS_READ = 0.5
"""Of what the first fold of a table of words takes to encode, what a later one takes at most: its texts are taken apart by then."""


@dataclass(frozen=True)
class Fitted:
    """What the folds of one candidate left; predictions of the scored rows in row order, (m, classes) or (m,), means over their folds."""

    parts: tuple[FittedPart, ...]
    predictions: np.ndarray
    scores: dict[str, float]
    fold_scores: dict[str, tuple[float, ...]]
    encode_seconds: float
    fit_seconds: float
    predict_seconds: float
    rounds: tuple[int, ...]
    temperature: float | None = None
    """What log probabilities are divided by, those of `predictions` too."""
    decision: tuple[float, ...] | None = None
    """Factors that `scores` and `fold_scores` decide labels with; None where the most probable one is the label."""


def _untold(_line: str) -> None: ...


def fit_candidate(
    encoded: EncodedFolds,
    candidate: Candidate,
    end: End = never,
    share: float | None = None,
    tell: Callable[[str], None] = _untold,
) -> Fitted:
    """Fits a candidate on every fold. Raises TrialSkippedError where it would not be back in time.

    `end` says by when it should be back, and is asked again before each fold and while it is fitted; `share` is the seconds that its
    folds may take. Encoding them is no part of that: all candidates of the recipe have it from then on. Of two candidates side by side
    one begins with the last fold, so that those of one recipe meet in the middle. `tell` is told how far it is after each fold.
    """
    prepared, card = encoded.prepared, get_algorithm(candidate.algorithm)
    require_library(card)
    labels = len(prepared.schema.target.labels)
    if prepared.weights is not None and card.facts.get("weights") is False:
        warnings.warn(f"{card.name} does not look at row weights (data.weight); its scores do", UserWarning, stacklevel=2)
    scored = prepared.scored_rows
    predictions = np.zeros((len(prepared.target), labels) if labels else len(prepared.target))
    parts: dict[int, FittedPart] = {}
    bag = _out_of_bag(encoded, card, candidate)
    numbers: list[int | None] = [None] if bag is not None else [*range(len(prepared.folds))]
    if candidate.index % 2 and prepared.params.validation.way != "time_ordered":  # there the last windows are the longest
        numbers.reverse()
    pace = Pace(len(numbers), end, share, WORDS_READ if prepared.facts.wordy else 1.0)
    for place, number in enumerate(numbers):
        pace.check(_to_encode(encoded, candidate, numbers[place:]), card.useful_when_cut_off)
        if not encoded.has(candidate.recipe, number):
            with pace.timed("encode"):
                encoded.of(candidate.recipe, number)
        later = _to_encode(encoded, candidate, numbers[place + 1 :])
        pace.check(later, card.useful_when_cut_off)
        with pace.timed("fit"):
            part = _fit_fold(encoded, card, candidate, number, pace.fold_deadline(later))
        with pace.timed("predict"):
            for fold, raw in _judge(encoded, candidate, number, part, bag):
                _refuse_nonfinite(raw)
                predictions[fold.valid] += raw
        parts[number or 0] = part
        tell(pace.told())
    times_judged = np.bincount(np.concatenate([fold.valid for fold in prepared.folds]))[scored]
    predictions[scored] = (predictions[scored].T / times_judged).T
    in_order = [parts[number] for number in sorted(parts)]
    return Fitted(
        parts=tuple(in_order),
        **_weighed_up(prepared, candidate, predictions),
        encode_seconds=pace.seconds["encode"],
        fit_seconds=pace.seconds["fit"],
        predict_seconds=pace.seconds["predict"],
        rounds=tuple(rounds for part in in_order if (rounds := card.rounds(part.estimator)) is not None),
    )


def _weighed_up(prepared: Prepared, candidate: Candidate, predictions: np.ndarray) -> dict[str, Any]:
    """What a candidate's (n, …) predictions, means over the folds that judge a row, come to: the fields of Fitted that tell of it."""
    scored = prepared.scored_rows
    learned = predictions.ndim == 2 and candidate.origin != "baseline"  # that one is what is known without learning
    temperature = temperature_alone(prepared, predictions[scored]) if learned else None
    if temperature is not None:
        predictions[scored] = tempered(predictions[scored], temperature)
    averaged, weights = predictions[scored], prepared.weights_of(scored)
    scores = score_all(prepared.target[scored], averaged, weights, prepared.schema.target.positive, prepared.own_metric)
    decision = decide_alone(prepared, primary_metric(prepared.params), averaged, scores) if learned else None
    return {
        "predictions": averaged,
        "scores": scores if decision is None else decision.scores,
        "fold_scores": scores_by_fold(prepared, predictions, decision),
        "temperature": temperature,
        "decision": None if decision is None else decision.factors,
    }


def _to_encode(encoded: EncodedFolds, candidate: Candidate, numbers: Sequence[int | None]) -> int:
    """How many of the folds are not encoded yet."""
    return sum(not encoded.has(candidate.recipe, number) for number in numbers)


def scores_by_fold(prepared: Prepared, predictions: np.ndarray, decision: Decision | None) -> dict[str, tuple[float, ...]]:
    """Every metric on each fold's rows, or parts of one holdout, of (n, …) predictions of all rows; of several folds' rows by the mean."""
    positive, own = prepared.schema.target.positive, prepared.own_metric
    lost = {} if decision is None else decision.lost
    found: dict[str, list[float]] = {}
    for rows in prepared.compared:
        labels = None if decision is None else decided(predictions[rows], decision.factors)
        for name, score in score_all(prepared.target[rows], predictions[rows], prepared.weights_of(rows), positive, own, labels).items():
            found.setdefault(name, []).append(score + lost.get(name, 0.0))
    return {name: tuple(scores) for name, scores in found.items()}


def _out_of_bag(encoded: EncodedFolds, card: AlgorithmCard, candidate: Candidate) -> OutOfBag | None:
    """What judges one fit on all rows as folds would, by the members that did not draw a row; None where they do not judge.

    None of a part: most rows that judge are not in it.
    """
    prepared = encoded.prepared
    if len(prepared.folds) == 1 or separated(candidate.hyperparameters)[1]["class_weights"] != "none" or prepared.part is not None:
        return None
    return card.out_of_bag if judged_out_of_bag(candidate.recipe, prepared.facts) else None


def _judge(
    encoded: EncodedFolds, candidate: Candidate, number: int | None, part: FittedPart, bag: OutOfBag | None
) -> list[tuple[Fold, np.ndarray]]:
    """What a part says of the rows that judge it: its fold's, or, out of bag, those of all folds."""
    prepared, matrix = encoded.prepared, encoded.of(candidate.recipe, number)[1]
    labels = len(prepared.schema.target.labels)
    if number is not None or bag is None:
        fold = prepared.folds[number or 0]
        return [(fold, part.predict_raw(_rows(matrix, fold.valid), labels))]
    raw = bag(part.estimator, np.asarray(matrix))
    raw = part.finished(spread_classes(raw, part.classes, labels) if labels else raw)
    return [(fold, raw[fold.valid]) for fold in prepared.folds]


def _fit_fold(
    encoded: EncodedFolds, card: AlgorithmCard, candidate: Candidate, number: int | None, deadline: Deadline | None
) -> FittedPart:
    prepared = encoded.prepared
    everything = Fold(np.arange(len(prepared.target)), np.empty(0, dtype=int))
    fold = everything if number is None else prepared.folds[number]
    encoder, matrix = encoded.of(candidate.recipe, number)
    own, options = separated(candidate.hyperparameters)
    learned = learned_target(prepared, card, fold.train, options["class_weights"], options["target_transform"])
    valid, y_valid, weights_valid = learned.judging(prepared, fold.valid)
    again = rounds_again(prepared.path, candidate)
    own |= {card.rounds_name: max(1, again[number or 0])} if again else {}
    estimator = card.build(setting_for(prepared, candidate, encoder, learned, number or 0), own)
    early = card.early_stopping and not again and len(valid) > 0 and (weights_valid is None or weights_valid.any())
    fitting = Fitting(
        X=_rows(matrix, fold.train),
        y=learned.y,
        X_valid=_rows(matrix, valid) if early else None,
        y_valid=y_valid if early else None,
        weights=learned.weights,
        weights_valid=weights_valid if early else None,
        deadline=deadline,
        in_range=prepared.params.validation.way != "time_ordered",
        groups=None if prepared.groups is None else prepared.groups[fold.train],
    )
    return learned.part(encoder, card.fit(estimator, fitting))


def setting_for(prepared: Prepared, candidate: Candidate, encoder: Encoder, learned: LearnedTarget, fold: int = 0) -> Setting:
    """Where the candidate's estimator is built, for a fold or all rows.

    Each fold has a seed of its own: of networks that begin alike the mean keeps most of one's luck (benchmarks/EXPERIMENTS.md, "A seed for
    each fold").
    """
    losses = {"log_link": isinstance(learned.transform, Scale), "median": candidate.hyperparameters.get("target_transform") == MEDIAN}
    return Setting(prepared.schema.task, candidate.seed + fold, candidate.threads, len(learned.classes), encoder.codes, **losses)


def _rows(matrix: Any, rows: np.ndarray) -> Any:
    """Some rows, in memory; sparse where the matrix is."""
    return np.asarray(matrix[rows]) if isinstance(matrix, np.ndarray) else matrix[rows]


def _refuse_nonfinite(raw: np.ndarray) -> None:
    if not np.isfinite(raw).all():
        raise ValueError("the estimator predicted NaN or infinite values")
