"""What is tried unasked, what the tuner may vary (recipes, scalers, target transforms, class weights), and what becomes of it in a fit."""

import pickle
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.algorithms import ALGORITHMS, AlgorithmCard, Setting, TableFacts, get_algorithm
from bakeoff.errors import ParamsError
from bakeoff.evaluation import default_metric
from bakeoff.params import RunParams, validate
from bakeoff.runs import Candidate, FittedPart, Trial
from bakeoff.search.options import is_imbalanced, place_in_space, recipe_and_settings, recipes_of, separated, space_of
from bakeoff.search.proposing import known_candidates, proposal, trial_limit
from bakeoff.search.weighting import weigh

PLAIN = TableFacts(500, 10, 2)
UNEVEN = TableFacts(500, 10, 2, imbalanced=True)
SKEWED = TableFacts(500, 10, 0, target_transforms=("log1p", "quantile"))
WORDY = TableFacts(500, 10, 2, categorical=3, wordy=1)


def params(task: str = "classification", **search: Any) -> RunParams:
    return validate({"name": "x", "task": task, "data": {"train": "x", "target": "y"}, "search": search, "limits": {"max_trials": 60}})


def algorithms(candidates: list[Candidate]) -> set[str]:
    return {c.algorithm for c in candidates}


def test_weak_and_slow_algorithms_are_tried_when_named() -> None:
    unasked = known_candidates(params(), PLAIN)
    assert {"lightgbm", "catboost", "mlp", "svm", "knn"} <= algorithms(unasked)
    assert not {"decision_tree", "sgd", "gaussian_naive_bayes", "gradient_boosting"} & algorithms(unasked)
    default = trial_limit(validate({"name": "x", "task": "classification", "data": {"train": "x", "target": "y"}}))
    assert {"lightgbm", "catboost", "xgboost", "mlp", "svm", "extra_trees"} <= algorithms(unasked[: (default or 0) + 1])
    named = known_candidates(params(algorithms={"include": ["decision_tree", "lightgbm"]}), PLAIN)
    assert algorithms(named) == {"baseline", "decision_tree", "lightgbm"}
    strong = [c for c in algorithms(unasked) if c != "baseline"]
    left = known_candidates(params(algorithms={"exclude": strong}), PLAIN)
    assert {"decision_tree", "sgd", "multinomial_naive_bayes"} <= algorithms(left)


def test_what_is_too_large_stands_in_the_plan_once_and_is_never_tuned() -> None:
    large = TableFacts(2_000_000, 10, 2)
    plan = known_candidates(params(), large)
    assert [c.algorithm for c in plan].count("svm") == 1
    only = params(algorithms={"include": ["svm"]})
    assert len(known_candidates(only, large)) == 2
    assert proposal(only, large, known_candidates(only, large), []) is None


def test_the_scaler_is_part_of_the_recipe_and_options_left_alone_are_no_part_of_a_candidate() -> None:
    svm = get_algorithm("svm")
    assert recipe_and_settings(svm, "one_hot", {"C": 1.0}) == ("one_hot+standard", {"C": 1.0})
    assert recipe_and_settings(svm, "one_hot", {"C": 1.0, "scaler": "pca", "class_weights": "none"}) == ("one_hot+pca", {"C": 1.0})
    bayes = get_algorithm("gaussian_naive_bayes")
    assert recipe_and_settings(bayes, "one_hot", {"scaler": "none"}) == ("one_hot", {})
    assert recipe_and_settings(get_algorithm("lightgbm"), "codes", {"class_weights": "balanced"}) == (
        "codes",
        {"class_weights": "balanced"},
    )
    placed = place_in_space("one_hot+pca", {"C": 1.0})
    assert placed == {"C": 1.0, "recipe": "one_hot", "scaler": "pca", "class_weights": "none", "target_transform": "none"}
    assert place_in_space("codes", {})["scaler"] == "none"
    assert separated({"C": 1.0, "class_weights": "balanced"}) == ({"C": 1.0}, {"target_transform": "none", "class_weights": "balanced"})


def test_options_are_offered_where_they_may_help() -> None:
    assert set(space_of(get_algorithm("lightgbm"), PLAIN)) == set(get_algorithm("lightgbm").space(PLAIN))
    assert "class_weights" in space_of(get_algorithm("lightgbm"), UNEVEN)
    assert "class_weights" not in space_of(get_algorithm("knn"), UNEVEN)
    assert space_of(get_algorithm("ridge"), SKEWED)["target_transform"].choices == ("none", "log1p", "quantile")
    assert space_of(get_algorithm("baseline"), replace(SKEWED, categorical=3)) == {}
    assert is_imbalanced(np.array([0, 0, 1, 0, 2, 2]))
    assert not is_imbalanced(np.array([0, 0, 2, 2, 2]))


