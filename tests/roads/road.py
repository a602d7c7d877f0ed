"""Copying the project, running its commands, waiting with deadlines; law: every process carries the test's mark and ends with it."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
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
HANG = 900.0
"""Seconds after which what has not ended hangs: many times what anything takes here, so that a slow machine fails nothing."""
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


def run(command: list[str], folder: Path, *, code: int | None = 0, **more: str) -> str:
    """Runs a command to its end and gives what it printed; fails where its exit code is not `code` (None: any)."""
    with tempfile.NamedTemporaryFile() as file:
        log = Path(file.name)
        with started(command, folder, log, **more) as process:
            wait_for_end(process, HANG, log, code=code)
        return log.read_text(errors="replace")


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
    raise AssertionError(f"after {seconds} s still not: {what}\n{'' if log is None else end_of(log)}")


def wait_for_end(process: subprocess.Popen[bytes], seconds: float, log: Path, *, code: int | None = 0) -> None:
    """Fails where it is still running after `seconds`, or its exit code is not `code` (None: any)."""
    try:
        ended = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"{process.args} is still running after {seconds} s:\n{end_of(log)}") from None
    assert code is None or ended == code, f"{process.args} ended with {ended}:\n{end_of(log)}"


def wait_until_none_is_left(process: subprocess.Popen[bytes], seconds: float, log: Path) -> None:
    """Waits for the end of all that a `started` process brought up."""
    mark = process.mark  # type: ignore[attr-defined]
    try:
        wait_until(lambda: not marked(mark), seconds, "no process is left", log)
    except AssertionError as error:
        error.add_note("\n".join(map(_described, marked(mark))))
        raise


def _described(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{process.pid} {process.status()} {shlex.join(process.cmdline())}"
    return f"{process.pid} has ended meanwhile"


def end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-6000:]


def ends_of_logs(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and end of each log below a folder, which processes may be at work in; those that say nothing left out."""
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            if name == "log" or name.endswith(".log"):
                path = Path(parent) / name
                with suppress(OSError):
                    if said := end_of(path):
                        yield str(path), said


@contextmanager
def prefect_server(folder: Path, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """A real `prefect server start` that answers, logging to server.log in `folder`, and the environment of its clients."""
    port, log, home = free_port(), folder / "server.log", {"PREFECT_HOME": str(folder / "home")}
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with started(command, folder, log, **home, **more) as process:

        def up() -> bool:
            assert process.poll() is None, end_of(log)
            try:
                with urllib.request.urlopen(f"{api}/health", timeout=2):
                    return True
            except OSError:
                return False

        wait_until(up, HANG, "the server answers", log)
        yield process, {**home, "PREFECT_API_URL": api}


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
