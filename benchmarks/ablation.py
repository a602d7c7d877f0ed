"""What each part of the engine gains, `make bench-ablation BENCH=FOLDER`: every set of the comparison, with the part and without it.

One run a set, whose trials are then put together again without what is looked at: the ensembles grown anew from the out-of-fold
predictions that are left, judged on the comparison's test rows. What a run would have done with the time saved is not counted, so this is
the least that a part is worth beside the others. Two things are left out by a run of their own: the portfolio's order, in which the
algorithms' own starts come in the order of their declared costs, and trials side by side, one trial with all cores after the other.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

import bakeoff
from bakeoff.data import conform
from bakeoff.evaluation import score_all
from bakeoff.runs import FinishedRun, Trial, TrialPredictor, best_row, blend_from_json, tempered
from bakeoff.search import proposing
from bakeoff.search.competing import primary_metric
from bakeoff.search.ensembles import ensemble_rows
from bakeoff.search.fitting import scores_by_fold
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import build_leaderboard
from benchmarks.adapters.ours import METRICS, MOST_TRIALS
from benchmarks.comparison import check_names, loaded, sets_in, split

CROSSES = ("crossed", "arithmetic")
PREFIX = "ablation_"
"""Of what is grown anew, so that the run's own stays as it is."""
KERNELS = ("svm", "gaussian_process", "knn")
BOOSTERS = ("lightgbm", "xgboost", "catboost", "hist_gradient_boosting", "gradient_boosting")
LINEAR = ("logistic_regression", "ridge", "elastic_net", "lasso_lars", "linear_svm", "sgd")


@dataclass(frozen=True)
class Finished:
    """A run on a set's training part, and how its test part is judged."""

    run: FinishedRun
    loss: Callable[[np.ndarray], float]
    test: pd.DataFrame

    def trials(self) -> list[Trial]:
        return [t for t in self.run.folder.trials() if t.state == "done"]

    def loss_with(self, trials: Iterable[Trial], only: str = "", folds: int | None = None) -> float:
        """Test loss of what the leaderboard of some trials would rank first, its ensembles grown anew (of the one named alone)."""
        kept = [t for t in trials if t.candidate.origin != "baseline"]
        params = self.run.folder.params()
        metric = primary_metric(params)
        rows = ensemble_rows(self.run.folder, kept, metric, params.search.seed, PREFIX)
        rows = [{**row, "name": row["name"].removeprefix(PREFIX)} for row in rows if only in row["name"]]
        best = best_row(build_leaderboard(kept, metric, params.task, rows, None, Prepared(self.run.path).dealing)["rows"])
        if best is None:
            return float("nan")
        known = {t.candidate.name: t for t in kept}
        if best["origin"] != "ensemble":
            return self.loss(self._raw(known[best["name"]], folds))
        blend = blend_from_json(best["blend"], list(best["members"].values()))
        return self.loss(blend.combine([self._raw(known[name], folds) for name in best["members"]]))

    def uncalibrated(self) -> float:
        """Test loss where no trial has a temperature. It writes over their out-of-fold predictions, so nothing can be asked after it."""
        return self.loss_with([t if t.temperature is None else self._uncalibrated(t, t.temperature) for t in self.trials()])

    def _uncalibrated(self, trial: Trial, temperature: float) -> Trial:
        prepared, path = Prepared(self.run.folder.path), self.run.folder.path / "predictions" / f"{trial.id}.npy"
        raw, scored = tempered(np.load(path), 1 / temperature), prepared.scored_rows
        np.save(path, raw)
        of_all = np.zeros((len(prepared.target), raw.shape[1]))
        of_all[scored] = raw
        scores = score_all(prepared.target[scored], raw, prepared.weights_of(scored), prepared.schema.target.positive)
        return replace(trial, temperature=None, scores=scores, fold_scores=scores_by_fold(prepared, of_all, None))

    def best_single(self) -> float:
        """Test loss of the best trial."""
        known, board = {t.candidate.name: t for t in self.trials()}, self.run.leaderboard
        return self.loss(self._raw(known[board["name"][board["name"].isin(known)].iloc[0]], None))

    def _raw(self, trial: Trial, folds: int | None) -> np.ndarray:
        predictor = self.run.predictor(trial.candidate.name)
        assert isinstance(predictor, TrialPredictor)
        some = TrialPredictor(predictor.name, predictor.schema, predictor.parts[:folds])
        some.temperature = trial.temperature
        return some.predict_raw(conform(self.test, predictor.schema))


def without(*algorithms: str) -> Callable[[Finished], float]:
    """The loss without some algorithms' trials."""
    return lambda one: one.loss_with(t for t in one.trials() if t.candidate.algorithm not in algorithms)


PARTS: dict[str, Callable[[Finished], float]] = {
    "stacking": lambda one: one.loss_with(one.trials(), "voting"),
    "ensembles (the best trial alone)": Finished.best_single,
    "bagging (one fold's estimators alone)": lambda one: one.loss_with(one.trials(), folds=1),
    "crosses and arithmetic": lambda one: one.loss_with(t for t in one.trials() if not t.candidate.recipe.startswith(CROSSES)),
    "networks": without("mlp", "tabm"),
    "kernels and neighbours": without(*KERNELS),
    "forests": without("random_forest", "extra_trees"),
    "linear models": without(*LINEAR),
    "lightgbm": without("lightgbm"),
    "boosters": without(*BOOSTERS),
    "the tuner (the portfolio alone)": lambda one: one.loss_with(t for t in one.trials() if t.candidate.origin != "tuner"),
    "calibration of trials": Finished.uncalibrated,  # the last
}


