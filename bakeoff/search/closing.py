"""After the ranking: latency and size of the best, a refit, and which row is the best; law: none of it ever costs a finished run."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pyarrow import parquet

from bakeoff.features import customized, recipe_learns_from
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Failure, RunFolder, Trial, optional
from bakeoff.search.assembling import assemble
from bakeoff.search.clock import soft
from bakeoff.search.ensembles import QUICK, best_of, ensemble_rows
from bakeoff.search.measuring import LATENCIES, measure, measuring_seconds
from bakeoff.search.meta_learning import META_SECONDS
from bakeoff.search.options import part_asked
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import best_first
from bakeoff.search.refitting import refit_row
from bakeoff.search.session import Session

__all__ = ["FOUND", "close", "closing_seconds", "complete", "forget", "scoring_seconds"]

FOUND = "inference.json"
"""measured: name -> latencies and size; refit: its row, or None; trials: ids of the done trials that it was found for."""
TOLD = ("closing_failure", "latency_failure", "refit_failure", "inference_warning")
"""The run's facts that say what went wrong here; what an interrupted ending told is told no more."""
MEASURED_ROWS = 10
STOPPED_SECONDS = 5.0
"""What measuring may take where a person waits for the run's end."""
REFIT_SECONDS = 2.0
"""Beside encoding and the fit: opening the table, writing the predictor, measuring it."""
REFIT_MARGIN = 1.2
"""Times what a fold's fit would take with as many rows: some fits take longer by more than that."""
REFIT_SHARE = 0.5
"""Of the limit that may be kept for a refit. A trial's folds may take TRIAL_SHARE of it, 0.3; where these are one holdout of a fifth of the
rows, all rows take 0.38, and 0.45 is kept. What takes more, such as the first boosters of a large table, would be cut short: then nothing
is kept for it, and the search goes on."""
LEFT_SECONDS = 0.5
"""Left for the report when a refit ends at the last moment."""
QUICK_SHARE = 0.9
"""Of inference.max_ms_per_row that the members of a quick ensemble may take together."""
MOST_SHARE = 0.2
"""Of the limit that may be kept for scoring a test part."""


def closing_seconds(session: Session, trials: Sequence[Trial]) -> float:
    """Seconds that measuring, scoring the test part and, at the pace of the best trial so far, a refit takes; the search ends before."""
    seconds = measuring_seconds(session.params) + (META_SECONDS if session.params.search.meta_learner else 0.0)
    if session.clock.limit is not None:
        seconds += min(_test_seconds(session, trials), MOST_SHARE * session.clock.limit)
    best = next(iter(best_first(trials, session.metric)), None)
    if session.params.refit == "none" or best is None or session.clock.limit is None:
        return seconds
    refit = _refit_seconds(session.prepared, trials, best)
    return seconds + (refit if refit <= REFIT_SHARE * session.clock.limit else 0.0)


def _refit_seconds(prepared: Prepared, trials: Sequence[Trial], best: Trial) -> float:
    """What encoding and fitting all rows takes, by what one of the best trial's fits took and one of its recipe's encodings."""
    encoding, _ = _encoding_seconds(prepared, trials, best)
    as_many = bool(prepared.params.validation.file) or part_asked(best.candidate.hyperparameters) is not None
    more = 1.0 if as_many else len(prepared.target) * len(prepared.folds) / sum(len(fold.train) for fold in prepared.folds)
    return REFIT_SECONDS + encoding + REFIT_MARGIN * more * best.fit_seconds / _fits(prepared, best)


def _encoding_seconds(prepared: Prepared, trials: Sequence[Trial], one: Trial) -> tuple[float, int]:
    """What one encoder of a done trial's recipe took, with the rows that it encoded, and of how many."""
    alike = [trial for trial in trials if trial.state == "done" and _encoding_of(trial) == _encoding_of(one)]
    recipe = customized(one.candidate.recipe, prepared.params.featurization)
    encoders = 1 if recipe_learns_from(recipe, prepared.schema) == "schema" else max(_fits(prepared, trial) for trial in alike)
    return sum(trial.encode_seconds for trial in alike) / encoders, encoders


def _fits(prepared: Prepared, trial: Trial) -> int:
    """How many fits a trial did: one a fold, or a single one where rows out of bag judged it, as happens only to what counts its trees."""
    return len(trial.rounds) or len(prepared.folds)


