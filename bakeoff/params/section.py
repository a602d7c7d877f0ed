"""Section: what the parts of a params file have in common; law: frozen, and nothing unknown is let in."""

from numbers import Integral
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

__all__ = ["ColumnName", "Section"]

ColumnName = Annotated[str, BeforeValidator(lambda name: str(name) if isinstance(name, Integral) and not isinstance(name, bool) else name)]
"""Columns that are numbered are named by their number."""


class Section(BaseModel):
    """A frozen part of a params file that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
