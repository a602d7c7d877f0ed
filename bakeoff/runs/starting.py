"""start_run: a new run, or the unfinished one that this one continues; law: the finished is never reused, the unfinished never lost."""

import os
import platform
import secrets
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from bakeoff.errors import RunError, writing
from bakeoff.params import RunParams, digest_of
from bakeoff.runs.attempt import attempt
from bakeoff.runs.files import write_text
from bakeoff.runs.folder import RUN_FORMAT, RunFolder, lock_file

__all__ = ["Origin", "library_versions", "remove_old_runs", "run_folders", "start_run", "write_params"]

ENDED = ("finished", "stopped", "failed")
LIBRARIES = ("bakeoff", "numpy", "pandas", "scipy", "scikit-learn", "lightgbm", "xgboost-cpu", "catboost", "optuna")
"""Those whose version can change a result."""
REMOVED = ".removed"
"""A folder beside an experiment's runs, of those being removed; what a killed process left there goes with the next ones."""


def library_versions() -> dict[str, str]:
    """Versions of Python and of every library that can change a result; absent ones left out."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True)
class Origin:
    """Where a run comes from. `own`: the experiment's own data, no override; `started`: time.time() of the flow's start.

    `replay_of`: `<experiment>/<run id>` of the run whose plan it carries out again.
    """

    dataset: Path
    data_digest: str
    own: bool = True
    overrides: Mapping[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.time)
    replay_of: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of what else decides what comes out: of the file that a key of the params names, by that key."""


def start_run(params: RunParams, root: Path, origin: Origin) -> RunFolder:
    """The newest unfinished run with the same params, data, files and library versions, or a new one; held by this process.

    Raises RunBusyError, RunError.
    """
    experiment = root / params.name
    with writing(experiment):
        experiment.mkdir(parents=True, exist_ok=True)
    digests = {"params_digest": digest_of(params), "data_digest": origin.data_digest}
    identity = {**digests, "libraries": library_versions(), "replay_of": origin.replay_of, "files": dict(origin.files)}
    with lock_file(experiment / ".lock"):
        for path in reversed(run_folders(experiment)):
            run = RunFolder(path)
            if _continues(run, identity):
                return _resumed(run, params, origin)
        return _new_run(params, experiment, origin, identity)


def _resumed(run: RunFolder, params: RunParams, origin: Origin) -> RunFolder:
    if not run.lock.take():
        raise run.lock.busy()
    write_params(run, params)  # what their digest leaves out, such as publish or runs, is as it is asked for now
    _forget_the_stop(run)
    asked = {"own": origin.own, "overrides": dict(origin.overrides)}  # what was an override may stand in the file by now
    run.update_facts(**asked, started=origin.started, seconds_used=_seconds_used(run), resumed=run.facts().get("resumed", 0) + 1)
    return run


def _seconds_used(run: RunFolder) -> float:
    """What the sessions before used of the limit, as far as files show: progress is written at an interval, trials when they end."""
    facts, shown = run.facts(), 0.0
    if run.has("progress.json"):
        shown = float(run.read_json("progress.json")["elapsed_seconds"])
    newest = max(path.stat().st_mtime for path in (run.path / "run.json", *(run.path / "trials").glob("*")))
    return float(max(shown, facts["seconds_used"] + max(0.0, newest - facts["started"])))


def _forget_the_stop(run: RunFolder) -> None:
    """A stop that a second signal overtook skipped the trials that waited: they are carried out now."""
    path = run.path / "stop"
    if not path.exists():
        return
    reason = path.read_text()
    for trial in run.trials():
        if trial.state == "skipped" and trial.reason == reason:
            (run.path / "trials" / f"{trial.id}.json").unlink()
    path.unlink()


def _new_run(params: RunParams, experiment: Path, origin: Origin, identity: dict[str, Any]) -> RunFolder:
    started = origin.started
    run = RunFolder(experiment / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(started))}-{secrets.token_hex(2)}")
    with writing(run.path):
        for folder in ("trials", "predictors", "predictions", "encoded"):
            (run.path / folder).mkdir(parents=True)
    write_params(run, params)
    facts = {"format": RUN_FORMAT, "experiment": params.name, "state": "running", "created": started, "started": started, "seconds_used": 0}
    own = {"dataset": str(origin.dataset), "own": origin.own, "overrides": dict(origin.overrides)}
    run.write_json("run.json", {**facts, **identity, **own})
    if not run.lock.take():
        raise run.lock.busy()
    return run


def write_params(run: RunFolder, params: RunParams) -> None:
    """Writes params.yaml, in the order of the sections."""
    write_text(run.path / "params.yaml", yaml.safe_dump(params.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def run_folders(experiment: Path) -> list[Path]:
    """The run folders of an experiment, oldest first."""
    return sorted(path.parent for path in experiment.glob("*/run.json"))


def remove_old_runs(experiment: Path, keep: int, spared: str = "") -> list[str]:
    """Removes the runs of an experiment that ended first, but `keep`; gives the ids removed.

    Runs in the hands of a process stay, and the run `spared`, which is one of `keep` whenever it ended. What cannot be removed is told on
    stderr.
    """
    ended = sorted((path for path in run_folders(experiment) if _state(path) in ENDED and path.name != spared), key=_ended)
    old = ended[: max(0, len(ended) + bool(spared) - keep)]
    removed = [path.name for path in old if attempt(partial(_remove, path)).value]
    shutil.rmtree(experiment / REMOVED, ignore_errors=True)
    if (experiment / REMOVED).exists():
        print(f"{experiment / REMOVED} cannot be removed whole: mend its permissions, and remove it", file=sys.stderr)
    return removed


def _remove(path: Path) -> bool:
    """Takes a run out of its experiment, to be removed; whether no process held it."""
    run = RunFolder(path)
    if not run.lock.take():
        return False
    (path.parent / REMOVED).mkdir(exist_ok=True)
    os.rename(path, path.parent / REMOVED / path.name)
    run.lock.release()
    return True


def _continues(run: RunFolder, identity: dict[str, Any]) -> bool:
    try:
        facts = run.facts()
    except RunError:
        return False
    return facts["state"] == "running" and all(facts.get(key) == value for key, value in identity.items())


def _ended(path: Path) -> tuple[float, str]:
    """When a run ended, and its id."""
    facts = RunFolder(path).facts()
    return float(facts.get("ended", facts["created"])), path.name


def _state(path: Path) -> str:
    try:
        return str(RunFolder(path).facts()["state"])
    except RunError:
        return "damaged"
