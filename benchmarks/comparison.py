"""The comparison whose folder BENCH names (run.py, report.py, suite-dev/), as the scripts here see it; law: its split, its scorer."""

import argparse
import importlib.util
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

MOST_ROWS = 60_000
"""Of a larger set so many rows are drawn: run.py's --max-rows where none is given."""


def loaded(bench: Path) -> Any:
    """Its run.py, as a module."""
    spec = importlib.util.spec_from_file_location("comparison", bench / "run.py")
    assert spec is not None
    assert spec.loader is not None
    comparison = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(comparison)
    return comparison


def sets_in(suite: Path) -> pd.DataFrame:
    """A suite's index, by name, without what is to be forecast."""
    index = pd.read_csv(suite / "index.csv").set_index("name", drop=False)
    return index[index["task"] != "forecasting"]


def split(comparison: Any, suite: Path, row: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test part of a set, as run.py deals them to every system."""
    train, test = comparison.split_tabular(pd.read_parquet(suite / f"{row['name']}.parquet"), row, 0, MOST_ROWS)
    return train, test


def check_names(parser: argparse.ArgumentParser, asked: Collection[str], known: Collection[str]) -> None:
    """Ends with what there is where a set is asked for that there is not."""
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"--only: no set is named {', '.join(unknown)}; there are {', '.join(known)}")
