"""bakeoff new: an experiment for a table of one's own."""

import argparse
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.cli.layout import Project, check_name
from bakeoff.errors import BakeoffError, ParamsError, RunError, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from bakeoff.data import Schema

__all__ = ["ABOUT", "HELP", "add_arguments", "extended_files", "keep_table", "refuse_known", "run", "write_experiment"]

HELP = "make an experiment for a table: params file, expectations, DVC stage, Prefect deployment"
ABOUT = """\
Looks at TABLE, decides the task and says why, and writes
  params/NAME.yaml               with max_trials: 20, and every other optional key as a comment
  data/expectations/NAME.json    what later tables must keep to
  dvc.yaml, prefect.yaml         one entry each, everything else stays as it is
Columns of structs, bytes or vectors, of which nothing can be learned as they are, are named in data.drop.
A table outside the project is copied to data/raw/NAME.parquet; DVC keeps its versions.

  bakeoff new ~/churn.csv --target churned
  bakeoff new sales.parquet --target price --task regression --name prices
"""
TASKS = ("classification", "regression")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, metavar="TABLE", help="CSV, Parquet, Feather or JSON lines")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument("--task", choices=TASKS, help="default: decided by the target's values")
    parser.add_argument("--name", help="the experiment's name (default: from the table's file name)")


def run(args: argparse.Namespace) -> int:
    from bakeoff.cli.params_file import params_text
    from bakeoff.data import guess_task, infer_expectations, make_schema, read_table, usable_rows

    project = Project()
    project.require()
    name = _name_of(args.table) if args.name is None else check_name(args.name, "--name")
    refuse_known(project, name)
    drop: list[str] = []

    def unused(column: str) -> bool:  # asked only of columns that nothing can be learned from as they are
        if column == args.target:
            return False
        drop.append(column)
        return True

    frame = read_table(args.table, unused=unused)
    known = frame.loc[usable_rows(frame, args.target), args.target]
    task = args.task or guess_task(frame, args.target)
    why = "as given by --task" if args.task else _why(known, task)
    schema = make_schema(frame, task=task, target=args.target, drop=dict.fromkeys(drop, "left out by data.drop"))
    suite = infer_expectations(frame, args.target, name, task=task, drop=drop)
    place = _place_of(args.table, name, project)
    train = place.as_posix()
    extended_files(project, name, train)  # refuses before the table is copied
    keep_table(project, place, lambda: frame)
    write_experiment(project, name, train, params_text(name, task, train, args.target, drop), suite)
    print(f"{args.table}: {len(frame)} rows, {frame.shape[1]} columns")
    print(f"task: {task} ({why})")
    print(_columns_line(schema))
    print(f"written: params/{name}.yaml, data/expectations/{name}.json, a stage in dvc.yaml, a deployment in prefect.yaml")
    print(f"plan:    bakeoff plan params/{name}.yaml")
    print(f"next:    python -m flows.automl params/{name}.yaml")
    return 0


def _why(values: "pd.Series", task: str) -> str:
    """What in the target's known values speaks for the task."""
    different = list(values.unique())
    if task == "regression":
        return f"the target holds {len(different)} different numbers"
    some = ", ".join(map(str, different[:8])) + (" …" if len(different) > 8 else "")
    other = "; for a quantity give --task regression" if len(different) > 2 else ""
    return f"the target holds {len(different)} different values: {some}{other}"


def extended_files(project: Project, name: str, train: str) -> dict[Path, str]:
    """The texts of dvc.yaml and prefect.yaml with the experiment, whose table is `train`. Raises ParamsError."""
    from bakeoff.cli.project_files import with_deployment, with_stage

    dvc_yaml, prefect_yaml = project.root / "dvc.yaml", project.root / "prefect.yaml"
    return {dvc_yaml: with_stage(dvc_yaml, name, train), prefect_yaml: with_deployment(prefect_yaml, name)}


def write_experiment(project: Project, name: str, train: str, params: str, suite: object) -> None:
    """params/NAME.yaml, its expectations, its stage and its deployment: all of them, or none where one cannot be written."""
    from bakeoff.runs.files import write_json, write_text

    texts = {**extended_files(project, name, train), project.params(name): params}  # as they are now: others may have written meanwhile
    expectations = project.expectations(name)
    before = {path: path.read_text(encoding="utf-8") if path.exists() else None for path in (expectations, *texts)}
    try:
        with writing(expectations.parent):
            expectations.parent.mkdir(parents=True, exist_ok=True)
        write_json(expectations, suite)
        for path, text in texts.items():
            write_text(path, text)
    except RunError:
        _restore(before)
        raise


def _restore(texts: dict[Path, str | None]) -> None:
    """Files as they were; those that were not there go."""
    from bakeoff.runs.files import write_text

    for path, text in texts.items():
        if text is None:
            path.unlink(missing_ok=True)
        elif path.read_text(encoding="utf-8") != text:
            write_text(path, text)


def _name_of(table: Path) -> str:
    plain = unicodedata.normalize("NFKD", table.name.partition(".")[0].replace("ß", "ss"))  # letters apart from their accents
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", re.sub(r"[\u0300-\u036f]", "", plain)).strip("_-")[:64]
    if not name[:1].isalpha():
        raise ParamsError("no experiment's name can be made of this file's name", where=table, remedy="give one: --name NAME")
    return name


def refuse_known(project: Project, name: str) -> None:
    """Raises ParamsError where the experiment is there already."""
    if project.params(name).exists():
        raise ParamsError(
            "this experiment is there already", where=project.params(name), given=name, remedy="edit that file, or give --name"
        )


def _place_of(table: Path, name: str, project: Project) -> Path:
    """Where the table stands within the project, or a copy of one from outside will. Raises ParamsError where that is taken."""
    root, copy = project.root.resolve(), project.raw(name)
    if table.resolve().is_relative_to(root):
        return table.resolve().relative_to(root)
    if copy.exists():
        raise ParamsError("a table of this name is there already", where=copy, given=table, remedy="give --name")
    return copy.relative_to(project.root)


def keep_table(project: Project, place: Path, read: "Callable[[], pd.DataFrame]") -> None:
    """Writes what `read` gives to `place` in the project where nothing is there yet. DVC keeps it, unless git or a stage does."""
    from bakeoff.cli.tracking import track
    from bakeoff.data.datasets import write_parquet

    copy = project.root / place
    known = copy.exists()
    if not known:
        with writing(copy.parent):
            copy.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(read(), copy)
    try:
        track(place, project.root)
    except BakeoffError:
        if not known:
            copy.unlink()
        raise


def _columns_line(schema: "Schema") -> str:
    from collections import Counter

    kinds = Counter(column.kind for column in schema.columns)
    line = "columns: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return line + "".join(f"\n  left out: {dropped.name}: {dropped.reason}" for dropped in schema.dropped)