def test_a_recipe_is_chosen_where_the_table_lets_recipes_differ() -> None:
    lightgbm, logistic = get_algorithm("lightgbm"), get_algorithm("logistic_regression")
    assert recipes_of(lightgbm, WORDY) == ("mixed", "crossed", "target_encoded", "codes", "quick")
    assert recipes_of(lightgbm, PLAIN) == ("mixed",)
    assert "recipe" not in space_of(lightgbm, PLAIN)
    assert space_of(lightgbm, WORDY)["recipe"].choices == recipes_of(lightgbm, WORDY)[:-1]
    assert recipes_of(lightgbm, replace(PLAIN, columns=60)) == ("mixed", "screened")
    assert recipes_of(lightgbm, replace(PLAIN, rows=2_000, columns=600)) == ("mixed", "screened", "quick")
    assert recipes_of(logistic, WORDY) == ("one_hot", "terms")
    assert recipes_of(logistic, replace(WORDY, wordy=0)) == ("one_hot",)
    assert "crossed" not in recipes_of(lightgbm, replace(WORDY, columns=1))
    assert recipe_and_settings(lightgbm, "mixed", {"recipe": "crossed", "num_leaves": 8}) == ("crossed", {"num_leaves": 8})
    assert recipe_and_settings(logistic, "one_hot", {"recipe": "terms", "scaler": "pca"}) == ("terms+pca", {})


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_no_recipe_is_offered_that_a_table_without_categories_and_words_makes_nothing_else_of(card: AlgorithmCard) -> None:
    assert len(recipes_of(card, PLAIN)) == 1
    assert not {"plain", "imputed_plain"} & set(recipes_of(card, WORDY))


def test_the_tuner_varies_recipes() -> None:
    tuned, plan = params(algorithms={"include": ["lightgbm"]}), []
    for _ in range(10):
        plan.append(proposal(tuned, WORDY, plan, []))
    assert {candidate.recipe for candidate in plan if candidate} > {"mixed", "crossed"}
    assert all("recipe" not in candidate.hyperparameters for candidate in plan if candidate)


def untransformed(candidate: Candidate) -> tuple[str, str, dict[str, Any]]:
    settings = {name: value for name, value in candidate.hyperparameters.items() if name != "target_transform"}
    return candidate.algorithm, candidate.recipe, settings


def test_a_skewed_target_gives_the_best_settings_a_transformed_twin() -> None:
    for name, soon in (("lightgbm", True), ("mlp", True), ("sgd", True), ("knn", False), ("decision_tree", False)):
        asked = params("regression", algorithms={"include": [name]})
        plan, plain = known_candidates(asked, SKEWED), known_candidates(asked, replace(SKEWED, target_transforms=()))
        twins = [place for place, candidate in enumerate(plan) if "target_transform" in candidate.hyperparameters]
        assert [untransformed(c) for place, c in enumerate(plan) if place not in twins] == [untransformed(c) for c in plain]
        assert all(untransformed(plan[place]) in map(untransformed, plan[:place]) for place in twins)
        assert {plan[place].hyperparameters["target_transform"] for place in twins} == {"log1p"}
        assert twins[0] <= 3 if soon else twins == [len(plan) - 1]


@pytest.mark.parametrize("transforms", [(), ("log1p",)])
def test_a_target_never_below_0_gives_the_first_boosters_of_small_tables_a_twin_with_a_log_link(transforms: tuple[str, ...]) -> None:
    facts = TableFacts(2_000, 10, 0, numeric=10, log_link=True, target_transforms=transforms)
    plan = known_candidates(params("regression"), facts)
    twins = [c for c in plan if c.hyperparameters.get("target_transform") == "log_link"]
    assert {c.algorithm for c in twins[:2]} == {"hist_gradient_boosting", "lightgbm"}
    assert all(untransformed(twin) in map(untransformed, plan[: plan.index(twin)]) for twin in twins)
    places = [untransformed(candidate) for candidate in plan]
    assert all(plan.index(twin) - places.index(untransformed(twin)) <= 2 + len(transforms) for twin in twins[:2]), "soon after its like"
    others = {c.hyperparameters["target_transform"] for c in plan if "target_transform" in c.hyperparameters} - {"log_link"}
    assert others == set(transforms)
    for without in (replace(facts, log_link=False), replace(facts, rows=20_000)):
        first = known_candidates(params("regression"), without)[:16]
        assert "log_link" not in {c.hyperparameters.get("target_transform") for c in first}


