"""category_order: the place of low, medium and high on their scale; law: from what is asked for or the spellings, never from rows.

Categories that stand for more and less say so by their names: levels, sizes, grades, ranges of numbers, weekdays. A tree that knows
their order splits all levels above one at once, a linear model and a network learn one slope instead of a weight for each.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "CategoryOrder", "is_all_in_order", "order_of"]

FEWEST, MOST = 3, 30
"""Places on a scale: fewer say no more than a code, and of more categories spelling_order makes a feature."""
SHARE = 0.7
"""Of a column's categories, how many must have a place at least: others, such as unknown, have none."""
SCALES = (
    "very low=vlow=lowest=extremely low < low=lo=minor < medium low=below average < medium=med=mid=moderate=middle=average=normal"
    " < medium high=above average < high=hi=major < very high=vhigh=highest=extremely high=extreme < critical",
    "very poor=very bad=terrible=awful < poor=po=bad < fair=fa < below average < average=avg=typical=ta=ok=okay=acceptable=normal=medium"
    " < above average < good=gd < very good < premium=excellent=ex=great < ideal=outstanding=perfect=very excellent",
    "xxs=2xs < xs=extra small=very small=tiny < s=sm=small=little < m=md=med=medium=mid=middle < l=lg=large=big"
    " < xl=extra large=very large=huge < xxl=2xl < xxxl=3xl",
    "never < almost never=rarely=seldom=hardly ever < occasionally=sometimes < often=frequently=usually=regularly"
    " < very often=almost always < always",
    "none=no=absent < very mild=trace=minimal < mild=slight=light=little < moderate=medium=some < severe=strong=heavy=serious"
    " < very severe=extreme=very strong",
    "strongly disagree < disagree < somewhat disagree < neutral=neither agree nor disagree=undecided < somewhat agree < agree"
    " < strongly agree",
    "very dissatisfied=very unsatisfied < dissatisfied=unsatisfied < neutral < satisfied < very satisfied",
    "freezing < cold < cool < mild < warm < hot",
    "beginner=novice=basic=entry < junior < intermediate=mid < senior=advanced < expert=lead=principal",
    "bronze < silver < gold < platinum < diamond",
    "infant=baby < child < teen=teenager=adolescent=youth < young=young adult < adult < middle aged < old=senior=elderly",
    "hourly < daily < weekly < biweekly=fortnightly < monthly < quarterly < yearly=annually=annual",
    "preschool < primary=elementary=elementary school=primary school=1st 4th < 5th 6th < 7th 8th=middle school < 9th < 10th < 11th < 12th"
    " < hs grad=high school=secondary=secondary school=below college < some college=college < assoc voc=associate=associates < assoc acdm"
    " < bachelor=bachelors=graduate < master=masters=postgraduate < prof school=professional < doctor=doctorate=phd",
    "mon=monday < tue=tues=tuesday < wed=wednesday < thu=thur=thurs=thursday < fri=friday < sat=saturday < sun=sunday",
    "jan=january < feb=february < mar=march < apr=april < may < jun=june < jul=july < aug=august < sep=sept=september < oct=october"
    " < nov=november < dec=december",
    "zero < one < two < three < four < five < six < seven < eight < nine < ten < eleven < twelve",
    "first < second < third < fourth < fifth < sixth < seventh < eighth < ninth < tenth",
)
"""Lower case, blanks for what stands between words; words that stand for the same place are joined by =."""
LEAST_RUN = 4
"""Single letters that follow each other without a gap, such as grades."""
NUMBER = re.compile(r"(?:(?<![^\s(\[<>=,])[-\u2212])?\d+(?:,\d{3})*(?:\.\d+)?")
"""A minus is its sign at the start, and behind a blank, a comma, a bracket or a sign of comparison; that of 10-20 is none."""
AMOUNT = re.compile(rf"({NUMBER.pattern})([kmb](?![a-z0-9]))?")
MULTIPLIERS = {"k": 1e3, "m": 1e6, "b": 1e9}
MULTIPLIED = re.compile(r"\d[kKM](?![a-zA-Z0-9])")
"""What says that a column's amounts are to be multiplied; of 5m alone nobody knows whether it is metres."""
BELOW = re.compile(r"<(?!=)|\b(?:less|fewer|under|below|lt|up to)\b")
ABOVE = re.compile(r">(?!=)|\b(?:more|over|above|gt)\b")
MORE = re.compile(r"\s*(?:\+|more|or more|and more|and over|and above|plus)")
AROUND = re.compile(r"\b(?:less|fewer|under|below|lt|le|up|to|more|over|above|gt|ge|than|from|at|least|most|x)\b|[^a-z]")
"""What may stand before a range's first number beside what the column's ranges have in common."""


