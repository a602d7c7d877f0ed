"""Labels from probabilities: thresholds where a metric judges labels."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import bakeoff
from bakeoff.cli.main import main
from bakeoff.evaluation import Fold, get_metric, score_all
from bakeoff.runs import decided
from bakeoff.search.deciding import MOST_CLASSES, MOST_CLASSES_ALONE, STEPS, _labels, decide, decide_alone, mean_factors
from bakeoff.search.judged import Judged


def rare_class(rows: int = 5_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of a class that 4 % of the rows have, and the truth."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(0.4, 9.0, size=rows)
    return np.column_stack([1 - chance, chance]), (rng.random(rows) < chance).astype(np.int64)


def test_without_factors_the_most_probable_class_is_the_label() -> None:
    assert list(decided(np.array([[0.6, 0.4], [0.5, 0.5], [0.1, 0.9]]), None)) == [0, 0, 1]


@pytest.mark.parametrize("name", ["f1_score_macro", "balanced_accuracy", "matthews_correlation"])
def test_a_rare_class_is_predicted_sooner_than_at_one_half(name: str) -> None:
    raw, truth = rare_class()
    metric, judged = get_metric(name, "classification"), Judged(truth)
    factors = decide(raw[:2_500], judged.some(np.arange(2_500)), metric)
    assert factors[1] > factors[0]
    there = judged.some(np.arange(2_500, 5_000))
    assert there.score(metric, raw[2_500:], decided(raw[2_500:], factors)) > 1.05 * there.score(metric, raw[2_500:])


def test_the_threshold_for_balanced_accuracy_is_near_the_classs_share() -> None:
    raw, truth = rare_class(40_000)
    factors = decide(raw, Judged(truth), get_metric("balanced_accuracy", "classification"))
    threshold = factors[0] / (factors[0] + factors[1])
    assert threshold == pytest.approx(truth.mean(), rel=0.5)


def test_nothing_is_changed_where_nothing_is_better() -> None:
    right = np.eye(3)[np.array([0, 1, 2] * 10)] * 0.8 + 0.05
    assert decide(right, Judged(np.array([0, 1, 2] * 10)), get_metric("accuracy", "classification")) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_looking_the_others_up_once_changes_no_label(classes: int) -> None:
    rng = np.random.default_rng(classes)
    raw = rng.dirichlet(np.ones(classes), size=400).round(1)  # rounded: many are equal
    logs = rng.normal(size=classes).round(1)
    for code in range(classes):
        for step, labels in zip(STEPS, _labels(raw, logs, code), strict=True):
            factors = logs.copy()
            factors[code] = step
            np.testing.assert_array_equal(labels, decided(raw, tuple(np.exp(factors))))


@pytest.mark.parametrize("classes", [MOST_CLASSES, 100])
def test_many_classes_are_decided_in_a_moment(classes: int) -> None:
    rng = np.random.default_rng(0)
    raw, truth = rng.dirichlet(np.ones(classes), size=4_000), rng.integers(0, classes, 4_000)
    begun = time.process_time()
    assert (set(decide(raw, Judged(truth), get_metric("accuracy", "classification"))) == {1.0}) == (classes > MOST_CLASSES)
    assert time.process_time() - begun < 10


def test_of_more_classes_none_has_a_factor() -> None:
    rng = np.random.default_rng(0)
    raw, truth = rng.dirichlet(np.ones(MOST_CLASSES + 1), size=400), rng.integers(0, MOST_CLASSES + 1, 400)
    assert set(decide(raw, Judged(truth), get_metric("accuracy", "classification"))) == {1.0}


def test_three_classes_have_a_factor_each() -> None:
    rng = np.random.default_rng(1)
    raw = rng.dirichlet([8, 1, 1], size=6_000)
    truth = np.array([rng.choice(3, p=p) for p in raw])
    metric = get_metric("f1_score_macro", "classification")
    factors = decide(raw[:3_000], Judged(truth[:3_000]), metric)
    assert min(factors[1:]) > factors[0]
    there = Judged(truth[3_000:])
    assert there.score(metric, raw[3_000:], decided(raw[3_000:], factors)) > 1.1 * there.score(metric, raw[3_000:])


def prepared(truth: np.ndarray) -> Any:
    """What `decide_alone` sees of a run whose rows are all scored, by five folds."""
    rows = np.arange(len(truth))
    folds = tuple(Fold(np.flatnonzero(rows % 5 != n), np.flatnonzero(rows % 5 == n)) for n in range(5))
    schema, params = SimpleNamespace(target=SimpleNamespace(positive=None)), SimpleNamespace(search=SimpleNamespace(seed=0))
    known = {"target": truth, "scored_rows": rows, "folds": folds, "groups": None, "weights_of": lambda _: None, "own_metric": None}
    return SimpleNamespace(schema=schema, params=params, **known)


def alone(raw: np.ndarray, truth: np.ndarray, metric: str) -> Any:
    return decide_alone(prepared(truth), get_metric(metric, "classification"), raw, score_all(truth, raw))


@pytest.mark.parametrize("name", ["f1_score_macro", "balanced_accuracy"])
def test_a_candidates_own_threshold_keeps_on_new_rows_what_its_score_says(name: str) -> None:
    raw, truth = rare_class(60_000)
    found = alone(raw[:1_500], truth[:1_500], name)
    there = Judged(truth[1_500:])
    metric = get_metric(name, "classification")
    new = there.score(metric, raw[1_500:], decided(raw[1_500:], found.factors))
    plain = Judged(truth[:1_500]).score(metric, raw[:1_500])
    seen = Judged(truth[:1_500]).score(metric, raw[:1_500], decided(raw[:1_500], found.factors))
    assert new > 1.05 * there.score(metric, raw[1_500:])
    assert plain < found.scores[name] == pytest.approx(seen + found.lost[name])
    assert found.scores[name] == pytest.approx(new, abs=0.06)  # 60 rows of the class in 1,500


def test_what_chance_likes_is_kept_seldom_and_weakened() -> None:
    rng = np.random.default_rng(3)
    metric = get_metric("accuracy", "classification")
    gained, said, kept = [], [], 0
    for _ in range(20):
        chance = rng.beta(0.3, 0.3, 300)
        raw, truth = np.column_stack([1 - chance, chance]), (rng.random(300) < chance).astype(np.int64)
        plain, chosen = Judged(truth).score(metric, raw), decide(raw, Judged(truth), metric)
        gained.append(Judged(truth).score(metric, raw, decided(raw, chosen)) - plain)
        found = alone(raw, truth, "accuracy")
        kept += found is not None
        said.append(0.0 if found is None else found.scores["accuracy"] - plain)
    assert np.mean(gained) > 0.005
    assert 0 <= np.mean(said) < 0.5 * np.mean(gained)
    assert 0 < kept < 10


def test_scores_are_those_of_labels_that_other_rows_chose_also_where_a_part_has_none_of_the_class() -> None:
    """The mean over parts of what precision loses was a gain: scores above 1."""
    kept = []
    for seed in range(10):
        raw, truth = rare_class(120, seed)  # five rows of the class: parts have none of it
        name, plain = "f1_score_binary", score_all(truth, raw)
        metric, found = get_metric(name, "classification"), alone(raw, truth, name)
        if found is not None:
            assert all(score <= 1 for other, score in found.scores.items() if other != "log_loss")
            assert found.scores["AUC_weighted"] == plain["AUC_weighted"]
            seen = Judged(truth).score(metric, raw, decided(raw, found.factors))
            assert plain[name] < found.scores[name] == pytest.approx(seen + found.lost[name])
            kept.append(seed)
    assert len(kept) > 2


def test_factors_of_several_parts_have_their_geometric_mean() -> None:
    assert mean_factors([(0.5, 2.0), (2.0, 0.5), (0.5, 2.0)]) == pytest.approx((2 ** (-1 / 3), 2 ** (1 / 3)))


def test_probabilities_one_row_and_many_classes_need_no_decision() -> None:
    raw, truth = rare_class(500)
    assert alone(raw, truth, "AUC_weighted") is None
    assert alone(raw[:1], truth[:1], "accuracy") is None
    for one_sided in ("recall_score_binary", "precision_score_binary"):
        assert alone(raw, truth, one_sided) is None
        assert set(decide(raw, Judged(truth), get_metric(one_sided, "classification"))) == {1.0}
    many = np.random.default_rng(0).dirichlet(np.ones(MOST_CLASSES_ALONE + 1), size=200)
    assert alone(many, many.argmin(axis=1), "f1_score_macro") is None


def test_a_trials_threshold_is_on_the_leaderboard_in_its_predictor_and_in_its_refit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(900, 3)), columns=list("abc"))
    frame["y"] = np.where(rng.random(900) < 1 / (1 + np.exp(2.5 - 1.5 * frame["a"])), "bad", "good")
    own = {"search": {"metric": "f1_score_macro", "ensemble": False, "algorithms": {"include": ["logistic_regression"]}}}
    settings = {"validation": {"folds": 3}, "refit": "full"}
    run = bakeoff.fit(frame[:600], target="y", max_trials=1, folder=tmp_path, overrides={**own, **settings})
    rows = {row["name"]: row for row in run.folder.leaderboard()["rows"]}
    (refit,) = [row for row in rows.values() if row["origin"] == "refit"]
    trial = rows[refit["name"].removeprefix("refit-")]
    (baseline,) = [row for row in rows.values() if row["origin"] == "baseline"]
    assert baseline["decision"] is None
    labels = [str(label) for label in run.predictor(trial["name"]).schema.target.labels]
    factors = dict(zip(labels, trial["decision"], strict=True))
    assert factors["bad"] > 1.5 * factors["good"]
    assert tuple(trial["decision"]) == run.predictor(trial["name"]).decision == run.predictor(refit["name"]).decision
    assert run.predictor(trial["name"]).card["decision"] == trial["decision"] == refit["decision"]
    (done,) = [one for one in run.folder.trials() if one.candidate.name == trial["name"]]
    assert done.decision == tuple(trial["decision"])
    assert np.mean(done.fold_scores["f1_score_macro"]) == pytest.approx(trial["score"], abs=0.02)
    for name in (trial["name"], refit["name"]):
        predictor = run.predictor(name)
        chances = predictor.predict_proba(frame[600:])
        says_bad = chances["bad"] * factors["bad"] > chances["good"] * factors["good"]
        np.testing.assert_array_equal(predictor.predict(frame[600:]) == "bad", says_bad)
        assert says_bad.sum() > (chances["bad"] > 0.5).sum()
    capsys.readouterr()
    assert main(["show", str(run.path), trial["name"]]) == 0
    assert f"label chosen by: bad × {factors['bad']:.3g}, good × {factors['good']:.3g}" in capsys.readouterr().out


def test_the_threshold_of_a_class_that_one_row_in_five_hundred_has_is_found_too() -> None:
    rng = np.random.default_rng(0)
    chance = 1 / (1 + np.exp(7.5 - 1.5 * rng.normal(size=40_000)))
    raw, truth = np.column_stack([1 - chance, chance]), (rng.random(40_000) < chance).astype(np.int64)
    assert truth.mean() < 0.002
    metric, judged = get_metric("balanced_accuracy", "classification"), Judged(truth)
    best = max(judged.score(metric, raw, (chance > at).astype(int)) for at in np.geomspace(1e-4, 0.5, 200))
    assert judged.score(metric, raw, decided(raw, decide(raw, judged, metric))) > best - 0.01


def test_far_thresholds_are_as_near_as_near_ones() -> None:
    """Two normal distributions 1.8 deviations apart, of whose second one row in a thousand is: the best threshold scores 0.816."""
    metric, scores, odds = get_metric("balanced_accuracy", "classification"), [], np.log(999) + 1.8**2 / 2
    for seed in range(6):
        rng = np.random.default_rng(seed)
        truth = (rng.random(30_000) < 0.001).astype(np.int64)
        chance = 1 / (1 + np.exp(odds - 1.8 * (rng.normal(size=30_000) + 1.8 * truth)))
        factors = decide(np.column_stack([1 - chance, chance]), Judged(truth), metric)
        at = (odds + np.log(factors[0] / factors[1])) / 1.8
        scores.append((norm.cdf(at) + norm.sf(at - 1.8)) / 2)
    assert np.mean(scores) > 0.805
