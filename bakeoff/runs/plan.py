"""A run's plan, plan.jsonl: what was proposed, in order; law: only ever added to, a line torn by a crash is as if never written."""

import json
import os
from collections.abc import Iterable

from bakeoff.runs.folder import RunFolder
from bakeoff.runs.trial import Candidate

__all__ = ["extend_plan", "read_plan"]

FILE = "plan.jsonl"


def read_plan(run: RunFolder) -> list[Candidate]:
    """What was proposed so far, in order."""
    if not run.has(FILE):
        return []
    whole = (run.path / FILE).read_text().split("\n")[:-1]
    return [Candidate.from_json(json.loads(line)) for line in whole]


def extend_plan(run: RunFolder, candidates: Iterable[Candidate]) -> None:
    """Adds candidates to the plan, durably; what a crash left of a line goes."""
    with open(run.path / FILE, "ab+") as file:
        file.seek(0)
        whole = file.read().rpartition(b"\n")
        file.truncate(len(whole[0]) + len(whole[1]))
        file.writelines(json.dumps(c.to_json()).encode() + b"\n" for c in candidates)
        file.flush()
        os.fsync(file.fileno())
