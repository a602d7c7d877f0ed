"""What each part of the engine gains, `make bench-ablation BENCH=FOLDER`: every set of the comparison, with the part and without it.

One run a set, whose trials are then put together again without what is looked at: the ensembles grown anew from the out-of-fold
predictions that are left, judged on the comparison's test rows. What a run would have done with the time saved is not counted, so this is
the least that a part is worth beside the others. Two things are left out by a run of their own: the portfolio's order, in which the
algorithms' own starts come in the order of their declared costs, and trials side by side, one trial with all cores after the other.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
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

METRICS = {"binary": "AUC_weighted", "multiclass": "log_loss", "regression": "root_mean_squared_error"}
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
    """A run of one trial at a time, which has all cores."""
    return run(compute={"cores_per_trial": os.cpu_count()})


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
    spec = importlib.util.spec_from_file_location("comparison", options.bench / "run.py")
    assert spec is not None
    assert spec.loader is not None
    comparison = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(comparison)
    index = pd.read_csv(options.bench / "suite-dev" / "index.csv")
    known = {json.loads(line)["set"] for line in options.out.read_text().splitlines()} if options.out.exists() else set()
    for _, row in index[index["task"] != "forecasting"].iterrows():
        if row["name"] not in known and (not options.only or row["name"] in options.only.split(",")):
            losses = measured(comparison, options.bench / "suite-dev", row, options.seconds, options.runs)
            with options.out.open("a") as file:
                file.write(json.dumps({"set": row["name"], "seconds": options.seconds, **losses}) + "\n")
    show([json.loads(line) for line in options.out.read_text().splitlines()])
    return 0


def measured(comparison: Any, suite: Path, row: Any, seconds: float, runs: Sequence[str]) -> dict[str, float]:
    """Test losses of a set: with everything, and without each part."""
    train, test = comparison.split_tabular(pd.read_parquet(suite / f"{row['name']}.parquet"), row, 0, None)
    with tempfile.TemporaryDirectory() as folder:
        whole = _finished(train, test, row, seconds, Path(folder) / "whole")
        losses = {"everything": whole.loss_with(whole.trials())} | {name: part(whole) for name, part in PARTS.items()}
        for name, run_without in RUNS.items():
            if name in runs:
                other = run_without(partial(_finished, train, test, row, seconds, Path(folder) / name))
                losses[name] = other.loss_with(other.trials())
    print(row["name"], {name: round(loss / losses["everything"], 3) for name, loss in losses.items()}, flush=True)
    return losses


def _finished(train: pd.DataFrame, test: pd.DataFrame, row: Any, seconds: float, folder: Path, **overrides: Any) -> Finished:
    task = "regression" if row["task"] == "regression" else "classification"
    asked = {"target": row["target"], "task": task, "metric": METRICS[row["task"]], "max_minutes": seconds / 60}
    run = bakeoff.fit(train.reset_index(drop=True), **asked, folder=folder, overrides=overrides)
    labels = [str(label) for label in run.predictor().schema.target.labels]
    truth = test[row["target"]].to_numpy(float) if not labels else pd.Categorical(test[row["target"]].astype(str), categories=labels).codes
    return Finished(run, lambda raw: _loss(row["task"], np.asarray(truth), raw), test)


def _loss(task: str, truth: np.ndarray, raw: np.ndarray) -> float:
    """As the comparison's scorer: 1 - AUC, log loss, RMSE."""
    from sklearn.metrics import log_loss, roc_auc_score

    if task == "regression":
        return float(np.sqrt(np.mean((truth - raw) ** 2)))
    if task == "binary":
        return float(1 - roc_auc_score(truth, raw[:, 1]))
    sure = np.clip(raw, 1e-15, None)
    return float(log_loss(truth, sure / sure.sum(axis=1, keepdims=True), labels=range(raw.shape[1])))


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
