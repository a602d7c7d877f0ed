"""Every algorithm's card keeps the promises that the engine relies on."""

import pickle
import time
from dataclasses import replace
from functools import cache
from itertools import chain, repeat
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from bakeoff.algorithms import ALGORITHMS, AlgorithmCard, Deadline, Fitting, Hyperparameters, Setting, TableFacts, get_algorithm, too_large
from bakeoff.data import make_schema
from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import SCALERS, fit_encoder, get_recipe, scaled

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
TASKS = [
    pytest.param(card, classes, id=f"{card.name}-{classes or 'values'}")
    for card in ALGORITHMS
    for classes in (2, 0)
    if ("classification" if classes else "regression") in card.tasks
]


@cache
def table_of(kind: str, classes: int) -> tuple[pd.DataFrame, np.ndarray, Schema]:
    random = np.random.default_rng(7)
    frame = pd.DataFrame({"size": random.normal(size=ROWS), "weight": random.exponential(size=ROWS)})
    signal = frame["size"].to_numpy() + frame["weight"].to_numpy()
    frame["slack"] = random.normal(size=ROWS) - signal
    columns = [Column(name, "numeric", "float64") for name in ("size", "weight", "slack")]
    if kind == "mixed":
        colours = random.choice(["red", "green", "blue"], size=ROWS)
        signal = signal + (colours == "red")
        frame["colour"] = pd.Series(colours, dtype="str").mask(random.random(ROWS) < 0.1)
        frame["town"] = pd.Series([f"town {i}" for i in random.integers(0, 400, ROWS)], dtype="str")
        frame["member"] = random.integers(0, 2, ROWS).astype(float)
        frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, ROWS), unit="D")
        frame["empty"] = np.nan
        said = np.where(random.random(ROWS) < 0.2, random.integers(0, 3, ROWS), np.digitize(signal, np.quantile(signal, [1 / 3, 2 / 3])))
        frame["said"] = pd.Series(np.array(["bad", "not so good", "well done indeed"])[said], dtype="str")
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


def preferred(card: AlgorithmCard) -> str:
    """The recipe with the scaler that the engine takes first."""
    return scaled(card.recipes[0], card.scalers[0] if card.scalers else "none")


@cache
def encoded(recipe: str, classes: int, table: str) -> tuple[np.ndarray, np.ndarray, Setting]:
    """Matrix and target of all rows, encoded as seen from the first TRAIN of them."""
    frame, y, schema = table_of(table, classes)
    encoder, training = fit_encoder(recipe, frame[:TRAIN], y[:TRAIN], schema, seed=0)
    rest = encoder.transform(frame[TRAIN:])
    X = (
        np.concatenate([training, rest])
        if isinstance(rest, np.ndarray)
        else sparse.csr_array(sparse.vstack([training, rest], format="csr"))
    )
    for array in (X if isinstance(X, np.ndarray) else X.data, y):
        array.flags.writeable = False
    return X, y, Setting(schema.task, seed=3, threads=1, classes=classes, codes=encoder.codes)


def prepared(card: AlgorithmCard, classes: int, table: str) -> tuple[np.ndarray, np.ndarray, Setting]:
    return encoded(preferred(card), classes, table)


def facts_of(X: np.ndarray, classes: int) -> TableFacts:
    return TableFacts(rows=TRAIN, columns=X.shape[1], classes=classes)


def small_setting(card: AlgorithmCard, facts: TableFacts) -> Hyperparameters:
    """The cheap start with as few trees and epochs as show what is to be shown."""
    cheap = {name: value for name, value in card.cheap_start(facts).items() if name != "scaler"}
    most = {"n_estimators": 30, "iterations": 40, "max_iter": 40}
    return {name: min(value, most.get(name, value)) if name in most else value for name, value in cheap.items()}


def fitted(card: AlgorithmCard, X: np.ndarray, y: np.ndarray, setting: Setting, **more: Any) -> Any:
    estimator = card.build(setting, small_setting(card, facts_of(X, setting.classes)))
    valid = {"X_valid": X[TRAIN:], "y_valid": y[TRAIN:]} if card.early_stopping else {}
    return card.fit(estimator, Fitting(X[:TRAIN], y[:TRAIN], **{**valid, **more}))


@cache
def fitted_once(name: str, classes: int, table: str) -> Any:
    card = get_algorithm(name)
    return fitted(card, *prepared(card, classes, table))


def seconds_from_now(seconds: float) -> Deadline:
    end = time.monotonic() + seconds
    return lambda: end


def answer(estimator: Any, X: np.ndarray, classes: int) -> np.ndarray:
    return np.asarray(estimator.predict_proba(X) if classes else estimator.predict(X))


