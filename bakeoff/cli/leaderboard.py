"""bakeoff leaderboard: the ranked trials of a run."""

import argparse

from bakeoff.cli.layout import find_run

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "show the ranked trials of a run, and why others failed"
ABOUT = """\
RUN is a run's folder, EXPERIMENT (its newest run), EXPERIMENT/RUN-ID, or a run id.
It may still be going on: the leaderboard is then the newest one written.

  bakeoff leaderboard randhie
  bakeoff leaderboard randhie --metrics     every metric of every row
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_name", metavar="RUN", help="which run")
    parser.add_argument("--limit", type=int, metavar="N", help="show the N best rows only")
    parser.add_argument("--metrics", action="store_true", help="show every metric of the ranked rows, and nothing else")


def run(args: argparse.Namespace) -> int:
    from rich.text import Text

    from bakeoff.reporting import counts_line, leaderboard_table, metrics_tables, open_console
    from bakeoff.runs import RunFolder

    folder = RunFolder(find_run(args.run_name))
    facts, board = folder.facts(), folder.leaderboard()
    console = open_console()
    console.print(Text(f"{folder.experiment} / {folder.id}: {facts['state']}"), style="bold")
    if args.metrics:
        for table in metrics_tables(board, console.width, args.limit):
            console.print(table, "")
    else:
        console.print(leaderboard_table(board, args.limit))
    console.print(Text(counts_line(board["counts"])))
    console.print(Text(f"more about a row: bakeoff show {folder.experiment}/{folder.id} NAME"), style="dim", soft_wrap=True)
    return 0
