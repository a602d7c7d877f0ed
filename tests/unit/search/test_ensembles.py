"""The ensembles' rows: both ways have one, scored on rows their weights were not fitted on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.evaluation import Fold, get_metric
from bakeoff.runs import Candidate, RunFolder, Trial
from bakeoff.search.ensembles import DOUBTED_ROWS, ENOUGH_KNOWN, ENSEMBLES, MOST_ALIKE, ensemble_rows, possible_members
from bakeoff.search.judged import Judged
from bakeoff.search.nesting import MOST_ROWS, parts_of_rows, sampled
from bakeoff.search.ranking import LUCKY_ROWS

NAMES = [card.name for card in ENSEMBLES]


def prepared(rows: int, folds: tuple[Fold, ...], **more: Any) -> Any:
    """What ensembles see of a prepared run."""
    everything = {"target": np.zeros(rows), "groups": None, "weights_of": lambda _: None, "own_metric": None}
    schema = SimpleNamespace(task="regression", target=SimpleNamespace(positive=None))
    judging = tuple(fold.valid for fold in folds)
    scored = np.unique(np.concatenate(judging))
    compute, validation = SimpleNamespace(max_concurrent_trials=2, cores_per_trial=1), SimpleNamespace(way="k_fold")
    params = SimpleNamespace(compute=compute, validation=validation)
    return SimpleNamespace(schema=schema, params=params, folds=folds, compared=judging, scored_rows=scored, **{**everything, **more})


def folds_of(numbers: np.ndarray) -> tuple[Fold, ...]:
    return tuple(Fold(np.flatnonzero(numbers != n), np.flatnonzero(numbers == n)) for n in range(numbers.max() + 1))


def test_rows_of_one_fold_are_in_one_part_and_parts_are_few() -> None:
    numbers = np.random.default_rng(0).permutation(np.arange(800) % 8)
    parts = parts_of_rows(prepared(800, folds_of(numbers)), seed=0)
    assert len(set(parts)) == 5
    assert all(len(set(parts[numbers == fold])) == 1 for fold in range(8))


def test_one_holdout_is_parted_by_groups() -> None:
    groups = np.repeat(np.arange(60), 10)
    fold = Fold(np.arange(300), np.arange(300, 600))
    parts = parts_of_rows(prepared(600, (fold,), groups=groups), seed=0)
    assert len(parts) == 300
    assert all(len(set(parts[groups[300:] == group])) == 1 for group in range(30, 60))
    assert len(set(parts)) == 5


@pytest.mark.parametrize("later", [np.arange(150, 200), np.arange(100, 200)])
def test_where_the_first_of_several_splits_judges_all_rows_they_are_parted(later: np.ndarray) -> None:
    splits = (Fold(np.arange(100), np.arange(100, 200)), Fold(np.setdiff1d(np.arange(200), later), later))
    assert len(set(parts_of_rows(prepared(200, splits), seed=0))) == 5


def test_where_one_group_judges_its_rows_are_parted() -> None:
    fold = Fold(np.arange(300), np.arange(300, 400))
    parts = parts_of_rows(prepared(400, (fold,), groups=np.repeat(np.arange(4), 100)), seed=0)
    assert len(set(parts)) == 5


def test_one_row_that_judges_is_enough_for_trials_and_for_no_ensemble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = (Fold(np.arange(3), np.array([3])),)
    assert ensembles_of(tmp_path, monkeypatch, np.arange(4.0), {"knn 1": np.ones(1), "svm 1": np.zeros(1)}, alone) == []


RMSE = get_metric("root_mean_squared_error", "regression")


def ensembles_of(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: np.ndarray,
    members: dict[str, np.ndarray],
    folds: tuple[Fold, ...] | None = None,
) -> list[dict[str, Any]]:
    """The rows of ensembles of trials that predicted this; a key is the algorithm and a number behind a blank."""
    table = prepared(len(target), folds or folds_of(np.arange(len(target)) % 4), target=target)
    (folder / "predictions").mkdir()
    trials = []
    for index, (name, predictions) in enumerate(members.items()):
        origin = "tuner" if "tuned" in name else "portfolio"
        candidate = Candidate(index, name.partition(" ")[0], {"number": index}, "codes", seed=0, origin=origin)
        trials.append(Trial(candidate, "done", scores={RMSE.name: float(np.sqrt(np.mean((predictions - target[table.scored_rows]) ** 2)))}))
        np.save(folder / "predictions" / f"{trials[-1].id}.npy", predictions)
    monkeypatch.setattr("bakeoff.search.ensembles.Prepared", lambda _: table)
    return ensemble_rows(RunFolder(folder), trials, RMSE, seed=0)


@pytest.mark.parametrize(("rows", "most"), [(LUCKY_ROWS, MOST_ALIKE), (LUCKY_ROWS + 4, 8)])
def test_few_rows_choose_among_few_candidates_of_one_algorithm(
    rows: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=rows)
    members = {f"{name} {number}": target + rng.normal(size=rows) for name in ("knn", "svm") for number in range(8)}
    found = ensembles_of(tmp_path, monkeypatch, target, members)
    for row in found:
        chosen = [name.partition("-")[0] for name in row["members"]]
        assert max(chosen.count("knn"), chosen.count("svm")) == most


@pytest.mark.parametrize(
    ("rows", "known", "joins"),
    [(400, ENOUGH_KNOWN, False), (400, ENOUGH_KNOWN - 1, True), (DOUBTED_ROWS, 15, False), (DOUBTED_ROWS + 4, 15, True)],
)
def test_of_few_rows_the_tuners_candidates_join_where_few_others_are(
    rows: int, known: int, joins: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=rows)
    names = ["knn", "svm", "mlp", "ridge", "sgd"]
    members = {f"{names[number % 5]} {number}": target + rng.normal(size=rows) for number in range(known)}
    members["tabm tuned"] = target + 0.2 * rng.normal(size=rows)
    for row in ensembles_of(tmp_path, monkeypatch, target, members):
        assert any(name.startswith("tabm") for name in row["members"]) == joins


@pytest.mark.parametrize(
    ("rows", "better_by", "joins"),
    [
        (LUCKY_ROWS, [0.2, 0.1, 0.2, 0.3, 0.2], False),
        (LUCKY_ROWS + 1, [0.2, 0.1, 0.2, 0.3, 0.2], True),
        (DOUBTED_ROWS, [0.2, -0.1, 0.2, -0.2, 0.1], False),
        (DOUBTED_ROWS, [0.2], False),
        (DOUBTED_ROWS + 1, [0.2, -0.1, 0.2, -0.2, 0.1], True),
    ],
)
def test_of_more_rows_those_of_the_tuners_candidates_join_that_the_folds_tell_from_the_best(
    rows: int, better_by: list[float], joins: bool
) -> None:
    def trial(index: int, origin: str, folds: np.ndarray) -> Trial:
        candidate = Candidate(index, "knn", {}, "codes", seed=0, origin=origin)
        return Trial(candidate, "done", scores={RMSE.name: float(folds.mean())}, fold_scores={RMSE.name: tuple(folds)})

    best = np.linspace(1.0, 1.4, len(better_by))
    known = [trial(index, "portfolio", best + 0.01 * index) for index in range(ENOUGH_KNOWN)]
    found = possible_members([*known, trial(99, "tuner", best - better_by)], RMSE, rows)
    assert [t.candidate.origin for t in found].count("tuner") == joins
    assert found[0].candidate.origin == ("tuner" if joins else "portfolio")


def test_an_ensembles_folds_are_corrected_like_its_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=400)
    members = {f"{name} 1": target + rng.normal(size=400) for name in ("knn", "svm", "mlp", "ridge")}
    for row in ensembles_of(tmp_path, monkeypatch, target, members):
        assert np.sqrt(np.mean(np.square(row["by_fold"]))) == pytest.approx(row["score"], rel=0.005)


def test_all_metrics_of_an_ensemble_speak_of_the_same_rows_though_one_value_is_far_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part without that value has a range of its own, a fiftieth of all rows'; what is lost in it is not lost in all."""
    rng = np.random.default_rng(0)
    target = rng.normal(size=1_500)
    target[0] = 300
    members = {f"{name} 1": target + rng.normal(size=1_500) for name in ("knn", "svm", "mlp", "ridge")}
    for row in ensembles_of(tmp_path, monkeypatch, target, members):
        scores = row["scores"]
        assert scores["normalized_root_mean_squared_error"] * np.ptp(target) == pytest.approx(scores[RMSE.name], rel=1e-9)
        assert 1 - scores["r2_score"] == pytest.approx(scores[RMSE.name] ** 2 / np.var(target), rel=1e-9)