@pytest.mark.parametrize(("card", "classes", "table"), CASES)
def test_it_fits_predicts_pickles_and_repeats(card: AlgorithmCard, classes: int, table: str, capfd: pytest.CaptureFixture[str]) -> None:
    X, y, setting = prepared(card, classes, table)
    estimator = fitted_once(card.name, classes, table)
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
    X, y, _ = prepared(card, classes, table)
    got = answer(fitted_once(card.name, classes, table), X[TRAIN:], classes)
    if classes:
        assert (got.argmax(axis=1) == y[TRAIN:]).mean() > 1.3 / classes
    else:
        assert np.abs(got - y[TRAIN:]).mean() < 0.8 * np.abs(y[:TRAIN].mean() - y[TRAIN:]).mean()


@pytest.mark.parametrize("card", [card for card in ALGORITHMS if "regression" in card.tasks], ids=lambda card: card.name)
def test_numbers_far_from_zero_are_learned_as_others_are(card: AlgorithmCard) -> None:
    random = np.random.default_rng(7)
    steps = random.integers(0, 100, ROWS)
    frame, y = pd.DataFrame({"x": steps.astype(float), "z": random.normal(size=ROWS)}), (steps / 50 - 1) ** 2
    errors = []
    for seconds in (0.0, 1.7e9):
        moved = frame.assign(x=frame["x"] + seconds)
        schema = make_schema(moved.assign(y=y), task="regression", target="y")
        encoder, training = fit_encoder(preferred(card), moved[:TRAIN], y[:TRAIN], schema, seed=0)
        X = np.concatenate([training, encoder.transform(moved[TRAIN:])])
        estimator = fitted(card, X, y, Setting("regression", seed=3, threads=1, classes=0, codes=encoder.codes))
        errors.append(np.abs(estimator.predict(X[TRAIN:]) - y[TRAIN:]).mean())
    assert errors[1] <= 1.1 * errors[0]


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_it_takes_every_recipe_and_scaler_it_names(card: AlgorithmCard) -> None:
    classes = 2 if "classification" in card.tasks else 0
    assert set(card.scalers) <= {*SCALERS, "none"}
    assert {get_recipe(recipe).imputed for recipe in card.recipes} == {True} or not card.scalers
    names = {scaled(recipe, scaler) for recipe in card.recipes for scaler in (card.scalers or ("none",))[:1]}
    for recipe in sorted(names | {scaled(card.recipes[0], scaler) for scaler in card.scalers}):
        X, y, setting = encoded(recipe, classes, "mixed")
        assert np.isfinite(answer(fitted(card, X, y, setting), X, classes)).all(), recipe


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_two_threads_repeat_themselves(card: AlgorithmCard) -> None:
    classes = 3 if "classification" in card.tasks else 0
    X, y, setting = prepared(card, classes, "mixed")
    setting, hyperparameters = replace(setting, threads=2), dict(small_setting(card, facts_of(X, classes)))
    if card.rounds_name:
        hyperparameters[card.rounds_name] = 10
    fits = (card.fit(card.build(setting, hyperparameters), Fitting(X[:TRAIN], y[:TRAIN])) for _ in range(2))
    one, other = (answer(estimator, X, classes) for estimator in fits)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("card", "classes", "table"), BOOSTED)
def test_what_has_rounds_stops_after_the_first_at_its_deadline(card: AlgorithmCard, classes: int, table: str) -> None:
    X, y, setting = prepared(card, classes, table)
    estimator = fitted(card, X, y, setting, deadline=seconds_from_now(-1))
    assert card.rounds(estimator) == 1


@pytest.mark.parametrize(("card", "classes", "table"), BOOSTED)
def test_what_has_rounds_looks_at_its_deadline_again_and_again(card: AlgorithmCard, classes: int, table: str) -> None:
    X, y, setting = prepared(card, classes, table)
    ends = chain([seconds_from_now(600)()], repeat(seconds_from_now(-1)()))
    free, cut = (
        card.rounds(fitted(card, X, y, setting, X_valid=None, y_valid=None, deadline=deadline)) for deadline in (None, ends.__next__)
    )
    assert 1 <= cut < free


