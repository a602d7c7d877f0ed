"""What the boosters promise beyond every card's contract."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from bakeoff.algorithms import AlgorithmCard, Fitting, Setting, TableFacts, algorithms_for, get_algorithm

BOOSTERS = [card for card in algorithms_for("classification") if card.early_stopping and card.recipes[0] in ("codes", "mixed")]
RANDOM = np.random.default_rng(0)
CODES = RANDOM.integers(0, 8, 1200).astype(float)
X = np.column_stack([CODES, RANDOM.normal(size=1200)])
TRUTH = np.isin(CODES, [1, 4, 6])
Y = (TRUTH ^ (RANDOM.random(1200) < 0.05)).astype(np.int64)
SETTING = Setting("classification", seed=0, threads=1, classes=2, codes=(0,))


def fitted(card: AlgorithmCard, matrix: np.ndarray = X) -> object:
    estimator = card.build(SETTING, card.cheap_start(TableFacts(1200, 2, 2)))
    return card.fit(estimator, Fitting(matrix[:800], Y[:800], matrix[800:], Y[800:]))


@pytest.mark.parametrize("card", BOOSTERS, ids=lambda card: card.name)
def test_codes_are_treated_as_categories(card: AlgorithmCard) -> None:
    """Judged against the labels before 5 % of them were flipped: with 800 rows every booster finds all eight codes on any machine."""
    assert (fitted(card).predict(X[800:]) == TRUTH[800:]).mean() > 0.95  # type: ignore[attr-defined]


@pytest.mark.parametrize("card", BOOSTERS, ids=lambda card: card.name)
def test_unseen_and_missing_codes_are_predicted(card: AlgorithmCard) -> None:
    strange = np.array([[7_000.0, 0.1], [np.nan, 0.2], [20.0, np.nan], [300.0, 1e37]])
    got = fitted(card).predict_proba(strange)  # type: ignore[attr-defined]
    assert np.isfinite(got).all()


@pytest.mark.parametrize("card", BOOSTERS, ids=lambda card: card.name)
def test_many_categories_and_an_empty_column_are_taken(card: AlgorithmCard) -> None:
    matrix = np.column_stack([np.arange(1200.0) % 300, X[:, 1], np.full(1200, np.nan)])
    assert np.isfinite(fitted(card, matrix).predict_proba(matrix)).all()  # type: ignore[attr-defined]


@pytest.mark.parametrize("card", BOOSTERS, ids=lambda card: card.name)
def test_fitting_writes_no_file(card: AlgorithmCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fitted(card)
    assert not list(tmp_path.iterdir())


def test_knn_asks_for_no_more_neighbours_than_rows() -> None:
    card = get_algorithm("knn")
    estimator = card.build(SETTING, {"n_neighbors": 100, "weights": "uniform", "p": 2})
    got = card.fit(estimator, Fitting(X[:7], np.array([0, 1, 0, 1, 0, 1, 1]))).predict_proba(X[:3])
    np.testing.assert_allclose(got, [[3 / 7, 4 / 7]] * 3)


def test_a_round_of_lightgbm_that_leaves_no_tree_counts_as_a_round() -> None:
    """The rows of a round may allow no split: as many rounds again must give the same trees."""
    card, rng = get_algorithm("lightgbm"), np.random.default_rng(0)
    matrix = rng.normal(size=(80, 1))
    y = (matrix[:, 0] + rng.normal(size=80) > 0).astype(np.int64)
    own = {**card.cheap_start(TableFacts(80, 1, 2)), "extra_trees": True, "min_data_in_leaf": 22, "bagging_fraction": 0.8}
    setting = Setting("classification", seed=0, threads=1, classes=2)
    stopped = card.fit(card.build(setting, own), Fitting(matrix[:60], y[:60], matrix[60:], y[60:]))
    rounds = card.rounds(stopped)
    again = card.fit(card.build(setting, {**own, "n_estimators": rounds}), Fitting(matrix[:60], y[:60]))
    assert card.rounds(again) == rounds
    assert 1 < stopped.booster_.current_iteration() < rounds
    np.testing.assert_array_equal(again.predict_proba(matrix), stopped.predict_proba(matrix))


def test_lightgbm_is_read_and_written_without_parsing_its_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    import lightgbm

    rng = np.random.default_rng(0)
    X, card = rng.normal(size=(200, 3)), get_algorithm("lightgbm")
    estimator = card.fit(card.build(Setting("regression", 0, 1), card.cheap_start(TableFacts(200, 3, 0))), Fitting(X, X[:, 0]))
    said, booster = estimator.predict(X), estimator.booster_
    with monkeypatch.context() as patch:
        patch.setattr(lightgbm, "Booster", None)
        again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(estimator))))
    np.testing.assert_array_equal(again.predict(X), said)
    former = type(estimator).__new__(type(estimator))
    former.__setstate__({**{k: v for k, v in vars(estimator).items() if k not in ("_booster", "text_")}, "booster_": booster})
    np.testing.assert_array_equal(former.predict(X), said)


def test_hist_gradient_boosting_keeps_no_round_after_its_best() -> None:
    """scikit-learn's list of trees has no public name: this says when it is another."""
    card = get_algorithm("hist_gradient_boosting")
    own = {**card.start(TableFacts(1200, 2, 2))[0], "learning_rate": 0.2}
    stopped = card.fit(card.build(SETTING, own), Fitting(X[:800], Y[:800], X[800:], Y[800:]))
    rounds = card.rounds(stopped)
    scores = stopped.model_.validation_score_
    assert rounds == scores.argmax() < len(scores) - 2
    again = card.fit(card.build(SETTING, {**own, "max_iter": rounds}), Fitting(X[:800], Y[:800]))
    np.testing.assert_array_equal(again.predict_proba(X), stopped.predict_proba(X))


