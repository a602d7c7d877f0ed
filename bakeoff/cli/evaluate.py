"""bakeoff evaluate: any trial's predictor on a labelled table; law: shown, never used to choose."""

import argparse
from typing import TYPE_CHECKING

from bakeoff.cli.layout import find_run

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "score a trial's predictor on a labelled table, with every metric"
ABOUT = """\
FILE has the training columns and the target; where the run has a weight column (data.weight), that one too.

  bakeoff evaluate randhie --data test.csv                                    its best predictor
  bakeoff evaluate randhie --trial lightgbm-0a1b2c3d4e --data test.parquet
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_name", metavar="RUN", help="which run: its folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID")
    parser.add_argument("--trial", metavar="ID", default="best", help="which trial: name, id or best (default best)")
    parser.add_argument("--data", metavar="FILE", required=True, help="CSV, Parquet, Feather or JSON lines, with the target")


def run(args: argparse.Namespace) -> int:
    from bakeoff.reporting import open_console
    from bakeoff.runs import open_run
    from bakeoff.search import score_table

    finished = open_run(find_run(args.run_name))
    name = finished.best if args.trial == "best" else args.trial
    rows, scores = score_table(finished, name, args.data)
    print(f"{name} on {rows} rows of {args.data}\n")
    open_console().print(_table(scores, finished.metrics(name), finished.folder.leaderboard()["metric"]))
    return 0


def _table(scores: dict[str, float], out_of_fold: dict[str, float], primary: str) -> "Table":
    from rich.table import Table

    from bakeoff.reporting import number

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric", no_wrap=True)
    table.add_column("this table", justify="right")
    table.add_column("out of fold", justify="right")
    for name in sorted(scores, key=lambda name: (name != primary, name)):
        table.add_row(name, number(scores[name]), number(out_of_fold.get(name)))
    return table
