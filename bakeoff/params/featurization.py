"""The section `featurization`: what is made of the columns; law: overrides are read with mode: custom alone, and refused elsewhere."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bakeoff.params.section import ColumnName, Section

__all__ = ["FeaturizationParams", "ImputationParams"]

Kind = Literal["numeric", "categorical", "boolean", "datetime", "text", "list"]
Filling = Annotated[str, Field(pattern=r"^(mean|median|most_frequent|constant:.+)$")]


class ImputationParams(Section):
    """What takes the place of a column's missing values."""

    strategy: Filling
    """mean, median, most_frequent, or constant:VALUE; learned from the training rows of each fold."""
    indicator: bool = True
    """Whether a 0/1 feature says where a value was missing."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"strategy": given} if isinstance(given, str) else given


class FeaturizationParams(Section):
    """What is made of the columns before a candidate sees them."""

    mode: Literal["auto", "off", "custom"] = "auto"
    """auto: everything; off: numbers as they are and categories as codes; custom: auto with the overrides below."""
    kinds: dict[ColumnName, Kind] = Field(default_factory=dict)
    """custom only: the kind of a column, where the found one is not wanted."""
    drop: tuple[ColumnName, ...] = ()
    """custom only: columns that no feature is made of."""
    imputation: dict[ColumnName, ImputationParams] = Field(default_factory=dict)
    """custom only: by column, how missing values are filled: median, or {strategy: median, indicator: false}."""
    orders: dict[ColumnName, tuple[str, ...]] = Field(default_factory=dict)
    """custom only: by column of categories, these from less to more: {size: [S, M, L]}; [] where those found have no order."""
    block: tuple[str, ...] = ()
    """custom only: featurizers not to use; another that takes the same kinds of columns stands in where there is one."""
    add: tuple[str, ...] = ()
    """custom only: featurizers that every recipe gets beside its own, such as cluster_distance."""
    parameters: dict[str, dict[str, int | float]] = Field(default_factory=dict)
    """custom only: by featurizer, the parameters it is built with, such as one_hot: {most_features: 20}."""

    @field_validator("kinds", "drop", "imputation", "orders", "block", "add", "parameters")
    @classmethod
    def _wants_custom(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.data.get("mode", "auto") != "custom":
            raise ValueError(f"{info.field_name} is read only with mode: custom")
        return value
