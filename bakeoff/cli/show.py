"""bakeoff show: one trial, with what it printed."""

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.cli.layout import find_run

if TYPE_CHECKING:
    from bakeoff.runs import FinishedRun, Trial

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "show one trial: what it was made of, its scores, why it failed, what it printed"
ABOUT = """\
TRIAL is a name or an id from the leaderboard, or `best`.

  bakeoff show randhie best
  bakeoff show randhie lightgbm-0a1b2c3d4e --lines 100
  bakeoff show randhie --features                            raw columns, their kinds, the features made of them
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_name", metavar="RUN", help="which run: its folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID")
    parser.add_argument("trial", metavar="TRIAL", nargs="?", default="best", help="which trial: name, id or best (default best)")
    parser.add_argument("--features", action="store_true", help="show what became of each raw column instead")
    parser.add_argument("--lines", type=int, default=20, metavar="N", help="last lines of its log (default 20)")


def run(args: argparse.Namespace) -> int:
    from bakeoff.runs import open_run

    finished = open_run(find_run(args.run_name))
    if args.features:
        _print_features(finished)
        return 0
    name = finished.best if args.trial == "best" else args.trial
    rows = [row for row in finished.folder.leaderboard()["rows"] if name in (row["name"], row["id"])]
    ensembles = [row for row in rows if row["origin"] == "ensemble"]
    if ensembles:
        _print_ensemble(finished, ensembles[0])
        return 0
    trial = finished.trial(name)
    _print_facts({"refit": ", ".join(f"{row['name']}, {row['reason']}" for row in rows if row["origin"] == "refit")})
    _print_facts(_trial_facts(trial))
    softened = f"{trial.temperature:.3g} (log probabilities are divided by it)" if trial.temperature else ""
    _print_facts({"temperature": softened, "label chosen by": _factors(finished, trial.decision or ())})
    _print_scores(trial)
    if trial.error:
        print(f"\nerror\n{trial.error}")
    _print_log(finished.path / "trials" / f"{trial.id}.log", args.lines)
    return 0


def _trial_facts(trial: "Trial") -> dict[str, Any]:
    candidate = trial.candidate
    settings = ", ".join(f"{key}={value}" for key, value in candidate.hyperparameters.items())
    return {
        "trial": candidate.name,
        "state": f"{trial.state}: {trial.reason}" if trial.reason else trial.state,
        "proposed by": f"{candidate.origin}, number {candidate.index}",
        "hyperparameters": settings or "the library's own",
        "recipe": candidate.recipe,
        "seed, threads": f"{candidate.seed}, {candidate.threads}",
        "from, to": f"{trial.started} – {trial.ended} on {trial.host}" if trial.started else "",
        "encode, fit, predict": f"{trial.encode_seconds:.2f} s, {trial.fit_seconds:.2f} s, {trial.predict_seconds:.2f} s",
        "peak memory": f"{trial.peak_memory_mb:.0f} MB",
        "rounds by fold": ", ".join(map(str, trial.rounds)),
        "predictor": f"{trial.predictor_bytes / 1e6:.2f} MB" if trial.predictor_bytes else "",
        "warnings": "; ".join(trial.warnings),
    }


def _print_facts(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<16} {value}")


def _print_scores(trial: "Trial") -> None:
    from bakeoff.reporting import number

    if trial.scores:
        print("\nscores on out-of-fold rows (each fold's, or part's of one holdout, in brackets)")
    for metric, score in sorted(trial.scores.items()):
        folds = ", ".join(number(value) for value in trial.fold_scores.get(metric, ()))
        print(f"  {metric:<36}{number(score)}  ({folds})")


def _print_ensemble(finished: "FinishedRun", row: dict[str, Any]) -> None:
    from bakeoff.reporting import number
    from bakeoff.runs.files import read_json

    _print_facts({"ensemble": row["name"]})
    path = finished.path / "predictors" / f"{row['name']}.json"
    if path.is_file():
        card = read_json(path)
        factors = _factors(finished, row.get("decision") or ())
        _print_facts({"predictor": f"{card['bytes'] / 1e6:.2f} MB", "written": card["written"], "label chosen by": factors})
    else:
        _print_facts({"predictor": "none yet: ensembles are written when the run ends"})
    print("\nmembers and weights")
    for member, weight in row["members"].items():
        print(f"  {weight:.3f}  {member}")
    print("\nscores on out-of-fold rows")
    for metric, score in sorted(row["scores"].items()):
        print(f"  {metric:<36}{number(score)}")


def _factors(finished: "FinishedRun", decision: Sequence[float]) -> str:
    """What each label's probability is multiplied by before the largest is taken; empty where that is nothing."""
    labels = finished.folder.read_json("schema.json")["target"]["labels"] if decision else ()
    return ", ".join(f"{label} × {factor:.3g}" for label, factor in zip(labels, decision, strict=True))


def _print_features(finished: "FinishedRun") -> None:
    summary = finished.folder.read_json("featurization_summary.json")
    print(f"featurization {summary['mode']}" + (f", blocked: {', '.join(summary['blocked'])}" if summary["blocked"] else ""))
    for column in summary["columns"]:
        print(f"\n{column['name']}: " + (f"left out: {column['dropped']}" if column["dropped"] else column["kind"]))
        if "imputation" in column:
            print(f"  missing values      {column['imputation']}" + (", with an indicator" if column["indicator"] else ""))
        for recipe, made in column["recipes"].items():
            names = made["features"]
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            nothing = ": ".join(filter(None, ("nothing", made.get("dropped"))))  # runs before 27 November 2026 do not say why
            print(f"  {recipe:<24}" + (f"{made['featurizer']}: {shown}" if names else nothing))


def _print_log(path: Path, lines: int) -> None:
    if not path.is_file() or path.stat().st_size == 0:
        print("\nit printed nothing")
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        tail = deque(file, maxlen=max(0, lines))
    print(f"\nlast lines of {path}")
    print("".join(tail), end="")
