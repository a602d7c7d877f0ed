"""replay: carries out again what a run carried out; law: no clock and no stopping rule decides, and what came out otherwise is told."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.data import dataset_digest, read_table, store_dataset
from bakeoff.errors import DataError
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Origin, RunFolder, extend_plan, library_versions, read_plan, start_run
from bakeoff.runs.files import read_json
from bakeoff.search.carried_out import REPLAY, CarriedOut, read_carried_out, splits_digest
from bakeoff.search.ensembles import QUICK
from bakeoff.search.finishing import evaluate, rank, tidy
from bakeoff.search.launching import on_threads
from bakeoff.search.planning import check_params, digests_of_files
from bakeoff.search.preparing import prepare
from bakeoff.search.session import SEARCHING, holding, request_stop, session_for, train_candidate
from bakeoff.search.showing import Snapshot, refresh, unwatched

__all__ = ["Difference", "Replayed", "replay"]

EQUAL = 1e-9


@dataclass(frozen=True)
class Difference:
    """A row of the leaderboard that came out otherwise. Scores are the primary metric's, None where undefined or there is none."""

    name: str
    before: float | None
    after: float | None
    why: str


@dataclass(frozen=True)
class Replayed:
    """A replay's run, what it did again, and what came out otherwise than in the original."""

    run: RunFolder
    plan: CarriedOut
    differences: tuple[Difference, ...]
    libraries: Mapping[str, tuple[str, str]]
    """Those whose version is another now: name -> then, now."""


def replay(original: RunFolder, watch: Callable[[Snapshot], None] = unwatched) -> Replayed:
    """Carries out an ended run's plan in a run of its own beside it; the same call again continues an interrupted replay.

    Raises ParamsError, DataError, RunError, RunBusyError, NoUsableTrialError.
    """
    original = RunFolder(original.path.resolve())
    facts, plan = original.facts(), read_carried_out(original)
    params = _unlimited(original.params(), plan, any(row["origin"] == "refit" for row in original.leaderboard()["rows"]))
    check_params(params)
    name = f"{original.experiment}/{original.id}"
    dataset, files = _dataset(original), digests_of_files(params)
    origin = Origin(dataset, facts["data_digest"], False, facts.get("overrides", {}), time.time(), replay_of=name, files=files)
    run = start_run(params, original.path.parent.parent, origin)
    with holding(run):
        _carry_out(run, plan, watch)
        run.close("finished", f"the plan of {name} is carried out again")
    then, now = facts.get("libraries", {}), library_versions()
    changed = {one: (then.get(one, "none"), now.get(one, "none")) for one in {**then, **now} if then.get(one) != now.get(one)}
    return Replayed(run, plan, _differences(original, run), changed)


def _unlimited(params: RunParams, plan: CarriedOut, refitted: bool) -> RunParams:
    """The params without what ends a run or a trial early; with the number of folds, and the refit, that the clock left."""
    clocks = ("max_minutes", "trial_minutes", "trial_memory_mb", "exit_score", "trials_without_improvement")
    limits = params.limits.model_copy(update={**dict.fromkeys(clocks), "max_trials": max(1, len(plan.candidates) - 1)})
    validation = params.validation
    if validation.way == "auto" and plan.folds is not None:
        dealt = {"strategy": "repeated_k_fold", "repeats": plan.deals} if plan.deals else {}
        chosen = {"strategy": "holdout"} if plan.folds == 1 else {"folds": plan.folds, **dealt}
        validation = validation.model_copy(update=chosen)
    refit = params.refit if refitted else "none"
    return params.model_copy(update={"limits": limits, "validation": validation, "refit": refit})


