"""The portfolio, learned: which candidates to try first, in which order, `python -m benchmarks.portfolio`.

    collect  fits every configuration of the pool on every set, through the engine's own fitting, and keeps out-of-fold and test predictions
    learn    puts configurations in order: each next one is what lowers the loss of the greedy ensemble most, over all sets, divided by the
             root of its seconds + 2

A suite is a folder like the comparison's (index.csv beside NAME.parquet: name, task, target, drop); benchmarks/sets.py writes one.
What `collect` kept is not fitted again; it counts CPU seconds, so that it may run beside other work. The result is
bakeoff/search/portfolio.json, with date and recipe.
"""

import argparse
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from bakeoff.algorithms import AlgorithmCard, algorithms_for, too_large
from bakeoff.data import conform
from bakeoff.evaluation import MetricCard, get_metric
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, TrialPredictor, attempt
from bakeoff.search import portfolio
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.ensembles import draws_of, few_alike
from bakeoff.search.ensembling import grow_ensemble, grow_on_draws
from bakeoff.search.fitting import Fitted, fit_candidate
from bakeoff.search.judged import Judged
from bakeoff.search.options import recipe_and_settings
from bakeoff.search.planning import begin_run
from bakeoff.search.preparing import Prepared, prepare
from bakeoff.search.ranking import LUCKY_ROWS
from benchmarks.adapters.ours import METRICS
from benchmarks.comparison import check_names, sets_in
from benchmarks.portfolio_pool import POOL

MOST_ROWS = 5_000
MOST_SECONDS = 60
LENGTH = 12
"""Configurations that are learned; those of the former order follow."""
LEAST_GAIN = 5e-4
"""Of the mean log loss of the sets, below which an entry is not learned: its place would be chance."""
NARROW = 24
"""Configurations that are looked at: the best by their mean loss on the sets, and the best of each algorithm."""
RARE = ("terms", "screened", "screened_one_hot")
"""Recipes for tables that are rare among the sets."""
FEWEST_SETS = 5
"""An order is learned from so many sets at least; else the former one stays."""
GAINED = ("gain", "seconds", "sets")
"""What an entry that was learned has beside algorithm and hyperparameters."""


@dataclass
class Set:
    """A dataset, its training part prepared as a run, its test part conformed."""

    name: str
    prepared: Prepared
    frame: pd.DataFrame
    truth: np.ndarray

    @property
    def task(self) -> str:
        return self.prepared.schema.task


def pool(task: str, prepared: Prepared) -> Iterator[tuple[AlgorithmCard, dict[str, Any]]]:
    """Every configuration that a set may be tried with."""
    for card in algorithms_for(task):
        for entry in POOL.get(card.name, ()):
            if portfolio.settings_of(card, entry, prepared.facts) is not None and not too_large(card, prepared.facts):
                yield card, dict(entry)


