"""Which rows train, judge and test; law: groups and times are respected in every split, and a column that says how is no feature."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.algorithms import TableFacts
from bakeoff.data import (
    Judging,
    conform,
    encode_target,
    number_columns,
    read_table,
    row_groups,
    row_times,
    row_weights,
    rows_kept,
    split_marks,
    text_columns,
    usable_rows,
)
from bakeoff.data.schema import Schema
from bakeoff.errors import DataError
from bakeoff.evaluation import (
    REPEATS,
    Fold,
    Splitting,
    check_folds,
    deals_by_size,
    folds_by_size,
    hold_out,
    make_folds,
    strategy_by_size,
)
from bakeoff.params import RunParams
from bakeoff.search.budgeting import OVERHEAD_SECONDS, affordable_deals, affordable_folds, width_of
from bakeoff.search.competing import competitors, primary_metric
from bakeoff.search.facts import table_facts

FEWEST_OF_CLASS = 2
"""Rows of a class that a test fraction leaves to train: fewer cannot be learned and judged both."""
TIME_BLOCKS = 20
"""Of rows in the order of time, blocks that featurizers encode from other blocks, as they do groups."""

__all__ = ["Rows", "judging", "labelled_rows", "make_rows", "roles", "split_test"]


@dataclass(frozen=True)
class Rows:
    """The rows that train and judge: conformed, encoded, weighted, and split."""

    frame: pd.DataFrame
    target: np.ndarray
    weights: np.ndarray | None
    groups: np.ndarray | None
    """Of each row, what is kept together where rows are encoded by others: its group, or where time orders the rows, its block of time."""
    folds: tuple[Fold, ...]
    way: str
    """How they are split: what auto became, or what params name."""
    asked: int | None = None
    """The number of folds that params or the time limit asked for; None where the number of rows decides."""
    deals: int | None = None
    """How often the time limit has them dealt; None where it does not say."""


def roles(params: RunParams) -> dict[str, str]:
    """The columns that are no features, each with the reason why."""
    rules = params.validation
    named = dict.fromkeys(params.data.drop, "left out by data.drop")
    named |= dict.fromkeys(params.featurization.drop, "left out by featurization.drop")
    named |= dict.fromkeys(rules.split_columns, "tells who judges (validation.split_columns)")
    named |= {rules.group: "tells which rows belong together (validation.group)"} if rules.group else {}
    named |= {params.data.weight: "the weight of each row (data.weight)"} if params.data.weight else {}
    return named


def split_test(frame: pd.DataFrame, params: RunParams) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The training rows, and the test part that no search ever sees: a file's rows, or a seeded fraction.

    The fraction is stratified for classification; it takes whole groups, or the last rows in time, where validation names such a column.
    """
    test = params.data.test
    if test is None or not len(frame):
        return frame, None
    if isinstance(test, str):
        return frame, _read_like(frame, test, params)
    labels = pd.factorize(frame[params.data.target])[0] if params.task == "classification" and params.data.target in frame else None
    if params.validation.time:
        times = row_times(frame, params.validation.time)
        held = times >= np.sort(times, kind="stable")[min(len(frame) - 1, round(len(frame) * (1 - test)))]
    else:
        groups = row_groups(frame, params.validation.group) if params.validation.group else None
        held = hold_out(len(frame), test, labels, groups, np.random.default_rng(params.search.seed), FEWEST_OF_CLASS)
    if held.all() or not held.any():
        raise DataError("the test fraction leaves no row on one side", where="data.test", given=f"{test} of {len(frame)} rows")
    return frame[~held].reset_index(drop=True), frame[held].reset_index(drop=True)


def _read_like(frame: pd.DataFrame, path: str, params: RunParams) -> pd.DataFrame:
    """Another table, its columns read as those of the frame were."""
    unused = set(params.data.drop).__contains__
    return read_table(path, as_text=text_columns(frame), unused=unused, as_numbers=number_columns(frame))


def labelled_rows(
    frame: pd.DataFrame, schema: Schema, weight: str | None, where: str
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray | None]:
    """Conformed rows whose target is known, their target encoded, and their weights where `weight` names a column.

    Raises DataError naming `where` the table comes from.
    """
    wanted = [*schema.names(), schema.target.name, *([weight] if weight else [])]
    missing = [name for name in wanted if name not in frame]
    if missing:
        raise DataError(
            f"the table lacks {'a column' if len(missing) == 1 else f'{len(missing)} columns'}: {', '.join(missing[:12])}",
            where=where,
            given=f"columns {', '.join(map(str, frame.columns[:12]))}",
            remedy="add them; a column whose values are unknown may be all missing",
        )
    rows = rows_kept(frame, usable_rows(frame, schema.target.name))
    if not len(rows):
        raise DataError("the table has no row with a target", where=where, given=schema.target.name)
    weights = row_weights(rows, weight, "data.weight" if where == "data.train" else f"{where}, data.weight") if weight else None
    return conform(rows, schema), encode_target(rows[schema.target.name], schema), weights