def _dataset(original: RunFolder) -> Path:
    """The table that the run learned from, unchanged. Raises DataError."""
    facts, asked, store = original.facts(), original.params().data, original.path.parent.parent / ".datasets"
    source = asked.train
    wanted = facts["data_digest"]
    kept = next((path for path in (Path(facts["dataset"]), store / f"{wanted}.parquet") if path.is_file()), None)
    if kept is not None:
        found = dataset_digest(read_table(kept))
        if found != wanted:
            where, given, allowed = kept, f"digest {found[:16]}…", f"digest {wanted[:16]}…"
            remedy = "remove this file; the run's own table, where it is still there, is then copied again"
            raise DataError("the run's copy of its table was changed", where=where, given=given, allowed=allowed, remedy=remedy)
        return kept
    if Path(source).is_file() and dataset_digest(read_table(source, unused=set(asked.drop).__contains__)) == wanted:
        return store_dataset(source, store, asked.drop).path
    raise DataError(
        "the table that this run learned from is gone",
        where=facts["dataset"],
        given=f"{source} is {'another table now' if Path(source).is_file() else 'not there either'}",
        allowed=f"a table of digest {wanted[:16]}…",
        remedy=f"bring it back, such as by git checkout of its .dvc file and dvc checkout, as {source}",
    )


def _carry_out(run: RunFolder, plan: CarriedOut, watch: Callable[[Snapshot], None]) -> None:
    session = session_for(run)
    session.pool.warm()
    prepared = prepare(run)
    if splits_digest(prepared) != plan.digest:
        raise DataError(
            "the rows are split otherwise than they were",
            where="validation",
            given=f"{len(prepared.folds)} splits",
            allowed=f"the {plan.splits} splits of the run that is replayed",
            remedy="bring back what they were made of: the table of validation.file, the library versions",
        )
    run.write_json(REPLAY, {"rounds": dict(plan.rounds)})
    if not read_plan(run):
        extend_plan(run, plan.candidates)

    def train(candidate: Candidate) -> str:
        return train_candidate(str(run.path), candidate.to_json())

    session.begin(SEARCHING)
    shown = -1e9
    with on_threads(session.pool.width, train) as launch:
        try:
            for future in launch.map(list(plan.candidates)):
                if time.monotonic() - shown >= session.params.leaderboard.interval_seconds:
                    refresh(session, run.trials(), watch)
                    shown = time.monotonic()
                future.result()
        except KeyboardInterrupt:  # the same command goes on from here
            request_stop(run, "stopped by Ctrl-C")
            raise
    rank(run, watch)
    evaluate(run, watch)
    tidy(run)


def _differences(original: RunFolder, run: RunFolder) -> tuple[Difference, ...]:
    """The original's ranked rows that failed now, or whose scores or out-of-fold predictions are not equal to 1e-9."""
    rows = {row["name"]: row for row in run.leaderboard()["rows"]}
    found = []
    for row in original.leaderboard()["rows"]:
        again = rows.get(row["name"], {"score": None, "scores": {}, "rank": None, "state": "missing", "reason": ""})
        if row["rank"] is None or (row["name"].startswith(QUICK) and row["name"] not in rows):  # measured latencies chose its members
            continue
        why = _why(original, run, row, again)
        found += [Difference(row["name"], row["score"], again["score"], why)] if why else []
    return tuple(found)


def _why(original: RunFolder, run: RunFolder, row: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """What is not equal; empty where all is."""
    if again["rank"] is None:
        return f"{again['state']}: {again['reason']}".removesuffix(": ")
    cards = [folder.path / "predictors" / f"{row['name']}.json" for folder in (original, run)]
    if row["origin"] == "refit" and all(card.is_file() for card in cards):
        then, now = (read_json(card).get("rounds") for card in cards)
        if then != now:
            return f"it was cut short after {then} rounds, and carried out {now} now"
    files = [folder.path / "predictions" / f"{row['id']}.npy" for folder in (original, run)]
    if all(file.is_file() for file in files):
        before, after = (np.load(file) for file in files)
        largest = float(np.max(np.abs(before - after), initial=0.0)) if before.shape == after.shape else np.inf
        if not _equal(largest, 0.0, max(1.0, float(np.max(np.abs(before), initial=0.0)))):
            return f"out-of-fold predictions differ by up to {largest:.3g}"
    unequal = [name for name, score in row["scores"].items() if not _equal(score, again["scores"].get(name))]
    return f"scores differ: {', '.join(unequal)}" if unequal else ""


def _equal(one: float | None, other: float | None, scale: float = 1.0) -> bool:
    return one is other if one is None or other is None else bool(abs(one - other) <= EQUAL * max(scale, abs(one)))