def _test_seconds(session: Session, trials: Sequence[Trial]) -> float:
    """What the ensembles, or without any the best trial, take to predict the test part."""
    rows = session.ensembles or [{"name": trial.candidate.name} for trial in best_first(trials, session.metric)[:1]]
    tested = parquet.read_metadata(session.prepared.test_file).num_rows if session.prepared.test_file.exists() else 0
    return tested * sum(scoring_seconds(session.prepared, trials, row) for row in rows)


def scoring_seconds(prepared: Prepared, trials: Sequence[Trial], row: Mapping[str, Any]) -> float:
    """What the predictor of a leaderboard's row takes for one row of a table, by what its trials took: it is encoded once a recipe, and
    each member predicts by all its estimators."""
    names = row.get("members") or [row["name"].removeprefix("refit-")]
    members = [trial for trial in trials if trial.state == "done" and trial.candidate.name in names]
    single = row.get("origin") == "refit" or prepared.params.validation.way == "time_ordered"  # there the last window's alone is kept
    estimators = {trial.id: 1 if single else _fits(prepared, trial) for trial in members}
    seconds = sum(estimators[trial.id] * trial.predict_seconds / _rows_predicted(prepared, trial) for trial in members)
    for encoding in set(map(_encoding_of, members)):
        alike = [trial for trial in members if _encoding_of(trial) == encoding]
        taken, encoders = _encoding_seconds(prepared, trials, alike[0])
        used = min(encoders, max(estimators[trial.id] for trial in alike))
        seconds += used * taken / _rows_encoded(prepared, alike[0].candidate)
    return seconds


def _rows_predicted(prepared: Prepared, trial: Trial) -> int:
    """Rows that a trial's estimators predicted: those that judge, as often as they were dealt; all of them where rows out of bag judged."""
    if _fits(prepared, trial) < len(prepared.folds):
        return len(prepared.target)
    return sum(len(fold.valid) for fold in prepared.folds)


def _encoding_of(trial: Trial) -> tuple[str, int | None]:
    """What trials share the encoded folds of: recipe and part."""
    return trial.candidate.recipe, part_asked(trial.candidate.hyperparameters)


def _rows_encoded(prepared: Prepared, candidate: Candidate) -> int:
    """Rows that a fold's matrix has: all, or those of a part and all that judge."""
    part = part_asked(candidate.hyperparameters)
    everything = max(1, len(prepared.target))
    return everything if part is None else min(everything, part * len(prepared.folds) + len(prepared.scored_rows))


def forget(run: RunFolder, trials: Sequence[Trial]) -> None:
    """Removes what an interrupted ending found for other trials, or what is not there any more.

    What stays is not found again: the clock may have gone on while a run was published, and would leave no time for it.
    """
    if run.has(FOUND) and not _is_found(run, trials):
        (run.path / FOUND).unlink()


def _is_found(run: RunFolder, trials: Sequence[Trial]) -> bool:
    found = run.read_json(FOUND)
    quick = any(name.startswith(QUICK) for name in found["measured"])  # it is put together anew
    there = found["refit"] is None or (run.path / "predictors" / f"{found['refit']['name']}.pkl").exists()
    return there and not quick and found.get("trials") == _done(trials)


def _done(trials: Sequence[Trial]) -> list[str]:
    return sorted(trial.id for trial in trials if trial.state == "done")


def close(session: Session, board: Mapping[str, Any]) -> None:
    """Measures the best rows, refits one where params ask for it, and writes what was found; whatever fails is told in the run's facts.

    Raises DiskFullError.
    """
    run, params = session.run, session.params
    if run.has(FOUND):
        return
    found: dict[str, Any] = {"measured": _sizes(run, board["rows"]), "refit": None, "trials": _done(run.trials())}
    if stale := {name: "" for name in TOLD if run.facts().get(name)}:
        run.update_facts(**stale)
    limited = params.inference.max_ms_per_row is not None
    if not limited:  # the refit was asked for, and waits for measurements only where they choose what is refitted
        _refit_if_asked(session, board, found)
    seconds = measuring_seconds(params, session.clock.left())
    ends = time.monotonic() + (min(seconds, STOPPED_SECONDS) if session.asked_to_stop() else seconds)
    optional(lambda: _measure_best(session, board, found, ends), lambda failure: run.update_facts(latency_failure=str(failure)))
    if limited:
        optional(lambda: _quick_ensemble(session, board, found, ends), lambda failure: _tell_too(run, failure))
        _refit_if_asked(session, board, found)
    if limited and found["refit"] is not None:
        optional(lambda: _note(found, measure(session, [found["refit"]["name"]], max(ends, time.monotonic() + REFIT_SECONDS))))
    run.write_json(FOUND, found)
    warning = _warning(complete(run, params, board)["rows"], params.inference.max_ms_per_row)
    if warning:
        run.update_facts(inference_warning=warning)