def without_order(run: Callable[..., Finished]) -> Finished:
    """A run without what the portfolio learned."""
    with mock.patch.object(proposing, "order", return_value=[]):
        return run()


def without_neighbours(run: Callable[..., Finished]) -> Finished:
    """A run of one trial at a time, which has all cores that trials side by side would have."""
    return run(compute={"cores_per_trial": min(MOST_TRIALS, len(os.sched_getaffinity(0)))})


RUNS = {"the portfolio's order": without_order, "trials side by side (one with all cores)": without_neighbours}


def main() -> int:
    """Runs what was not run yet and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=os.environ.get("BENCH"), help="the comparison's folder")
    parser.add_argument("--seconds", type=float, default=60, help="limit of each run")
    parser.add_argument("--only", default="", help="names of sets, by commas; all where empty")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/ablation.jsonl"), help="results; what is there is not measured again")
    parser.add_argument("--runs", nargs="*", choices=RUNS, default=list(RUNS), help="what is left out by a run of its own")
    options = parser.parse_args()
    if options.bench is None or not (options.bench / "run.py").is_file():
        sys.exit("the comparison's folder is needed: make bench-ablation BENCH=FOLDER, with run.py and suite-dev/ in it")
    suite, comparison = options.bench / "suite-dev", loaded(options.bench)
    index = sets_in(suite)
    only = options.only.split(",") if options.only else list(index.index)
    check_names(parser, only, index.index)
    known = kept(options.out, options.seconds)
    for name, row in index[index.index.isin(only)].iterrows():
        found = known.get(str(name), {})
        if {"everything", *options.runs} <= set(found):
            continue
        dealt = Dealt(comparison, row, *split(comparison, suite, row))
        known[str(name)] = {"set": name, "seconds": options.seconds, **measured(dealt, options.seconds, options.runs, found)}
        with options.out.open("a") as file:
            file.write(json.dumps(known[str(name)]) + "\n")
    show(list(known.values()))
    return 0


def kept(file: Path, seconds: float) -> dict[str, dict[str, Any]]:
    """By set, what was measured in runs of so many seconds: the last line of each."""
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {one["set"]: one for one in lines if one["seconds"] == seconds}


@dataclass(frozen=True)
class Dealt:
    """A set of the comparison: its parts, and run.py, which dealt them and scores."""

    comparison: Any
    row: Any
    train: pd.DataFrame
    test: pd.DataFrame


def measured(dealt: Dealt, seconds: float, runs: Iterable[str], found: Mapping[str, Any]) -> dict[str, Any]:
    """Test losses of a set, with everything and without each part; those that were found are not measured again."""
    losses = dict(found)
    with tempfile.TemporaryDirectory() as folder:
        if "everything" not in losses:
            whole = _finished(dealt, seconds, Path(folder) / "whole")
            losses |= {"everything": whole.loss_with(whole.trials())} | {name: part(whole) for name, part in PARTS.items()}
        for name in [name for name in runs if name not in losses]:
            other = RUNS[name](partial(_finished, dealt, seconds, Path(folder) / name))
            losses[name] = other.loss_with(other.trials())
    ratios = {name: round(losses[name] / losses["everything"], 3) for name in [*PARTS, *RUNS] if name in losses}
    print(dealt.row["name"], ratios, flush=True)
    return losses


def _finished(dealt: Dealt, seconds: float, folder: Path, **overrides: Any) -> Finished:
    row, train = dealt.row, dealt.train
    task = "regression" if row["task"] == "regression" else "classification"
    asked = {"target": row["target"], "task": task, "metric": METRICS[row["task"]], "max_minutes": seconds / 60}
    run = bakeoff.fit(train.reset_index(drop=True), **asked, folder=folder, overrides=overrides)
    labels = [str(label) for label in run.predictor().schema.target.labels]
    columns = [f"p_{label}" for label in labels] or ["prediction"]

    def loss(raw: np.ndarray) -> float:
        said = pd.DataFrame(raw.reshape(len(raw), -1), columns=columns)
        return float(dealt.comparison.score_tabular(row["task"], dealt.test[row["target"]], said, labels)["loss"])

    return Finished(run, loss, dealt.test)


def show(results: list[dict[str, Any]]) -> None:
    """A line for each part: how much the loss grows without it, over the sets."""
    print("\n| without | loss grows by (geometric mean) | on sets | most on |\n|---|---|---|---|")
    for name in [*PARTS, *RUNS]:
        ratios = {one["set"]: one[name] / one["everything"] for one in results if np.isfinite(one.get(name, np.nan))}
        if not ratios:
            continue
        mean = float(np.exp(np.mean(np.log(list(ratios.values()))))) - 1
        most = max(ratios, key=lambda known: ratios[known])
        print(f"| {name} | {mean:+.1%} | {sum(r > 1 for r in ratios.values())} of {len(ratios)} | {most} {ratios[most] - 1:+.1%} |")


if __name__ == "__main__":
    sys.exit(main())
