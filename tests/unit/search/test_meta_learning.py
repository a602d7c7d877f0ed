"""The meta ensemble: a named algorithm learns from the members, is judged out of its training parts, and scores new rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.errors import ParamsError

RNG = np.random.default_rng(0)
ROWS = 240


def table(kind: str) -> pd.DataFrame:
    frame = pd.DataFrame({"a": RNG.normal(size=ROWS), "b": RNG.normal(size=ROWS)})
    value = frame["a"] + frame["b"] ** 2 + RNG.normal(size=ROWS) / 4
    return frame.assign(y=value if kind == "values" else pd.cut(value, [-99, 0, 1, 99], labels=list("xyz")).astype("str"))


@pytest.mark.parametrize(("kind", "learner"), [("values", "ridge"), ("classes", "logistic_regression"), ("classes", "lightgbm")])
def test_an_algorithm_learns_from_the_members(tmp_path: Path, kind: str, learner: str) -> None:
    frame = table(kind)
    search = {"meta_learner": learner, "algorithms": {"include": ["knn", "decision_tree", "random_forest"]}}
    run = bakeoff.fit(
        frame, target="y", max_trials=3, folder=tmp_path, overrides={"search": search, "validation": {"folds": 3, "strategy": "k_fold"}}
    )
    board = run.leaderboard.set_index("name")
    assert {"voting_ensemble", "stacking_ensemble", "meta_ensemble"} <= set(board.index)
    row = next(row for row in run.folder.leaderboard()["rows"] if row["name"] == "meta_ensemble")
    baseline = next(row for row in run.folder.leaderboard()["rows"] if row["name"].startswith("baseline"))
    better = row["score"] < baseline["score"] if kind == "values" else row["score"] > baseline["score"]
    assert better
    assert row["recipe"].endswith(f", {learner}")
    predictor = run.predictor("meta_ensemble")
    assert len(predictor.predict(frame[:7])) == 7
    assert len(predictor.predict(frame[:0])) == 0
    if kind == "classes":
        np.testing.assert_allclose(predictor.predict_proba(frame).sum(axis=1), 1)
    out_of_fold = np.load(run.path / "predictions" / "meta_ensemble.npy")
    assert np.isfinite(out_of_fold).all()
    assert not np.array_equal(out_of_fold, predictor.predict_raw(frame[["a", "b"]]))


def test_it_knows_of_its_target_what_trials_know(tmp_path: Path) -> None:
    """A target far from 0 is no blur to a booster, what no neighbour votes for is not impossible, nobody leaves the range that was seen."""
    search = {"meta_learner": "lightgbm", "algorithms": {"include": ["ridge", "random_forest"]}}
    more = {"validation": {"folds": 3, "strategy": "k_fold"}}
    frame = table("values")
    runs = []
    for number, far in enumerate((0.0, 1.7e9)):
        run = bakeoff.fit(
            frame.assign(y=frame["y"] + far), target="y", max_trials=2, folder=tmp_path / str(number), overrides={"search": search, **more}
        )
        runs.append(run.leaderboard.set_index("name")["score"]["meta_ensemble"] * np.ptp(frame["y"]))
    assert runs[0] == pytest.approx(runs[1], rel=0.05)
    search = {"meta_learner": "knn", "algorithms": {"include": ["logistic_regression", "random_forest"]}}
    run = bakeoff.fit(table("classes"), target="y", max_trials=2, folder=tmp_path / "2", overrides={"search": search, **more})
    assert (run.predictor("meta_ensemble").predict_proba(frame).to_numpy() > 0).all()


def test_rows_without_weight_teach_it_nothing(tmp_path: Path) -> None:
    """Neighbours do not look at weights, and half of them would be a thousand away."""
    frame = table("values").assign(w=np.arange(ROWS) % 2)
    frame.loc[frame["w"] == 0, "y"] = 1_000.0
    search = {"meta_learner": "knn", "algorithms": {"include": ["ridge", "random_forest"]}}
    more = {"data": {"weight": "w"}, "validation": {"folds": 3, "strategy": "k_fold"}}
    run = bakeoff.fit(frame, target="y", max_trials=2, folder=tmp_path, overrides={"search": search, **more})
    scores = run.leaderboard.set_index("name")["score"]
    assert scores["meta_ensemble"] < next(score for name, score in scores.items() if name.startswith("baseline"))


def test_an_unknown_meta_learner_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"search\.meta_learner.*\n.*rigde[\s\S]*ridge"):
        bakeoff.fit(table("values"), target="y", folder=tmp_path, overrides={"search": {"meta_learner": "rigde"}})
    with pytest.raises(ParamsError, match="meta_learner is read only with ensemble: true"):
        bakeoff.fit(table("values"), target="y", folder=tmp_path, overrides={"search": {"meta_learner": "ridge", "ensemble": False}})
