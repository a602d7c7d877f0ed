"""Every algorithm's card keeps the promises that the engine relies on."""

import pickle
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.algorithms import ALGORITHMS, AlgorithmCard, Fitting, Setting, TableFacts
from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import fit_encoder, get_recipe

ROWS, TRAIN = 160, 120
TABLES = ("numeric", "mixed")
CASES = [
    pytest.param(card, classes, table, id=f"{card.name}-{classes or 'values'}-{table}")
    for card in ALGORITHMS
    for task in card.tasks
    for classes in ({"classification": (2, 3), "regression": (0,)}[task])
    for table in TABLES
]
BOOSTED = [case for case in CASES if case.values[0].early_stopping]  # type: ignore[attr-defined]


def table_of(kind: str, classes: int) -> tuple[pd.DataFrame, np.ndarray, Schema]:
    random = np.random.default_rng(7)
    frame = pd.DataFrame({"size": random.normal(size=ROWS), "weight": random.exponential(size=ROWS)})
    signal = frame["size"].to_numpy() + frame["weight"].to_numpy()
    columns = [Column("size", "numeric", "float64"), Column("weight", "numeric", "float64")]
    if kind == "mixed":
        colours = random.choice(["red", "green", "blue"], size=ROWS)
        signal = signal + (colours == "red")
        frame["colour"] = pd.Series(colours, dtype="str").mask(random.random(ROWS) < 0.1)
        frame["town"] = pd.Series([f"town {i}" for i in random.integers(0, 400, ROWS)], dtype="str")
        frame["member"] = random.integers(0, 2, ROWS).astype(float)
        frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, ROWS), unit="D")
        frame["empty"] = np.nan
        frame["said"] = pd.Series(random.choice(["well done indeed", "not so good", "bad"], size=ROWS), dtype="str")
        frame.loc[::9, ["weight", "member", "since", "said"]] = None
        columns += [
            Column("colour", "categorical", "str", ("red", "green", "blue")),
            Column("town", "categorical", "str", tuple(f"town {i}" for i in range(400))),
            Column("member", "boolean", "bool"),
            Column("since", "datetime", "datetime64[ns]"),
            Column("empty", "numeric", "float64"),
            Column("said", "text", "str"),
        ]
    y: np.ndarray = signal + 0.1 * random.normal(size=ROWS)
    if classes:
        y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes)).astype(np.int64)
    task = "classification" if classes else "regression"
    return frame, y, Schema(task, Target("y", str(y.dtype), tuple(range(classes))), tuple(columns))


def prepared(card: AlgorithmCard, classes: int, table: str, recipe: str | None = None) -> tuple[np.ndarray, np.ndarray, Setting]:
    """Matrix and target of all rows, encoded as seen from the first TRAIN of them."""
    frame, y, schema = table_of(table, classes)
    encoder, _ = fit_encoder(recipe or card.recipes[0], frame[:TRAIN], y[:TRAIN], schema, seed=0)
    return encoder.transform(frame), y, Setting(schema.task, seed=3, threads=1, classes=classes, codes=encoder.codes)


def facts_of(X: np.ndarray, classes: int) -> TableFacts:
    return TableFacts(rows=TRAIN, columns=X.shape[1], classes=classes)


def fitted(card: AlgorithmCard, X: np.ndarray, y: np.ndarray, setting: Setting, **more: Any) -> Any:
    estimator = card.build(setting, card.cheap_start(facts_of(X, setting.classes)))
    valid = {"X_valid": X[TRAIN:], "y_valid": y[TRAIN:]} if card.early_stopping else {}
    return card.fit(estimator, Fitting(X[:TRAIN], y[:TRAIN], **{**valid, **more}))


def answer(estimator: Any, X: np.ndarray, classes: int) -> np.ndarray:
    return np.asarray(estimator.predict_proba(X) if classes else estimator.predict(X))


@pytest.mark.parametrize(("card", "classes", "table"), CASES)
def test_it_fits_predicts_pickles_and_repeats(card: AlgorithmCard, classes: int, table: str, capfd: pytest.CaptureFixture[str]) -> None:
    X, y, setting = prepared(card, classes, table)
    estimator = fitted(card, X, y, setting)
    got = answer(estimator, X, classes)

    assert got.shape == ((ROWS, classes) if classes else (ROWS,))
    assert np.isfinite(got).all()
    if classes:
        np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_array_equal(estimator.predict(X), got.argmax(axis=1))
    np.testing.assert_array_equal(answer(pickle.loads(pickle.dumps(estimator)), X, classes), got)
    np.testing.assert_array_equal(answer(fitted(card, X, y, setting), X, classes), got)
    assert "".join(capfd.readouterr()) == "", "it prints"


