"""A schema as JSON and back; law: what was written by any release opens in this one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bakeoff.data.schema import Column, DroppedColumn, Schema, Target

__all__ = ["schema_from_json", "schema_to_json"]


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """Plain values."""
    return asdict(schema)


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
