"""The markdown summary of a run; law: only what the run's folder says, and how to use what it left behind."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bakeoff.reporting.leaderboard import counts_line, number, sizes
from bakeoff.runs.choosing import best_row

if TYPE_CHECKING:
    from bakeoff.runs import RunFolder

__all__ = ["summary_markdown"]

ROWS = 10
COLUMNS = 40
REASON_LENGTH = 160
NOTES = {
    "inference_warning": "**Warning**: ",
    "refit_failure": "**Not refitted** (refit: full): ",
    "ensemble_failure": "**Without an ensemble**: ",
    "latency_failure": "Latencies were not measured: ",
    "closing_failure": "Latencies and refit failed: ",
    "evaluation_failure": "Charts and the test part's scores are missing: ",
}
"""Facts of a run that its reader should know, each with what stands before it."""


def summary_markdown(run: "RunFolder") -> str:
    """What a run found, as markdown: best predictor, leaderboard, test scores, failures, guardrails, and what to do next."""
    facts, board = run.facts(), run.leaderboard()
    ranked = [row for row in board["rows"] if row["rank"] is not None]
    unranked, best = [row for row in board["rows"] if row["rank"] is None], best_row(board["rows"])
    sections = [f"# {run.experiment}: {_headline(board, best)}", _facts(run, facts, board)]
    if notes := [f"- {text}{facts[name]}" for name, text in NOTES.items() if facts.get(name)]:
        sections.append("\n".join(notes))
    sections.append("## Leaderboard\n\n" + (_leaderboard(ranked) if ranked else "No trial left a predictor."))
    if scores := _optional(run, "test_scores.json"):
        sections.append("## Test part\n\n" + _test_scores(scores))
    if unranked:
        rows = [(row["name"], row["state"], row["reason"] or "") for row in unranked]
        sections.append("## Failed and skipped\n\n" + _table(("trial", "state", "reason"), rows))
    if alerts := [g for g in _optional(run, "guardrails.json") or [] if g["state"] != "Passed"]:
        sections.append(
            "## Guardrails\n\n"
            + _table(("check", "state", "seen", "done"), [(g["name"], g["state"], g["seen"], g["done"]) for g in alerts])
        )
    if features := _optional(run, "featurization_summary.json"):
        sections.append("## Columns\n\n" + _columns(features, ranked))
    if best is not None:
        sections.append(_next_steps(run, best["name"]))
    return "\n\n".join(sections) + "\n"


def _headline(board: Mapping[str, Any], best: Mapping[str, Any] | None) -> str:
    return f"{best['name']}, {board['metric']} {number(best['score'])}" if best else "no usable trial"


def _facts(run: "RunFolder", facts: Mapping[str, Any], board: Mapping[str, Any]) -> str:
    libraries = facts.get("libraries", {})
    overrides = facts.get("overrides") or {}
    better = "greater is better" if board["greater_is_better"] else "smaller is better"
    lines = [
        ("run", f"`{run.id}`, {facts.get('ended_because') or facts['state']}"),
        ("started", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(facts["created"]))),
        ("task", f"{board['task']}, judged by {board['metric']} ({better}) on out-of-fold rows"),
        ("trials", counts_line(board["counts"])),
        ("data", f"`{facts['data_digest'][:16]}`"),
        ("params", f"`{facts['params_digest']}`" + (f", overridden: `{overrides}`" if overrides else "")),
        ("made with", ", ".join(f"{name} {version}" for name, version in libraries.items())),
    ]
    return "\n".join(f"- **{name}**: {text}" for name, text in lines if text)


def _leaderboard(ranked: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (row["rank"], row["name"], number(row["score"]), number(row["std"]), number(row["fit_seconds"], 1), *sizes(row))
        for row in ranked[:ROWS]
    ]
    table = _table(("#", "name", "score", "± folds", "fit s", "ms per row", "MB"), rows)
    table += "".join(f"\n\n{row['name']}: {row['reason']}." for row in ranked[:ROWS] if row["reason"])
    return table + (f"\n\n… and {len(ranked) - ROWS} more in leaderboard.csv." if len(ranked) > ROWS else "")


def _test_scores(found: Mapping[str, Any]) -> str:
    rows = found["scores"]
    metrics = list(next(iter(rows.values()), {}))
    table = _table(("predictor", *metrics), [(name, *(number(scores.get(m)) for m in metrics)) for name, scores in rows.items()])
    return f"{found['rows']} rows, scored once, at the end; never used to rank or to ensemble.\n\n{table}"


def _columns(features: Mapping[str, Any], ranked: Sequence[Mapping[str, Any]]) -> str:
    """What the best trial's recipe made of each column; all recipes are in the JSON."""
    recipes = [row["recipe"] for row in ranked if row["origin"] != "ensemble"]
    rows = [(c["name"], c["kind"] or "left out", _made(c, recipes[0] if recipes else "")) for c in features["columns"]]
    table = _table(("column", "kind", f"made of it by {recipes[0]}" if recipes else "made of it"), rows[:COLUMNS])
    more = f"\n\n… and {len(rows) - COLUMNS} more" if len(rows) > COLUMNS else ""
    return f"{table}{more}\n\nEvery recipe's features: `featurization_summary.json`, or `bakeoff show RUN --features`."


def _made(column: Mapping[str, Any], recipe: str) -> str:
    if column["dropped"]:
        return str(column["dropped"])
    made = column["recipes"].get(recipe)
    if made is None or not made["features"]:
        return ": ".join(filter(None, ("nothing", (made or {}).get("dropped"))))  # runs before 27 November 2026 do not say why
    count = len(made["features"])
    filled = f", missing values by {column['imputation']}" if "imputation" in column else ""
    return f"{made['featurizer']}: {count} feature{'s' if count != 1 else ''}{filled}"


def _next_steps(run: "RunFolder", best: str) -> str:
    predictor = run.path / "predictors" / f"{best}.pkl"
    command = f"    bakeoff predict {predictor} TABLE --out predictions.csv"
    return f"## Use it\n\n{command}\n\nor `bakeoff.load_predictor({str(predictor)!r}).predict(frame)`."


def _optional(run: "RunFolder", name: str) -> Any:
    return run.read_json(name) if run.has(name) else None


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"