def test_only_what_has_a_log_link_is_offered_one() -> None:
    facts = replace(SKEWED, log_link=True)
    for name, offered in (("lightgbm", ("none", "log_link", "log1p", "quantile")), ("mlp", ("none", "log1p", "quantile"))):
        assert space_of(get_algorithm(name), facts)["target_transform"].choices == offered
    assert "target_transform" not in space_of(get_algorithm("catboost"), replace(facts, target_transforms=()))


def test_zeros_and_ones_are_not_cut_into_ranges() -> None:
    """They would be scaled the same twice: a network was fitted two times over on a table of categories."""
    for flags, scalers in ((5, {"piecewise", "standard", "quantile"}), (6, {"standard", "quantile"})):
        facts = TableFacts(rows=1_200, columns=6, classes=4, categorical=flags, numeric=6 - flags, flags=flags)
        plan = [c for c in known_candidates(params(), facts) if c.algorithm == "tabm"]
        assert {c.recipe.partition("+")[2] for c in plan} <= scalers
        assert ("one_hot+piecewise" in {c.recipe for c in plan}) == ("piecewise" in scalers)
        assert set(space_of(get_algorithm("tabm"), facts)["scaler"].choices) == scalers


@pytest.mark.parametrize("numeric", [0, 1])
def test_terms_alone_are_the_same_whatever_scales_them(numeric: int) -> None:
    """A logistic regression was fitted twice over on a table of texts: once as terms+standard, once as terms+normalizer."""
    facts = TableFacts(rows=1_200, columns=2 + numeric, classes=4, text=2, wordy=2, numeric=numeric)
    asked = params(algorithms={"include": ["logistic_regression"]})
    plan = known_candidates(asked, facts)
    for _ in range(25):
        plan += [found] if (found := proposal(asked, facts, plan, [])) else []
    scalers = {c.recipe.partition("+")[2] for c in plan if c.recipe.startswith("terms")}
    assert scalers == {"standard"} if not numeric else len(scalers) > 2
    assert len({c.id for c in plan}) == len(plan) > 10


def test_the_tuner_varies_options_and_learns_from_them() -> None:
    tuned, plan, trials = params(algorithms={"include": ["logistic_regression"]}), [], []
    found = set()
    for index in range(14):
        candidate = proposal(tuned, UNEVEN, plan, trials)
        assert candidate is not None
        found.add((candidate.recipe, candidate.hyperparameters.get("class_weights", "none")))
        assert "scaler" not in candidate.hyperparameters
        plan.append(candidate)
        trials.append(Trial(candidate, "done", scores={default_metric("classification").name: 0.5 + index / 100}))
    assert len({recipe for recipe, _ in found}) > 2
    assert {how for _, how in found} == {"none", "balanced"}


def test_balanced_weights_give_classes_the_same_sum_and_multiply_rows_own() -> None:
    classes = np.array([0, 0, 0, 2])
    assert weigh(classes, "none") is None
    balanced = weigh(classes, "balanced")
    assert balanced is not None
    np.testing.assert_allclose([balanced[:3].sum(), balanced[3], balanced.mean()], [2, 2, 1])
    own = weigh(classes, "balanced", np.array([1.0, 1, 2, 4]))
    assert own is not None
    np.testing.assert_allclose([own[:3].sum(), own[3], own[2] / own[0]], [4, 4, 2])


def test_a_part_pickled_before_there_were_target_transforms_still_predicts() -> None:
    mean = get_algorithm("baseline").build(Setting("regression", 0, 1), {}).fit(np.zeros((2, 1)), [1.0, 3.0])
    part = FittedPart(None, mean)  # type: ignore[arg-type]
    vars(part).pop("target_transform")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(part)).predict_raw(np.zeros((2, 1)), 0), [2, 2])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "house_scores", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "house_scores.py").write_text(
        "def worst(truth, predicted):\n    return abs(truth - predicted).max()\n\nworst.greater_is_better = False\n"
    )
    return tmp_path