@pytest.mark.parametrize(("card", "classes", "table"), [case for case in CASES if not str(case.id).startswith("baseline")])
def test_it_learns_more_than_the_baseline(card: AlgorithmCard, classes: int, table: str) -> None:
    X, y, setting = prepared(card, classes, table)
    got = answer(fitted(card, X, y, setting), X[TRAIN:], classes)
    if classes:
        assert (got.argmax(axis=1) == y[TRAIN:]).mean() > 1.3 / classes
    else:
        assert np.abs(got - y[TRAIN:]).mean() < 0.95 * np.abs(y[:TRAIN].mean() - y[TRAIN:]).mean()


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_it_takes_every_recipe_it_names(card: AlgorithmCard) -> None:
    classes = 2 if "classification" in card.tasks else 0
    for recipe in card.recipes:
        assert get_recipe(recipe).name == recipe
        X, y, setting = prepared(card, classes, "mixed", recipe)
        assert np.isfinite(answer(fitted(card, X, y, setting), X, classes)).all()


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_two_threads_repeat_themselves(card: AlgorithmCard) -> None:
    classes = 3 if "classification" in card.tasks else 0
    X, y, setting = prepared(card, classes, "mixed")
    setting, hyperparameters = replace(setting, threads=2), dict(card.cheap_start(facts_of(X, classes)))
    if card.rounds_name:
        hyperparameters[card.rounds_name] = 10
    fits = (card.fit(card.build(setting, hyperparameters), Fitting(X[:TRAIN], y[:TRAIN])) for _ in range(2))
    one, other = (answer(estimator, X, classes) for estimator in fits)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("card", "classes", "table"), BOOSTED)
def test_it_stops_at_its_deadline_with_something_usable(card: AlgorithmCard, classes: int, table: str) -> None:
    X, y, setting = prepared(card, classes, table)
    estimator = fitted(card, X, y, setting, deadline=time.monotonic() - 1)
    assert card.rounds(estimator) == 1
    assert np.isfinite(answer(estimator, X, classes)).all()


@pytest.mark.parametrize(("card", "classes", "table"), BOOSTED)
def test_a_far_deadline_changes_nothing(card: AlgorithmCard, classes: int, table: str) -> None:
    X, y, setting = prepared(card, classes, table)
    free, bounded = fitted(card, X, y, setting), fitted(card, X, y, setting, deadline=time.monotonic() + 600)
    assert card.rounds(free) == card.rounds(bounded)
    np.testing.assert_allclose(answer(free, X, classes), answer(bounded, X, classes), rtol=1e-6)


@pytest.mark.parametrize("card", [card for card in ALGORITHMS if card.early_stopping], ids=lambda card: card.name)
def test_its_rounds_can_be_carried_out_again(card: AlgorithmCard) -> None:
    classes = 2 if "classification" in card.tasks else 0
    X, y, setting = prepared(card, classes, "mixed")
    stopped = fitted(card, X, y, setting)
    hyperparameters = {**card.cheap_start(facts_of(X, classes)), card.rounds_name: card.rounds(stopped)}
    again = card.fit(card.build(setting, hyperparameters), Fitting(X[:TRAIN], y[:TRAIN]))
    assert card.rounds(again) == card.rounds(stopped)
    np.testing.assert_allclose(answer(again, X, classes), answer(stopped, X, classes), rtol=1e-6)


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_row_weights_count_where_it_says_so(card: AlgorithmCard) -> None:
    classes = 2 if "classification" in card.tasks else 0
    X, y, setting = prepared(card, classes, "numeric")
    weights = np.where(y[:TRAIN] > y[:TRAIN].mean(), 20.0, 0.05)
    plain, weighted = answer(fitted(card, X, y, setting), X, classes), answer(fitted(card, X, y, setting, weights=weights), X, classes)
    assert np.array_equal(plain, weighted) == (card.facts.get("weights") is False)


@pytest.mark.parametrize(("card", "classes"), [pytest.param(*case.values[:2], id=str(case.id)) for case in CASES[::2]])
def test_starts_space_and_cost_fit_together(card: AlgorithmCard, classes: int) -> None:
    small, large = TableFacts(500, 12, classes), TableFacts(50_000, 12, classes)
    space = card.space(small)
    for hyperparameters in (card.cheap_start(small), *card.start(small)):
        assert set(space) <= set(hyperparameters)
        assert set(hyperparameters) - set(space) <= {card.rounds_name}
        for name, dimension in space.items():
            value = hyperparameters[name]
            assert value in dimension.choices if dimension.kind == "choice" else dimension.low <= value <= dimension.high
        assert 0 < card.cost(small, hyperparameters) < card.cost(large, hyperparameters)
    assert card.cost(small, card.cheap_start(small)) <= min(card.cost(small, h) for h in card.start(small))
    assert 1 <= len(card.start(small)) <= 4
