"""Where a project keeps its files; law: a name from outside becomes a path only after its spelling was checked."""

import re
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import ParamsError, RunError, nearest

__all__ = ["EXPERIMENT_NAME", "Project", "check_name", "find_run"]

EXPERIMENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


@dataclass(frozen=True)
class Project:
    """The project in the folder `root`, by default the current one."""

    root: Path = Path()

    @property
    def runs(self) -> Path:
        """The run store: data/runs/<experiment>/<run id>/."""
        return self.root / "data" / "runs"

    @property
    def datasets(self) -> Path:
        """Content-addressed copies of the datasets that runs read."""
        return self.runs / ".datasets"

    def params(self, name: str) -> Path:
        """An experiment's params file."""
        return self.root / "params" / f"{check_name(name)}.yaml"

    def expectations(self, name: str) -> Path:
        """An experiment's expectations."""
        return self.root / "data" / "expectations" / f"{check_name(name)}.json"

    def raw(self, name: str) -> Path:
        """The copy of a dataset that came from outside the project."""
        return self.root / "data" / "raw" / f"{check_name(name)}.parquet"

    def models(self, name: str) -> Path:
        """An experiment's published predictors, kept by DVC."""
        return self.root / "data" / "models" / check_name(name)

    def reports(self, name: str) -> Path:
        """An experiment's published report, kept by DVC."""
        return self.root / "data" / "reports" / check_name(name)

    def require(self) -> None:
        """Raises ParamsError where this is no Bakeoff project."""
        missing = [name for name in ("dvc.yaml", "prefect.yaml", "params", ".dvc") if not (self.root / name).exists()]
        if missing:
            raise ParamsError(
                "this folder is not a Bakeoff project",
                where=self.root.resolve(),
                given=f"without {', '.join(missing)}",
                remedy="go to the project's folder (a clone of the repository), or use bakeoff.fit in Python, which needs no project",
            )


def check_name(name: str, where: str = "experiment") -> str:
    """`name` where it is an experiment's name; ParamsError otherwise."""
    if not EXPERIMENT_NAME.fullmatch(name):
        raise ParamsError(
            "this is no experiment's name", where=where, given=repr(name), allowed="a letter, then letters, digits, - or _, 64 at most"
        )
    return name


def find_run(word: str, project: Project | None = None) -> Path:
    """The run folder that `word` means: a path, an experiment (its newest run), experiment/run-id, or a run id. Raises RunError."""
    project = project or Project()
    store = project.runs
    if (Path(word) / "run.json").is_file():
        return Path(word)
    experiment, slash, run_id = word.rpartition("/")
    if slash:
        if EXPERIMENT_NAME.fullmatch(experiment) and RUN_ID.fullmatch(run_id) and (store / word / "run.json").is_file():
            return store / word
    elif EXPERIMENT_NAME.fullmatch(word) and (runs := _runs(store, word)):
        return runs[-1]
    elif found := [path for path in _runs(store, "*") if path.name.startswith(word) or path.name.endswith(f"-{word}")]:
        if len(found) > 1:
            several = ", ".join(f"{path.parent.name}/{path.name}" for path in found[:10])
            raise RunError("several runs are meant", where="RUN", given=word, allowed=several, remedy="give more of the run's id")
        return found[0]
    known = {path.parent.name for path in _runs(store, "*")}
    remedy = nearest(word.partition("/")[0], known) if known else "start one: python -m flows.automl params/NAME.yaml"
    if EXPERIMENT_NAME.fullmatch(word) and (published := project.reports(word) / "leaderboard.csv").is_file():
        remedy = f"its runs are gone from here, what it published is not: {published}"
    raise RunError("no such run", where=store, given=word, allowed="a run's folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID", remedy=remedy)


def _runs(store: Path, experiment: str) -> list[Path]:
    """Run folders, oldest first. `experiment` is a checked name or *."""
    return sorted((path.parent for path in store.glob(f"{experiment}/*/run.json")), key=lambda path: path.name)
