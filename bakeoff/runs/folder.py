"""RunFolder: one run on disk; law: whoever can read the folder knows everything, and every file is written whole."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import yaml

from bakeoff.errors import RunBusyError, RunError, writing
from bakeoff.params import RunParams, validate
from bakeoff.runs.files import read_json, write_json
from bakeoff.runs.trial import Trial

__all__ = ["RUN_FORMAT", "RunFolder", "RunLock", "lock_file"]

RUN_FORMAT = 1
"""Number of the folder's layout; another number is another version's folder."""


class RunLock:
    """Who carries out a run: an flock that ends with its process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Takes the lock for this process, until `release`; False where it is taken."""
        with writing(self.path):
            file = open(self.path, "a+")  # noqa: SIM115  (held as long as the run)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        file.flush()
        self._file = file
        return True

    def busy(self) -> RunBusyError:
        """The error that says who holds it."""
        try:
            holder = read_json(self.path)
        except (OSError, ValueError):
            holder = {}
        return RunBusyError(
            "another process is carrying out this run",
            where=self.path.parent,
            given=f"process {holder.get('pid', '?')} on {holder.get('host', '?')} since {holder.get('since', '?')}",
            remedy="wait for it, stop it, or change a setting, which makes it a run of its own",
        )

    def release(self) -> None:
        """Gives the lock up; the run stays as it is and may be resumed."""
        if self._file is not None:
            self._file.close()
            self._file = None


class RunFolder:
    """A run's folder `<root>/<experiment>/<run id>`; cheap to make from its path, holds nothing open but, for the owner, its lock."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.lock = RunLock(self.path / "lock")

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @property
    def id(self) -> str:
        """The folder's name: when it was started, and four hex digits."""
        return self.path.name

    @property
    def experiment(self) -> str:
        """The experiment's name."""
        return self.path.parent.name

    def facts(self) -> dict[str, Any]:
        """run.json: format, state, digests, library versions, when it started. Raises RunError."""
        try:
            facts: dict[str, Any] = read_json(self.path / "run.json")
            form = facts["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(
                "this is no run folder", where=self.path, given=error, remedy="list runs with: bakeoff leaderboard EXPERIMENT"
            ) from error
        if form != RUN_FORMAT:
            raise RunError(
                "this run was written by another version of Bakeoff",
                where=self.path,
                given=f"format {form}, Bakeoff {facts.get('libraries', {}).get('bakeoff', '?')}",
                allowed=f"format {RUN_FORMAT}",
                remedy="open it with that version, or start a new run",
            )
        return facts

    def update_facts(self, **changes: Any) -> None:
        """Rewrites run.json with `changes`."""
        self.write_json("run.json", {**self.facts(), **changes})

    def params(self) -> RunParams:
        """The params the run was started with, overrides merged in."""
        return validate(yaml.safe_load((self.path / "params.yaml").read_text()), where=str(self.path / "params.yaml"))

    def read_json(self, name: str) -> Any:
        """A JSON file of the folder. Raises RunError."""
        try:
            return read_json(self.path / name)
        except (OSError, ValueError) as error:
            raise RunError(
                f"{name} cannot be read", where=self.path, given=error, remedy="the run is unfinished or damaged; run it again"
            ) from error

    def write_json(self, name: str, content: object) -> None:
        """Writes a JSON file of the folder atomically. Raises RunError, DiskFullError."""
        path = self.path / name
        with writing(path.parent):
            path.parent.mkdir(exist_ok=True)
        write_json(path, content)

    def has(self, name: str) -> bool:
        """Whether the folder has this file."""
        return (self.path / name).exists()

    def record(self, trial: Trial) -> None:
        """Writes a trial: from here on it is never fitted again."""
        self.write_json(f"trials/{trial.id}.json", trial.to_json())

    def trial(self, trial_id: str) -> Trial | None:
        """A recorded trial; None where it is not recorded or its file is damaged (it is then fitted again)."""
        try:
            return Trial.from_json(read_json(self.path / "trials" / f"{trial_id}.json"))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def trials(self) -> list[Trial]:
        """All recorded trials in the plan's order."""
        found = [self.trial(path.stem) for path in (self.path / "trials").glob("*.json")]
        return sorted((t for t in found if t is not None), key=lambda t: t.candidate.index)

    def leaderboard(self) -> dict[str, Any]:
        """leaderboard.json as last written. Raises RunError."""
        content: dict[str, Any] = self.read_json("leaderboard.json")
        return content

    def close(self, state: str, message: str = "") -> None:
        """Ends the run as finished, stopped or failed, and gives up its lock."""
        self.update_facts(state=state, message=message, ended=time.time())
        self.lock.release()


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Waits for an exclusive lock on `path` and holds it."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "a+")  # noqa: SIM115  (what happens inside is not the writing of this file)
        fcntl.flock(file, fcntl.LOCK_EX)
    with file:
        yield