def make_rows(train: pd.DataFrame, schema: Schema, params: RunParams) -> Rows:
    """The training rows, those of a validation file behind them, and the splits that all candidates are judged by. Raises DataError.

    Rows of weight 0 train nothing, neither estimators nor featurizers; the others weigh 1 in the mean, for what keeps an estimator from
    learning too much (a leaf's least weight, a penalty) is a number of rows.
    """
    rules = params.validation
    frame, target, weights = labelled_rows(train, schema, params.data.weight, "data.train")
    groups = row_groups(train, rules.group) if rules.group else None
    marks = split_marks(train, rules.split_columns)
    if rules.file:
        judge, truth, weigh = labelled_rows(_read_like(train, rules.file, params), schema, params.data.weight, "validation.file")
        marks = (np.arange(len(frame) + len(judge)) < len(frame),)
        frame, target = pd.concat([frame, judge], ignore_index=True), np.concatenate([target, truth])
        weights = None if weights is None or weigh is None else np.concatenate([weights, weigh])
    weights = None if weights is None else weights / weights[weights > 0].mean()
    way = {"file": "marked", "split_columns": "marked"}.get(rules.way, rules.way)
    times = row_times(train, rules.time) if rules.time else None
    facts = table_facts(schema, target, primary_metric(params))
    wanted, deals = (rules.folds, None) if rules.folds or way != "auto" else _folds_in_time(params, facts, groups)
    way = "repeated_k_fold" if deals else strategy_by_size(len(target), wanted) if way == "auto" else way
    splitting = Splitting(way, deals or rules.repeats, rules.fraction, groups, times, marks)
    folds = make_folds(target, params.task, folds=wanted, seed=params.search.seed, splitting=splitting)
    _check_weights(folds, weights)
    if weights is not None:
        folds = tuple(Fold(fold.train[weights[fold.train] > 0], fold.valid) for fold in folds)
        check_folds(folds, target if params.task == "classification" else None, "data.weight")
    groups = _time_blocks(times) if times is not None and groups is None else groups
    return Rows(frame, target, weights, groups, folds, way if rules.way == "auto" else rules.way, wanted, deals)


def _time_blocks(times: np.ndarray) -> np.ndarray:
    """(n,) the block of time of each row, about as many rows in each, those of one moment together."""
    return np.searchsorted(np.sort(times), times) * TIME_BLOCKS // len(times)


def _folds_in_time(params: RunParams, facts: TableFacts, groups: np.ndarray | None) -> tuple[int | None, int | None]:
    """Fewer or more folds than the table's size asks for, and how often they are dealt, where the time limit wants or allows it.

    They are dealt oftener where nothing but the clock ends the search: who limits the trials wants to be done when they are.
    """
    if params.limits.max_minutes is None:
        return None, None
    seconds = max(0.0, params.limits.max_minutes * 60 - OVERHEAD_SECONDS) * width_of(params) * params.compute.cores_per_trial
    usual, names = folds_by_size(facts.rows), [card.name for card in competitors(params)]
    affordable, units = affordable_folds(facts, params.task, names, seconds, usual), facts.rows
    deals = affordable_deals(facts, params.task, names, seconds, affordable) if params.limits.max_trials is None else 1
    if groups is not None:
        units = len(np.unique(groups))
        affordable, usual = min(affordable, units), min(usual, units)
    if deals > deals_by_size(facts.rows) and units > affordable:  # as many folds as groups: each deal would be the same
        return affordable, deals
    return affordable if affordable != usual else None, None


def judging(params: RunParams, rows: Rows) -> Judging:
    """How the rows are split, in words."""
    rules, count = params.validation, len(rows.folds)
    stratified = "stratified " if params.task == "classification" else ""
    held = f"{len(rows.folds[0].valid)} of {len(rows.target)} rows"
    repeats = (rows.deals or rules.repeats or REPEATS) if rows.way == "repeated_k_fold" else 1
    sentence = {
        "k_fold": f"{count}-fold {stratified}cross-validation",
        "repeated_k_fold": f"{count // repeats}-fold {stratified}cross-validation, dealt {repeats} times",
        "monte_carlo": f"{count} random {stratified}splits, {held} judging each time",
        "holdout": f"{stratified}part set aside, {held}",
        "file": f"table {rules.file}, {held}",
        "split_columns": f"marks of {', '.join(rules.split_columns)}",
        "time_ordered": f"{count} windows in the order of {rules.time}, each judged by what came before it",
    }[rows.way]
    sentence += f", rows of one {rules.group} kept together" if rules.group else ""
    scored = np.unique(np.concatenate([fold.valid for fold in rows.folds]))
    return Judging(sentence, count, len(rows.target) - len(scored), _test_sentence(params), repeats)


def _test_sentence(params: RunParams) -> str:
    test, rules = params.data.test, params.validation
    if test is None or isinstance(test, str):
        return "" if test is None else f"the rows of {test}"
    kind = f"the last in {rules.time}" if rules.time else "at random, stratified" if params.task == "classification" else "at random"
    return f"{test:.0%} of the rows, {kind}" + (f", whole groups of {rules.group}" if rules.group else "")


def _check_weights(folds: tuple[Fold, ...], weights: np.ndarray | None) -> None:
    for number, fold in enumerate(folds, start=1):
        if weights is not None and not (weights[fold.train].any() and weights[fold.valid].any()):
            raise DataError(
                "all rows on one side of a split have the weight 0",
                where="data.weight",
                given=f"split {number} of {len(folds)}",
                remedy="take fewer folds, or leave these rows out",
            )
