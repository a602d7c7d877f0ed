"""Networks: what a running mean of the weights and several members in one gain, `make bench-networks BENCH=FOLDER`.

The comparison's sets, 3,000 training rows of each at most, 5 folds, one thread, one configuration each, by the engine's own fitting. Beside
out-of-fold and test loss and seconds: how much the rows flatter that a network stops on. For that the rows of each fold's judging part are
halved; a network that stopped on one half is judged on both, and the ratio of its losses (the other half's by its own) is told.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bakeoff.algorithms import AlgorithmCard, Fitting, Setting, get_algorithm, mlp
from bakeoff.algorithms._epochs import MEMORY, validation_loss
from bakeoff.runs import Candidate
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import fit_candidate
from bakeoff.search.options import recipe_and_settings
from benchmarks.comparison import check_names, sets_in
from benchmarks.portfolio import Set, encode_all, opened, said_of_test, tables

MOST_ROWS = 3_000
SETS = ("car", "vehicle", "concrete", "credit_g", "phoneme", "satimage", "bike_hour", "titanic", "telco_churn")
NETWORKS: tuple[tuple[str, str, dict[str, Any], float], ...] = (
    ("mlp, the best epoch", "mlp", {"scaler": "piecewise"}, 0.0),
    ("mlp, mean of epochs", "mlp", {"scaler": "piecewise"}, MEMORY),
    ("tabm, piecewise", "tabm", {"scaler": "piecewise"}, MEMORY),
    ("tabm, standard", "tabm", {"scaler": "standard"}, MEMORY),
    ("tabm, quantile", "tabm", {"scaler": "quantile"}, MEMORY),
    ("tabm, standardized", "tabm", {"scaler": "standard", "standardized": True, "learning_rate": 0.008, "members": 4}, MEMORY),
)
"""What it is called, algorithm, settings, the running mean's memory."""


def main() -> int:
    """Prints a row for each set and network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=os.environ.get("BENCH"), help="the comparison's folder")
    parser.add_argument("--only", nargs="*", default=SETS, help="names of sets")
    options = parser.parse_args()
    if options.bench is None or not (options.bench / "suite-dev").is_dir():
        sys.exit("the comparison's folder is needed: make bench-networks BENCH=FOLDER, with suite-dev/ in it")
    check_names(parser, options.only, sets_in(options.bench / "suite-dev").index)
    print("| set | network | out of fold | test | seconds | rows it stopped on flatter by |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name, task, target, frame in tables([options.bench / "suite-dev"]):
            if name in options.only:
                drawn = frame.sample(frac=1, random_state=0)[: int(MOST_ROWS / 0.7)]
                _tell(opened(name, task, target, drawn, Path(scratch)))
                shutil.rmtree(Path(scratch) / name, ignore_errors=True)
    return 0


def _tell(one: Set) -> None:
    encoded = EncodedFolds(one.prepared, seed=0)
    for called, algorithm, settings, memory in NETWORKS:
        card = get_algorithm(algorithm)
        recipe, own = recipe_and_settings(card, card.recipes[0], {**card.start(one.prepared.facts)[0], **settings})
        encode_all(encoded, recipe)
        with mock.patch.object(mlp, "MEMORY", memory):
            begun = time.process_time()
            fitted = fit_candidate(encoded, Candidate(1, algorithm, own, recipe, seed=0, threads=1))
            seconds = time.process_time() - begun
            flattered = _flattered(one, encoded, card, own, recipe)
        truth = np.asarray(one.prepared.target)[one.prepared.scored_rows]
        losses = (_loss(fitted.predictions, truth), _loss(said_of_test(one, fitted), one.truth))
        print(f"| {one.name} | {called} | {losses[0]:.4g} | {losses[1]:.4g} | {seconds:.1f} | {flattered:.1%} |", flush=True)


def _loss(said: np.ndarray, truth: np.ndarray) -> float:
    """Log loss of (n, classes), root mean squared error of (n,)."""
    loss = validation_loss(Fitting(said, truth, said, truth), np.asarray)
    return float(loss if said.ndim == 2 else np.sqrt(loss))  # type: ignore[arg-type]


def _flattered(one: Set, encoded: EncodedFolds, card: AlgorithmCard, own: dict[str, Any], recipe: str) -> float:
    """Loss on judging rows a network did not stop on over that on those it did, less 1; the geometric mean over folds and halves."""
    prepared, ratios = one.prepared, []
    classes = len(prepared.schema.target.labels)
    settings = {name: value for name, value in own.items() if name not in ("target_transform", "class_weights")}
    for number, fold in enumerate(prepared.folds):
        matrix = np.asarray(encoded.of(recipe, number)[1])
        target = np.asarray(prepared.target)
        for halves in ((fold.valid[::2], fold.valid[1::2]), (fold.valid[1::2], fold.valid[::2])):
            stops, other = (Fitting(matrix[fold.train], target[fold.train], matrix[half], target[half]) for half in halves)
            setting = Setting(task=prepared.schema.task, seed=0, threads=1, classes=classes)
            network = card.fit(card.build(setting, settings), stops)
            predict = network.predict_proba if classes else network.predict
            ratios.append(np.log(validation_loss(other, predict) or np.nan) - np.log(validation_loss(stops, predict) or np.nan))
    root = 1.0 if classes else 0.5
    return float(np.expm1(root * np.nanmean(ratios)))


if __name__ == "__main__":
    sys.exit(main())
