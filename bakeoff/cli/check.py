"""bakeoff check: everything that can be told about an experiment before it runs."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bakeoff.cli.layout import Project
from bakeoff.errors import BakeoffError, DataError

if TYPE_CHECKING:
    from bakeoff.params import RunParams

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "check a params file, its names, its data and its expectations; say all problems at once"
ABOUT = """\
Trains nothing and writes nothing. The exit code is that of the first problem, 0 without any.

  bakeoff check params/churn.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("params", type=Path, metavar="PARAMS", help="a params file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override a key, as for a run; repeatable")


def run(args: argparse.Namespace) -> int:
    from bakeoff.params import parse_assignments, read_params

    params = read_params(args.params, parse_assignments(args.set))
    steps: tuple[tuple[str, Callable[[RunParams], str]], ...] = (
        ("names", _check_names),
        ("data", _check_data),
        ("test part", _check_test),
        ("expectations", _check_expectations),
    )
    print(f"ok       params: {args.params}")
    problems = []
    for name, step in steps:
        try:
            if said := step(params):
                print(f"ok       {name}: {said}")
        except BakeoffError as error:
            problems.append(error)
            print(f"problem  {name}: {error}", file=sys.stderr)
    return problems[0].exit_code if problems else 0


def _check_names(params: "RunParams") -> str:
    from bakeoff.search import check_params
    from bakeoff.search.proposing import competitors

    check_params(params)
    return "algorithms " + ", ".join(card.name for card in competitors(params))


def _check_data(params: "RunParams") -> str:
    from bakeoff.data import make_schema, read_table

    frame = read_table(params.data.train)
    kinds = dict(params.featurization.kinds)
    schema = make_schema(
        frame, task=params.task, target=params.data.target, drop=params.data.drop, kinds=kinds, mode=params.featurization.mode
    )
    return f"{params.data.train}, {len(frame)} rows, {len(schema.columns)} columns to learn from, {len(schema.dropped)} left out"


def _check_test(params: "RunParams") -> str:
    from bakeoff.data import read_table

    if not isinstance(params.data.test, str):
        return f"{params.data.test:.0%} of the rows" if params.data.test else ""
    frame = read_table(params.data.test)
    if params.data.target not in frame:
        raise DataError("the test file has no target", where=params.data.test, given=", ".join(map(str, frame)), allowed=params.data.target)
    return f"{params.data.test}, {len(frame)} rows"


def _check_expectations(params: "RunParams") -> str:
    path = Project().expectations(params.name)
    if not path.is_file():
        return f"{path} is not there yet; the first run infers it from the data"
    try:
        count = len(json.loads(path.read_text(encoding="utf-8"))["expectations"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            "these are no expectations", where=path, given=error, remedy=f"mend the file, or: bakeoff expectations accept {params.name}"
        ) from error
    return f"{path}, {count} of them"
