"""Odd tables through a whole run, ensembles, latencies and refit: each leaves predictors that score, and says what they are worth."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bakeoff

Made = tuple[pd.DataFrame, float]
"""The table with target y, and the least accuracy that is good."""


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def ten_rows() -> Made:
    return pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 11, 12, 13, 14, 15], "b": list("uvuvuvuvuv"), "y": ["no"] * 5 + ["yes"] * 5}), 0.5


def few_columns(rows: int) -> pd.DataFrame:
    age = _rng().integers(18, 90, rows)
    return pd.DataFrame({"age": age, "noise": _rng().normal(size=rows), "y": np.where(age > 50, "yes", "no")})


def heavy_duplicates() -> Made:
    return pd.concat([few_columns(20)] * 30, ignore_index=True), 0.9


def extremes_and_huge_integers() -> Made:
    frame = few_columns(300)
    spiky = frame["age"].astype(float)
    spiky[:3] = [1e300, -1e300, np.inf]
    return frame.assign(spiky=spiky, huge=[int(age) * 10**30 for age in frame["age"]]), 0.9


def text_among_numbers_and_five_formats_of_dates() -> Made:
    frame = few_columns(300)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["age"], unit="D")
    formats = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%Y-%m-%dT%H:%M:%S")
    spelled = {f"day {number}": days.dt.strftime(form) for number, form in enumerate(formats)}
    money = [["n/a", f"${age * 100:,}"][min(number % 9, 1)] for number, age in enumerate(frame["age"])]
    return frame.drop(columns="age").assign(money=money, **spelled), 0.9


def fifty_thousand_categories() -> Made:
    codes = _rng().permutation(np.concatenate([np.arange(50_000), np.arange(0, 50_000, 5)]))
    return pd.DataFrame({"town": pd.Series(codes).map("town {}".format), "y": np.where(codes < 25_000, "yes", "no")}), 0.7


def two_thousand_columns() -> Made:
    wide = pd.DataFrame(_rng().normal(size=(300, 2_000)), columns=[f"c{number}" for number in range(2_000)])
    return wide.assign(y=np.where(wide["c7"] + wide["c8"] > 0, "yes", "no")), 0.6


TABLES: tuple[Callable[[], Made], ...] = (
    ten_rows,
    heavy_duplicates,
    extremes_and_huge_integers,
    text_among_numbers_and_five_formats_of_dates,
    fifty_thousand_categories,
    two_thousand_columns,
)


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_an_odd_table_leaves_ensembles_and_a_refit_that_score(make: Callable[[], Made], tmp_path: Path) -> None:
    frame, good = make()
    wide = len(frame.columns) > 1_000
    own = {"refit": "full", "validation": {"folds": 2}}
    include = ("lightgbm", "logistic_regression")[: 1 if wide or len(frame) > 50_000 else 2]
    run = bakeoff.fit(frame, target="y", include=include, max_trials=2 * len(include), folder=tmp_path, overrides=own)
    trials = run.folder.trials()
    assert {trial.state for trial in trials} == {"done"}, [trial.reason for trial in trials]
    rows = {row["name"]: row for row in run.folder.leaderboard()["rows"]}
    refits = [name for name in rows if name.startswith("refit-")]
    assert len(refits) == 1
    facts = run.folder.facts()
    assert not any(facts.get(f"{step}_failure") for step in ("ensemble", "closing", "latency", "refit", "evaluation"))
    new = frame.sample(50, replace=True, random_state=1).drop(columns="y")
    for name in {run.best, "voting_ensemble", *refits} & rows.keys():
        told = run.predictor(name).predict_proba(new).to_numpy()
        assert np.isfinite(told).all()
        np.testing.assert_allclose(told.sum(axis=1), 1.0)
    best = run.folder.trial(max(trials, key=lambda trial: trial.scores["accuracy"]).id)
    assert best is not None
    assert best.scores["accuracy"] >= good
    assert wide == any("screened" in trial.candidate.recipe for trial in trials)
