"""The section `validation`: how a candidate is judged; law: a key that the strategy would not read is refused."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bakeoff.params.section import ColumnName, Section

__all__ = ["ValidationParams"]

Strategy = Literal["auto", "k_fold", "repeated_k_fold", "monte_carlo", "holdout", "file", "split_columns", "time_ordered"]

READ_WITH = {
    "folds": ("auto", "k_fold", "repeated_k_fold", "monte_carlo", "time_ordered"),
    "repeats": ("repeated_k_fold",),
    "fraction": ("monte_carlo", "holdout"),
    "file": ("auto", "file"),
    "split_columns": ("auto", "split_columns"),
    "group": ("auto", "k_fold", "repeated_k_fold", "monte_carlo", "holdout"),
    "time": ("auto", "time_ordered"),
}
WANTED_BY = {"file": "file", "split_columns": "split_columns", "time_ordered": "time"}


class ValidationParams(Section):
    """How a candidate is judged."""

    strategy: Strategy = "auto"
    """auto: what file, split_columns or time ask for, else by the number of rows; or one of the others."""
    folds: Annotated[int, Field(ge=2, le=50)] | None = None
    """Number of folds, of Monte Carlo splits, or of time windows; absent: chosen by the number of rows."""
    repeats: Annotated[int, Field(ge=2, le=50)] | None = None
    """repeated_k_fold: how often the folds are dealt anew; absent: 2."""
    fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    """monte_carlo, holdout: the share of rows that judges; absent: 0.2, of very large tables less."""
    file: str | None = None
    """A table whose rows judge and never train."""
    split_columns: tuple[ColumnName, ...] = ()
    """Columns of 1 (train) and 0 (validation); each is one split, none is a feature."""
    group: ColumnName | None = None
    """A column whose equal values never stand on both sides of a split; it is no feature."""
    time: ColumnName | None = None
    """A column that orders the rows: each window is judged by what came before it; it stays a feature."""

    @field_validator(*READ_WITH)
    @classmethod
    def _is_read(cls, value: Any, info: ValidationInfo) -> Any:
        strategy, readers = info.data.get("strategy", "auto"), READ_WITH[info.field_name or ""]
        if value is not None and value != () and strategy not in readers:
            raise ValueError(f"{info.field_name} is not read with strategy: {strategy}, only with {', '.join(readers)}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> "ValidationParams":
        wanted = WANTED_BY.get(self.strategy)
        if wanted and not getattr(self, wanted):
            raise ValueError(f"strategy: {self.strategy} wants the key {wanted}")
        ways = [key for key in ("file", "split_columns", "time") if getattr(self, key)]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} each say who judges; give one of them")
        if ways and self.group:
            raise ValueError(f"group cannot be kept together where {ways[0]} says who judges; give one of them")
        if self.folds and ways and ways[0] != "time":
            raise ValueError(f"folds is not read where {ways[0]} says who judges")
        return self

    @property
    def way(self) -> str:
        """The strategy, auto resolved as far as the keys tell it; "auto" where the number of rows decides."""
        if self.strategy != "auto":
            return self.strategy
        told = {"file": self.file, "split_columns": self.split_columns, "time_ordered": self.time}
        return next((strategy for strategy, given in told.items() if given), "auto")