def test_noise_gains_nothing_from_being_chosen_among_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members without any knowledge: choosing the luckiest blend of them looks better than it is, unless scored on other rows."""
    rng = np.random.default_rng(0)
    target = rng.normal(size=200)
    members = {
        f"{name} {number}": 0.5 * rng.normal(size=200) for name in ("knn", "svm", "mlp", "ridge", "sgd", "tabm") for number in range(3)
    }
    found = ensembles_of(tmp_path, monkeypatch, target, members)
    assert [row["name"] for row in found] == NAMES
    blind = float(np.sqrt(np.mean(target**2)))
    for row in found:
        members = [np.load(tmp_path / "predictions" / f"{name.rpartition('-')[2]}.npy") for name in row["members"]]
        chosen_on_them = np.sum([w * m for w, m in zip(row["members"].values(), members, strict=True)], axis=0)
        assert row["score"] > np.sqrt(np.mean((chosen_on_them - target) ** 2))
        assert row["score"] > blind


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=400), "b": rng.normal(size=400), "c": rng.choice(list("xyz"), 400)})
    frame["y"] = np.where(frame["a"] * frame["b"] + (frame["c"] == "x") + 0.3 * rng.normal(size=400) > 0.3, "yes", "no")

    names, folder = ["logistic_regression", "lightgbm", "knn"], tmp_path_factory.mktemp("runs")
    return bakeoff.fit(frame, target="y", metric="log_loss", include=names, max_trials=5, folder=folder)


def test_each_way_has_a_row_and_a_predictor_that_does_what_its_blend_says(run: Any) -> None:
    rows = {row["name"]: row for row in run.folder.leaderboard()["rows"]}
    assert set(NAMES) <= set(rows)
    frame = pd.DataFrame({"a": [0.5, -1.0], "b": [1.0, 2.0], "c": ["x", "z"]})
    for name in NAMES:
        predictor = run.predictor(name)
        own = [run.predictor(member).predict_proba(frame).to_numpy() for member in rows[name]["members"]]
        if name == "voting_ensemble":
            expected = np.sum([w * p for w, p in zip(rows[name]["members"].values(), own, strict=True)], axis=0)
        else:
            expected = predictor.blend.combine(own)
        assert predictor.predict_proba(frame).to_numpy() == pytest.approx(expected)
        assert predictor.card["members"] == rows[name]["members"]


def test_a_rows_scores_are_those_of_its_predictions_less_their_optimism(run: Any) -> None:
    truth = np.load(run.path / "prepared" / "target.npy")
    metric = get_metric("log_loss", "classification")
    for row in run.folder.leaderboard()["rows"]:
        if row["name"] in NAMES:
            raw = np.load(run.path / "predictions" / f"{row['name']}.npy")
            assert metric.function(truth, raw) <= row["score"] < 1.1 * metric.function(truth, raw)
            assert row["score"] == row["scores"]["log_loss"]


def test_labels_are_decided_where_the_metric_judges_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows, metric = 3_000, get_metric("f1_score_macro", "classification")
    chance = rng.beta(0.4, 6.0, size=rows)
    run = RunFolder(tmp_path)
    (tmp_path / "predictions").mkdir()
    trials = [Trial(Candidate(n, "knn", {"n_neighbors": n + 1}, "codes", seed=0), "done", scores={metric.name: 0.5}) for n in range(2)]
    for trial in trials:
        np.save(tmp_path / "predictions" / f"{trial.id}.npy", np.column_stack([1 - chance, chance]))
    truth = (rng.random(rows) < chance).astype(np.int64)
    table = prepared(rows, folds_of(np.arange(rows) % 5), target=truth)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bakeoff.search.ensembles.Prepared", lambda _: table)
        voting = ensemble_rows(run, trials, metric, seed=0)[0]
        accurate = ensemble_rows(run, trials, get_metric("AUC_weighted", "classification"), seed=0)[0]
    assert voting["decision"][1] > voting["decision"][0]
    assert voting["score"] > accurate["scores"][metric.name] + 0.02
    assert voting["scores"]["AUC_weighted"] == pytest.approx(accurate["scores"]["AUC_weighted"], abs=1e-6)
    assert accurate["decision"] is None


def test_a_sample_keeps_the_rows_of_rare_classes_and_they_weigh_what_they_stand_for() -> None:
    rng = np.random.default_rng(0)
    judged, rows = Judged((rng.random(100_000) < 0.002).astype(np.int64)), np.arange(100_000)
    chosen, some = sampled(rows, judged, (2,), 0, True)
    rare = judged.truth[chosen] == 1
    assert rare.sum() == judged.truth.sum() > 150
    assert len(np.unique(chosen)) == len(chosen) == MOST_ROWS
    assert some.weights is not None
    np.testing.assert_allclose(some.weights[rare], 1)
    assert some.weights.sum() == pytest.approx(100_000)
    assert sampled(rows, judged, (2,), 0, False)[1].weights is None
    even = Judged(rng.integers(0, 100, 100_000))
    assert sampled(rows, even, (100,), 0, True)[1].weights is None
    assert len(sampled(rows, even, (100,), 0, True)[0]) == 4_000


def test_weights_of_a_large_table_are_fitted_on_the_same_sample_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    rows, metric = 50_000, get_metric("mean_absolute_error", "regression")
    table = prepared(rows, folds_of(np.arange(rows) % 3), target=rng.normal(size=rows))
    trials = [Trial(Candidate(n, "knn", {"n_neighbors": n + 1}, "codes", seed=0), "done", scores={metric.name: 1.0}) for n in range(2)]
    (tmp_path / "predictions").mkdir()
    for trial in trials:
        np.save(tmp_path / "predictions" / f"{trial.id}.npy", table.target + rng.normal(size=rows))
    monkeypatch.setattr("bakeoff.search.ensembles.Prepared", lambda _: table)
    first, again = (ensemble_rows(RunFolder(tmp_path), trials, metric, seed=3) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.pop("scores") == pytest.approx(other.pop("scores"), nan_ok=True, rel=0, abs=0)  # a metric may be undefined, NaN
        assert one == other
    assert sum(first[0]["members"].values()) == pytest.approx(1)
