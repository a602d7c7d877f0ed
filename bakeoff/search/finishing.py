"""The end of a run: final ranking, the ensemble's predictor, the test part's scores; law: the test part is shown, never used to choose."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data import read_table
from bakeoff.errors import NoUsableTrialError
from bakeoff.evaluation import score_all
from bakeoff.runs import FinishedRun, RunFolder, attempt, best_row, load_predictor
from bakeoff.runs.files import write_text
from bakeoff.runs.publishing import published_names
from bakeoff.search.assembling import assemble
from bakeoff.search.carried_out import keep_carried_out
from bakeoff.search.closing import FOUND, close
from bakeoff.search.loop import Snapshot, announce, refresh, unwatched
from bakeoff.search.measuring import LATENCIES
from bakeoff.search.preparing import Prepared
from bakeoff.search.session import session_for
from bakeoff.search.splitting import labelled_rows
from bakeoff.search.summarizing import summarize_features

__all__ = ["evaluate", "rank", "score_table", "tidy"]

EVALUATION_SHARE = 0.5
"""Of the time left that scoring rows beyond the best on the test part may take."""


def rank(run: RunFolder, watch: Callable[[Snapshot], None] = unwatched) -> dict[str, Any]:
    """The final leaderboard as JSON and CSV, with the ensemble's predictor saved, the best measured, and one refitted where asked for.

    Raises NoUsableTrialError.
    """
    session = session_for(run)
    session.doing = "ranking"
    trials = run.trials()
    (run.path / FOUND).unlink(missing_ok=True)
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
    attempt(lambda: summarize_features(run), lambda failure: run.update_facts(features_failure=str(failure)))
    if session.ensemble is not None:
        failed = attempt(lambda: assemble(session, session.ensemble or {})).failure
        if failed is not None:
            session.ensemble = None
            session.params = session.params.model_copy(update={"search": session.params.search.model_copy(update={"ensemble": False})})
            run.update_facts(ensemble_failure=str(failed))
            board = refresh(session, trials, watch, final=True).leaderboard
    attempt(lambda: close(session, board), lambda failure: run.update_facts(closing_failure=str(failure)))
    board = refresh(session, trials, watch).leaderboard
    text = io.StringIO()
    _write_csv(board, text)
    write_text(run.path / "leaderboard.csv", text.getvalue())
    return board


def evaluate(run: RunFolder, watch: Callable[[Snapshot], None] = unwatched) -> dict[str, dict[str, float]]:
    """Charts of the best row's out-of-fold predictions, and every metric on the test part, if there is one; name -> metric -> score.

    The best row and the ensemble are always scored on it, the others while time is left.
    """
    session = session_for(run)
    announce(run, "evaluating", watch)
    prepared = session.prepared
    board = run.leaderboard()
    attempt(lambda: _write_charts(run, prepared, board), lambda failure: run.update_facts(charts_failure=str(failure)))
    if not prepared.test_file.exists():
        return {}
    weight, schema = session.params.data.weight, prepared.schema
    frame, truth, weights = labelled_rows(read_table(prepared.test_file), schema, weight, "data.test")
    scores: dict[str, dict[str, float]] = {}
    budget = session.clock.left()
    for row in board["rows"]:
        if row["rank"] is None or (budget is not None and scores and (session.clock.left() or 0) < budget * (1 - EVALUATION_SHARE)):
            continue
        predictor = load_predictor(run.path / "predictors" / f"{row['name']}.pkl")
        predicted = predictor.predict_raw(frame)
        scores[row["name"]] = score_all(schema.task, truth, predicted, weights, schema.target.positive, prepared.own_metric)
    run.write_json("test_scores.json", {"rows": len(frame), "scores": scores})
    return scores


def score_table(run: FinishedRun, name: str | None, source: str | Path | pd.DataFrame) -> tuple[int, dict[str, float]]:
    """Rows with a target of a labelled table, and every metric of a row's predictor (the best where none is named) on them.

    Where the run has row weights, so must the table. Raises DataError, RunError, PredictorError.
    """
    predictor, prepared = run.predictor(name), Prepared(run.path)
    table = source if isinstance(source, pd.DataFrame) else read_table(source)
    where = "the frame" if isinstance(source, pd.DataFrame) else str(source)
    frame, truth, weights = labelled_rows(table, predictor.schema, prepared.params.data.weight, where)
    target, predicted = predictor.schema.target, predictor.predict_raw(frame)
    return len(frame), score_all(predictor.schema.task, truth, predicted, weights, target.positive, prepared.own_metric)


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
    weights = best.get("members") or {best["name"]: 1.0}
    files = [run.path / "predictions" / f"{name.rpartition('-')[2]}.npy" for name in weights]
    raw = np.sum([w * np.load(file) for w, file in zip(weights.values(), files, strict=True)], axis=0)
    truth = prepared.target[prepared.scored_rows]
    folder = run.path / "charts"
    folder.mkdir(exist_ok=True)
    for name, table in chart_tables(prepared.schema.task, truth, raw, prepared.schema.target.labels).items():
        write_text(folder / f"{name}.csv", table.to_csv(index=False))


def _write_csv(board: dict[str, Any], text: io.StringIO) -> None:
    metrics = list(next((row["scores"] for row in board["rows"] if row["scores"]), {}))
    columns = ["rank", "name", "algorithm", "recipe", "score", "std", "fit_seconds", "state", "reason", *LATENCIES, "size_mb"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *metrics])
    for row in board["rows"]:
        writer.writerow([row[c] for c in columns] + [row["scores"].get(m) for m in metrics])
