"""Schema: what a predictor expects of a frame; law: the same typed frame comes out of training tables and of scoring frames."""

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["FAR", "Column", "DroppedColumn", "Kind", "Schema", "Target"]

Kind = Literal["numeric", "categorical", "boolean", "datetime", "text", "list"]
FAR = 1e3
"""Standard deviations from 0 beyond which numbers are learned as distances from their mean: single precision, which most boosters and all
forests compare in, keeps four digits of their spread there."""


@dataclass(frozen=True)
class Column:
    """A column that is learned from. `categories` (kind categorical) are all spellings seen in training, most frequent first."""

    name: str
    kind: Kind
    dtype: str
    """The dtype the training table had, as pandas spells it."""
    categories: tuple[str, ...] = ()
    separator: str = ""
    """What stands between the tokens (kind list), of columns that hold lists themselves once they are joined."""
    characters: int = 0
    """Of a row in the mean, a missing value having none (kind text)."""
    decimal: str = "."
    """What stands before the decimals of numbers in text, '.' or ',' (kind numeric)."""
    unit: str = ""
    """What stands behind numbers in text, such as kg (kind numeric); of several with blanks between them, numbers are in the first."""
    unknown: str = ""
    """The one word, in lower case, that stands for a missing value here beside MISSING_WORDS (kinds numeric and datetime)."""
    order: tuple[str, ...] | None = None
    """Categories from less to more, as params or the table's dtype tell them; () where they have no order; None: their names may tell."""
    middle: float = 0.0
    """What features are distances from, where values are FAR from 0 (kinds numeric and datetime, of dates in days since 1970)."""


@dataclass(frozen=True)
class DroppedColumn:
    """A column left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Target:
    """The learned column. `labels` (classification) in sorted order, as plain JSON values; `dtype` their pandas dtype."""

    name: str
    dtype: str
    labels: tuple[Any, ...] = ()
    positive: int | None = None
    """The code of the label that the _binary metrics speak of, where params name one."""
    decimal: str = "."
    """What stands before the decimals of numbers in text, '.' or ',' (regression)."""
    unit: str = ""
    """What stands behind numbers in text (regression): kg, or several, as a column's."""


@dataclass(frozen=True)
class Schema:
    """Columns, target and task of one dataset."""

    task: str
    target: Target
    columns: tuple[Column, ...]
    dropped: tuple[DroppedColumn, ...] = field(default=())

    def names(self, *kinds: Kind) -> list[str]:
        """Names of the columns of these kinds, of all where none is named."""
        return [c.name for c in self.columns if not kinds or c.kind in kinds]
