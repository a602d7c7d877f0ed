"""The end of a run: final ranking, the ensemble's predictor, the test part's scores; law: the test part is shown, never used to choose."""

import csv
import io
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data import number_columns, read_table, text_columns
from bakeoff.errors import NoUsableTrialError
from bakeoff.evaluation import score_all
from bakeoff.runs import FinishedRun, Predictor, RunFolder, attempt, best_row, decided, load_predictor, optional
from bakeoff.runs.files import write_text
from bakeoff.runs.publishing import published_names
from bakeoff.search.assembling import assemble
from bakeoff.search.carried_out import keep_carried_out
from bakeoff.search.closing import close, forget, scoring_seconds
from bakeoff.search.ensembles import VOTING
from bakeoff.search.judged import Judged
from bakeoff.search.measuring import LATENCIES
from bakeoff.search.meta_learning import META, meta_row
from bakeoff.search.preparing import Prepared
from bakeoff.search.session import Session, session_for
from bakeoff.search.showing import Snapshot, announce, refresh, unwatched
from bakeoff.search.splitting import labelled_rows
from bakeoff.search.summarizing import summarize_features

__all__ = ["evaluate", "rank", "score_table", "tidy"]

EVALUATION_SHARE = 0.5
"""Of the time left that scoring rows beyond the best on the test part may take."""


def rank(run: RunFolder, watch: Callable[[Snapshot], None] = unwatched) -> dict[str, Any]:
    """The final leaderboard as JSON and CSV, with the ensemble's predictor saved, the best measured, and one refitted where asked for.

    Raises NoUsableTrialError; DiskFullError where something cannot be written, such as an ensemble: the same command goes on with it.
    """
    session = session_for(run)
    session.begin("ranking")
    trials = run.trials()
    forget(run, trials)
    board = refresh(session, trials, watch, final=True).leaderboard
    if not any(row["rank"] for row in board["rows"]):
        reasons = "; ".join(f"{row['name']}: {row['reason']}" for row in board["rows"][:3])
        raise NoUsableTrialError(
            "no trial left a predictor",
            where=run.path,
            given=reasons or "no trial was begun",
            remedy=f"see all reasons: bakeoff leaderboard {run.path}",
        )
    keep_carried_out(run, session.prepared, trials)
    optional(lambda: summarize_features(run), lambda failure: run.update_facts(features_failure=str(failure)))
    if session.ensembles:
        _assemble_all(session)
        _learn_from_members(session)
        board = refresh(session, trials, watch).leaderboard
    session.begin("measuring")
    optional(lambda: close(session, board), lambda failure: run.update_facts(closing_failure=str(failure)))
    board = refresh(session, trials, watch).leaderboard
    text = io.StringIO()
    _write_csv(board, text)
    write_text(run.path / "leaderboard.csv", text.getvalue())
    return board


def _assemble_all(session: Session) -> None:
    """Saves the ensembles' predictors, side by side; an ensemble whose predictor cannot be saved has no row."""
    with ThreadPoolExecutor() as beside:
        ended = list(beside.map(lambda row: optional(partial(assemble, session, row)).failure, session.ensembles))
    failed = [f"{row['name']}: {failure}" for row, failure in zip(session.ensembles, ended, strict=True) if failure]
    session.run.update_facts(ensemble_failure="; ".join(failed))
    session.ensembles = [row for row, failure in zip(session.ensembles, ended, strict=True) if not failure]


def _learn_from_members(session: Session) -> None:
    """The row of the meta learner that params name, learning from the members of the voting ensemble."""
    if session.params.search.meta_learner is None or session.asked_to_stop():
        return
    told = session.run.facts()["ensemble_failure"]
    voting = next((row for row in session.ensembles if row["name"] == VOTING), None)
    if voting is None:
        return
    made = optional(
        lambda: meta_row(session, voting),
        lambda failure: session.run.update_facts(ensemble_failure="; ".join(filter(None, [told, f"{META}: {failure}"]))),
    )
    session.ensembles += [] if made.value is None else [made.value]


def evaluate(run: RunFolder, watch: Callable[[Snapshot], None] = unwatched) -> dict[str, dict[str, float]]:
    """Charts of the best row's out-of-fold predictions, and every metric on the test part, if there is one; name -> metric -> score.

    The best row is always scored on it, the ensembles and then the others where the time left holds what they will take, and nobody waits
    for the run's end. A failure is told in the run's facts.
    """
    found = attempt(lambda: _evaluate(run, watch))
    if found.failure or run.facts().get("evaluation_failure"):  # what an interrupted evaluation told is told no more
        run.update_facts(evaluation_failure=str(found.failure or ""))
    return found.value or {}


def _evaluate(run: RunFolder, watch: Callable[[Snapshot], None]) -> dict[str, dict[str, float]]:
    session = session_for(run)
    announce(run, "evaluating", watch)
    prepared = session.prepared
    board = run.leaderboard()
    attempt(lambda: _write_charts(run, prepared, board), lambda failure: run.update_facts(charts_failure=str(failure)))
    if not prepared.test_file.exists():
        return {}
    budget = session.clock.left()
    if budget is not None and budget <= 0 and run.has("test_scores.json"):  # interrupted after it: nothing was trained since
        before: dict[str, dict[str, float]] = run.read_json("test_scores.json")["scores"]
        return before
    weight, schema = session.params.data.weight, prepared.schema
    frame, truth, weights = labelled_rows(read_table(prepared.test_file), schema, weight, "data.test")
    judged = Judged(truth, weights, schema.target.positive)
    scores: dict[str, dict[str, float]] = {}
    ranked = [row for row in board["rows"] if row["rank"] and _predictor(run, row).exists()]  # runs.keep_models may have taken some
    trials = run.trials()
    for row in sorted(ranked, key=_scored_last):
        kept = 0.0 if row["origin"] == "ensemble" else max(0.0, budget or 0.0) * (1 - EVALUATION_SHARE)
        late = budget is not None and (session.clock.left() or 0.0) < kept + len(frame) * scoring_seconds(prepared, trials, row)
        if not row["best"] and (late or session.asked_to_stop()):
            continue
        predictor = load_predictor(_predictor(run, row))
        scores[row["name"]] = _scores(predictor, frame, judged, prepared)
    run.write_json("test_scores.json", {"rows": len(frame), "scores": scores})
    return scores


def _predictor(run: RunFolder, row: dict[str, Any]) -> Path:
    return run.path / "predictors" / f"{row['name']}.pkl"


def _scored_last(row: dict[str, Any]) -> tuple[bool, bool]:
    """The best is scored in any case, ensembles where all that is left of the time holds them, others where a share of it does."""
    return not row["best"], row["origin"] != "ensemble"


def score_table(run: FinishedRun, name: str | None, source: str | Path | pd.DataFrame) -> tuple[int, dict[str, float]]:
    """Rows with a target of a labelled table, and every metric of a row's predictor (the best where none is named) on them.

    Where the run has row weights, so must the table. Raises DataError, RunError, PredictorError.
    """
    predictor, prepared = run.predictor(name), Prepared(run.path)
    schema, weight = predictor.schema, prepared.params.data.weight
    used = {*schema.names(), schema.target.name, weight}
    table, where = source, "the frame"
    if not isinstance(table, pd.DataFrame):
        texts, numbers, where = text_columns(schema), number_columns(schema), str(source)
        table = read_table(table, as_text=texts, unused=lambda column: column not in used, as_numbers=numbers)
    frame, truth, weights = labelled_rows(table, schema, weight, where)
    return len(frame), _scores(predictor, frame, Judged(truth, weights, schema.target.positive), prepared)


def _scores(predictor: Predictor, frame: pd.DataFrame, judged: Judged, prepared: Prepared) -> dict[str, float]:
    raw = predictor.predict_raw(frame)
    labels = predictor.codes(raw) if raw.ndim == 2 else None
    return score_all(judged.truth, raw, judged.weights, judged.positive, prepared.own_metric, labels)


def tidy(run: RunFolder) -> None:
    """Removes what only the search needed, and the predictors beyond params.runs.keep_models; the ensemble and its members stay."""
    shutil.rmtree(run.path / "encoded", ignore_errors=True)
    kept = set(published_names(run.leaderboard()["rows"], run.params().runs.keep_models))
    for path in (run.path / "predictors").iterdir():
        if path.stem not in kept:
            path.unlink()


def _write_charts(run: RunFolder, prepared: Prepared, board: dict[str, Any]) -> None:
    from bakeoff.evaluation import chart_tables

    best = best_row(board["rows"]) or board["rows"][0]
    raw = np.load(run.path / "predictions" / f"{best['id'].removeprefix('refit-')}.npy")
    rows, target = prepared.scored_rows, prepared.schema.target
    truth, weights = prepared.target[rows], prepared.weights_of(rows)
    chosen = decided(raw, best["decision"]) if best.get("decision") else None
    folder = run.path / "charts"
    folder.mkdir(exist_ok=True)
    for name, table in chart_tables(prepared.schema.task, truth, raw, target.labels, chosen, weights).items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False))


def _write_csv(board: dict[str, Any], text: io.StringIO) -> None:
    metrics = list(next((row["scores"] for row in board["rows"] if row["scores"]), {}))
    columns = ["rank", "name", "algorithm", "recipe", "score", "std", "fit_seconds", "state", "reason", *LATENCIES, "size_mb"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *metrics])
    for row in board["rows"]:
        writer.writerow([row[c] for c in columns] + [row["scores"].get(m) for m in metrics])
