"""The meta ensemble: an algorithm of the registry that learns from the voting ensemble's members; law: judged where it did not learn."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.algorithms import Fitting, Setting, TableFacts, get_algorithm, too_large
from bakeoff.evaluation import score_all
from bakeoff.features import fit_scaler
from bakeoff.runs import MetaPredictor, RunFolder, answer, load_predictor, meta_features, save_predictor
from bakeoff.runs.files import write_atomically
from bakeoff.search.competing import primary_metric
from bakeoff.search.deciding import decide_alone
from bakeoff.search.ensembles import row_of, save_array
from bakeoff.search.fitting import scores_by_fold
from bakeoff.search.nesting import parts_of_rows
from bakeoff.search.options import separated
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import spread
from bakeoff.search.session import Session
from bakeoff.search.targets import learned_target

__all__ = ["META", "META_SECONDS", "carry_out", "meta_row"]

META = "meta_ensemble"
META_SECONDS = 6.0
"""Kept for it under a clock; it is killed where it takes longer."""


def meta_row(session: Session, voting: dict[str, Any]) -> dict[str, Any]:
    """The leaderboard's row, its predictor saved. Raises RuntimeError with the reason where that fails."""
    name = session.params.search.meta_learner
    job = {"run": str(session.run.path.resolve()), "facts": session.facts, "seed": session.params.search.seed}
    seconds = None if session.clock.limit is None else META_SECONDS
    asked = {"algorithm": name, "members": list(voting["members"]), "threads": session.params.compute.cores_per_trial}
    answer = session.in_child("bakeoff.search.meta_learning:carry_out", {**job, **asked}, seconds, session.asked_to_stop)
    if answer["state"] != "done":
        raise RuntimeError(answer["reason"])
    by_fold, metric = answer["by_fold"][session.metric.name], session.metric.name
    row = row_of(META, len(voting["members"]), voting["fit_seconds"] + answer["fit_seconds"])
    judged = {"score": answer["scores"][metric], "std": spread(by_fold), "scores": answer["scores"], "by_fold": by_fold}
    own = {
        "members": dict.fromkeys(voting["members"], 1.0),
        "blend": {"kind": "learned", "algorithm": name},
        "decision": answer["decision"],
    }
    return {**row, "recipe": f"{row['recipe']}, {name}", **judged, **own}


def carry_out(job: dict[str, Any]) -> dict[str, Any]:
    """In a child: learns from the out-of-fold predictions of job["members"], part by part and from all rows, and saves the predictor."""
    return answer(lambda: _learn(job))


def _learn(job: dict[str, Any]) -> dict[str, Any]:
    begun, run, names = time.monotonic(), Path(job["run"]), job["members"]
    prepared = Prepared(run)
    trials = {trial.candidate.name: trial for trial in RunFolder(run).trials()}
    matrix = meta_features([np.load(run / "predictions" / f"{trials[name].id}.npy") for name in names])
    scored, parts = prepared.scored_rows, parts_of_rows(prepared, job["seed"])
    labels = len(prepared.schema.target.labels)
    said = np.zeros((len(scored), labels) if labels else len(scored))
    for part in range(int(parts.max()) + 1):
        there = parts == part
        said[there] = _fitted(prepared, matrix, ~there, job).combine(matrix[there])
    truth, weights, positive = prepared.target[scored], prepared.weights_of(scored), prepared.schema.target.positive
    scores = score_all(truth, said, weights, positive, prepared.own_metric)
    decision = decide_alone(prepared, primary_metric(prepared.params), said, scores) if labels else None
    scores = scores if decision is None else decision.scores
    of_all = np.zeros((len(prepared.target), *said.shape[1:]))
    of_all[scored] = said
    by_fold = scores_by_fold(prepared, of_all, decision)
    write_atomically(run / "predictions" / f"{META}.npy", partial(save_array, said))
    predictor = _fitted(prepared, matrix, np.ones(len(scored), dtype=bool), job)
    predictor.decision = None if decision is None else decision.factors
    predictor.members = tuple(load_predictor(run / "predictors" / f"{name}.pkl") for name in names)
    needs = tuple(get_algorithm(name).needs for name in (job["algorithm"], *(trials[name].candidate.algorithm for name in names)))
    own = {"meta_learner": job["algorithm"], "scores": scores, "decision": predictor.decision}
    facts = {"members": dict.fromkeys(names, 1.0), **own, **job["facts"]}
    save_predictor(predictor, run / "predictors", facts, needs=needs)
    found = {"scores": scores, "by_fold": by_fold, "decision": predictor.decision}
    return {"state": "done", **found, "fit_seconds": time.monotonic() - begun}


def _fitted(prepared: Prepared, matrix: np.ndarray, rows: np.ndarray, job: dict[str, Any]) -> MetaPredictor:
    """The meta learner fitted on some of the scored rows, not yet knowing its members; what stops early elsewhere takes its cheap start."""
    card, weights = get_algorithm(job["algorithm"]), prepared.weights_of(prepared.scored_rows)
    rows = rows if weights is None else rows & (weights > 0)  # not every learner looks at weights
    there = prepared.scored_rows[rows]
    groups = None if prepared.groups is None else prepared.groups[there]
    learned = learned_target(prepared, card, there)
    facts = TableFacts(len(there), matrix.shape[1], len(learned.classes), numeric=matrix.shape[1])
    settings = card.cheap_start(facts) if card.useful_when_cut_off else card.start(facts)[0]
    if reason := too_large(card, facts, in_part=False):
        raise ValueError(f"{card.name} cannot learn from so many predictions: {reason}")
    own, _ = separated({name: value for name, value in settings.items() if name not in ("recipe", "scaler")})
    scaler = fit_scaler("standard", matrix[rows])
    estimator = card.build(Setting(prepared.schema.task, job["seed"], job["threads"], len(learned.classes)), own)
    fitting = Fitting(X=scaler.transform(matrix[rows]), y=learned.y, weights=learned.weights, groups=groups)
    predictor = MetaPredictor(META, prepared.schema, (), scaler, card.fit(estimator, fitting), learned.classes)
    predictor.target_transform, predictor.bounds, predictor.prior = learned.transform, learned.bounds, learned.prior
    return predictor
