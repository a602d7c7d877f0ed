"""Parts of large tables: who learns from how many rows, and that a part is judged by all rows that judge."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import IntDistribution

from bakeoff.algorithms import TableFacts, get_algorithm, too_large
from bakeoff.params import validate
from bakeoff.runs import Candidate, Trial
from bakeoff.search import begin_run, prepare, trying
from bakeoff.search.budgeting import PART_OF, cost_of, encoding_seconds, expected_seconds, on_a_part
from bakeoff.search.competing import primary_metric
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import fit_candidate
from bakeoff.search.preparing import Prepared
from bakeoff.search.proposing import FIRST_PART, FIRST_PART_OF, known_candidates, proposal
from bakeoff.search.refitting import fit_on_all_rows
from bakeoff.search.sampling import PARTS, part_of
from bakeoff.search.tuning import _known

LARGE = TableFacts(5_000_000, 50, 2, numeric=50)


def params(**limits: Any) -> Any:
    return validate({"name": "x", "task": "classification", "data": {"train": "t.csv", "target": "y"}, "limits": limits})


def prepared(folder: Path, rows: int = 300, **validation: Any) -> Prepared:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.normal(size=rows), "word": rng.choice(["x", "y", "z"], rows)})
    frame["y"] = np.where(frame["a"] + 0.3 * rng.normal(size=rows) > 0, "yes", "no")
    content = {"name": "part", "task": "classification", "data": {"train": "a frame", "target": "y"}, "validation": validation}
    run = begin_run(validate(content), root=folder, source=frame, own=False)
    ready = prepare(run)
    run.lock.release()
    return ready


def test_a_larger_part_holds_every_smaller_one_and_another_seed_draws_another() -> None:
    rows, target = np.arange(0, 3_000, 2), np.random.default_rng(0).normal(size=3_000)
    small, large, other = (part_of(rows, target, size, seed) for size, seed in ((100, 1), (400, 1), (400, 2)))
    assert (len(small), len(large)) == (100, 400)
    assert set(small) < set(large) < set(rows)
    assert set(large) != set(other)
    assert list(large) == sorted(large)
    assert part_of(rows, target, 1_500, 1) is rows


def test_what_other_rows_there_are_does_not_change_who_is_drawn_first() -> None:
    """Folds that share rows share most of their part too."""
    target = np.zeros(1_000)
    one, other = (part_of(np.setdiff1d(np.arange(1_000), left), target, 300, 0) for left in (np.arange(200), np.arange(200, 400)))
    assert len(np.intersect1d(one, other)) > 200


def test_a_part_holds_rare_classes() -> None:
    target = np.zeros(10_000, dtype=int)
    target[[7, 70, 700]] = 1
    target[5_000:5_100] = 2
    part = part_of(np.arange(10_000), target, 600, 0, classes=3)
    assert len(part) == 600
    assert set(np.flatnonzero(target == 1)) < set(part)
    assert np.bincount(target[part])[2] == pytest.approx(20, abs=6)


def test_many_classes_keep_their_shares_in_a_part() -> None:
    """A few rows of each come first, in a tenth of the part at most."""
    rng = np.random.default_rng(0)
    target = np.minimum(rng.geometric(0.02, 100_000) - 1, 299)
    part = part_of(np.arange(100_000), target, 10_000, 0, classes=300)
    shares, whole = (np.bincount(target[rows], minlength=300) / len(rows) for rows in (part, np.arange(100_000)))
    assert np.abs(shares - whole).sum() < 0.15
    assert (shares[whole > 0] > 0).all()


@pytest.mark.parametrize("validation", [{"strategy": "holdout"}, {"folds": 3}])
def test_a_part_is_judged_by_all_rows_that_judge(tmp_path: Path, validation: dict[str, Any]) -> None:
    whole = prepared(tmp_path, rows=900, **validation)
    part = Prepared(whole.path, 50)
    assert [len(fold.train) for fold in part.folds] == [50] * len(whole.folds)
    for mine, all_ in zip(part.folds, whole.folds, strict=True):
        judged = whole.frame.iloc[all_.valid].reset_index(drop=True)
        pd.testing.assert_frame_equal(part.frame.iloc[mine.valid].reset_index(drop=True), judged)
        np.testing.assert_array_equal(part.target[mine.valid], whole.target[all_.valid])
        assert not set(mine.train) & set(mine.valid)
        assert set(part.frame["a"].iloc[mine.train]) < set(whole.frame["a"].iloc[all_.train])
    assert len(part.scored_rows) == len(whole.scored_rows)
    for mine, all_ in zip(part.compared, whole.compared, strict=True):
        np.testing.assert_array_equal(part.frame["a"].iloc[mine], whole.frame["a"].iloc[all_])


def test_a_candidate_of_a_part_learns_and_encodes_its_rows_alone(tmp_path: Path) -> None:
    whole = prepared(tmp_path, strategy="holdout")
    part = Prepared(whole.path, 50)
    candidate = Candidate(1, "logistic_regression", {"rows": 50}, "one_hot+standard", seed=0)
    fitted, full = (fit_candidate(EncodedFolds(one, 0), candidate) for one in (part, whole))
    assert fitted.predictions.shape == full.predictions.shape == (len(whole.folds[0].valid), 2)
    assert np.abs(fitted.predictions - full.predictions).max() > 1e-3
    encoder, matrix = EncodedFolds(part, 0).of("one_hot+standard", 0)
    assert len(matrix) == 50 + len(whole.folds[0].valid)
    mine = part.frame["a"].iloc[part.folds[0].train]
    column = matrix[part.folds[0].train][:, encoder.names.index("a")]
    np.testing.assert_allclose(column, (mine - mine.mean()) / mine.std(ddof=0), rtol=1e-9)
    predicted = fitted.parts[0].predict_raw(encoder.transform(whole.frame.iloc[whole.folds[0].valid]), 2)
    np.testing.assert_allclose(predicted, fitted.predictions, atol=1e-12)


def test_rows_out_of_bag_do_not_judge_a_part(tmp_path: Path) -> None:
    whole = prepared(tmp_path, folds=3)
    candidate = Candidate(1, "random_forest", {"n_estimators": 10, "rows": 50}, "imputed_mixed", seed=0)
    assert len(fit_candidate(EncodedFolds(Prepared(whole.path, 50), 0), candidate).parts) == 3
    assert len(fit_candidate(EncodedFolds(whole, 0), candidate).parts) == 1


def test_a_refit_learns_from_as_many_rows(tmp_path: Path) -> None:
    whole = prepared(tmp_path, folds=3)
    settings = {"n_neighbors": 1, "weights": "uniform", "p": 2}
    some, every = (
        fit_on_all_rows(whole, Trial(Candidate(1, "knn", {**settings, **part}, "one_hot+standard", seed=0), "done"))
        for part in ({"rows": 60}, {})
    )
    assert (some.estimator.n_samples_fit_, every.estimator.n_samples_fit_) == (60, 300)


def test_where_time_is_short_a_large_table_is_learned_from_in_part() -> None:
    linear = get_algorithm("logistic_regression")
    settings = {**linear.start(LARGE)[0], "scaler": "standard"}
    sizes = [on_a_part(params(max_minutes=minutes), linear, settings, LARGE, 1).get("rows") for minutes in (0.1, 1, 10, 40_000)]
    known = [LARGE.rows if size is None else size for size in sizes]
    assert known == sorted(known)
    assert sizes[0] in PARTS[:2]
    assert sizes[-1] is None
    assert on_a_part(params(), linear, settings, LARGE, 1) == settings
    assert on_a_part(params(max_minutes=0.1), linear, settings, LARGE, 3) == settings  # of three folds all rows would be encoded anyway
    assert on_a_part(params(max_minutes=40_000, trial_minutes=0.03), linear, settings, LARGE, 1)["rows"] == sizes[0]
    small = TableFacts(PART_OF, 50, 2, numeric=50)
    assert on_a_part(params(max_minutes=0.1), linear, settings, small, 1) == settings
    booster = get_algorithm("lightgbm")
    assert "rows" not in on_a_part(params(max_minutes=0.1), booster, booster.start(LARGE)[0], LARGE, 1)


def test_what_takes_fewer_rows_than_there_are_learns_from_the_largest_part_that_it_takes() -> None:
    network = get_algorithm("tabm")
    assert on_a_part(params(), network, network.start(LARGE)[0], LARGE, 1)["rows"] == 160_000
    names = {c.algorithm: c.hyperparameters.get("rows") for c in known_candidates(params(max_trials=60), LARGE)}
    assert names["tabm"] == 160_000
    assert "lightgbm" in names
    assert too_large(network, LARGE, in_part=False) == "tabm takes at most 500,000 rows, the table has 5,000,000"


def test_the_tuner_keeps_to_parts_too() -> None:
    one = validate(
        {
            "name": "x",
            "task": "classification",
            "data": {"train": "t.csv", "target": "y"},
            "limits": {"max_minutes": 1},
            "search": {"algorithms": {"include": ["logistic_regression"]}},
        }
    )
    drawn = proposal(one, LARGE, known_candidates(one, LARGE), [], folds=1)
    assert drawn is not None
    assert drawn.hyperparameters["rows"] in PARTS


@pytest.mark.parametrize(("rows", "part"), [(FIRST_PART_OF, None), (FIRST_PART_OF + 1, FIRST_PART), (1_000_000, FIRST_PART)])
def test_the_first_candidate_of_a_large_table_learns_from_a_part(rows: int, part: int | None) -> None:
    facts = TableFacts(rows, 10, 2, numeric=10)
    assert known_candidates(params(max_minutes=1), facts)[1].hyperparameters.get("rows") == part
    assert known_candidates(params(max_trials=5), facts)[1].hyperparameters.get("rows") is None


def test_the_first_candidates_part_is_no_place_of_the_tuners() -> None:
    booster, metric = get_algorithm("lightgbm"), primary_metric(params())
    space = {"num_leaves": IntDistribution(2, 200)}
    places = [
        _known(
            Trial(Candidate(1, "lightgbm", {"num_leaves": 15, **part}, "mixed", seed=0), "done", scores={metric.name: 0.7}),
            booster,
            space,
            metric,
        )
        for part in ({}, {"rows": FIRST_PART})
    ]
    assert places == [({"num_leaves": 15}, 0.7), None]


def test_a_process_keeps_the_whole_and_one_part_open() -> None:
    for part in (10_000, None, 40_000):
        assert trying._opened_for("a", part, 0) is trying._opened_for("a", part, 0)
    assert set(trying._opened) == {("a", None), ("a", 40_000)}
    trying._opened_for("b", None, 0)
    assert set(trying._opened) == {("b", None)}
    trying._opened.clear()


def test_a_part_is_expected_to_take_its_own_time_and_encoding() -> None:
    card, settings = get_algorithm("logistic_regression"), {"rows": 10_000}
    assert cost_of(card, LARGE, settings) == cost_of(card, TableFacts(10_000, 50, 2, numeric=50), {})
    forest = {"n_estimators": 100, "max_features": 0.5, "min_samples_leaf": 3, "criterion": "gini"}
    plain, part = (Candidate(1, "random_forest", {**forest, **some}, "imputed_mixed", seed=0) for some in ({}, {"rows": LARGE.rows}))
    assert expected_seconds(part, LARGE, 3) == pytest.approx(3 * expected_seconds(plain, LARGE, 3))  # out of bag is one fit
    done = Trial(Candidate(2, "lightgbm", {}, "mixed", seed=0), "done", encode_seconds=30.0)
    quick = Trial(Candidate(3, "lightgbm", {"rows": 10_000}, "mixed", seed=0), "done", encode_seconds=1.0)
    new = Candidate(4, "logistic_regression", settings, "one_hot+standard", seed=0)
    assert encoding_seconds(new, [done]) == 0.0
    assert encoding_seconds(new, [done, quick]) == 1.0
