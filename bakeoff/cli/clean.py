"""bakeoff clean: give disk space back; law: a run in somebody's hands, or unfinished, is never removed."""

import argparse
import sys
from pathlib import Path

from bakeoff.cli.layout import EXPERIMENT_NAME, Project, check_name
from bakeoff.errors import ParamsError, RunError, nearest

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "remove old runs, and dataset copies that no run needs, from data/runs"
ABOUT = """\
Keeps the N runs of each experiment that ended last, by default as many as its params file says (runs.keep).
Unfinished runs stay: they can be resumed. data/models and data/reports are DVC's and stay as well.

  bakeoff clean
  bakeoff clean --experiment churn --keep 1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--experiment", metavar="NAME", help="this experiment's runs only")
    parser.add_argument("--keep", type=int, metavar="N", help="ended runs to keep of each experiment")


def run(args: argparse.Namespace) -> int:
    from bakeoff.runs import remove_old_runs

    if args.keep is not None and args.keep < 0:
        raise ParamsError("runs to keep cannot be negative", where="--keep", given=args.keep, allowed="0 or more")
    project = Project()
    before = _bytes(project.runs)
    for experiment in _experiments(project, args.experiment):
        if not EXPERIMENT_NAME.fullmatch(experiment.name):
            print(f"{experiment} stays: it is no experiment's", file=sys.stderr)
            continue
        keep = _keep_of(project, experiment.name) if args.keep is None else args.keep
        if keep is None:
            continue
        for run_id in remove_old_runs(experiment, keep):
            print(f"removed run {experiment.name}/{run_id}")
    for dataset in _unused_datasets(project):
        dataset.unlink()
        print(f"removed dataset {dataset.name}")
    print(f"{(before - _bytes(project.runs)) / 1e6:.1f} MB freed, {_bytes(project.runs) / 1e6:.1f} MB in {project.runs}")
    return 0


def _experiments(project: Project, name: str | None) -> list[Path]:
    found = {path.name: path for path in sorted(project.runs.glob("*")) if path.is_dir() and not path.name.startswith(".")}
    if name is None:
        return list(found.values())
    if check_name(name, "--experiment") not in found:
        raise RunError("there is no run of this experiment", where=project.runs, given=name, remedy=nearest(name, found) if found else "")
    return [found[name]]


def _keep_of(project: Project, name: str) -> int | None:
    """How many runs the experiment keeps; None, told on stderr, where that cannot be known."""
    from bakeoff.params import read_params
    from bakeoff.params.model import RetentionParams

    path = project.params(name)
    if not path.is_file():
        return RetentionParams().keep
    try:
        return read_params(path).runs.keep
    except ParamsError as error:
        print(f"all runs of {name} stay, unless --keep says how many: {error}", file=sys.stderr)
        return None


def _unused_datasets(project: Project) -> list[Path]:
    """Copies that no run's run.json names; none while some run cannot be read."""
    from bakeoff.runs import RunFolder, run_folders

    used = set()
    for experiment in _experiments(project, None):
        for path in run_folders(experiment):
            try:
                used.add(Path(RunFolder(path).facts()["dataset"]).name)
            except RunError as error:
                print(f"all dataset copies stay, since a run cannot be read: {error}", file=sys.stderr)
                return []
    return [path for path in sorted(project.datasets.glob("*.parquet")) if path.name not in used]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