@pytest.mark.parametrize(("card", "classes"), TASKS)
def test_a_deadline_leaves_something_usable_and_a_far_one_changes_nothing(card: AlgorithmCard, classes: int) -> None:
    X, y, setting = prepared(card, classes, "mixed")
    hurried = fitted(card, X, y, setting, deadline=seconds_from_now(-1))
    assert np.isfinite(answer(hurried, X, classes)).all()
    free, bounded = fitted_once(card.name, classes, "mixed"), fitted(card, X, y, setting, deadline=seconds_from_now(600))
    assert card.rounds(free) == card.rounds(bounded)
    np.testing.assert_allclose(answer(free, X, classes), answer(bounded, X, classes), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("hurried", [False, True], ids=["at_rest", "at_its_deadline"])
@pytest.mark.parametrize(("card", "classes"), [task for task in TASKS if task.values[0].rounds_name])  # type: ignore[attr-defined]
def test_its_rounds_can_be_carried_out_again(card: AlgorithmCard, classes: int, hurried: bool) -> None:
    X, y, setting = prepared(card, classes, "mixed")
    stopped = fitted(card, X, y, setting, deadline=seconds_from_now(-1)) if hurried else fitted_once(card.name, classes, "mixed")
    hyperparameters = {**small_setting(card, facts_of(X, classes)), card.rounds_name: card.rounds(stopped)}
    again = card.fit(card.build(setting, hyperparameters), Fitting(X[:TRAIN], y[:TRAIN]))
    assert card.rounds(again) == card.rounds(stopped)
    np.testing.assert_allclose(answer(again, X, classes), answer(stopped, X, classes), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("card", "classes"), TASKS)
def test_row_weights_count_where_it_says_so(card: AlgorithmCard, classes: int) -> None:
    X, y, setting = prepared(card, classes, "numeric")
    weights = np.where(y[:TRAIN] > y[:TRAIN].mean(), 20.0, 0.05)
    plain, weighted = (
        answer(fitted_once(card.name, classes, "numeric"), X, classes),
        answer(fitted(card, X, y, setting, weights=weights), X, classes),
    )
    assert np.array_equal(plain, weighted) == (card.facts.get("weights") is False)


@pytest.mark.parametrize(("card", "classes"), [task for task in TASKS if task.values[0].early_stopping])  # type: ignore[attr-defined]
def test_rows_to_stop_early_on_count_by_their_weight(card: AlgorithmCard, classes: int) -> None:
    X, y, setting = prepared(card, classes, "numeric")
    wrong = y[TRAIN:].max() - y[TRAIN:] if classes else -3 * y[TRAIN:]
    valid = {"X_valid": np.concatenate([X[TRAIN:], X[TRAIN:]]), "y_valid": np.concatenate([y[TRAIN:], wrong])}
    heard = np.repeat([1.0, 1e-9], ROWS - TRAIN)
    rounds = [card.rounds(fitted(card, X, y, setting, **valid, weights_valid=weights)) for weights in (heard, 1 / heard)]
    assert rounds[0] == card.rounds(fitted_once(card.name, classes, "numeric"))
    assert rounds[0] != rounds[1]


@pytest.mark.parametrize(("card", "classes"), [pytest.param(*case.values[:2], id=str(case.id)) for case in CASES[::2]])
def test_starts_space_and_cost_fit_together(card: AlgorithmCard, classes: int) -> None:
    small, large = TableFacts(500, 12, classes), TableFacts(50_000, 12, classes)
    space = card.space(small)
    for hyperparameters in (card.cheap_start(small), *card.start(small)):
        assert set(space) <= set(hyperparameters)
        assert set(hyperparameters) - set(space) <= {card.rounds_name, "scaler"}
        assert hyperparameters.get("scaler", "none") in (*card.scalers, "none")
        for name, dimension in space.items():
            value = hyperparameters[name]
            assert value in dimension.choices if dimension.kind == "choice" else dimension.low <= value <= dimension.high
        assert 0 < card.cost(small, hyperparameters) < card.cost(large, hyperparameters)
    assert card.cost(small, card.cheap_start(small)) <= min(card.cost(small, h) for h in card.start(small))
    assert 1 <= len(card.start(small)) <= 4


@pytest.mark.filterwarnings("ignore:Liblinear failed to converge")
@pytest.mark.parametrize("end", [0, -1], ids=["least", "greatest"])
@pytest.mark.parametrize(("card", "classes"), TASKS)
def test_the_ends_of_its_space_can_be_fitted(card: AlgorithmCard, classes: int, end: int) -> None:
    X, y, setting = prepared(card, classes, "numeric")
    facts = facts_of(X, classes)
    few = {name: value for name, value in small_setting(card, facts).items() if name == card.rounds_name}
    at_end = {
        name: dimension.choices[end] if dimension.kind == "choice" else (dimension.low, dimension.high)[end]
        for name, dimension in card.space(facts).items()
    }
    estimator = card.build(setting, {**small_setting(card, facts), **at_end, **few})
    valid = {"X_valid": X[TRAIN:], "y_valid": y[TRAIN:]} if card.early_stopping else {}
    fitted_at_end = card.fit(estimator, Fitting(X[:TRAIN], y[:TRAIN], deadline=seconds_from_now(20), **valid))
    assert np.isfinite(answer(fitted_at_end, X, classes)).all()


@pytest.mark.parametrize("card", ALGORITHMS, ids=lambda card: card.name)
def test_a_table_that_is_too_large_is_refused_with_the_limit(card: AlgorithmCard) -> None:
    rows, columns = card.max_rows or 10**7, card.max_columns or 10**5
    assert too_large(card, TableFacts(rows, columns, 2)) == ""
    more_rows, more_columns = TableFacts(rows + 1, columns, 2), TableFacts(rows, columns + 1, 2)
    limited = card.max_rows is not None and not card.learns_from_part
    assert (f"{card.name} takes at most {rows:,} rows, the table has {rows + 1:,}" in too_large(card, more_rows)) == limited
    assert (f"at most {columns:,} columns" in too_large(card, more_columns)) == bool(card.max_columns)
