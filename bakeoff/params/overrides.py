"""RunOverrides: RunParams with every field optional, for forms and the API; law: derived from RunParams, never written by hand."""

from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, create_model

from bakeoff.params.model import RunParams, Section

__all__ = ["RunOverrides", "given_overrides"]


def _optional(section: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        kind: Any = field.rebuild_annotation()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = _optional(kind)
        fields[name] = (kind | None, _described(field.description))
    model: type[BaseModel] = create_model(
        section.__name__.replace("Params", "Overrides"), __base__=Section, __doc__=section.__doc__, **fields
    )
    return model


def _described(text: str | None) -> Any:
    from pydantic import Field

    return Field(default=None, description=text)


if TYPE_CHECKING:
    RunOverrides: TypeAlias = BaseModel
else:
    RunOverrides = _optional(RunParams)


def given_overrides(overrides: BaseModel | None) -> dict[str, Any]:
    """What was set in `overrides`, nested; an explicit null stays null."""
    return {} if overrides is None else overrides.model_dump(exclude_unset=True, mode="json")
