"""bakeoff expectations: what an experiment's table must keep to, and accepting that it changed."""

import argparse
import json
from pathlib import Path
from typing import Any

from bakeoff.cli.layout import Project
from bakeoff.errors import DataError, writing

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "show what an experiment's table must keep to, or accept that the table changed"
ABOUT = """\
data/expectations/NAME.json is a great-expectations suite, inferred when the experiment is made, enforced at every run, kept in git.
Edit it by hand where it is too strict or too lax. `show` tells how today's table differs from it and writes nothing;
`accept` tells the same and writes the suite that today's table asks for: edits by hand are in git, look at git diff.

  bakeoff expectations show churn
  bakeoff expectations accept churn
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("show", "accept"), help="show the difference, or show and write it")
    parser.add_argument("name", metavar="NAME", help="the experiment")


def run(args: argparse.Namespace) -> int:
    from bakeoff.data import diff_expectations, infer_expectations, read_table
    from bakeoff.params import read_params
    from bakeoff.runs.files import write_json

    project = Project()
    path = project.expectations(args.name)
    params = read_params(project.params(args.name))
    frame = read_table(params.data.train, unused=set(params.data.drop).__contains__)
    suite = infer_expectations(frame, params.data.target, params.name, task=params.task, drop=params.data.drop)
    known = _read(path)
    lines = diff_expectations(known, suite)
    print(f"{path}: {len(known['expectations'])} expectations; {params.data.train} asks for {len(suite['expectations'])}")
    for line in lines or ["no difference"]:
        print(f"  {line}")
    if args.action == "show":
        print(f"accept with: bakeoff expectations accept {args.name}" if lines else "nothing to accept")
    elif lines:
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, suite)
        print(f"written; commit it: git add {path}")
    return 0


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"expectations": []}
    try:
        suite: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if all({"type", "kwargs"} <= set(expectation) for expectation in suite["expectations"]):
            return suite
        problem: object = "an expectation without type or kwargs"
    except (ValueError, KeyError, TypeError) as error:
        problem = error
    raise DataError("these are no expectations", where=path, given=problem, remedy=f"git checkout {path}, or delete it and accept anew")
