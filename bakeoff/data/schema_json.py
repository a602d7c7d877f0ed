"""A schema as JSON and back; law: what was written by any release opens in this one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bakeoff.data.schema import Column, DroppedColumn, Schema, Target

__all__ = ["schema_from_json", "schema_to_json"]


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """Plain values."""
    return asdict(schema)


def schema_from_json(content: Mapping[str, Any]) -> Schema:
    """The schema that `schema_to_json` wrote."""
    target = dict(content["target"])
    return Schema(
        task=content["task"],
        target=Target(**{**target, "labels": tuple(target["labels"])}),
        columns=tuple(Column(**{**column, "categories": tuple(column["categories"])}) for column in content["columns"]),
        dropped=tuple(DroppedColumn(**column) for column in content["dropped"]),
    )
