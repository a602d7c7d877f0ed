"""carried_out.json: the plan as a run carried it out, for `replay`; law: what a clock decided is written down, what params say is not."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakeoff.errors import RunError
from bakeoff.runs import Candidate, RunFolder, Trial
from bakeoff.search.preparing import Prepared, folds_asked

__all__ = ["REPLAY", "CarriedOut", "keep_carried_out", "read_carried_out", "rounds_again", "splits_digest"]

FILE, REPLAY = "carried_out.json", "replay.json"


@dataclass(frozen=True)
class CarriedOut:
    """The done trials' candidates in the plan's order, and under which splits."""

    candidates: tuple[Candidate, ...]
    rounds: Mapping[str, tuple[int, ...]]
    """By candidate's id: rounds, epochs or trees of each fold; only what has any."""
    folds: int | None
    """Number of folds that was asked for, 1 being a holdout; None where the number of rows said how to split."""
    deals: int | None
    """How often a clock had them dealt; None where it did not say."""
    splits: int
    digest: str
    """Of the splits' row numbers."""


def keep_carried_out(run: RunFolder, prepared: Prepared, trials: Sequence[Trial]) -> None:
    """Writes what was carried out. Raises RunError, DiskFullError."""
    done = [{"candidate": trial.candidate.to_json(), "rounds": trial.rounds} for trial in trials if trial.state == "done"]
    folds, deals = folds_asked(prepared)
    splits = {"folds": folds, "deals": deals, "splits": len(prepared.folds), "splits_digest": splits_digest(prepared)}
    run.write_json(FILE, {**splits, "trials": done})


def read_carried_out(run: RunFolder) -> CarriedOut:
    """What an ended run carried out; of a run that was killed before it ranked, what it left. Raises RunError."""
    if run.facts()["state"] == "running":
        remedy = "wait for it, or give its command again: it goes on where it stopped"
        raise RunError("this run has not ended", where=run.path, given="running", remedy=remedy)
    if not run.has(FILE) and run.has("prepared/done"):
        keep_carried_out(run, Prepared(run.path), run.trials())
    kept = run.read_json(FILE)
    if not kept["trials"]:
        raise RunError("no trial of this run was carried out", where=run.path, remedy=f"see the reasons: bakeoff leaderboard {run.path}")
    candidates = tuple(Candidate.from_json(trial["candidate"]) for trial in kept["trials"])
    rounds = {candidate.id: tuple(trial["rounds"]) for candidate, trial in zip(candidates, kept["trials"], strict=True) if trial["rounds"]}
    return CarriedOut(candidates, rounds, kept["folds"], kept.get("deals"), kept["splits"], kept["splits_digest"])


def rounds_again(run_path: Path, candidate: Candidate) -> tuple[int, ...]:
    """In a replay, a candidate's rounds of each fold, carried out whatever the validation rows say; else empty."""
    run = RunFolder(run_path)
    return tuple(run.read_json(REPLAY)["rounds"].get(candidate.id, ())) if run.has(REPLAY) else ()


def splits_digest(prepared: Prepared) -> str:
    """Hex SHA-256 of the row numbers of every split."""
    digest = hashlib.sha256()
    for fold in prepared.folds:
        for rows in (fold.train, fold.valid):
            digest.update(f"{len(rows)}:".encode() + rows.astype("int64").tobytes())
    return digest.hexdigest()
