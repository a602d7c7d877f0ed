"""A candidate trained in this process: the run's own code without its children, for tests of what frames can be learned from."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.algorithms import get_algorithm
from bakeoff.data import guess_task
from bakeoff.params import merge, validate
from bakeoff.runs import Candidate, TrialPredictor
from bakeoff.search import begin_run, prepare
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import Fitted, fit_candidate
from bakeoff.search.options import recipe_and_settings


def train(
    frame: pd.DataFrame, target: str, folder: Path, *, algorithm: str = "lightgbm", task: str | None = None, **sections: Any
) -> tuple[TrialPredictor, Fitted]:
    """The predictor of one candidate, and what its folds left. Raises what a run would."""
    content = {"name": "one", "task": task or guess_task(frame, target), "data": {"train": "a frame", "target": target}}
    params = validate(merge({**content, "validation": {"folds": 2}}, sections))
    run = begin_run(params, root=folder, source=frame, own=False)
    try:
        encoded = EncodedFolds(prepare(run), seed=0)
    finally:
        run.lock.release()
    card = get_algorithm(algorithm)
    recipe, settings = recipe_and_settings(card, card.recipes[0], card.cheap_start(encoded.prepared.facts))
    candidate = Candidate(1, algorithm, settings, recipe, seed=0)
    with np.errstate(all="ignore"):
        fitted = fit_candidate(encoded, candidate)
    predictor = TrialPredictor(candidate.name, encoded.prepared.schema, fitted.parts)
    predictor.temperature, predictor.decision = fitted.temperature, fitted.decision
    return predictor, fitted
