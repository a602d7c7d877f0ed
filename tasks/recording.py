"""Recording what was published, by DVC, git and a remote; law: a failure is said, never lost, and never costs the run."""

import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bakeoff.params import read_params
from bakeoff.params.model import PublishParams
from bakeoff.runs import attempt
from bakeoff.search import files_beside

__all__ = ["push", "record"]

DVC = (sys.executable, "-m", "dvc")
TRIES = 5
BETWEEN_SECONDS = 2.0
PUSH_SECONDS = 3600.0
BUSY_WORDS = ("Unable to acquire lock", "is busy", "index.lock")


def record(experiment: str, run_id: str, publish: PublishParams) -> tuple[bool, list[str]]:
    """Commits an experiment's outs to DVC, and dvc.lock to git where `publish` says so: whether DVC did, and a line for each thing."""
    stage = f"automl@{experiment}"
    unseen = attempt(lambda: _unseen(experiment)).value or []
    if os.environ.get("DVC_STAGE"):
        return False, [f"recording is left to DVC, which is carrying out {os.environ['DVC_STAGE']}", *unseen]
    if not Path(".dvc").is_dir() or not Path("dvc.yaml").is_file():
        return False, ["not recorded: no DVC project here; make one with: git init && dvc init"]
    if experiment not in (_stage().get("foreach") or ()):
        return False, [f"not recorded: dvc.yaml has no stage {stage}; `bakeoff new` writes one"]
    done, said = _run([*DVC, "commit", "-f", "--with-deps", stage])
    if not done:
        return False, [f"not recorded by DVC; record it with `dvc commit -f --with-deps {stage}`: {said}"]
    lines = [f"recorded by DVC as {stage} in dvc.lock"]
    known, datasets = _run(["git", "ls-files", "--modified", "--", "*.dvc"])
    if known and datasets:
        lines.append(f"the dataset is another one than git knows; commit it with `git commit {datasets}`")
    if publish.git == "commit":
        lines.append(_commit_lock(experiment, run_id))
    return True, [*lines, *unseen]


def push(experiment: str, publish: PublishParams) -> list[str]:
    """Pushes recorded outs to the DVC remote, where there is one and `publish` says so. It takes as long as the remote, an hour at most,
    and Ctrl-C ends it."""
    stage = f"automl@{experiment}"
    if not publish.push or not _run([*DVC, "config", "core.remote"])[1]:
        return []
    pushed, said = _run([*DVC, "push", "--with-deps", stage], seconds=PUSH_SECONDS, hears_signals=True)
    return ["pushed to the DVC remote" if pushed else f"not pushed; push it with `dvc push --with-deps {stage}`: {said}"]


def _stage() -> dict[str, Any]:
    """The automl stage in dvc.yaml; empty where there is none."""
    try:
        return dict(yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]["automl"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
        return {}


def _unseen(experiment: str) -> list[str]:
    """A line for each file that decides what comes out and is no dep of the experiment's stage: DVC does not see that it changed."""
    stage = _stage()
    item = dict(stage["foreach"][experiment])
    known = {f"${{item.{name}}}": str(value) for name, value in item.items()} | {"${key}": experiment}
    deps = [re.sub(r"\$\{[\w.]+\}", lambda found: known.get(found[0], found[0]), str(dep)) for dep in stage["do"].get("deps") or ()]
    folders = [Path(dep).resolve() for dep in deps]
    return [
        f"DVC does not see it when {file} ({key}) changes; where dvc repro should, add `- {file}` under deps of stage automl in dvc.yaml: "
        "every experiment then depends on it"
        for key, file in _files(experiment).items()
        if not any(file.resolve().is_relative_to(folder) for folder in folders)
    ]


def _files(experiment: str) -> dict[str, Path]:
    """`files_beside` the experiment's table, by key; an own metric's where it is the project's."""
    files, here = files_beside(read_params(Path("params") / f"{experiment}.yaml")), Path.cwd()
    module = files.pop("search.metric", None)
    own = {} if module is None or not module.resolve().is_relative_to(here) else {"search.metric": module.resolve().relative_to(here)}
    return {**files, **own}


def _commit_lock(experiment: str, run_id: str) -> str:
    """Commits dvc.lock alone, whatever else is staged."""
    added, said = _run(["git", "add", "dvc.lock"])
    if added and not _run(["git", "status", "--porcelain", "--", "dvc.lock"])[1]:
        return "dvc.lock is as git has it"
    message = f"{experiment}: run {run_id}"
    done, said = _run(["git", "commit", "-q", "-m", message, "--only", "--", "dvc.lock"]) if added else (added, said)
    return "dvc.lock committed to git" if done else f"dvc.lock not committed; commit it with `git commit dvc.lock`: {said}"


def _run(command: list[str], *, seconds: float | None = None, hears_signals: bool = False) -> tuple[bool, str]:
    """Whether it succeeded, and its last lines; tried again while another process holds DVC's or git's lock, killed after `seconds`."""
    start = partial(subprocess.run, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    for remaining in reversed(range(TRIES)):
        try:
            ended = start(command, start_new_session=not hears_signals, timeout=seconds)
        except subprocess.TimeoutExpired:
            return False, f"it did not end within {seconds:.0f} s"
        except OSError as error:
            return False, str(error)
        said = " ".join((ended.stdout + ended.stderr).split()[-60:])
        if ended.returncode == 0 or not remaining or not any(word in said for word in BUSY_WORDS):
            break
        time.sleep(BETWEEN_SECONDS)
    return ended.returncode == 0, said
