"""bakeoff examples: real tables from the installed packages."""

import argparse
from pathlib import Path

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "write an example table, or list them"
ABOUT = """\
The tables come from installed packages (scikit-learn; randhie from statsmodels), nothing is fetched.

  bakeoff examples
  bakeoff examples wine --to data/raw/wine.parquet
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="which example; without it they are listed")
    parser.add_argument("--to", type=Path, metavar="PATH", help="where to write it (default data/raw/NAME.parquet)")


def run(args: argparse.Namespace) -> int:
    from bakeoff.data import EXAMPLES, write_example

    if args.name is None:
        for example in EXAMPLES:
            print(f"{example.name:<16}{example.task:<16}target {example.target:<14}{example.about}")
        return 0
    path = args.to or Path("data") / "raw" / f"{Path(args.name).name}.parquet"
    write_example(args.name, path)
    print(f"written: {path}")
    return 0