def complete(run: RunFolder, params: RunParams, board: Mapping[str, Any]) -> dict[str, Any]:
    """The leaderboard with what was found about its rows: latencies, size, what is too slow, the refit, and which row is the best."""
    found = run.read_json(FOUND) if run.has(FOUND) else {"measured": {}, "refit": None}
    rows = []
    for row in board["rows"]:
        rows.append(dict(row))
        if found["refit"] and row["rank"] and found["refit"]["id"] == f"refit-{row['id']}":
            rows.append({"rank": 0, **found["refit"]})
    limit = params.inference.max_ms_per_row
    for place, row in enumerate(rows, start=1):
        row["rank"] = None if row["rank"] is None else place
        row.update(_with_measures(row, found, limit))
    best = _choose([row for row in rows if row["rank"]], limit)
    for row in rows:
        row["best"] = row is best
    return {**board, "rows": rows}


def _with_measures(row: Mapping[str, Any], found: Mapping[str, Any], limit: float | None) -> dict[str, Any]:
    """A row with what was measured, and whether, and why, it is too slow to be the best."""
    known = found["measured"].get(row["name"], {})
    full = {**row, **{name: known.get(name) for name in (*LATENCIES, "size_mb")}}
    taken = _ms(full)
    full["too_slow"] = None if limit is None or taken is None else taken > limit
    if full["too_slow"]:
        why = f"too slow: {taken:.3g} ms per row (inference.max_ms_per_row: {limit:g})"
        full["reason"] = "; ".join(filter(None, (row["reason"], why)))
    return full


def _choose(ranked: Sequence[dict[str, Any]], limit: float | None) -> dict[str, Any] | None:
    """The first row within the limit, else the fastest one measured, else the first."""
    fitting = [row for row in ranked if limit is None or row["too_slow"] is False]
    measured = [row for row in ranked if _ms(row) is not None]
    first = fitting[:1] or sorted(measured, key=lambda row: row["latency_1000_p50_ms"])[:1] or list(ranked[:1])
    return first[0] if first else None


def _ms(row: Mapping[str, Any]) -> Any:
    """Milliseconds per row, scoring 1,000 at once; None where it was not measured."""
    whole = row.get("latency_1000_p50_ms")
    return None if whole is None else whole / 1000


def _warning(rows: Sequence[Mapping[str, Any]], limit: float | None) -> str:
    best = next((row for row in rows if row["best"]), None)
    if limit is None or best is None or (best["too_slow"] is False and best["origin"] != "baseline"):
        return ""
    if best["too_slow"] is False:
        return f"only the baseline, which learns nothing, keeps to inference.max_ms_per_row: {limit:g}"
    if best["too_slow"]:
        said = f"{best['name']}, {_ms(best):.3g} ms per row, is the fastest that was measured and is taken for the best"
        return f"no predictor keeps to inference.max_ms_per_row: {limit:g}; {said}"
    return f"inference.max_ms_per_row: {limit:g} was not looked at, since no predictor could be measured in the time left"


