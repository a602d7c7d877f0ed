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

HELP = "check a params file, its names, its data and whether its expectations can be read; say the first problem of each"
ABOUT = """\
Trains nothing and writes nothing. What the guardrails find in the data is told as alerts; they stop no run. The exit code is that of the
first problem, 0 without any.

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
            params = _without_names(params, error.where) if name == "names" else params
            print(f"problem  {name}: {error}", file=sys.stderr)
    return problems[0].exit_code if problems else 0


def _without_names(params: "RunParams", where: str) -> "RunParams":
    """The params with the default search, or featurization where that is wrong: it was told, and the data is looked at all the same."""
    from bakeoff.params.model import FeaturizationParams, SearchParams

    if where.startswith("featurization"):
        return params.model_copy(update={"featurization": FeaturizationParams()})
    return params.model_copy(update={"search": SearchParams()})


def _check_names(params: "RunParams") -> str:
    from bakeoff.search import check_params
    from bakeoff.search.competing import competitors

    check_params(params)
    return "algorithms " + ", ".join(card.name for card in competitors(params))


def _check_data(params: "RunParams") -> str:
    from bakeoff.cli.trial_run import prepared_aside

    with prepared_aside(params) as (run, prepared):
        rows, schema, folds = len(prepared.target), prepared.schema, len(prepared.folds)
        checks = run.read_json("guardrails.json")
    test = {str: f", test part {params.data.test}", float: f", {params.data.test} of the rows set aside"}.get(type(params.data.test), "")
    learned = f"{len(schema.columns)} columns to learn from, {len(schema.dropped)} left out"
    alerts = [f"\nalert    {check['name']}: {check['seen']}; {check['done']}" for check in checks if check["state"] == "Alerted"]
    return f"{params.data.train}, {rows} rows, {learned}, {folds} split{'s' if folds > 1 else ''}{test}{''.join(alerts)}"


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
