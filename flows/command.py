"""The command line of every flow, `python -m flows.NAME PARAMS`; law: params are checked before Prefect is imported."""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.errors import BakeoffError, ParamsError, RunError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["main"]

ABOUT = """\
Runs one experiment: validates its table, bakes the candidates under the same folds, ranks them, and leaves every predictor as a .pkl.

  python -m flows.automl params/wine.yaml
  python -m flows.automl params/wine.yaml --set limits.max_trials=20 --set search.metric=log_loss

The same command again continues an interrupted run. Ctrl-C publishes what is there; a second one ends at once.
A run with overrides stays in the run store until `bakeoff adopt`.
"""
EXIT_CODES = """\
exit codes: 0 published or kept, 1 another mistake, 2 params or command line, 3 data or its expectations, 4 a library is missing,
5 the run folder or the server, 6 no usable trial, 130 Ctrl-C, 143 SIGTERM
"""
STOPPED_CODES = {"SIGINT": 130, "SIGTERM": 143}


def main(flow: str, argv: Sequence[str] | None = None) -> int:
    """Carries out `flow` (module:name) as the command line says; the exit code."""
    args = _parser(flow).parse_args(argv)
    try:
        return _run(flow, args)
    except BakeoffError as mistake:
        print(mistake, file=sys.stderr)
        return mistake.exit_code
    except KeyboardInterrupt:
        print("stopped before anything was trained", file=sys.stderr)
        return 130


def _parser(flow: str) -> argparse.ArgumentParser:
    command = f"python -m {flow.partition(':')[0]}"
    parser = argparse.ArgumentParser(
        prog=command, description=ABOUT, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("params", metavar="PARAMS", help="the experiment's params file, such as params/wine.yaml")
    parser.add_argument(
        "--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE", help="override a key of the file (repeatable)"
    )
    parser.add_argument("--runs", type=Path, default=Path("data/runs"), metavar="FOLDER", help="the run store (default: data/runs)")
    return parser


def _run(flow: str, args: argparse.Namespace) -> int:
    overrides = _checked(args)
    from tasks.quiet import QUIET_TERMINAL, be_quiet

    be_quiet(QUIET_TERMINAL)
    with _server() as wait:
        threading.Thread(target=import_module, args=("great_expectations",), daemon=True).start()
        module, _, name = flow.partition(":")
        function = getattr(import_module(module), name)
        wait()
        return _carry_out(function, args, overrides)


def _checked(args: argparse.Namespace) -> dict[str, Any]:
    """The overrides, after all that can be told without the data was checked."""
    from bakeoff.params import parse_assignments, read_params
    from bakeoff.search import check_params, warm_children

    overrides = parse_assignments(args.assignments)
    params = read_params(args.params, overrides)
    check_params(params)
    if os.environ.get("DVC_STAGE") and not params.publish.enabled:
        remedy = "set it to true, or start the run yourself: python -m flows.automl PARAMS"
        raise ParamsError("a run that DVC starts is published", where="publish.enabled", given="false", allowed="true", remedy=remedy)
    warm_children(params)  # they load their libraries while the server starts
    return overrides


@contextmanager
def _server() -> Iterator[Callable[[], None]]:
    """Sees to it that a Prefect server is there; gives the function that waits for it."""
    from prefect.logging.handlers import APILogHandler
    from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

    from tasks.embedded_server import embedded_server

    known = get_current_settings().api.url
    if known:
        yield lambda: _require(known)
        return
    print("starting: Prefect with its embedded server (about 10 s, 30 s the first time), great-expectations, the workers", flush=True)
    begun = time.monotonic()

    def wait() -> None:
        wait_until_up()
        print(f"started in {time.monotonic() - begun:.0f} s", flush=True)

    with embedded_server() as (api, wait_until_up), temporary_settings({PREFECT_API_URL: api}):
        try:
            yield wait
        finally:
            APILogHandler().flush()  # the server goes with the run: what was logged is delivered first


def _require(api: str) -> None:
    from tasks.asking import ask

    answer = ask(lambda client: client.hello())
    if answer.failure is not None:
        raise RunError(
            "Prefect's server does not answer", where="PREFECT_API_URL", given=api, remedy="start it (prefect server start), or unset it"
        )


def _carry_out(function: Callable[..., Any], args: argparse.Namespace, overrides: dict[str, Any]) -> int:
    import httpx

    from bakeoff.reporting import open_console, watch_terminal
    from tasks.watching import shown_by

    console, begun = open_console(), time.time()
    try:
        with watch_terminal(console) as viewer, shown_by(viewer):
            state = function(params=args.params, overrides=overrides or None, runs=str(args.runs), return_state=True)
        run = Path(state.result())
    except httpx.HTTPError as error:
        ended = _ended_since(args, overrides, begun)
        if ended is None:
            raise
        print(f"Prefect's server went away, the run went on without it ({error})", file=sys.stderr, flush=True)
        os._exit(_say_goodbye(ended, console))  # on its way out Prefect would try for minutes to deliver each of its events
    return _say_goodbye(run, console)


def _ended_since(args: argparse.Namespace, overrides: dict[str, Any], begun: float) -> Path | None:
    """The run that this command carried out to its end."""
    from bakeoff.params import read_params
    from bakeoff.runs import RunFolder, run_folders

    experiment = args.runs / read_params(args.params, overrides).name
    ended = [path for path in run_folders(experiment) if RunFolder(path).facts().get("ended", 0.0) >= begun]
    return ended[-1] if ended else None


def _say_goodbye(path: Path, console: "Console") -> int:
    """Leaderboard, what was published, how to score; the exit code."""
    from bakeoff.reporting import leaderboard_table
    from bakeoff.runs import RunFolder, best_row

    run = RunFolder(path)
    facts = run.facts()
    if facts["state"] == "failed":  # how it failed went away with the server
        print(facts["message"], file=sys.stderr, flush=True)
        return 1
    board = run.leaderboard()
    console.print(leaderboard_table(board, limit=15))
    for line in facts["published"]:
        print(line)
    published = Path("data") / "models" / run.experiment
    models = published if facts["published"][1].startswith("published") else path / "predictors"
    chosen = best_row(board["rows"]) or board["rows"][0]
    best = models / f"{chosen['name']}.pkl"
    print(f"\nrun:    {path}\nbest:   {best}\nscore:  python -m bakeoff predict {best} NEW_TABLE.csv --out predictions.csv", flush=True)
    if os.environ.get("DVC_STAGE") and models != published:
        print("DVC started this run and would take the models of an earlier one for its: exit code 5", file=sys.stderr, flush=True)
        return RunError.exit_code
    return next((code for name, code in STOPPED_CODES.items() if facts["message"] == f"stopped by {name}"), 0)