def tables(suites: list[Path]) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Name, task, target and frame of every set."""
    for suite in suites:
        for name, task, target, drop in sets_in(suite)[["name", "task", "target", "drop"]].to_numpy():
            frame = pd.read_parquet(suite / f"{name}.parquet").dropna(subset=[target])
            frame = frame.drop(columns=[c for c in str(drop).split("|") if c in frame])
            yield name, "regression" if task == "regression" else "classification", target, frame


def opened(name: str, task: str, target: str, frame: pd.DataFrame, scratch: Path) -> Set:
    """A set split 70 : 30, its training part of MOST_ROWS at most prepared."""
    shuffled = frame.sample(frac=1, random_state=0).reset_index(drop=True)
    if task == "classification":
        counts = shuffled[target].value_counts()
        shuffled = shuffled[shuffled[target].isin(counts[counts >= 10].index)].reset_index(drop=True)
    cut = int(len(shuffled) * 0.7)
    train, test = shuffled[:cut][:MOST_ROWS], shuffled[cut:]
    params = {"name": name, "task": task, "data": {"train": "t.parquet", "target": target}, "validation": {"folds": 5}}
    run = begin_run(RunParams.model_validate(params), root=scratch / name, source=train)
    prepared = prepare(run)
    known = test[test[target].isin(prepared.schema.target.labels)] if task == "classification" else test
    truth = (
        known[target].map({label: code for code, label in enumerate(prepared.schema.target.labels)})
        if task == "classification"
        else known[target]
    )
    return Set(name, prepared, conform(known, prepared.schema), truth.to_numpy())


def collect(suites: list[Path], cache: Path, only: list[str]) -> None:
    """Fits what is not kept yet."""
    scratch = cache / "scratch"
    for name, task, target, frame in tables(suites):
        if only and name not in only:
            continue
        shutil.rmtree(scratch / name, ignore_errors=True)
        begun, one = time.monotonic(), opened(name, task, target, frame, scratch)
        folder = _made(cache / name)
        truth = {"oof": np.asarray(one.prepared.target)[one.prepared.scored_rows], "test": one.truth}
        np.savez(folder / "truth.npz", **truth)
        (folder / "facts.json").write_text(
            json.dumps({"task": task, "rows": one.prepared.facts.rows, "classes": one.prepared.facts.classes})
        )
        encoded = EncodedFolds(one.prepared, seed=0)
        for card, settings in pool(task, one.prepared):
            done = folder / f"{key_of(card.name, settings)}.npz"
            if not done.exists():
                failure = attempt(lambda: _fit(one, encoded, card, settings, done)).failure  # noqa: B023
                if failure is not None:
                    done.with_suffix(".failed").write_text(f"{card.name} {settings}: {failure}")
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
        shutil.rmtree(scratch / name, ignore_errors=True)


def encode_all(encoded: EncodedFolds, recipe: str) -> None:
    """Every fold, so that fitting alone is timed afterwards."""
    for fold in range(len(encoded.prepared.folds)):
        encoded.of(recipe, fold)


def said_of_test(one: Set, fitted: Fitted) -> np.ndarray:
    """Raw predictions of the test part, calibrated as those out of fold are."""
    predictor = TrialPredictor("x", one.prepared.schema, fitted.parts)
    predictor.temperature = fitted.temperature
    return predictor.predict_raw(one.frame)


def _fit(one: Set, encoded: EncodedFolds, card: AlgorithmCard, entry: dict[str, Any], done: Path) -> None:
    recipe, own = recipe_and_settings(card, card.recipes[0], portfolio.settings_of(card, entry, one.prepared.facts) or {})
    candidate = Candidate(1, card.name, own, recipe, seed=0, threads=1)
    encode_all(encoded, recipe)
    begun = time.process_time()
    end = time.monotonic() + MOST_SECONDS
    fitted = fit_candidate(encoded, candidate, lambda: end)
    seconds = time.process_time() - begun
    test = said_of_test(one, fitted)
    what = json.dumps({"algorithm": card.name, "hyperparameters": entry})
    np.savez(done, oof=fitted.predictions.astype(np.float32), test=test.astype(np.float32), seconds=seconds, what=what)


def key_of(algorithm: str, settings: dict[str, Any]) -> str:
    """A configuration's file name."""
    return f"{algorithm}-{hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:10]}"


@dataclass
class Kept:
    """What `collect` kept of a set."""

    name: str
    task: str
    truth: dict[str, np.ndarray]
    rows: int
    configurations: dict[str, dict[str, Any]]


def kept(cache: Path) -> list[Kept]:
    """Every set in the cache."""
    found = []
    for facts in sorted(cache.glob("*/facts.json")):
        content = json.loads(facts.read_text())
        configurations = {path.stem: dict(np.load(path)) for path in sorted(facts.parent.glob("*-*.npz"))}
        found.append(Kept(facts.parent.name, content["task"], dict(np.load(facts.parent / "truth.npz")), content["rows"], configurations))
    return found


def loss_of(one: Kept, chosen: list[str]) -> float:
    """Log of the test loss of the greedy ensemble of the chosen configurations, its members and weights found as the engine does."""
    metric, rows = _metric(one), len(one.truth["oof"])
    judged = Judged(one.truth["oof"])
    known = {key: one.configurations[key] for key in chosen if key in one.configurations}
    if not known:
        return float(np.log(10 * _loss(metric, one.truth["test"], _baseline(one))))
    ranked = sorted(known, key=lambda key: judged.score(metric, known[key]["oof"]))
    if rows <= LUCKY_ROWS:
        ranked = [ranked[place] for place in few_alike([key.rpartition("-")[0] for key in ranked])]
    said = [known[key]["oof"] for key in ranked]
    draws = draws_of(rows)
    weights = grow_on_draws(said, judged, metric, draws, seed=0) if draws else grow_ensemble(said, judged, metric)
    blend = sum(w * known[key]["test"] for w, key in zip(weights, ranked, strict=True) if w)
    return float(np.log(max(_loss(metric, one.truth["test"], blend), 1e-4)))


def _metric(one: Kept) -> MetricCard:
    """Log loss of two classes as of more."""
    return get_metric(METRICS["regression" if one.task == "regression" else "multiclass"], one.task)


def _baseline(one: Kept) -> np.ndarray:
    if one.task == "regression":
        return np.full(len(one.truth["test"]), one.truth["oof"].mean())
    share = np.bincount(one.truth["oof"]) / len(one.truth["oof"])
    return np.tile(share, (len(one.truth["test"]), 1))


def _loss(metric: MetricCard, truth: np.ndarray, predicted: Any) -> float:
    return float(Judged(truth).score(metric, np.asarray(predicted, dtype=float)))


def promising(sets: list[Kept]) -> list[str]:
    """The configurations worth a place: NARROW with the least mean loss, relative to each set's best, and the best of each algorithm."""
    losses: dict[str, list[float]] = {}
    for one in sets:
        metric = _metric(one)
        scores = {key: np.log(_loss(metric, one.truth["oof"], found["oof"])) for key, found in one.configurations.items()}
        for key, score in scores.items():
            losses.setdefault(key, []).append(score - min(scores.values()))
    order = sorted((key for key in losses if len(losses[key]) > len(sets) / 2), key=lambda key: float(np.mean(losses[key])))
    algorithms = [key.rpartition("-")[0] for key in order]
    return [key for place, key in enumerate(order) if place < NARROW or algorithms.index(algorithms[place]) == place]


def sets_of(cache: Path, task: str, small: bool) -> list[Kept]:
    """The sets that an order is learned from."""
    return [one for one in kept(cache) if one.task == task and (one.rows <= portfolio.SMALL) == small]


def learn(cache: Path, task: str, small: bool) -> list[dict[str, Any]]:
    """The order for a task and a size of table, with what each place gained; none from too few sets."""
    sets = sets_of(cache, task, small)
    if len(sets) < FEWEST_SETS:
        return []
    keys = promising(sets)
    chosen: list[str] = []
    order = []
    now = np.array([loss_of(one, []) for one in sets])
    for _ in range(LENGTH):
        best = None
        for key in keys:
            if key in chosen:
                continue
            after = np.array(
                [loss_of(one, [*chosen, key]) if key in one.configurations else before for one, before in zip(sets, now, strict=True)]
            )
            seconds = np.mean([float(one.configurations[key]["seconds"]) for one in sets if key in one.configurations])
            worth = (now - after).mean() / (2 + seconds) ** 0.5
            if best is None or worth > best[0]:
                best = (worth, key, after, seconds)
        if best is None:
            break
        _, key, after, seconds = best
        if (now - after).mean() < LEAST_GAIN:
            break
        what = next(json.loads(str(one.configurations[key]["what"])) for one in sets if key in one.configurations)
        gained = {"gain": round(float((now - after).mean()), 5), "seconds": round(float(seconds), 2), "sets": len(sets)}
        order.append({**what, **gained})
        print(f"{len(order):2d} {(now - after).mean():+.4f} {seconds:6.1f} s  {what['algorithm']} {what['hyperparameters']}", flush=True)
        chosen.append(key)
        now = after
    return order


def merged(learned: list[dict[str, Any]], former: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The learned entries, then the others of the former order; what is for texts or wide tables, rare among the sets, keeps its place.

    What the others gained when they were learned is left out: it was beside other entries.
    """
    first = [(one["algorithm"], one["hyperparameters"]) for one in learned]
    plain = [{key: value for key, value in one.items() if key not in GAINED} for one in former]
    rest = [one for one in plain if (one["algorithm"], one["hyperparameters"]) not in first]
    rare = [one for one in rest if one["hyperparameters"].get("recipe") in RARE]
    order = [*learned, *(one for one in rest if one not in rare)]
    for one in rare:
        order.insert(plain.index(one), one)
    return order


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main() -> None:
    """Collects, learns, or both."""
    content = json.loads(portfolio.FILE.read_text())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("collect", "learn"))
    parser.add_argument("--suite", type=Path, nargs="+", default=[], help="folders of sets to collect from")
    parser.add_argument("--cache", type=Path, required=True, help="folder of what was fitted")
    parser.add_argument("--only", nargs="*", default=[], help="names of sets")
    parser.add_argument("--orders", nargs="+", choices=content["orders"], default=list(content["orders"]), help="orders to learn")
    options = parser.parse_args()
    if options.what == "collect":
        if not options.suite:
            parser.error("collect needs --suite")
        check_names(parser, options.only, [name for suite in options.suite for name in sets_in(suite).index])
        collect(options.suite, options.cache, options.only)
        return
    today = time.strftime("%Y-%m-%d")
    for name in options.orders:
        task, size = name.split()
        if found := learn(options.cache, task, size == "small"):
            names = [one.name for one in sets_of(options.cache, task, size == "small")]
            content["orders"][name] = merged(found, content["orders"][name])
            content["learned"][name] = {"made": today, "most_rows": MOST_ROWS, "sets": names}
            portfolio.FILE.write_text(json.dumps({**content, "made": today}, indent=1) + "\n")


if __name__ == "__main__":
    main()
