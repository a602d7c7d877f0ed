"""Reading dvc.yaml and its like, and adding an experiment; law: their text stays as it is, one entry is added, and it is read again."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bakeoff.errors import ParamsError

__all__ = ["read_project_file", "with_deployment", "with_stage"]

ENTRYPOINT = "flows/automl.py:automl"
INDENT = re.compile(r" *")


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, as DVC does."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, object]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise yaml.composer.ComposerError(None, None, f"the key {key.value!r} is given twice", key.start_mark)
                seen.add((key.tag, key.value))
        return node


def read_project_file(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of the project. Raises ParamsError."""
    try:
        content = _parsed(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        remedy = "mend the line it names; where a merge of git's left both sides there, keep one"
        raise ParamsError("this file of the project cannot be read", where=path, given=error, remedy=remedy) from error
    if not isinstance(content, dict):
        raise ParamsError("this file of the project is a mapping of keys", where=path, given=type(content).__name__)
    return content


def _parsed(text: str) -> Any:
    return yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader)


def with_stage(path: Path, name: str, train: str) -> str:
    """dvc.yaml's text with the experiment in the automl stage's foreach; one that is there already stays. Raises ParamsError."""
    keys, entry = ["stages", "automl", "foreach"], {"data": train}

    def add(content: Any) -> None:
        known = content["stages"]["automl"]["foreach"]
        if name not in known:
            known[name] = entry
        elif known[name]["data"] != train:
            raise _known(path, [*keys, name], known[name])

    flow = yaml.safe_dump(entry, default_flow_style=True, width=10_000, allow_unicode=True).strip()
    return _added(path, keys, [f"{name}: {flow}"], add)


def with_deployment(path: Path, name: str) -> str:
    """prefect.yaml's text with a deployment of the experiment, as the flow's first one but without schedule.

    One that is there already stays. Raises ParamsError.
    """
    content = read_project_file(path)
    known = [d for d in content.get("deployments") or () if d.get("entrypoint") == ENTRYPOINT]
    entry: dict[str, Any] = copy.deepcopy(known[0]) if known else {"name": name, "entrypoint": ENTRYPOINT}
    entry |= {"name": name, "parameters": {"params": f"params/{name}.yaml"}}
    entry.pop("schedules", None)
    entry.pop("schedule", None)
    if "description" in entry:
        entry["description"] = f"Bakes the experiment {name}."

    def add(content: Any) -> None:
        known = [i for i, d in enumerate(content["deployments"]) if (d.get("name"), d.get("entrypoint")) == (name, ENTRYPOINT)]
        if not known:
            content["deployments"].append(entry)
        for i in known:
            parameters = content["deployments"][i].get("parameters") or {}
            if parameters.get("params") != f"params/{name}.yaml":
                raise _known(path, ["deployments", i], parameters)

    dumped = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=10_000).splitlines()
    return _added(path, ["deployments"], dumped, add)


def _added(path: Path, keys: list[str], entry: list[str], add: Callable[[Any], None]) -> str:
    """The file's text with the lines of `entry` at the end of the block under `keys`, checked against `add` on its content.

    Where `add` changes nothing, the text as it is.
    """
    wanted, text = read_project_file(path), path.read_text(encoding="utf-8")
    try:
        add(wanted)
        if _parsed(text) == wanted:
            return text
        lines = text.splitlines()
        place, indent = _end_of_block(lines, keys)
        lines[place:place] = [" " * indent + line for line in entry]
        result = "\n".join(lines) + "\n"
        if _parsed(result) == wanted:
            return result
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError):
        pass
    raise ParamsError(
        "an entry cannot be added to this file",
        where=f"{path}: {'.'.join(keys)}",
        allowed="a block of one entry a line or more",
        remedy="add it by hand:\n" + "\n".join(f"    {line}" for line in entry),
    )


def _known(path: Path, keys: list[Any], given: object) -> ParamsError:
    """The error for an entry of this name that says something else; `keys` lead to it."""
    node: Any = yaml.compose(path.read_text(encoding="utf-8"))
    line = 0
    for key in keys:
        if isinstance(key, int):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            line, node = next((name.start_mark.line + 1, value) for name, value in node.value if name.value == key)
    return ParamsError(
        "this experiment is there already, and not the same",
        where=f"{path}, line {line}",
        given=given,
        remedy="remove that entry, or give --name",
    )


def _end_of_block(lines: list[str], keys: list[str]) -> tuple[int, int]:
    """The line after the block's last entry, and the indentation of its entries. Raises ValueError."""
    first, end, depth = 0, len(lines), -1
    for key in keys:
        found = [i for i in range(first, end) if re.fullmatch(rf" *{re.escape(key)}:\s*(#.*)?", lines[i]) and _depth(lines[i]) > depth]
        if not found:
            raise ValueError(f"no block {key}")
        first, depth = found[0] + 1, _depth(lines[found[0]])
        end = next((i for i in range(first, end) if _says(lines[i]) and not _belongs(lines[i], depth)), end)
    entries = [i for i in range(first, end) if _says(lines[i])]
    if not entries:
        raise ValueError("an empty block")
    return entries[-1] + 1, _depth(lines[entries[0]])


def _depth(line: str) -> int:
    found = INDENT.match(line)
    return len(found[0]) if found else 0


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _belongs(line: str, depth: int) -> bool:
    """A list's items may stand as deep as its key."""
    return _depth(line) > depth or (_depth(line) == depth and line.lstrip().startswith("- "))
