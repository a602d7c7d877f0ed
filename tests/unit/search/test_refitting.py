"""A refit: which rows and how many rounds it learns, and that one which its deadline cut short is none."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.algorithms import get_algorithm
from bakeoff.params import merge, validate
from bakeoff.runs import Candidate, Trial
from bakeoff.search import begin_run, prepare
from bakeoff.search.refitting import fit_on_all_rows


def table(rows: int = 240) -> pd.DataFrame:
    a = np.random.default_rng(3).normal(size=rows)
    return pd.DataFrame({"a": a, "b": np.arange(rows) % 7, "y": np.where(np.sin(3 * a) > 0, "yes", "no")})


def prepared(folder: Path, **sections: Any) -> Any:
    content = {"name": "one", "task": "classification", "data": {"train": "a frame", "target": "y"}}
    run = begin_run(validate(merge(content, sections)), root=folder, source=table(), own=False)
    run.lock.release()
    return prepare(run)


def test_rounds_are_the_median_of_the_folds(tmp_path: Path) -> None:
    candidate = Candidate(1, "lightgbm", {"n_estimators": 500}, "mixed", seed=0)
    part = fit_on_all_rows(prepared(tmp_path), Trial(candidate, "done", rounds=(3, 40, 7)))
    assert get_algorithm("lightgbm").rounds(part.estimator) == 7


@pytest.mark.parametrize("algorithm", ["lightgbm", "hist_gradient_boosting", "random_forest", "sgd", "logistic_regression"])
def test_a_refit_that_its_deadline_cut_short_is_none(tmp_path: Path, algorithm: str) -> None:
    card = get_algorithm(algorithm)
    data = prepared(tmp_path)
    trial = Trial(Candidate(1, algorithm, card.start(data.facts)[0], "one_hot", seed=0), "done", rounds=(9, 12, 10))
    assert card.rounds(fit_on_all_rows(data, trial, time.monotonic() + 3600).estimator) == 10
    with pytest.raises(TimeoutError, match="the time was up after 1 of 10 rounds"):
        fit_on_all_rows(data, trial, time.monotonic())


def test_rounds_that_end_by_themselves_are_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a booster's trees split no more, and most of the time is left."""
    data, trial = prepared(tmp_path), Trial(Candidate(1, "lightgbm", {"n_estimators": 500}, "mixed", seed=0), "done", rounds=(9, 12, 10))
    monkeypatch.setattr(type(get_algorithm("lightgbm")), "rounds", lambda _card, _estimator: 3)
    fit_on_all_rows(data, trial, time.monotonic() + 3600)


@pytest.mark.parametrize("judge", [False, True])
def test_every_row_trains_but_those_of_a_validation_file(tmp_path: Path, judge: bool) -> None:
    table(60).to_parquet(tmp_path / "judge.parquet")
    rules = {"file": str(tmp_path / "judge.parquet")} if judge else {"strategy": "holdout"}
    candidate = Candidate(1, "knn", {"n_neighbors": 1, "weights": "uniform"}, "one_hot", seed=0)
    part = fit_on_all_rows(prepared(tmp_path / "runs", validation=rules), Trial(candidate, "done"))
    assert part.estimator.n_samples_fit_ == len(table())
