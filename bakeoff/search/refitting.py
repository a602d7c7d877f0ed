"""A trial fitted once more, on all rows: one estimator instead of one a fold; law: it is judged by its trial's out-of-fold rows alone."""

import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Fitting, get_algorithm
from bakeoff.features import customized, fit_encoder
from bakeoff.runs import Candidate, FittedPart, Trial, TrialPredictor, answer, save_predictor
from bakeoff.search.fitting import setting_for
from bakeoff.search.options import part_asked, separated
from bakeoff.search.preparing import Prepared
from bakeoff.search.sampling import part_of
from bakeoff.search.targets import learned_target

__all__ = ["carry_out", "fit_on_all_rows", "refit_name", "refit_row"]

WHOLE_SHARE = 0.95
"""Of the rounds asked for, what a refit has to have at least: one that its deadline cut short is not what its trial's score tells of."""


def refit_name(candidate: Candidate) -> str:
    """Name of the predictor that a candidate's refit leaves."""
    return f"refit-{candidate.name}"


def refit_row(row: dict[str, Any], candidate: Candidate, seconds: float) -> dict[str, Any]:
    """The leaderboard's row of a candidate's refit, made from its trial's."""
    own = {"id": f"refit-{row['id']}", "name": f"refit-{row['name']}", "origin": "refit", "index": None}
    return {**row, **own, "fit_seconds": round(seconds, 3), "reason": _unjudged(candidate)}


def carry_out(job: dict[str, Any]) -> dict[str, Any]:
    """In a child: refits the trial in job["trial"] of the run in job["run"], within job["seconds"] where given, and saves its predictor."""
    return answer(lambda: _fit_and_save(job))


def fit_on_all_rows(prepared: Prepared, trial: Trial, deadline: float | None = None) -> FittedPart:
    """One estimator of the trial's candidate, fitted on every row that may train; boosting rounds are the median of its folds'.

    Raises TimeoutError where the deadline, a time.monotonic(), cut it short.
    """
    candidate, card = trial.candidate, get_algorithm(trial.candidate.algorithm)
    own, options = separated(_with_rounds(card, trial))
    rows, seed = _training_rows(prepared, part_asked(candidate.hyperparameters)), prepared.params.search.seed
    groups = None if prepared.groups is None else prepared.groups[rows]
    recipe = customized(candidate.recipe, prepared.params.featurization)
    learned = learned_target(prepared, card, rows, options["class_weights"], options["target_transform"])
    encoder, matrix = fit_encoder(recipe, prepared.frame.iloc[rows], prepared.target[rows], prepared.schema, seed=seed, groups=groups)
    until = None if deadline is None else lambda: deadline
    fitting = Fitting(X=matrix, y=learned.y, weights=learned.weights, deadline=until, groups=groups)
    begun = time.monotonic()
    estimator = card.fit(card.build(setting_for(prepared, candidate, encoder, learned), own), fitting)
    ended = time.monotonic()
    if deadline is not None and deadline - ended < ended - begun:
        _refuse_cut_short(card.rounds(estimator), own.get(card.rounds_name))
    return learned.part(encoder, estimator)


def _fit_and_save(job: dict[str, Any]) -> dict[str, Any]:
    run, trial, begun = Path(job["run"]), Trial.from_json(job["trial"]), time.monotonic()
    prepared = Prepared(run)
    part = fit_on_all_rows(prepared, trial, None if job["seconds"] is None else begun + job["seconds"])
    predictor = TrialPredictor(refit_name(trial.candidate), prepared.schema, [part])
    predictor.temperature, predictor.decision = trial.temperature, trial.decision
    if not np.isfinite(predictor.predict_raw(prepared.frame.iloc[:100])).all():
        raise ValueError("the refitted estimator predicted NaN or infinite values")
    card = get_algorithm(trial.candidate.algorithm)
    facts: dict[str, Any] = {
        "candidate": trial.candidate.to_json(),
        "scores": dict(trial.scores),
        "temperature": trial.temperature,
        "decision": trial.decision,
        "refit_of": trial.candidate.name,
        "judged": _unjudged(trial.candidate),
    }
    facts["rounds"] = card.rounds(part.estimator)
    save_predictor(predictor, run / "predictors", {**facts, **job["facts"]}, needs=(card.needs,))
    return {"state": "done", "fit_seconds": time.monotonic() - begun}


def _refuse_cut_short(made: int | None, asked: int | None) -> None:
    """Whatever looks at a deadline has rounds, and without rows to stop early on makes all of them but for it."""
    if made is not None and asked is not None and made < WHOLE_SHARE * asked:
        raise TimeoutError(f"the time was up after {made:,} of {asked:,} rounds")


def _unjudged(candidate: Candidate) -> str:
    part = part_asked(candidate.hyperparameters)
    rows = "all rows" if part is None else f"{part:,} rows, as its trial"
    return f"fitted on {rows}: the score is its trial's, it is unjudged by itself"


def _with_rounds(card: AlgorithmCard, trial: Trial) -> dict[str, Any]:
    """The trial's hyperparameters, bounded by the rounds that its folds found best: no row is left to stop early on."""
    rounds = {card.rounds_name: max(1, round(median(trial.rounds)))} if card.rounds_name and trial.rounds else {}
    return {**trial.candidate.hyperparameters, **rounds}


def _training_rows(prepared: Prepared, part: int | None) -> np.ndarray:
    """All rows but those of a validation.file, which never train, and of weight 0; of a candidate that learns from a part, so many."""
    if prepared.params.validation.file:
        rows = np.unique(np.concatenate([fold.train for fold in prepared.folds]))
    else:
        rows = np.arange(len(prepared.target)) if prepared.weights is None else np.flatnonzero(prepared.weights)
    classes = len(prepared.schema.target.labels)
    return rows if part is None else part_of(rows, prepared.target, part, prepared.params.search.seed, classes)
