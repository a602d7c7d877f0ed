"""Which row is the best; law: the first in rank that scores fast enough, and everybody who asks is told the same."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["best_row"]


def best_row(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The row marked `best`, else the first with a rank; None where no row has a predictor."""
    ranked = [row for row in rows if row["rank"] is not None]
    return next((row for row in ranked if row.get("best")), ranked[0] if ranked else None)