def test_a_run_on_a_skewed_target_by_a_metric_of_ones_own(project: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=150), "b": rng.choice(["u", "v"], 150)})
    frame["y"] = np.exp(1.5 * frame["a"] + (frame["b"] == "u") + rng.normal(0, 0.1, 150))
    run = bakeoff.fit(
        frame,
        target="y",
        include=["ridge", "svm"],
        metric="house_scores:worst",
        max_trials=12,
        folder=project / "runs",
        overrides={"validation": {"folds": 3}, "data": {"test": 0.2}},
    )
    board = run.leaderboard
    assert board.loc[board["algorithm"] != "stacking_ensemble", "score"].is_monotonic_increasing
    assert np.isfinite(board["house_scores:worst"]).all()
    scored = run.folder.read_json("test_scores.json")["scores"][run.best]
    assert {"house_scores:worst", "r2_score"} <= set(scored)
    log1p = [t.candidate for t in run.folder.trials() if t.candidate.hyperparameters.get("target_transform") == "log1p"]
    assert {candidate.algorithm for candidate in log1p} == {"ridge", "svm"}
    transformed = {candidate.name for candidate in log1p}
    assert board.set_index("name")["r2_score"][list(transformed)].max() > 0.8
    predicted = run.predictor(transformed.pop()).predict(frame.assign(a=frame["a"] * 100))
    assert frame["y"].min() <= predicted.min() < predicted.max() <= frame["y"].max()


def test_a_metric_that_cannot_be_found_is_told_before_anything_is_trained(project: Path) -> None:
    with pytest.raises(ParamsError, match=r"search\.metric: house_scores has no best"):
        bakeoff.fit(pd.DataFrame({"a": [1.0, 2], "y": [1.0, 2]}), target="y", task="regression", metric="house_scores:best", folder=project)


def test_class_weights_reach_the_fit(tmp_path: Path) -> None:
    from bakeoff.search import Prepared
    from bakeoff.search.encoding import EncodedFolds
    from bakeoff.search.fitting import fit_candidate

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=200), "y": np.where(rng.random(200) < 0.1, "rare", "usual")})
    run = bakeoff.fit(
        frame, target="y", include=["logistic_regression"], max_trials=1, folder=tmp_path, overrides={"validation": {"folds": 2}}
    )
    (run.path / "encoded").mkdir(exist_ok=True)
    encoded = EncodedFolds(Prepared(run.path), 0)
    plain, balanced = (
        fit_candidate(encoded, Candidate(1, "logistic_regression", more, "one_hot+standard", 0)).predictions[:, 0].mean()
        for more in ({}, {"class_weights": "balanced"})
    )
    assert plain < 0.2 < 0.4 < balanced < 0.6


def test_imbalanced_classes_are_weighed_within_the_trials_that_a_run_has_by_default() -> None:
    plan, plain = known_candidates(params(), UNEVEN), known_candidates(params(), replace(UNEVEN, imbalanced=False))
    (twin,) = [candidate for candidate in plan if "class_weights" in candidate.hyperparameters]
    assert twin.hyperparameters["class_weights"] == "balanced"
    assert 10 < twin.index <= 20
    first = plain[1]
    assert (twin.algorithm, twin.recipe, {**twin.hyperparameters, "class_weights": None}) == (
        first.algorithm,
        first.recipe,
        {**first.hyperparameters, "class_weights": None},
    )


def test_counts_are_learned_by_a_log_link_in_trial_and_refit_though_a_fold_has_zeros_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=400), "b": rng.choice(["u", "v"], 400)})
    frame["y"] = rng.poisson(np.exp(frame["a"] - 2 + (frame["b"] == "u")))
    frame["part"] = np.repeat(["first", "second"], 200)
    frame.loc[frame["part"] == "first", "y"] = 0
    frame.loc[frame["part"] == "first", "a"] -= 10
    own = {"search": {"algorithms": {"include": ["lightgbm"]}, "ensemble": False}, "refit": "full"}
    own |= {"validation": {"strategy": "k_fold", "folds": 2, "group": "part"}}
    run = bakeoff.fit(frame, target="y", task="regression", max_trials=6, folder=tmp_path, overrides=own)
    linked = [t for t in run.folder.trials() if t.candidate.hyperparameters.get("target_transform") == "log_link"]
    assert linked
    assert {trial.state for trial in linked} == {"done"}
    for trial in linked:
        assert (run.predictor(trial.candidate.name).predict(frame) >= 0).all()
