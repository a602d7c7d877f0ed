"""Guardrails: what was looked for in a table, what was seen and what is done about it; law: they tell, they never stop a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from bakeoff.data.free_memory import available_mb
from bakeoff.data.leakage import suspected_leaks
from bakeoff.data.making import MOST_YEARS
from bakeoff.data.parsing import SINCE
from bakeoff.data.schema import Schema

__all__ = ["Guardrail", "Judging", "guardrails"]

_HIGH_CARDINALITY = 50
_FEW_JUDGED = 50
_ONE_HOT = 100
_FEATURES = {"datetime": 7, "text": 66, "list": 50}
"""Features that one column of a kind makes, where it is more than one."""
_MEMORY_SHARE = 0.25
_UNLABELLED_SHARE = 0.05
_RARE_CLASS_SHARE = 0.2
"""A class is rare below this share of the rows it would have if all classes were as frequent."""

_FEWEST_VALUES, _FAR_ROWS, _FAR_SHARE = 50, 0.001, 0.5
"""Of so many target values at least, the share of rows that decides every squared error if it makes this share of all squared distances."""


@dataclass(frozen=True)
class Guardrail:
    """One check. Passed: nothing was found; Done: found and taken care of; Alerted: found, and a person should look."""

    name: str
    state: Literal["Passed", "Done", "Alerted"]
    seen: str
    done: str


@dataclass(frozen=True)
class Judging:
    """How rows are split, in words."""

    how: str
    splits: int
    unjudged: int
    """Rows that train only."""
    test: str = ""
    """Which rows are the test part; empty where there is none."""
    repeats: int = 1
    """How often each row is judged, where rows are dealt anew."""
    unlabelled: tuple[tuple[str, int, int], ...] = ()
    """Of each table with rows whose target is missing: where params name it, how many these are, and all its rows."""


def guardrails(
    frame: pd.DataFrame, schema: Schema, y: np.ndarray, judging: Judging, test_rows: pd.DataFrame | None = None
) -> tuple[Guardrail, ...]:
    """Every check, always in the same order.

    `frame` holds the training rows, conformed, `y` their encoded target, `test_rows` the rows of the test part, conformed.
    """
    return (
        _unlabelled(judging),
        _missing_values(frame, schema),
        _high_cardinality(frame, schema),
        _class_balance(schema, y, judging.splits // judging.repeats),
        _target_outliers(schema, y),
        _two_digit_years(frame, schema),
        Guardrail("validation split handling", "Done", f"{len(y)} rows", f"every candidate is judged by the same {judging.how}"),
        _test_split(judging, test_rows),
        _cross_validation(len(y), judging),
        _memory(frame, schema),
        _repeated_rows(frame, y),
        _shared_rows(frame, test_rows),
        _leakage(frame, schema, y),
        _dropped(schema, "id-like columns", ("an identifier",), "left out: they would be learned by heart"),
        _dropped(schema, "constant columns", ("constant", "every value is missing"), "left out"),
        _dropped(schema, "duplicate columns", ("the same values",), "left out"),
    )


def _listed(names: Iterable[str], most: int = 8) -> str:
    known = list(names)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def _unlabelled(judging: Judging) -> Guardrail:
    if not judging.unlabelled:
        return Guardrail("rows without a target", "Passed", "every row has a target", "")
    seen = "; ".join(f"{where}: {missing:,} of {rows:,} rows have no target" for where, missing, rows in judging.unlabelled)
    if any(missing > _UNLABELLED_SHARE * rows for _, missing, rows in judging.unlabelled):
        return Guardrail("rows without a target", "Alerted", seen, "left out; look whether they should have one: a join may have lost it")
    return Guardrail("rows without a target", "Done", seen, "left out: they neither train nor judge")


def _missing_values(frame: pd.DataFrame, schema: Schema) -> Guardrail:
    shares = frame.isna().mean()
    worst = shares[shares > 0].sort_values(ascending=False, kind="stable")
    if worst.empty:
        return Guardrail("missing values imputation", "Passed", "no value is missing", "")
    words = {column.name: f" (among them {column.unknown!r})" for column in schema.columns if column.unknown}
    seen = f"{len(worst)} columns: " + _listed(f"{name} {share:.1%}{words.get(str(name), '')}" for name, share in worst.items())
    return Guardrail(
        "missing values imputation", "Done", seen, "filled in or handed on as missing, as each recipe wants it; learned inside the folds"
    )


def _high_cardinality(frame: pd.DataFrame, schema: Schema) -> Guardrail:
    counts = {name: int(frame[name].nunique()) for name in schema.names("categorical", "text")}
    many = {name: count for name, count in counts.items() if count > _HIGH_CARDINALITY}
    if not many:
        return Guardrail("high cardinality", "Passed", f"no column has more than {_HIGH_CARDINALITY} categories", "")
    seen = _listed(f"{name} {count}" for name, count in sorted(many.items(), key=lambda item: -item[1]))
    return Guardrail("high cardinality", "Done", seen, "rare categories are grouped or encoded by their code, as each recipe wants it")


def _dropped(schema: Schema, name: str, reasons: tuple[str, ...], done: str) -> Guardrail:
    found = [column for column in schema.dropped if column.reason.startswith(reasons)]
    if not found:
        return Guardrail(name, "Passed", "none", "")
    return Guardrail(name, "Done", _listed(f"{column.name} ({column.reason})" for column in found), done)


def _class_balance(schema: Schema, y: np.ndarray, splits: int) -> Guardrail:
    if not schema.target.labels:
        return Guardrail("class balance", "Passed", "the target is a quantity, it has no classes", "")
    counts = np.bincount(y, minlength=len(schema.target.labels))
    said = _listed(f"{label}: {count}" for label, count in zip(schema.target.labels, counts, strict=True))
    few = [str(label) for label, count in zip(schema.target.labels, counts, strict=True) if count < splits]
    if few:
        advice = f"fewer rows than {splits} splits: {_listed(few)}; add rows, or take fewer folds"
        return Guardrail("class balance", "Alerted", said, advice)
    if counts.min() < _RARE_CLASS_SHARE * counts.sum() / len(counts):
        return Guardrail(
            "class balance", "Alerted", said, "folds keep the shares; judge by a metric that weighs classes, such as AUC_weighted"
        )
    return Guardrail("class balance", "Passed", said, "")


def _target_outliers(schema: Schema, y: np.ndarray) -> Guardrail:
    if schema.target.labels:
        return Guardrail("target outliers", "Passed", "the target has classes, no quantity", "")
    middle, few = float(np.median(y)), max(1, int(_FAR_ROWS * len(y)))
    squares = np.square(y - middle)
    far = np.argsort(-squares, kind="stable")[:few]
    share = float(squares[far].sum() / (squares.sum() or 1.0))
    if len(y) < _FEWEST_VALUES or share <= _FAR_SHARE:
        return Guardrail("target outliers", "Passed", f"no few of {len(y)} values decide all squared errors", "")
    values = _listed(f"{value:,.6g}" for value in y[far])
    seen = f"{few} of {len(y)} values: {share:.1%} of all squared distances from the median {middle:,.6g}: {values}"
    return Guardrail(
        "target outliers", "Alerted", seen, "kept; mend or leave out what is wrong, or judge by search.metric: median_absolute_error"
    )


def _two_digit_years(frame: pd.DataFrame, schema: Schema) -> Guardrail:
    doubtful, told = [], []
    for column in schema.columns:
        if column.kind == "datetime" and any("%y" in spelling for spelling in column.categories):
            years = frame[column.name].dt.year
            seen = f"{column.name} from {years.min():.0f} to {years.max():.0f}"
            if any(SINCE in spelling for spelling in column.categories):
                told.append(seen)
            elif years.max() - years.min() > MOST_YEARS:
                doubtful.append(seen)
    if doubtful:
        advice = "kept; 69 to 99 are read as 1969 to 1999, 00 to 68 as 2000 to 2068: where 55 is 1955, spell years with four digits"
        return Guardrail("two-digit years", "Alerted", _listed(doubtful), advice)
    if told:
        return Guardrail("two-digit years", "Done", _listed(told), "the hundred years begin behind the widest gap of years")
    return Guardrail("two-digit years", "Passed", f"no dates with years of two digits span more than {MOST_YEARS} years", "")


def _test_split(judging: Judging, test_rows: pd.DataFrame | None) -> Guardrail:
    if test_rows is None:
        return Guardrail("train-test split", "Passed", "no test part is asked for (data.test)", "")
    done = f"{judging.test}; scored once at the end, never used to choose"
    return Guardrail("train-test split", "Done", f"{len(test_rows)} test rows", done)


def _cross_validation(rows: int, judging: Judging) -> Guardrail:
    judged = rows - judging.unjudged
    seen = f"{judged} of {rows} rows are judged, in {judging.splits} split{'s' if judging.splits != 1 else ''}"
    if judged < _FEW_JUDGED:
        advice = f"scores of fewer than {_FEW_JUDGED} rows say little: small differences on the leaderboard are chance"
        return Guardrail("cross validation", "Alerted", seen, advice)
    return Guardrail("cross validation", "Passed", seen, "")


def _memory(frame: pd.DataFrame, schema: Schema) -> Guardrail:
    counts = {name: int(frame[name].nunique()) for name in schema.names("categorical")}
    features = sum(min(counts.get(column.name, 1), _ONE_HOT) * _FEATURES.get(column.kind, 1) for column in schema.columns)
    needed = len(frame) * features * 8 / 2**20
    free = available_mb()
    seen = f"{len(frame)} rows make at most {features} features"
    if needed > _MEMORY_SHARE * free:
        advice = f"a matrix of them takes {needed:,.0f} MB, {free:,.0f} MB are free; "
        advice += "take fewer columns, or fewer features of each (featurization.parameters)"
        return Guardrail("memory", "Alerted", seen, advice)
    return Guardrail("memory", "Passed", seen, "")


def _row_hashes(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(pd.util.hash_pandas_object(frame, index=False).to_numpy())


def _repeated_rows(frame: pd.DataFrame, y: np.ndarray) -> Guardrail:
    repeated = int(pd.Series(_row_hashes(frame.assign(**{" target": y}))).duplicated().sum())
    if not repeated:
        return Guardrail("duplicate rows", "Passed", "no row occurs twice", "")
    state: Literal["Done", "Alerted"] = "Alerted" if repeated > 0.01 * len(frame) else "Done"
    advice = "kept; where a row is the same thing measured twice, scores are too good: leave repetitions out of the table"
    return Guardrail("duplicate rows", state, f"{repeated} of {len(frame)} rows repeat an earlier one, target included", advice)


def _leakage(frame: pd.DataFrame, schema: Schema, y: np.ndarray) -> Guardrail:
    leaks = suspected_leaks(frame, schema, y)
    if not leaks:
        return Guardrail("suspected leakage", "Passed", "no column alone predicts the target nearly perfectly", "")
    seen = _listed(f"{name} alone explains {score:.1%}" for name, score in leaks.items())
    return Guardrail("suspected leakage", "Alerted", seen, "kept; if it is known only after the target, name it in data.drop")


def _shared_rows(frame: pd.DataFrame, test_rows: pd.DataFrame | None) -> Guardrail:
    if test_rows is None:
        return Guardrail("rows shared between train and test", "Passed", "there is no test part", "")
    shared = int(np.isin(_row_hashes(test_rows), _row_hashes(frame)).sum())
    if not shared:
        return Guardrail("rows shared between train and test", "Passed", f"none of {len(test_rows)} test rows is a training row", "")
    state: Literal["Done", "Alerted"] = "Alerted" if shared > 0.01 * len(test_rows) else "Done"
    seen = f"{shared} of {len(test_rows)} test rows have the same columns as a training row"
    return Guardrail("rows shared between train and test", state, seen, "kept; test scores are too good where they are the same things")
