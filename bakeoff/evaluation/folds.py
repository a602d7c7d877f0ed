"""make_folds: who trains and who judges; law: a row is judged by estimators that did not see it, and one seed says how.

| rows            | auto, where params name no number of folds |
|-----------------|--------------------------------------------|
| up to 300       | 8 folds, dealt 2 times                     |
| up to 2 000     | 8 folds                                    |
| up to 20 000    | 5 folds                                    |
| up to 200 000   | 3 folds                                    |
| more            | one holdout of 20 %, about 50 000 rows at  |
|                 | most that hold 200 of the rarest class     |

With a time column: 5 windows up to 20 000 rows, 3 up to 200 000, above that the last 20 %, or the last 50 000 rows, judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.errors import DataError
from bakeoff.evaluation.grouping import deal_groups

__all__ = ["REPEATS", "Fold", "Splitting", "check_folds", "deals_by_size", "folds_by_size", "hold_out", "make_folds", "strategy_by_size"]

BY_SIZE = ((2_000, 8), (20_000, 5), (200_000, 3))
TINY = 300
REPEATS = 2
SPLITS = 5
"""Monte Carlo splits and time windows where params name no number."""
FRACTION = 0.2
MOST_JUDGING = 50_000
"""Rows of the last two where params name no fraction: more would hardly tell better who is best, and each of them could train."""
FEWEST_OF_CLASS = 200
"""Rows of the rarest class that judge all the same, as far as 20 % of the rows go."""


@dataclass(frozen=True)
class Fold:
    """Row numbers, ascending, of one split."""

    train: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True)
class Splitting:
    """How rows are split, and the columns that say it row by row."""

    strategy: str = "auto"
    """auto, k_fold, repeated_k_fold, monte_carlo, holdout, marked or time_ordered."""
    repeats: int | None = None
    fraction: float | None = None
    groups: np.ndarray | None = None
    """(n,) codes; equal ones are never on both sides of a split."""
    times: np.ndarray | None = None
    """(n,) what orders the rows (time_ordered)."""
    marks: tuple[np.ndarray, ...] = ()
    """marked: per split a mask of the rows that train, the others judging."""


def folds_by_size(rows: int) -> int:
    """Number of folds from the table above; 1 means one holdout."""
    return next((folds for most, folds in BY_SIZE if rows <= most), 1)


def deals_by_size(rows: int) -> int:
    """How often the folds of so many rows are dealt, from the table above."""
    return REPEATS if rows <= TINY else 1


def strategy_by_size(rows: int, folds: int | None) -> str:
    """What auto means for so many rows: k_fold where a number of folds is given, else the table above."""
    if folds is not None and folds > 1:
        return "k_fold"
    if folds == 1 or folds_by_size(rows) == 1:
        return "holdout"
    return "repeated_k_fold" if deals_by_size(rows) > 1 else "k_fold"


def make_folds(y: np.ndarray, task: str, *, folds: int | None, seed: int, splitting: Splitting = Splitting()) -> tuple[Fold, ...]:
    """The splits of a table, for classification stratified where the strategy and the groups let them be.

    Where rows are dealt one by one, every training part holds every class: a class with fewer rows than folds is judged in as many folds
    as it has rows, one with a single row is never judged. Repeats and Monte Carlo judge rows more than once, windows of time leave the
    first rows unjudged. There are never more folds than judged rows. Raises DataError where a split cannot be made or learned from.
    """
    strategy = strategy_by_size(len(y), folds) if splitting.strategy == "auto" else splitting.strategy
    classes = y if task == "classification" else None
    if strategy == "marked":
        made = [Fold(np.flatnonzero(mask), np.flatnonzero(~mask)) for mask in splitting.marks]
    elif strategy == "time_ordered":
        made = _windows(splitting.times if splitting.times is not None else np.arange(len(y)), folds)
    elif strategy in ("holdout", "monte_carlo"):
        splits, fraction = (folds or SPLITS) if strategy == "monte_carlo" else 1, splitting.fraction or _fraction(len(y), classes)
        judging = [hold_out(len(y), fraction, classes, splitting.groups, _random(seed, split)) for split in range(splits)]
        made = [Fold(np.flatnonzero(~mask), np.flatnonzero(mask)) for mask in judging]
    else:
        repeats = (splitting.repeats or REPEATS) if strategy == "repeated_k_fold" else 1
        made = [fold for repeat in range(repeats) for fold in _k_fold(y, task, folds, splitting.groups, _random(seed, repeat))]
    check_folds(made, classes)
    return tuple(made)


def hold_out(
    rows: int, fraction: float, classes: np.ndarray | None, groups: np.ndarray | None, rng: np.random.Generator, left: int = 1
) -> np.ndarray:
    """Mask of the rows held out: about `fraction` of them, of each class alike, groups as a whole.

    Without groups `left` rows of each class, or all it has, are not held out: none at all where no class has more.

    Raises DataError where no row, or no two groups, can be parted.
    """
    if groups is not None:
        _enough_groups(groups, 2)
        return np.asarray(deal_groups(groups, classes, [fraction, 1 - fraction], rng) == 0)
    order = rng.permutation(_judged(np.arange(rows) if classes is None else classes, classes is not None))
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    steps = np.floor((np.arange(len(order) + 1) + rng.random()) * fraction)
    held = np.zeros(rows, dtype=bool)
    held[order[np.diff(steps) > 0]] = True
    if classes is not None:
        for code in np.unique(classes):
            of_class = np.flatnonzero(classes == code)
            held[of_class[held[of_class]][: max(0, left - int((~held[of_class]).sum()))]] = False
    if not held.any():
        held[_with_more(order, classes, left)[:1]] = True
    if held.all():
        held[order[0]] = False
    return held


def _with_more(order: np.ndarray, classes: np.ndarray | None, left: int) -> np.ndarray:
    """Of some rows those whose class has more than `left`."""
    if classes is None:
        return order
    codes = np.unique(classes, return_inverse=True)[1]
    return np.asarray(order[np.bincount(codes)[codes[order]] > left])


def _k_fold(y: np.ndarray, task: str, folds: int | None, groups: np.ndarray | None, rng: np.random.Generator) -> list[Fold]:
    """Each class is dealt round the folds, so its shares differ by one row at most; groups as a whole."""
    wanted = folds or max(2, folds_by_size(len(y)))
    if groups is not None:
        count = _enough_groups(groups, folds or 2)
        parts = min(wanted, count)
        part = deal_groups(groups, y if task == "classification" else None, [1 / parts] * parts, rng)
    else:
        judged = _judged(y, task == "classification")
        _enough_rows(len(judged), folds or 2)
        parts = min(wanted, len(judged))
        order = rng.permutation(judged)
        if task == "classification":
            order = order[np.argsort(y[order], kind="stable")]
        part = np.full(len(y), -1)
        part[order] = np.arange(len(order)) % parts
    return [Fold(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(parts)]


def _windows(times: np.ndarray, folds: int | None) -> list[Fold]:
    """Expanding windows: the rows in order of time in `folds` + 1 blocks, each but the first judged by all blocks before it.

    Rows of one time stay in one block. A single window judges the last 20 %, MOST_JUDGING rows at most.
    """
    rows = len(times)
    splits = folds or (1 if folds_by_size(rows) == 1 else min(SPLITS, folds_by_size(rows)))
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    ends = [1 - _fraction(rows)] if splits == 1 else [(number + 1) / (splits + 1) for number in range(splits)]
    starts = [int(np.searchsorted(ordered, ordered[min(rows - 1, round(rows * end))])) for end in ends]
    if rows <= splits or starts[0] == 0 or len(set(starts)) < splits:
        raise DataError(
            "there are too few distinct times for these windows",
            where="validation.time",
            given=f"{len(np.unique(ordered))} distinct times, unevenly many rows each; {splits} windows",
            remedy="take fewer windows (validation.folds), or a finer time column",
        )
    return [Fold(np.sort(order[:start]), np.sort(order[start:end])) for start, end in zip(starts, [*starts[1:], rows], strict=True)]


def _fraction(rows: int, classes: np.ndarray | None = None) -> float:
    counts = np.empty(0) if classes is None else np.bincount(classes)
    rarest = counts[counts > 0].min(initial=rows)
    return float(min(FRACTION, max(MOST_JUDGING / rows, FEWEST_OF_CLASS / rarest)))


def _judged(y: np.ndarray, stratified: bool) -> np.ndarray:
    """Numbers of the rows that may judge: those whose class has another row to train on."""
    judged = np.flatnonzero(np.bincount(y)[y] > 1) if stratified else np.arange(len(y))
    if len(judged) < 2:
        what = "validation wants at least 2 rows" + (" of one class" if stratified else "")
        raise DataError(what, where="data.train", given=f"{len(y)} rows")
    return judged


def _enough_rows(rows: int, wanted: int) -> None:
    if rows < wanted:
        raise DataError(
            "there are fewer rows than folds",
            where="validation.folds",
            given=f"{wanted} folds, {rows} rows",
            allowed=f"at most {rows}",
            remedy="take fewer folds, or leave validation.folds out: it is then chosen by the number of rows",
        )


def _enough_groups(groups: np.ndarray, wanted: int) -> int:
    count = len(np.unique(groups))
    if count < wanted:
        raise DataError(
            "there are fewer groups than folds",
            where="validation.group",
            given=f"{count} group{'s' if count != 1 else ''}",
            allowed=f"at least {wanted}",
            remedy="take fewer folds (validation.folds), or another group column",
        )
    return count


def check_folds(folds: Sequence[Fold], classes: np.ndarray | None, where: str = "validation") -> None:
    """Raises DataError where a split has an empty part, or training rows of one class alone."""
    for number, fold in enumerate(folds, start=1):
        if not len(fold.train) or not len(fold.valid):
            given = f"split {number}: {len(fold.train)} rows train, {len(fold.valid)} judge"
            raise DataError(
                "a split has an empty part", where=where, given=given, remedy="take fewer folds, or another validation.strategy"
            )
        if classes is not None and (classes[fold.train] == classes[fold.train][0]).all():
            raise DataError(
                "the training rows of a split are all of one class",
                where=where,
                given=f"split {number} of {len(folds)}",
                remedy="split otherwise: fewer folds, other groups or windows",
            )


def _random(seed: int, repeat: int) -> np.random.Generator:
    return np.random.default_rng((seed, repeat) if repeat else seed)
