"""token_indicators: a list as its number of tokens and a 0/1 per frequent one; law: rare and unseen tokens are counted together."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._words import spelled
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "TokenIndicators"]

MOST_FEATURES = 100
FEWEST_ROWS = 5
"""Rows below which a token is rare; 0.1 % of the rows where that is more."""


@dataclass
class TokenIndicators:
    """Per column: tokens in the list (NaN where missing), those of them that are rare, then each frequent token's indicator."""

    columns: tuple[str, ...]
    most_features: int = MOST_FEATURES
    fewest_rows: int = FEWEST_ROWS
    frequent: list[tuple[str, ...]] = field(default_factory=list)

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        fewest = max(self.fewest_rows, len(frame) // 1000)
        self.frequent = []
        for name in self.columns:
            counts = Counter[str]()
            for line, rows in frame[name].value_counts().items():
                counts.update(dict.fromkeys(str(line).split("\n"), int(rows)))
            kept = sorted((token for token in counts if counts[token] >= fewest), key=lambda token: (-counts[token], token))
            self.frequent.append(tuple(kept[: self.most_features]))
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = [_block(frame[name], known) for name, known in zip(self.columns, self.frequent, strict=True)]
        return np.concatenate(blocks, axis=1)

    def features(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for name, known in zip(self.columns, self.frequent, strict=True):
            found += [(f"{name}.{part}", name) for part in ("tokens", "rare_tokens")]
            found += [(f"{name} has {token}", name) for token in known]
        return tuple(found)


def _block(lists: pd.Series, known: tuple[str, ...]) -> np.ndarray:
    codes, lines = spelled(lists)
    places = {token: place for place, token in enumerate(known, start=2)}
    block = np.zeros((len(lines), 2 + len(known)))
    for row, line in enumerate(lines):
        tokens = dict.fromkeys(line.split("\n")) if line else {}
        block[row, 0] = len(tokens) if line else np.nan
        for token in tokens:
            block[row, places.get(token, 1)] += 1
    return block[codes] if len(lines) else np.zeros((0, 2 + len(known)))


def build(columns: tuple[Column, ...], most_features: int = MOST_FEATURES, fewest_rows: int = FEWEST_ROWS) -> TokenIndicators:
    """The featurizer of these columns."""
    return TokenIndicators(tuple(c.name for c in columns), most_features, fewest_rows)


CARD = FeaturizerCard(
    "token_indicators",
    ("list",),
    build,
    parameters={"most_features": Parameter(1, 10_000, whole=True), "fewest_rows": Parameter(1, 1_000_000, whole=True)},
)