@dataclass(frozen=True)
class CategoryOrder:
    """One feature per column: the category's place on its scale; NaN where it has none, or is missing."""

    columns: tuple[str, ...]
    orders: tuple[tuple[tuple[str, float], ...], ...]

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.empty((len(frame), len(self.columns)))
        for place, (name, order) in enumerate(zip(self.columns, self.orders, strict=True)):
            matrix[:, place] = frame[name].map(dict(order)).to_numpy(dtype=np.float64, na_value=np.nan)
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.place", name) for name in self.columns)


def order_of(categories: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Categories that have a place on the scale they share, with it; () where they share none.

    >>> order_of(("med", "high", "vhigh", "low"))
    (('med', 3.0), ('high', 5.0), ('vhigh', 6.0), ('low', 1.0))
    >>> order_of(("red", "green", "blue"))
    ()
    """
    return _shared_order(categories) if FEWEST <= len(categories) <= MOST else ()


@lru_cache(maxsize=1 << 14)  # asked for the columns of a table in turn, it knows none of them where they are more than it holds
def _shared_order(categories: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    for places in (*_scales(), _letters, _ranges):
        found = places(categories)
        known = [(word, place) for word, place in zip(categories, found, strict=True) if place is not None]
        if len({place for _, place in known}) >= FEWEST and len(known) >= SHARE * len(categories):
            return tuple(known)
    return ()


Places = Callable[[Sequence[str]], list[float | None]]


@lru_cache(maxsize=1)
def _scales() -> tuple[Places, ...]:
    return tuple(map(_on_scale, SCALES))


def _on_scale(scale: str) -> Places:
    known = {word: float(place) for place, level in enumerate(scale.split("<")) for word in level.strip().split("=")}
    return lambda words: [known.get(" ".join(re.split(r"[\W_]+", word.lower())).strip()) for word in words]


def _letters(words: Sequence[str]) -> list[float | None]:
    """Places of single letters that follow each other."""
    found = sorted({ord(word.lower()) for word in words if len(word) == 1 and word.isascii() and word.isalpha()})
    run = len(found) >= LEAST_RUN and found[-1] - found[0] == len(found) - 1
    places = {chr(letter): float(place) for place, letter in enumerate(found)} if run else {}
    return [places.get(word.lower()) if word.isascii() else None for word in words]


def _ranges(words: Sequence[str]) -> list[float | None]:
    """Places of numbers and ranges of numbers, by where they begin; what else stands before them has to be the same.

    Numbers alone have none: somebody said that they are categories.
    """
    if all(NUMBER.fullmatch(word) for word in words):
        return [None] * len(words)
    multiplied = any(map(MULTIPLIED.search, words))
    begins = [_begin(word, multiplied) for word in words]
    before = Counter(around for around, _ in filter(None, begins))
    if not before:
        return [None] * len(words)
    usual = max(before, key=lambda around: before[around])
    order = sorted({numbers for around, numbers in filter(None, begins) if around == usual})
    return [float(order.index(begin[1])) if begin and begin[0] == usual else None for begin in begins]


def _begin(word: str, multiplied: bool) -> tuple[str, tuple[float, ...]] | None:
    """What stands before the first number, and by what the word is ordered: that number, what is below or above it, and the next number."""
    word = word.replace("_", " ").lower()
    found = AMOUNT.search(word)
    if found is None:
        return None
    before, after = word[: found.start()], word[found.end() :]
    side = -1.0 if BELOW.search(before) else 1.0 if ABOVE.search(before) or MORE.match(after) else 0.0
    first, *others = _amounts(word, multiplied)
    return AROUND.sub("", before), (first, side, *others)


def _amounts(word: str, multiplied: bool) -> list[float]:
    """The first two numbers of a word at most; multiplied, 500-1K begins at 500 and 10-20K at 10,000."""
    numbers = [(float(number.replace(",", "").replace("\u2212", "-")), letter) for number, letter in AMOUNT.findall(word)[:2]]
    if not multiplied:
        return [number for number, _ in numbers]
    (first, letter), (last, last_letter) = numbers[0], numbers[-1]
    numbers[0] = first, letter or (last_letter if first < last else "")
    return [number * MULTIPLIERS.get(letter, 1.0) for number, letter in numbers]


def build(columns: tuple[Column, ...]) -> CategoryOrder:
    """The featurizer of these columns."""
    return CategoryOrder(tuple(c.name for c in columns), tuple(_order(c) for c in columns))


def is_all_in_order(column: Column) -> bool:
    """Whether every category has a place, so that nothing is lost where the order stands for the codes."""
    return bool(column.categories) and set(column.categories) <= {word for word, _ in _order(column)}


def _has_order(column: Column) -> bool:
    return bool(_order(column))


def _order(column: Column) -> tuple[tuple[str, float], ...]:
    """As the column is said to be ordered, else as its categories' names tell."""
    if column.order is None:
        return order_of(column.categories)
    return tuple((word, float(place)) for place, word in enumerate(column.order))


CARD = FeaturizerCard("category_order", ("categorical",), build, learns_from="schema", takes=_has_order, adds=True)
