"""deal_groups: whole groups into parts; law: no group is ever in two parts, and classes keep their shares as far as the groups let them."""

import numpy as np

__all__ = ["deal_groups"]

UNEVEN = 0.5
"""How far a group's place in the order of sizes may stray, so that another seed deals another way."""


def deal_groups(groups: np.ndarray, y: np.ndarray | None, shares: list[float], rng: np.random.Generator) -> np.ndarray:
    """(n,) number of the part that each row is dealt to, its group as a whole; part i holds about `shares[i]` of the rows.

    `groups` are codes 0, 1, … ; `y` are class codes to keep the shares of, or None. No part is empty where there are as many groups as
    parts. Equal shares: large groups are dealt first, which evens out best; else in any order, so that no part gets the small ones.
    """
    sizes = np.bincount(groups)
    classes = np.zeros(len(groups), dtype=np.int64) if y is None else y
    counts = np.zeros((len(sizes), int(classes.max()) + 1))
    np.add.at(counts, (groups, classes), 1.0)
    counts /= np.maximum(counts.sum(axis=0), 1.0)
    order = rng.permutation(len(sizes))
    if len(set(shares)) == 1:
        order = order[np.argsort(-sizes[order] * rng.uniform(1 - UNEVEN, 1 + UNEVEN, len(sizes)), kind="stable")]
    wanting = np.repeat(np.asarray(shares)[:, None], counts.shape[1], axis=1)
    first = rng.permutation(len(shares))
    part_of = np.empty(len(sizes), dtype=np.int64)
    for group in order:
        part_of[group] = first[np.argmax(wanting[first] @ counts[group])]
        wanting[part_of[group]] -= counts[group]
    _fill_empty(part_of, sizes, len(shares))
    return np.asarray(part_of[groups])


def _fill_empty(part_of: np.ndarray, sizes: np.ndarray, parts: int) -> None:
    """Gives a part without groups the smallest group of the part that has most of them."""
    for part in range(parts):
        counts = np.bincount(part_of, minlength=parts)
        if counts[part] == 0 and counts.max() > 1:
            givers = np.flatnonzero(part_of == counts.argmax())
            part_of[givers[np.argmin(sizes[givers])]] = part
