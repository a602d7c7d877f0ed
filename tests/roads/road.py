"""Copying the project, running its commands, waiting with deadlines; law: every process carries the test's mark and ends with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil
import yaml

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "bakeoff",
    "flows",
    "tasks",
    ".dvc",
    ".dvcignore",
    ".gitignore",
    "dvc.yaml",
    "prefect.yaml",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
    "LICENSE",
)
MARK = "BAKEOFF_ROAD"
T = TypeVar("T")


def copy_project(folder: Path, experiments: Mapping[str, Mapping[str, Any]]) -> Path:
    """The project in `folder`, with its own git and DVC, and these experiments (params by name) in the place of the shipped ones."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "tmp", "cache", "config.local"))
        elif source.exists():
            shutil.copyfile(source, folder / name)
    for name in ("params", "data/raw", "data/expectations"):
        (folder / name).mkdir(parents=True)
    stages = yaml.safe_load((folder / "dvc.yaml").read_text())
    deployments = yaml.safe_load((folder / "prefect.yaml").read_text())
    examples = sorted({Path(params["data"]["train"]).stem for params in experiments.values()})
    stages["stages"]["examples"]["foreach"] = examples
    stages["stages"]["automl"]["foreach"] = {name: {"data": params["data"]["train"]} for name, params in experiments.items()}
    pattern = deployments["deployments"][0]
    deployments["deployments"] = [{**pattern, "name": name, "parameters": {"params": f"params/{name}.yaml"}} for name in experiments]
    (folder / "dvc.yaml").write_text(yaml.safe_dump(stages, sort_keys=False))
    (folder / "prefect.yaml").write_text(yaml.safe_dump(deployments, sort_keys=False))
    for name, params in experiments.items():
        write_params(folder, name, params)
    git(folder, "init", "-q")
    git(folder, "config", "user.email", "road@example.org")
    git(folder, "config", "user.name", "Road")
    run([sys.executable, "-m", "dvc", "repro", "-q", *(f"examples@{example}" for example in examples)], folder)
    for name in experiments:
        run([sys.executable, "-m", "bakeoff", "expectations", "accept", name], folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


def write_params(folder: Path, name: str, params: Mapping[str, Any]) -> None:
    (folder / "params" / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, **params}, sort_keys=False))


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would lead to another server or to this repository's DVC."""
    left_out = {"PREFECT_API_URL", "DVC_STAGE", "DVC_ROOT", "VIRTUAL_ENV"}
    kept = {k: v for k, v in os.environ.items() if k not in left_out and not k.startswith("GIT_")}
    bin_folder = str(Path(sys.executable).parent)
    quiet = {"DVC_NO_ANALYTICS": "1", "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    return {**kept, "PATH": f"{bin_folder}{os.pathsep}{kept['PATH']}", **quiet, **more}


def run(command: list[str], folder: Path, *, code: int | None = 0, seconds: float = 240, **more: str) -> str:
    """Runs a command to its end and gives what it printed; fails where its exit code is not `code` (None: any)."""
    done = subprocess.run(command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=seconds, check=False)
    said = done.stdout + done.stderr
    assert code is None or done.returncode == code, f"{command} ended with {done.returncode}:\n{said[-6000:]}"
    return said


def git(folder: Path, *words: str) -> str:
    return run(["git", *words], folder)


def automl(name: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "flows.automl", f"params/{name}.yaml", *words]


@contextmanager
def started(command: list[str], folder: Path, log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, with its children killed at the end, wherever they went."""
    mark = uuid.uuid4().hex
    with open(log, "ab") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(**{MARK: mark, **more}),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    process.mark = mark  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        for left in marked(mark):
            with suppress(psutil.Error):
                left.kill()
        process.wait()


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that a `started` one brought up."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_until(look: Callable[[], T], seconds: float, what: str, log: Path | None = None) -> T:
    """The first true answer of `look`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := look():
            return answer
        time.sleep(0.1)
    printed = log.read_text(errors="replace")[-6000:] if log is not None else ""
    raise AssertionError(f"after {seconds} s still not: {what}\n{printed}")


def wait_for_end(process: subprocess.Popen[bytes], seconds: float, log: Path) -> int:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    raise AssertionError(f"still running after {seconds} s\n{log.read_text(errors='replace')[-6000:]}")


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C: the signal goes to the whole group, as a terminal sends it."""
    os.killpg(process.pid, signal.SIGINT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def trials(run_folder: Path) -> list[Path]:
    return sorted((run_folder / "trials").glob("*.json"))


def runs_of(folder: Path, name: str) -> list[Path]:
    return sorted(path.parent for path in (folder / "data" / "runs" / name).glob("*/run.json"))


def ranking(run_or_report: Path) -> list[tuple[str, ...]]:
    """leaderboard.csv without what time decides."""
    import csv

    with open(run_or_report / "leaderboard.csv", newline="") as file:
        timings = ("fit_seconds", "size_mb", "latency_")
        return [tuple(v for k, v in row.items() if not k.startswith(timings)) for row in csv.DictReader(file)]
