"""bakeoff predict: score a table; law: only a predictor that a person named is opened."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bakeoff.cli.layout import EXPERIMENT_NAME, Project, find_run
from bakeoff.errors import DataError, ParamsError, RunError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "score a table with a predictor"
ABOUT = """\
Writes one row per row of TABLE, in its order: the column `prediction`, and with --proba one probability column per
label. TABLE has the training columns, in any order; further columns are ignored, a missing one is an error.
A .pkl is code: open only files whose origin you trust. Needs the base install alone.

  bakeoff predict data/models/churn/lightgbm-0a1b2c3d4e.pkl new.csv
  bakeoff predict churn new.parquet --proba --out scores.parquet     churn's best: the published one, else its newest run's
"""
SUFFIXES = (".csv", ".parquet", ".feather", ".jsonl")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predictor", metavar="PREDICTOR", help="a predictor's .pkl, an experiment, or a run")
    parser.add_argument("table", metavar="TABLE", help="CSV, Parquet, Feather or JSON lines")
    where = "where to write: .csv, .parquet, .feather or .jsonl (default predictions.csv)"
    parser.add_argument("--out", type=Path, default=Path("predictions.csv"), metavar="PATH", help=where)
    parser.add_argument("--proba", action="store_true", help="classification: add each label's probability, as the column p_LABEL")


def run(args: argparse.Namespace) -> int:
    if args.out.suffix not in SUFFIXES:
        raise ParamsError("this kind of file cannot be written", where="--out", given=args.out, allowed=", ".join(SUFFIXES))
    if args.out.resolve() == Path(args.table).resolve():
        raise ParamsError("the predictions would take the place of the table", where="--out", given=args.out, remedy="name another file")
    import pandas as pd

    from bakeoff.data import decode_labels, number_columns, read_table, text_columns
    from bakeoff.runs import load_predictor

    path = _predictor_path(args.predictor)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        predictor = load_predictor(path)
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    used = set(predictor.schema.names())
    texts, numbers = text_columns(predictor.schema), number_columns(predictor.schema)
    frame = read_table(args.table, as_text=texts, unused=lambda name: name not in used, as_numbers=numbers)
    if args.proba:
        probabilities = predictor.predict_proba(frame)
        labels = decode_labels(predictor.codes(probabilities.to_numpy()), predictor.schema)  # as predict does, in one pass over the table
        result = probabilities.set_axis([f"p_{label}" for label in probabilities.columns], axis=1)
        result.insert(0, "prediction", labels)
    else:
        result = pd.DataFrame({"prediction": predictor.predict(frame)})
    _write(result, args.out)
    print(f"{len(result)} predictions of {path} written to {args.out}")
    return 0


def _predictor_path(word: str) -> Path:
    if word.endswith(".pkl"):
        return Path(word)
    from bakeoff.runs import open_run

    published = _published(word)
    if published is not None:
        return published
    finished = open_run(find_run(word))
    return finished.path / "predictors" / f"{finished.best}.pkl"


def _published(experiment: str) -> Path | None:
    """The best predictor that an experiment published; None where it published none."""
    from bakeoff.runs.files import read_json

    if not EXPERIMENT_NAME.fullmatch(experiment):
        return None
    metrics = Project().reports(experiment) / "metrics.json"
    best = read_json(metrics).get("best") if metrics.is_file() else None
    return Project().models(experiment) / f"{Path(best['name']).name}.pkl" if best else None


def _mode_of(out: Path) -> int:
    """The file's permissions: those it has, or what the user's umask leaves a new one."""
    if out.is_file():
        return out.stat().st_mode & 0o777
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask


def _write(result: "pd.DataFrame", out: Path) -> None:
    from bakeoff.runs.files import write_atomically

    result = result.reset_index(drop=True)
    writers: dict[str, Callable[[IO[bytes]], object]] = {
        ".csv": lambda file: result.to_csv(file, index=False),
        ".parquet": lambda file: result.to_parquet(file, index=False),
        ".feather": result.to_feather,
        ".jsonl": lambda file: result.to_json(file, orient="records", lines=True),
    }
    try:
        write_atomically(out.resolve(), writers[out.suffix], _mode_of(out))
    except RunError as error:
        raise DataError(
            "the predictions cannot be written", where=out, given=error.given, remedy="name another place with --out"
        ) from error