def test_the_cheap_start_of_many_classes_has_few_rounds_of_long_steps() -> None:
    cheap = get_algorithm("lightgbm").cheap_start
    few, many = cheap(TableFacts(1_000, 6, 2)), cheap(TableFacts(20_000, 6, 18))
    assert (few["n_estimators"], few["learning_rate"]) == (100, 0.2)
    assert (many["n_estimators"], many["learning_rate"]) == (5, 0.4)


def predicted_behind(card: AlgorithmCard, X: np.ndarray, y: np.ndarray, rows: int, **loss: bool) -> np.ndarray:
    """What the card's first start says of the rows behind those it learned from, and the 300 after them that judged."""
    settings, judged = card.start(TableFacts(rows, X.shape[1], 0, numeric=X.shape[1]))[0], rows + 300
    own = {name: value for name, value in settings.items() if name not in ("recipe", "scaler")}
    fitting = Fitting(X[:rows], y[:rows], X_valid=X[rows:judged], y_valid=y[rows:judged])
    setting = Setting("regression", seed=0, threads=1, **loss)
    return np.asarray(card.fit(card.build(setting, own), fitting).predict(X[judged:]))


@pytest.mark.parametrize("card", [card for card in algorithms_for("regression") if card.facts.get("log_link")], ids=lambda card: card.name)
def test_a_log_link_learns_by_what_factor_a_feature_raises_the_mean(card: AlgorithmCard) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_500, 3))
    truth = np.exp(X[:, 0] + 0.7 * X[:, 1])
    truth /= truth.mean()
    y = truth * rng.gamma(4.0, 0.25, len(X))
    plain, linked = (predicted_behind(card, X, y, 600, log_link=link) for link in (False, True))
    off = [np.sqrt(np.mean((predicted - truth[900:]) ** 2)) for predicted in (plain, linked)]
    assert (linked > 0).all()
    assert linked.mean() == pytest.approx(truth[900:].mean(), rel=0.1)
    assert off[1] < 0.9 * off[0]


@pytest.mark.parametrize("card", [card for card in algorithms_for("regression") if card.facts.get("log_link")], ids=lambda card: card.name)
def test_a_log_link_is_judged_by_rows_that_are_all_0_too(card: AlgorithmCard) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = rng.poisson(np.exp(X[:, 0])).astype(float)
    setting = Setting("regression", seed=0, threads=1, log_link=True)
    fitting = Fitting(X, y / y.mean(), X_valid=X[:40], y_valid=np.zeros(40))
    predicted = card.fit(card.build(setting, card.cheap_start(TableFacts(200, 2, 0, numeric=2))), fitting).predict(X)
    assert np.isfinite(predicted).all()


@pytest.mark.parametrize("card", [card for card in algorithms_for("regression") if card.facts.get("median")], ids=lambda card: card.name)
def test_absolute_errors_teach_medians(card: AlgorithmCard) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_500, 3))
    middle = 3 * (X[:, 0] > 0)
    y = middle + rng.exponential(4.0, len(X)) - 4 * np.log(2)  # whose median, not mean, is the middle
    off = [float(np.mean(predicted_behind(card, X, y, 900, median=median) - middle[1_200:])) for median in (False, True)]
    assert off[0] > 0.9
    assert abs(off[1]) < 0.5


def test_every_booster_that_stops_early_has_absolute_errors() -> None:
    assert {card.name for card in algorithms_for("regression") if card.facts.get("median")} == {
        "catboost",
        "hist_gradient_boosting",
        "lightgbm",
        "xgboost",
    }


def test_catboost_judges_every_fifth_round_and_keeps_its_best() -> None:
    card, rng = get_algorithm("catboost"), np.random.default_rng(0)
    wide = rng.normal(size=(600, 6))
    y = wide[:, 0] * wide[:, 1] + rng.normal(0, 0.3, 600)
    settings = {**card.start(TableFacts(600, 6, 0))[0], "learning_rate": 0.2}
    estimator = card.fit(card.build(Setting("regression", 0, 1, 0), settings), Fitting(wide[:400], y[:400], wide[400:], y[400:]))
    (losses,) = estimator.model_.get_evals_result()["validation"].values()
    assert card.rounds(estimator) == 5 * int(np.argmin(losses)) + 1
    assert len(losses) <= 2 + (card.rounds(estimator) + 60) / 5


@pytest.mark.parametrize(("columns", "way"), [(29, "force_row_wise"), (30, "force_col_wise")])
def test_lightgbm_builds_histograms_of_wide_tables_column_by_column(columns: int, way: str) -> None:
    card = get_algorithm("lightgbm")
    wide = np.random.default_rng(0).normal(size=(200, columns))
    estimator = card.build(Setting("regression", 0, 1, 0), card.cheap_start(TableFacts(200, columns, 0)))
    assert f"[{way}: 1]" in card.fit(estimator, Fitting(wide, wide[:, 0])).text_
