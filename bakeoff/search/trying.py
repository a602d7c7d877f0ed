"""carry_out: a job inside a child process, from candidate to predictor on disk; law: whatever happens is an answer."""

import contextlib
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.algorithms import get_algorithm
from bakeoff.errors import DiskFullError
from bakeoff.runs import Candidate, Failure, TrialPredictor, attempt, save_predictor
from bakeoff.runs.files import read_json, write_atomically
from bakeoff.search.clock import soft
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.fitting import fit_candidate
from bakeoff.search.options import part_asked
from bakeoff.search.pacing import TrialSkippedError, lately
from bakeoff.search.preparing import Prepared

__all__ = ["carry_out"]

_opened: dict[tuple[str, int | None], EncodedFolds] = {}
"""By the run's path and the size of the part."""


def carry_out(job: dict[str, Any]) -> dict[str, Any]:
    """Fits job["candidate"] on the run in job["run"], within job["seconds"] and before time.monotonic() is job["ends"], where given.

    The fields of a Trial. Parent and child have one monotonic clock: it is the machine's.
    """
    result = attempt(lambda: _fit_or_tell(job))
    if result.value is not None:
        return result.value
    failure = result.failure or Failure("RuntimeError", "the trial left nothing", "")
    print(failure.lines)
    return {"state": "failed", "reason": _remedy(failure), "error": failure.lines}


def _fit_or_tell(job: dict[str, Any]) -> dict[str, Any]:
    """A full disk is no fault of the candidate: it is told, and leaves no trial."""
    try:
        return _fit_and_save(job)
    except DiskFullError as full:
        return {"disk_full": vars(full)}


def _fit_and_save(job: dict[str, Any]) -> dict[str, Any]:
    told = _told(job)
    candidate, run = Candidate.from_json(job["candidate"]), Path(job["run"])
    encoded = _opened_for(job["run"], part_asked(candidate.hyperparameters), job["seed"])
    end = lately(partial(_end, run, told, job["asked"]))
    try:
        fitted = fit_candidate(encoded, candidate, end, job["share"], _into_log)
    except TrialSkippedError as skipped:
        taken = {"fit_seconds": round(skipped.seconds, 4), "whole_seconds": round(skipped.whole_seconds, 4)}
        return {"state": "skipped", "reason": str(skipped), **taken}
    write_atomically(run / "predictions" / f"{candidate.id}.npy", lambda file: np.save(file, fitted.predictions))
    newest = encoded.prepared.params.validation.way == "time_ordered"  # each window's estimator knows all that the earlier ones know
    predictor = TrialPredictor(candidate.name, encoded.prepared.schema, fitted.parts[-1:] if newest else fitted.parts)
    predictor.temperature, predictor.decision = fitted.temperature, fitted.decision
    decided = {"temperature": fitted.temperature, "decision": fitted.decision}
    facts = {"candidate": candidate.to_json(), "scores": fitted.scores, **decided, **job["facts"]}
    needs = get_algorithm(candidate.algorithm).needs
    size = save_predictor(predictor, run / "predictors", facts, needs=(needs,))
    return {
        "state": "done",
        "scores": fitted.scores,
        "fold_scores": fitted.fold_scores,
        "encode_seconds": round(fitted.encode_seconds, 4),
        "fit_seconds": round(fitted.fit_seconds, 4),
        "predict_seconds": round(fitted.predict_seconds, 4),
        "rounds": fitted.rounds,
        **decided,
        "predictor_bytes": size,
    }


def _opened_for(run: str, part: int | None, seed: int) -> EncodedFolds:
    """The run's encoded folds, whole or of a part of its rows. Those of other runs, and of other parts, are let go: a part is no map."""
    for other in [key for key in _opened if key not in ((run, None), (run, part))]:
        del _opened[other]
    return _opened.setdefault((run, part), EncodedFolds(Prepared(Path(run), part), seed))


def _end(run: Path, told: float | None, asked: float) -> float | None:
    """The time.monotonic() that estimators are told, a little before the trial would be killed; None where nothing ends it.

    What the run's end will take is known better the longer the run goes on: a trial that was `told` when to be back, at the time.time()
    `asked`, may have to be back sooner.
    """
    known = None if told is None else _search_ends(run / "progress.json", asked)
    return told if told is None or known is None else min(told, time.monotonic() + soft(known - time.time()))


def _search_ends(progress: Path, asked: float) -> float | None:
    """What the run said since then; what an interrupted session left says nothing."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        ends: float | None = read_json(progress)["search_ends"] if progress.stat().st_mtime >= asked else None
        return ends
    return None


def _into_log(line: str) -> None:
    with contextlib.suppress(OSError):  # a full disk loses the line, nothing else
        print(line, flush=True)


def _told(job: dict[str, Any]) -> float | None:
    """As far as was known when the trial began."""
    now = time.monotonic()
    left = [*([] if job["seconds"] is None else [job["seconds"]]), *([] if job["ends"] is None else [job["ends"] - now])]
    return now + soft(min(left)) if left else None


def _remedy(failure: Failure) -> str:
    if failure.kind == "MemoryError":
        return f"{failure}; give it more memory or exclude the algorithm (search.algorithms.exclude)"
    return str(failure)
