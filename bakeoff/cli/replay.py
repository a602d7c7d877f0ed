"""bakeoff replay: a run's plan once more, without a clock."""

import argparse
from typing import TYPE_CHECKING

from bakeoff.cli.layout import find_run

if TYPE_CHECKING:
    from bakeoff.runs import RunFolder
    from bakeoff.search import Replayed

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "carry out again exactly what a run carried out, without a clock"
ABOUT = """\
Where a clock decided (max_minutes, trial_minutes, memory), the same params do not give the same run twice. Each run therefore keeps
the plan it carried out: the splits, the trials that were done, and the boosting rounds, epochs or trees of every fold. replay
trains just these on the same table, in a run of its own in data/runs that is never published, and compares.

  bakeoff replay randhie
  bakeoff replay randhie/20261122-101530-ab12

Scores and out-of-fold predictions are equal to 1e-9, or each row that is not is named with its difference, and the exit code is 1.
Failed and skipped trials are not tried again. Interrupted, the same command goes on where it stopped.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_name", metavar="RUN", help="which run: its folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID")


def run(args: argparse.Namespace) -> int:
    from bakeoff.reporting import watch_terminal
    from bakeoff.runs import RunFolder
    from bakeoff.search import replay

    original = _original(RunFolder(find_run(args.run_name)))
    with watch_terminal() as show:
        replayed = replay(original, show)
    _print_result(original, replayed)
    return 1 if replayed.differences else 0


def _original(run: "RunFolder") -> "RunFolder":
    """The run itself, or what it is an interrupted replay of: the newest run of an experiment may be that."""
    from bakeoff.runs import RunFolder

    facts = run.facts()
    replayed = facts.get("replay_of") if facts["state"] == "running" else None
    original = RunFolder(run.path.parents[1] / replayed) if replayed else run
    return original if original.has("run.json") else run


def _print_result(original: "RunFolder", replayed: "Replayed") -> None:
    trials, splits = len(replayed.plan.candidates), replayed.plan.splits
    print(f"replayed: {original.path}, {trials} trial{'s' * (trials != 1)} on {splits} split{'s' * (splits != 1)}")
    print(f"run:      {replayed.run.path}")
    for name, (then, now) in replayed.libraries.items():
        print(f"note:     {name} was {then}, is {now}")
    if not replayed.differences:
        print("equal:    every score and every out-of-fold prediction")
        return
    print(f"not equal: {len(replayed.differences)} row{'s' * (len(replayed.differences) != 1)}")
    for found in replayed.differences:
        scores = f"{_number(found.before)} then, {_number(found.after)} now{_difference(found.before, found.after)}"
        print(f"  {found.name}: {scores}; {found.why}")


def _difference(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else f", difference {after - before:+.3g}"


def _number(score: float | None) -> str:
    return "no score" if score is None else f"{score:.6g}"
