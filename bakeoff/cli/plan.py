"""bakeoff plan: what a run would do; law: the run's own code up to the first fit, in a folder that is thrown away."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bakeoff.params import RunParams
    from bakeoff.runs import Candidate
    from bakeoff.search import Prepared

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "show what a run would do, without training: columns, folds, candidates, cost"
ABOUT = """\
Cost is a declared formula over rows, columns and hyperparameters, not seconds: its unit means nothing, its shares do.
Candidates of the tuner depend on the trials before them and are only counted.

  bakeoff plan params/churn.yaml
  bakeoff plan params/churn.yaml --set limits.max_trials=50
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("params", type=Path, metavar="PARAMS", help="a params file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override a key, as for a run; repeatable")


def run(args: argparse.Namespace) -> int:
    from bakeoff.cli.trial_run import prepared_aside
    from bakeoff.params import parse_assignments, read_params
    from bakeoff.search import make_plan

    params = read_params(args.params, parse_assignments(args.set))
    with prepared_aside(params) as (begun, prepared):
        _print_columns(prepared)
        _print_search(params, prepared)
        _print_candidates(params, prepared, make_plan(begun))
    return 0


def _print_columns(prepared: "Prepared") -> None:
    schema, facts = prepared.schema, prepared.facts
    labels = f", labels {', '.join(map(str, schema.target.labels[:8]))}{' …' if facts.classes > 8 else ''}" if facts.classes else ""
    print(f"{facts.rows} rows, {facts.columns} columns; target {schema.target.name}: {schema.task}{labels}\n\ncolumns")
    for kind in ("numeric", "boolean", "categorical", "datetime", "text", "list"):
        names = schema.names(kind)
        if names:
            print(f"  {kind:<12}{len(names):>5}  {', '.join(names[:8])}{' …' if len(names) > 8 else ''}")
    for dropped in schema.dropped:
        print(f"  {'left out':<12}{'':>5}  {dropped.name}: {dropped.reason}")


def _print_search(params: "RunParams", prepared: "Prepared") -> None:
    from bakeoff.runs import RunFolder
    from bakeoff.search.budgeting import width_of
    from bakeoff.search.competing import primary_metric
    from bakeoff.search.proposing import trial_limit

    checks = RunFolder(prepared.path).read_json("guardrails.json")
    judged = next(check["done"] for check in checks if check["name"] == "validation split handling")
    limits = ", ".join(f"{key} {value}" for key, value in params.limits.model_dump().items() if value is not None)
    print(f"\nmetric: {primary_metric(params).name}\n{judged}")
    print(f"test part: {params.data.test or 'none'}")
    usual = f"max_trials {trial_limit(params)} (default)" if params.limits.max_trials is None and trial_limit(params) else ""
    print(f"limits: {', '.join(filter(None, (limits, usual)))}")
    print(f"side by side: {width_of(params)} trials of {params.compute.cores_per_trial} cores")


def _print_candidates(params: "RunParams", prepared: "Prepared", plan: "list[Candidate]") -> None:
    from bakeoff.algorithms import get_algorithm, too_large
    from bakeoff.search.budgeting import expected_seconds
    from bakeoff.search.options import PART
    from bakeoff.search.proposing import trial_limit

    cards, facts = [get_algorithm(c.algorithm) for c in plan], prepared.facts
    skipped = [too_large(card, facts) for card in cards]
    costs = [0.0 if reason else expected_seconds(c, facts, len(prepared.folds)) for c, reason in zip(plan, skipped, strict=True)]
    total = sum(costs) or 1.0
    print(f"\ncandidates known beforehand (cost {total:.3g} in all)")
    for candidate, cost, reason in zip(plan, costs, skipped, strict=True):
        first = sorted(candidate.hyperparameters.items(), key=lambda item: item[0] != PART)
        settings = ", ".join(f"{key}={value}" for key, value in first)
        shown = f"skipped: {reason}" if reason else settings[:90]
        print(f"  {candidate.index:>3}  {candidate.name:<34}{cost / total:>6.1%}  {candidate.recipe:<18}{shown}")
    limit = trial_limit(params)
    if limit is None:
        print("then the tuner's, until the time is up")
    elif limit + 1 > len(plan):
        print(f"then {limit + 1 - len(plan)} of the tuner's")
