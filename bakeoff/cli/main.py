"""main: the words of the command line; law: a BakeoffError is shown without traceback, with its exit code; everything else is a bug."""

import argparse
import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence

from bakeoff import __version__
from bakeoff.cli import adopt, check, clean, evaluate, examples, expectations, leaderboard, new, plan, predict, replay, show
from bakeoff.errors import BakeoffError

__all__ = ["COMMANDS", "main"]

COMMANDS = (new, plan, check, leaderboard, show, predict, evaluate, replay, adopt, clean, expectations, examples)
"""Each module names a command: HELP (one line), ABOUT (what `--help` teaches), add_arguments(parser), run(args) -> exit code."""

ABOUT = """\
Bakeoff finds the best model for a table. An experiment is one params file; a run is one execution of it.

Your own table, from the project's folder:
  bakeoff new my.csv --target y            writes params/my.yaml and what belongs to it
  python -m flows.automl params/my.yaml    runs it, with a live leaderboard
  bakeoff predict my new.csv               scores a table with the best predictor
"""
EXIT_CODES = """\
exit codes: 0 done, 1 another mistake or a replay that came out otherwise, 2 params or command line, 3 data, 4 a library is missing,
5 run folder, 6 no usable trial, 7 predictor, 130 Ctrl-C. Each command explains itself: bakeoff COMMAND --help
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Carries out the words of a command line (sys.argv) and gives the exit code."""
    args = _parser().parse_args(argv)
    try:
        with _plain_warnings():
            code = int(args.run(args))
        sys.stdout.flush()
    except BakeoffError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, say head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings as one line for whoever typed the command, without the place in the code."""
    usual = warnings.formatwarning
    warnings.formatwarning = lambda message, *_args, **_named: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = usual


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="bakeoff", description=ABOUT, epilog=EXIT_CODES, formatter_class=plain)
    parser.add_argument("--version", action="version", version=f"bakeoff {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        about = f"{command.HELP[0].upper()}{command.HELP[1:]}.\n\n{command.ABOUT}"
        sub = commands.add_parser(name, help=command.HELP, description=about, formatter_class=plain)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser
