"""The test part is scored by what there is time for: what each row will take is known from its trials."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.runs import RunFolder
from bakeoff.search import end_session, evaluate, finishing, session_for
from bakeoff.search.closing import scoring_seconds


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """A run whose two folds were dealt twice, and that is being ended once more."""
    frame = pd.DataFrame({"a": np.random.default_rng(3).normal(size=120)})
    run = bakeoff.fit(
        frame.assign(y=np.where(frame["a"] > 0, "yes", "no")),
        target="y",
        include=["logistic_regression", "knn"],
        max_trials=2,
        folder=tmp_path_factory.mktemp("runs"),
        overrides={"validation": {"strategy": "repeated_k_fold", "folds": 2, "repeats": 2}, "data": {"test": 0.2}, "refit": "full"},
    )
    yield run.folder
    end_session(run.folder)


def test_a_row_takes_what_its_trials_estimators_took_for_a_row(ended: RunFolder) -> None:
    prepared, trials = session_for(ended).prepared, [trial for trial in ended.trials() if trial.candidate.origin != "baseline"]
    rows, names = len(prepared.target), [trial.candidate.name for trial in trials]
    trials = [replace(trial, predict_seconds=6.0, encode_seconds=0.0) for trial in trials]

    def seconds(of: Any = prepared, trials: Any = trials, **row: Any) -> float:
        return rows * scoring_seconds(of, trials, row)

    assert seconds(name=names[0]) == pytest.approx(4 * 6.0 / 2)  # each row was predicted twice
    assert seconds(name="ensemble", members=dict.fromkeys(names, 0.5)) == pytest.approx(2 * 4 * 6.0 / 2)
    assert seconds(name=f"refit-{names[0]}", origin="refit") == pytest.approx(6.0 / 2)
    encoded = [replace(trial, predict_seconds=0.0, encode_seconds=1.0) for trial in trials[:1]]
    assert seconds(trials=encoded, name=names[0]) == pytest.approx(1.0)
    windows = {"target": prepared.target, "folds": prepared.folds[:2], "scored_rows": prepared.scored_rows, "schema": prepared.schema}
    validation = SimpleNamespace(way="time_ordered")
    ordered = SimpleNamespace(**windows, params=SimpleNamespace(validation=validation, featurization=prepared.params.featurization))
    assert seconds(of=ordered, name=names[0]) == pytest.approx(6.0)  # the newest window's estimator alone is kept


def test_a_row_that_would_not_be_scored_in_time_is_left_out(ended: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = set(evaluate(ended))
    slow = next(row["name"] for row in ended.leaderboard()["rows"] if row["origin"] == "ensemble" and not row["best"])
    monkeypatch.setattr(session_for(ended).clock, "left", lambda *_: 10.0)
    monkeypatch.setattr(finishing, "EVALUATION_SHARE", 1.0)
    monkeypatch.setattr(finishing, "scoring_seconds", lambda _prepared, _trials, row: (11.0 if row["name"] == slow else 9.0) / 24)
    assert set(evaluate(ended)) == everything - {slow}
    monkeypatch.setattr(finishing, "scoring_seconds", lambda *_: 11.0 / 24)
    assert [row["name"] for row in ended.leaderboard()["rows"] if row["best"]] == list(evaluate(ended))
