"""What a metric of regression aims at, means, medians or logarithms, decides how candidates learn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import bakeoff
from bakeoff.algorithms import TableFacts, get_algorithm
from bakeoff.data import make_schema
from bakeoff.evaluation import get_metric
from bakeoff.params import RunParams, validate
from bakeoff.search.facts import table_facts
from bakeoff.search.options import space_of, starts_of
from bakeoff.search.proposing import known_candidates

SKEWED = TableFacts(20_000, 10, 0, numeric=10, target_transforms=("log1p", "quantile"))


def params() -> RunParams:
    return validate({"name": "x", "task": "regression", "data": {"train": "x", "target": "y"}, "limits": {"max_trials": 60}})


def counts(rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.choice(["u", "v"], rows)})
    return frame.assign(y=rng.poisson(np.exp(frame["a"] + (frame["b"] == "u"))))


def test_a_table_s_facts_tell_what_is_aimed_at() -> None:
    frame = counts()
    schema, target = make_schema(frame, task="regression", target="y"), frame["y"].to_numpy(float)
    found = {}
    for name in ("root_mean_squared_error", "mean_absolute_error", "root_mean_squared_log_error"):
        facts = table_facts(schema, target, get_metric(name, "regression"))
        found[name] = (facts.log_link, facts.median, facts.logarithmic)
    assert list(found.values()) == [(True, False, False), (False, True, False), (False, False, True)]
    for other in (target - 1, np.full(len(target), 5.0)):
        facts = table_facts(schema, other, get_metric("root_mean_squared_log_error", "regression"))
        assert not facts.logarithmic
        assert known_candidates(params(), facts)


def test_where_medians_are_asked_for_the_first_boosters_have_twins_of_absolute_errors() -> None:
    plan = known_candidates(params(), replace(SKEWED, median=True))
    twins = [c for c in plan if c.hyperparameters.get("target_transform") == "median"]
    assert {c.algorithm for c in twins} <= {"lightgbm", "catboost", "xgboost", "hist_gradient_boosting"}
    assert len(twins) >= 4
    assert twins[0].index < 6
    assert "median" in space_of(get_algorithm("xgboost"), replace(SKEWED, median=True))["target_transform"].choices
    assert "median" not in space_of(get_algorithm("mlp"), replace(SKEWED, median=True))["target_transform"].choices
    assert not [c for c in known_candidates(params(), SKEWED) if c.hyperparameters.get("target_transform") == "median"]


def test_where_logarithms_are_judged_everybody_learns_them() -> None:
    facts = replace(SKEWED, logarithmic=True, target_transforms=("log1p",))
    plan = [c for c in known_candidates(params(), facts) if c.origin != "baseline"]
    assert {c.hyperparameters.get("target_transform") for c in plan} == {"log1p"}
    assert {one["target_transform"] for one in starts_of(get_algorithm("ridge"), facts)} == {"log1p"}


def test_a_logarithmic_error_of_counts_is_defined_for_every_candidate(tmp_path: Path) -> None:
    """A straight line through counts goes below 0, and one prediction at -1 would be the end of its score."""
    frame = counts()
    own: dict[str, Any] = {"search": {"algorithms": {"include": ["ridge", "xgboost"]}}, "validation": {"folds": 3}}
    more = {"target": "y", "task": "regression", "metric": "root_mean_squared_log_error", "folder": tmp_path, "overrides": own}
    run = bakeoff.fit(frame, max_trials=5, **more)
    board = run.leaderboard
    assert board["score"].notna().all()
    assert board["name"].iloc[-1].startswith("baseline")
    for name in board["name"]:
        assert (run.predictor(name).predict(frame) >= 0).all()
    plain = [t for t in run.folder.trials() if t.candidate.hyperparameters.get("target_transform") is None]
    assert {trial.candidate.origin for trial in plain} <= {"baseline", "tuner"}


def test_the_median_is_learned_and_kept_in_a_predictor(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=400)})
    frame["y"] = 3 * (frame["a"] > 0) + rng.exponential(4.0, 400)
    own: dict[str, Any] = {"search": {"algorithms": {"include": ["lightgbm"]}}, "validation": {"folds": 3}, "refit": "full"}
    run = bakeoff.fit(frame, target="y", metric="mean_absolute_error", max_trials=3, folder=tmp_path, overrides=own)
    trials = {
        t.candidate.hyperparameters.get("target_transform", "none"): t for t in run.folder.trials() if t.candidate.algorithm == "lightgbm"
    }
    assert {"none", "median"} <= set(trials)
    means = {kind: run.predictor(trials[kind].candidate.name).predict(frame).mean() for kind in ("none", "median")}
    assert means["median"] < means["none"] - 0.5
    assert trials["median"].scores["mean_absolute_error"] < trials["none"].scores["mean_absolute_error"]


def test_in_the_order_of_time_an_ensemble_may_go_below_0_as_its_members_do(tmp_path: Path) -> None:
    """The windows that judge are warm days, those learned from before them are not."""
    rng = np.random.default_rng(0)
    days = np.arange(240)
    heat = np.where(days < 70, rng.normal(0.5, 2, 240), rng.normal(12, 2, 240)) + rng.normal(0, 0.3, 240)
    frame = pd.DataFrame(
        {"day": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"), "south": heat + rng.normal(0, 0.5, 240), "y": heat}
    )
    own: dict[str, Any] = {"search": {"algorithms": {"include": ["ridge", "elastic_net"]}}, "validation": {"time": "day", "folds": 2}}
    run = bakeoff.fit(frame, target="y", task="regression", max_trials=3, folder=tmp_path, overrides=own)
    winter = frame.assign(south=-4.0)[:3]
    for name in ("stacking_ensemble", "voting_ensemble"):
        assert (run.predictor(name).predict(winter) < -1).all()
