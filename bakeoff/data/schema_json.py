"""A schema as JSON and back; law: what was written by any release opens in this one."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bakeoff.data.schema import Column, DroppedColumn, Schema, Target

__all__ = ["describe_schema", "schema_from_json", "schema_to_json"]

DESCRIBED = 100
"""Categories of a column that a description names."""


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """Plain values."""
    return asdict(schema)


def describe_schema(schema: Schema) -> dict[str, Any]:
    """As `schema_to_json`, for people: of each column the most frequent 100 categories, and how many `more_categories`."""
    short = replace(schema, columns=tuple(replace(column, categories=column.categories[:DESCRIBED]) for column in schema.columns))
    content = asdict(short)
    for described, column in zip(content["columns"], schema.columns, strict=True):
        if len(column.categories) > DESCRIBED:
            described["more_categories"] = len(column.categories) - DESCRIBED
    return content


def _column(content: Mapping[str, Any]) -> Column:
    order = content.get("order")
    return Column(**{**content, "categories": tuple(content["categories"]), "order": None if order is None else tuple(order)})


def schema_from_json(content: Mapping[str, Any]) -> Schema:
    """The schema that `schema_to_json` wrote."""
    target = dict(content["target"])
    return Schema(
        task=content["task"],
        target=Target(**{**target, "labels": tuple(target["labels"])}),
        columns=tuple(map(_column, content["columns"])),
        dropped=tuple(DroppedColumn(**column) for column in content["dropped"]),
    )