def _sizes(run: RunFolder, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    files = {row["name"]: run.path / "predictors" / f"{row['name']}.pkl" for row in rows if row["rank"]}
    return {name: {"size_mb": round(file.stat().st_size / 1e6, 3)} for name, file in files.items() if file.exists()}


def _note(found: dict[str, Any], measured: Mapping[str, Mapping[str, float]]) -> None:
    for name, values in measured.items():
        found["measured"][name] = {**found["measured"].get(name, {}), **values}


def _measure_best(session: Session, board: Mapping[str, Any], found: dict[str, Any], ends: float) -> None:
    """The first ten rows and the ensemble; where none of them keeps to the limit, further ones down to the first that does."""
    ranked, limit = [row for row in board["rows"] if row["rank"]], session.params.inference.max_ms_per_row
    first = [row["name"] for place, row in enumerate(ranked) if place < MEASURED_ROWS or row["origin"] == "ensemble"]
    if found["refit"] is not None:
        first.insert(1, found["refit"]["name"])
    _note(found, measure(session, first, ends))
    for row in ranked if limit is not None else ():
        if any(values["latency_1000_p50_ms"] / 1000 <= limit for values in found["measured"].values() if "latency_1000_p50_ms" in values):
            return
        if row["name"] not in first:
            _note(found, measure(session, [row["name"]], ends))


def _quick_ensemble(session: Session, board: Mapping[str, Any], found: dict[str, Any], ends: float) -> None:
    """Where the ensembles are too slow, the better one of as many of the best trials as keep to the limit together joins them."""
    limit, measured = session.params.inference.max_ms_per_row or 0.0, found["measured"]
    rows = [_with_measures(row, found, limit) for row in board["rows"] if row["rank"]]
    slow = [row["too_slow"] for row in rows if row["origin"] == "ensemble"]
    if not slow or False in slow:
        return
    affordable, left = set(), QUICK_SHARE * limit
    for row in rows:
        taken = _ms(row)
        if row["origin"] in ("portfolio", "tuner") and taken is not None and taken <= left:
            affordable.add(row["id"])
            left -= taken
    trials = [trial for trial in session.run.trials() if trial.id in affordable]
    quick = best_of(ensemble_rows(session.run, trials, session.metric, session.params.search.seed, QUICK), session.metric)
    if quick is not None:
        assemble(session, quick)
        session.ensembles.append(quick)
        measured[quick["name"]] = _sizes(session.run, [{**quick, "rank": 1}]).get(quick["name"], {})
        _note(found, measure(session, [quick["name"]], max(ends, time.monotonic() + REFIT_SECONDS)))


def _tell_too(run: RunFolder, failure: Failure) -> None:
    """Beside what an ensemble before it failed by."""
    run.update_facts(ensemble_failure="; ".join(filter(None, [run.facts().get("ensemble_failure", ""), f"{QUICK}ensemble: {failure}"])))


def _refit_if_asked(session: Session, board: Mapping[str, Any], found: dict[str, Any]) -> None:
    if session.params.refit == "full":
        optional(
            lambda: _refit(session, board, found), lambda failure: session.run.update_facts(refit_failure=failure.message or failure.kind)
        )


def _refit(session: Session, board: Mapping[str, Any], found: dict[str, Any]) -> None:
    """Fits a trial on all rows, in a child. Raises RuntimeError with the reason where that fails."""
    row = _worth_refitting(board, found, session.params.inference.max_ms_per_row)
    trial = None if row is None else session.run.trial(row["id"])
    if row is None or trial is None:
        raise RuntimeError("there is no trial to refit")
    left, own = session.clock.left(LEFT_SECONDS), session.params.limits.trial_minutes
    given = [seconds for seconds in (left, None if own is None else own * 60) if seconds is not None]
    if session.asked_to_stop() or (given and soft(min(given)) <= 0):
        raise RuntimeError(session.stop_reason or "no time was left (limits.max_minutes)")
    most = min(given) if given else None
    seconds = None if most is None else soft(most)
    job = {"trial": trial.to_json(), "run": str(session.run.path.resolve()), "seconds": seconds, "facts": session.facts}
    answer = session.in_child("bakeoff.search.refitting:carry_out", job, most, session.asked_to_stop, session.memory_mb)
    if answer["state"] != "done":
        raise RuntimeError(answer["reason"])
    found["refit"] = refit_row(row, trial.candidate, answer["fit_seconds"])
    found["measured"] |= _sizes(session.run, [found["refit"]])


def _worth_refitting(board: Mapping[str, Any], found: Mapping[str, Any], limit: float | None) -> dict[str, Any] | None:
    """The best single trial within the limit; where there is none, the best, since its refit is several times as fast."""
    singles = [row for row in board["rows"] if row["rank"] and row["origin"] != "ensemble"]
    learned = [row for row in singles if row["origin"] != "baseline"] or singles
    fitting = [row for row in learned if limit is None or _with_measures(row, found, limit)["too_slow"] is False]
    return next(iter(fitting or learned), None)
