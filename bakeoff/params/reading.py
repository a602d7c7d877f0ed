"""Reading params: file, then overrides merged key by key; law: a mistake is told with its YAML path, value and what is allowed."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from bakeoff.errors import ParamsError, nearest
from bakeoff.params.model import RunParams

__all__ = ["digest_of", "merge", "parse_assignments", "read_params", "validate"]


_ALLOWED = {
    "name": "a letter, then letters, digits, - or _, 64 at most",
    "task": "classification, regression",
    "tuple_type": "a list",
}
"""What is allowed in words, by key or kind of mistake, where pydantic's own say too much or too little."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, and what is spelled as a date or number and is none, such as 2024-02-30."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            problem = f"{error}; put it in quotes where it is text"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, Hashable):
                problem = "a mapping or list stands where a key should be; put {{ … }} in quotes"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_params(path: str | Path, overrides: Mapping[str, Any] | None = None) -> RunParams:
    """The experiment in the YAML file `path`, `overrides` (nested, null meaning as in the file) merged in.

    Raises ParamsError.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(sorted(p.name for p in path.parent.glob("*.yaml"))) if path.parent.is_dir() else ""
        raise ParamsError(
            "the params file cannot be read",
            where=path,
            given=getattr(error, "strerror", None) or "not UTF-8 text",
            allowed=known and f"in {path.parent}: {known}",
            remedy="name a params file, or make one with: bakeoff new TABLE --target COLUMN",
        ) from error
    try:
        content = yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise ParamsError("this is not YAML", where=path, given=str(error), remedy="mend the line it names") from error
    if not isinstance(content, dict):
        raise ParamsError("a params file is a mapping of keys", where=path, given=type(content).__name__, allowed="name, task, data, …")
    return validate(merge(content, overrides or {}), where=str(path))


def validate(content: Mapping[str, Any], where: str = "params") -> RunParams:
    """RunParams of a nested mapping; all mistakes in one ParamsError."""
    try:
        return RunParams.model_validate(content)
    except ValidationError as error:
        problems = [_problem(where, item) for item in error.errors()]
    if len(problems) == 1:
        raise problems[0]
    raise ParamsError("\n".join(str(p) for p in problems), remedy=f"mend the {len(problems)} places above")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `over` laid on it key by key; mappings merge, everything else replaces. Raises ParamsError where `over` is none."""
    if not isinstance(over, Mapping):
        raise ParamsError("overrides are a mapping of keys", where="overrides", given=repr(over), allowed="{'limits': {'max_trials': 20}}")
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Overrides of `--set` words such as `limits.max_trials=20`; values are YAML."""
    overrides: dict[str, Any] = {}
    for word in assignments:
        key, equals, value = word.partition("=")
        if not equals or not all(key.split(".")):
            raise ParamsError("an override is KEY=VALUE", where="--set", given=word, allowed="limits.max_trials=20")
        try:
            parsed: Any = yaml.load(value, _Loader)  # noqa: S506  (a SafeLoader)
        except yaml.YAMLError as error:
            remedy = f"put text into quotes of its own: '{key}=\"…\"'"
            raise ParamsError("the value is not YAML", where=f"--set {key}", given=value, remedy=remedy) from error
        for part in reversed(key.split(".")):
            parsed = {part: parsed}
        overrides = merge(overrides, parsed)
    return overrides


def digest_of(params: RunParams) -> str:
    """Digest of all that can change a result: equal digests resume each other, whatever the concurrency or the publishing."""
    content = params.model_dump(mode="json", exclude={"leaderboard", "publish", "runs"})
    content["compute"] = {"cores_per_trial": params.compute.cores_per_trial}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _problem(where: str, item: Any) -> ParamsError:
    location = [str(part) for part in item["loc"] if not _is_union_branch(part)]
    key, kind, context = ".".join(location), item["type"], item.get("ctx", {})
    given = "" if kind == "missing" else repr(item["input"])
    place = f"{where}: {key}" if key else where
    if kind == "extra_forbidden":
        return ParamsError("unknown key", where=place, given=given, remedy=nearest(location[-1], _keys_beside(location)))
    if kind == "missing":
        return ParamsError("this key is required", where=place, remedy=f"add {key} to the file")
    if kind == "value_error":
        return ParamsError(str(context.get("error", item["msg"])), where=place, given="" if isinstance(item["input"], Mapping) else given)
    allowed = str(context.get("expected") or item["msg"][0].lower() + item["msg"][1:])
    allowed = _ALLOWED.get(key) or _ALLOWED.get(kind) or allowed
    return ParamsError("wrong value", where=place, given=given, allowed=allowed, remedy="mend the value")


def _is_union_branch(part: object) -> bool:
    """Pydantic names a union's branch in the location; a YAML path has no such step."""
    return isinstance(part, str) and (part in {"bool", "str", "float", "int"} or "[" in part)


def _keys_beside(location: list[str]) -> list[str]:
    section: type[BaseModel] = RunParams
    for part in location[:-1]:
        field = section.model_fields.get(part)
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        section = field.annotation
    return list(section.model_fields)
