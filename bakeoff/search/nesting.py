"""Parts of the scored rows, to judge what was fitted on the others; law: a score is corrected by what is lost on rows not fitted on."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bakeoff.evaluation import get_metric, score_all
from bakeoff.search.judged import Judged
from bakeoff.search.preparing import Prepared

__all__ = ["FEW_ROWS", "MOST_ROWS", "Said", "corrected", "label_scores", "parts_of_rows", "sampled"]

MOST_ROWS = 20_000
"""Weights are fitted on a sample above it."""
MOST_CELLS, FEWEST_ROWS = 400_000, 1_000
"""Rows times classes, of which the sample is where classes are very many; and its rows at least."""
FEWEST_OF_A_CLASS = 200
"""Rows of a class in the sample, if it has so many."""
FEW_ROWS = 5_000
PARTS, PARTS_OF_FEW = 3, 5
"""Parts of the rows, each scored by weights fitted on the others: more where rows are few, and weights differ more."""


class Said(NamedTuple):
    """Predictions of the scored rows, and labels where they are not the most probable ones."""

    raw: np.ndarray
    labels: np.ndarray | None

    def at(self, rows: np.ndarray) -> "Said":
        return Said(self.raw[rows], None if self.labels is None else self.labels[rows])


def parts_of_rows(prepared: Prepared, seed: int) -> np.ndarray:
    """(m,) the part of each scored row: folds put together, so that rows of one group stay in one part.

    By chance where one holdout judges, or the first of several judges all that the others do. All zeros where there is one row, which has
    no other part.
    """
    scored, folds = prepared.scored_rows, prepared.folds
    count = PARTS_OF_FEW if len(scored) <= FEW_ROWS else PARTS
    fold_of = np.zeros(len(prepared.target), dtype=int)
    for number in reversed(range(len(folds))):  # of repeats, the first one's folds
        fold_of[folds[number].valid] = number
    parts = fold_of[scored] % count
    if (parts == parts[0]).all():
        groups = scored if prepared.groups is None else prepared.groups[scored]
        units = groups if len(np.unique(groups)) > 1 else scored  # where one group judges, its rows are all there is
        known, of_row = np.unique(units, return_inverse=True)
        parts = (np.random.default_rng(seed).permutation(len(known)) % count)[of_row]
    return np.asarray(np.unique(parts, return_inverse=True)[1])


def sampled(rows: np.ndarray, judged: Judged, width: tuple[int, ...], seed: int, weighs: bool) -> tuple[np.ndarray, Judged]:
    """Some of the rows, where there are many, or (m, classes) predictions are `width` (classes,) wide; and what they are judged by.

    Rows of classes that chance would leave few of are all taken, up to half a class's share of the sample; each row weighs as many as it
    stands for then.
    """
    most, rng = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // math.prod(width))), np.random.default_rng(seed)
    if len(rows) <= most:
        return rows, judged.some(rows)
    counts = np.bincount(judged.truth[rows]) if width and weighs else np.zeros(0, dtype=np.int64)
    room = most // (2 * max(1, len(counts)))
    rare = np.flatnonzero((counts > 0) & (counts * most < min(FEWEST_OF_A_CLASS, room) * len(rows)))
    if not len(rare):
        chosen = np.sort(rng.choice(rows, most, replace=False))
        return chosen, judged.some(chosen)
    strata = [rows[judged.truth[rows] == code] for code in rare]
    taken = [rng.choice(stratum, min(len(stratum), room), replace=False) for stratum in strata]
    rest = rows[~np.isin(judged.truth[rows], rare)]
    strata, taken = [*strata, rest], [*taken, rng.choice(rest, min(len(rest), most - sum(map(len, taken))), replace=False)]
    stands = np.concatenate([np.full(len(some), len(stratum) / max(1, len(some))) for stratum, some in zip(strata, taken, strict=True)])
    order = np.argsort(np.concatenate(taken))
    chosen = np.concatenate(taken)[order]
    return chosen, judged.some(chosen).weighed(stands[order])


def label_scores(judged: Judged, said: Said, names: Iterable[str]) -> dict[str, float]:
    """Those of the named metrics that judge labels."""
    cards = [get_metric(name, "classification") for name in names]
    return {card.name: judged.score(card, *said) for card in cards if card.needs == "labels"}


def corrected(prepared: Prepared, judged: Judged, parts: np.ndarray, said: Said, nested: Said) -> dict[str, float]:
    """Every metric of what was said, and what was lost, part by part, where the part was not among the rows fitted on.

    A regression loses what it does on all rows together, as its trials are scored: a part without the greatest values has less of a range
    or variance to be divided by. So does what judges labels: it is no mean over rows, and of a part's few labels nothing may be right.
    Source: the optimism of Efron, Estimating the error rate of a prediction rule, JASA 78, 1983, by parts instead of bootstraps.
    """

    def scored(rows: np.ndarray, one: Said) -> dict[str, float]:
        some = judged.some(rows)
        return score_all(some.truth, one.raw[rows], some.weights, some.positive, prepared.own_metric, one.at(rows).labels)

    every = np.arange(len(parts))
    if said.raw.ndim == 1:
        return scored(every, nested)
    lost: dict[str, list[tuple[int, float]]] = {}
    for part in range(int(parts.max()) + 1):
        rows = np.flatnonzero(parts == part)
        here, there = scored(rows, said), scored(rows, nested)
        for name, score in here.items():
            if np.isfinite(there[name] - score):
                lost.setdefault(name, []).append((len(rows), there[name] - score))
    found = scored(every, said)
    gaps = {name: float(np.average([gap for _, gap in seen], weights=[rows for rows, _ in seen])) for name, seen in lost.items()}
    of_labels = label_scores(judged, nested, found)
    return {name: of_labels.get(name, float(score + gaps.get(name, 0.0))) for name, score in found.items()}
