"""A run's plan, plan.jsonl: what was proposed, in order; law: only ever added to, a line torn by a crash is as if never written."""

import json
import os
from collections.abc import Iterable

from bakeoff.errors import RunError, writing
from bakeoff.runs.files import write_atomically
from bakeoff.runs.folder import RunFolder
from bakeoff.runs.trial import Candidate

__all__ = ["extend_plan", "read_plan"]

FILE = "plan.jsonl"


def read_plan(run: RunFolder) -> list[Candidate]:
    """What was proposed so far, in order. Raises RunError."""
    if not run.has(FILE):
        return []
    whole = (run.path / FILE).read_bytes().split(b"\n")[:-1]
    try:
        return [Candidate.from_json(json.loads(line)) for line in whole]
    except (ValueError, TypeError) as error:
        remedy = "remove the run's folder, and the same command starts a new one"
        raise RunError("the plan cannot be read", where=run.path / FILE, given=error, remedy=remedy) from error


def extend_plan(run: RunFolder, candidates: Iterable[Candidate]) -> None:
    """Adds candidates to the plan, durably; what a crash left of a line goes. Raises RunError.

    The first ones are there all or not at all.
    """
    lines = [json.dumps(c.to_json()).encode() + b"\n" for c in candidates]
    if not run.has(FILE):
        write_atomically(run.path / FILE, lambda file: file.writelines(lines))
        return
    with writing(run.path / FILE), open(run.path / FILE, "ab+") as file:
        file.seek(0)
        whole = file.read().rpartition(b"\n")
        file.truncate(len(whole[0]) + len(whole[1]))
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
