"""Preparing a run's data once: typed frame, target, folds, test part; law: children memory-map these files."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import feather

from bakeoff.algorithms import TableFacts
from bakeoff.data import (
    guardrails,
    make_schema,
    positive_code,
    read_table,
    role_column,
    rows_kept,
    schema_from_json,
    schema_to_json,
    usable_rows,
)
from bakeoff.data.schema import Schema
from bakeoff.errors import ParamsError, writing
from bakeoff.evaluation import Fold, MetricCard, get_metric, is_own_metric
from bakeoff.features import custom_schema
from bakeoff.params import RunParams
from bakeoff.runs import RunFolder
from bakeoff.runs.files import flush_folder
from bakeoff.search.comparing import parts_of_holdout
from bakeoff.search.competing import primary_metric
from bakeoff.search.facts import out_of_bag_recipes, table_facts
from bakeoff.search.sampling import part_of
from bakeoff.search.splitting import Rows, judging, labelled_rows, make_rows, roles, split_test
from bakeoff.search.summarizing import summarize_features
from bakeoff.search.ties import Dealing

__all__ = ["Prepared", "folds_asked", "prepare"]

DONE = "prepared/done"
DEALT = ("auto", "k_fold", "repeated_k_fold", "monte_carlo")
"""Strategies that deal rows at random, one by one where no groups are kept together. Rows out of bag judge then, unless they are weighed:
scikit-learn draws the heavy ones so often that hardly a member has not seen them."""


@dataclass(frozen=True)
class Prepared:
    """What `prepare` left in a run's folder, opened by memory-mapping; or a part of its rows, which all that judge are among."""

    path: Path
    part: int | None = None
    """Rows that each fold learns from at most; None: all. Rows that neither train nor judge are then not among its rows."""

    @cached_property
    def schema(self) -> Schema:
        """The run's schema."""
        return schema_from_json(RunFolder(self.path).read_json("schema.json"))

    @cached_property
    def params(self) -> RunParams:
        """The run's params."""
        return RunFolder(self.path).params()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The conformed training rows; columns of numbers are mapped, and cannot be written to."""
        table = feather.read_table(self.path / "prepared" / "frame.arrow", memory_map=True)
        table = table if self._taken is None else table.take(self._taken.rows)
        frame: pd.DataFrame = table.to_pandas(split_blocks=True)  # put together in blocks they would be copied
        return frame

    @cached_property
    def target(self) -> np.ndarray:
        """(n,) class codes int64, or values float64."""
        return _column(self.path, "target", self._taken)

    @cached_property
    def weights(self) -> np.ndarray | None:
        """(n,) row weights; None where every row counts alike."""
        return _column_if_there(self.path, "weights", self._taken)

    @cached_property
    def groups(self) -> np.ndarray | None:
        """(n,) codes of rows that belong together; None where each stands for itself."""
        return _column_if_there(self.path, "groups", self._taken)

    def weights_of(self, rows: np.ndarray) -> np.ndarray | None:
        """The weights of some rows."""
        return None if self.weights is None else self.weights[rows]

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The splits every candidate is judged by."""
        return _folds(self.path) if self._taken is None else self._taken.folds

    @cached_property
    def _taken(self) -> "_Taken | None":
        """The rows of a part; None where they are all rows."""
        return None if self.part is None else _take(self.path, self.part, self.params.search.seed, len(self.schema.target.labels))

    @cached_property
    def scored_rows(self) -> np.ndarray:
        """Sorted numbers of the rows that some fold validates on."""
        return np.unique(np.concatenate([fold.valid for fold in self.folds]))

    @cached_property
    def compared(self) -> tuple[np.ndarray, ...]:
        """The rows, part by part, by whose scores candidates are compared: the folds'; of one holdout, parts, where it is not small."""
        rows, rules = self.folds[0].valid, self.params.validation
        if len(self.folds) > 1:
            return tuple(fold.valid for fold in self.folds)
        groups = None if self.groups is None else self.groups[rows]
        how = {"ordered": rules.way == "time_ordered" and not rules.group, "complete": self.own_metric is not None}
        return tuple(rows[part] for part in parts_of_holdout(self.target[rows], self.params.task, groups, self.params.search.seed, **how))

    @cached_property
    def dealing(self) -> Dealing:
        """How the rows that candidates are compared by were dealt."""
        judged, trained = (sum(map(len, rows)) for rows in zip(*((fold.valid, fold.train) for fold in self.folds), strict=True))
        parts = len(self.compared) if len(self.folds) == 1 else 1
        return Dealing(judged / trained / parts, judged / len(self.scored_rows))

    @cached_property
    def facts(self) -> TableFacts:
        """Rows, columns, classes, and what the target looks like; by which recipes rows out of bag judge."""
        facts = table_facts(self.schema, self.target, primary_metric(self.params))
        alike = self.weights is None and self.groups is None and self.params.validation.way in DEALT
        return replace(facts, out_of_bag=out_of_bag_recipes(self.schema, self.params.featurization) if alike else frozenset())

    @cached_property
    def own_metric(self) -> MetricCard | None:
        """The user's own metric, scored beside all others; None where params name one of ours, or none."""
        name = self.params.search.metric
        return get_metric(name, self.params.task) if name and is_own_metric(name) else None

    @property
    def test_file(self) -> Path:
        """The raw test part; absent where there is none."""
        return self.path / "prepared" / "test.parquet"


@dataclass(frozen=True)
class _Taken:
    """A part's rows: their sorted numbers in the whole table, and the splits, numbered by place among them."""

    rows: np.ndarray
    folds: tuple[Fold, ...]


def _take(path: Path, size: int, seed: int, classes: int) -> _Taken:
    """The rows that judge, and of those that each fold learns from `size` at most."""
    target = _column(path, "target", None)
    folds = [Fold(part_of(fold.train, target, size, seed, classes), fold.valid) for fold in _folds(path)]
    rows = np.unique(np.concatenate([numbers for fold in folds for numbers in (fold.train, fold.valid)]))
    return _Taken(rows, tuple(Fold(np.searchsorted(rows, fold.train), np.searchsorted(rows, fold.valid)) for fold in folds))


def _folds(path: Path) -> tuple[Fold, ...]:
    with np.load(path / "prepared" / "folds.npz") as stored:
        return tuple(Fold(stored[f"train{i}"], stored[f"valid{i}"]) for i in range(len(stored.files) // 2))


def _column(path: Path, name: str, taken: _Taken | None) -> np.ndarray:
    values = np.asarray(np.load(path / "prepared" / f"{name}.npy", mmap_mode="r"))
    return values if taken is None else values[taken.rows]


def _column_if_there(path: Path, name: str, taken: _Taken | None) -> np.ndarray | None:
    return _column(path, name, taken) if (path / "prepared" / f"{name}.npy").exists() else None


def folds_asked(prepared: Prepared) -> tuple[int | None, int | None]:
    """The number of folds that params or the time limit asked for, 1 being a holdout, and how often the limit had them dealt; each None
    where the number of rows decided."""
    asked = RunFolder(prepared.path).read_json(DONE)
    return asked.get("folds"), asked.get("deals")


def prepare(run: RunFolder) -> Prepared:
    """Reads the run's dataset and writes what every later step reads. Raises DataError."""
    prepared = Prepared(run.path)
    if run.has(DONE):
        return prepared
    params = run.params()
    frame = read_table(run.facts()["dataset"])
    usable = usable_rows(frame, params.data.target) if params.data.target in frame else np.ones(len(frame), dtype=bool)
    train, test = split_test(rows_kept(frame, usable), params)
    everything = train if usable.all() else pd.concat([train, frame[~usable]], ignore_index=True)
    del frame
    schema = _schema_of(everything, params)
    del everything
    rows = make_rows(train, schema, params)
    judged = None if test is None else labelled_rows(test, schema, params.data.weight, "data.test")[0]
    with writing(run.path / "prepared"):
        _write(prepared, rows, test)
    run.write_json("schema.json", schema_to_json(schema))
    tables = [("data.train", int(usable.sum()), len(usable))]
    tables += [] if test is None or judged is None else [("data.test", len(judged), len(test))]
    unlabelled = tuple((where, size - known, size) for where, known, size in tables if known < size)
    how = replace(judging(params, rows), unlabelled=unlabelled)
    found = guardrails(rows.frame, schema, rows.target, how, judged)
    run.write_json("guardrails.json", [vars(g) for g in found])
    summarize_features(run)
    run.write_json(DONE, {"folds": rows.asked, "deals": rows.deals})
    return prepared


def _write(prepared: Prepared, rows: Rows, test: pd.DataFrame | None) -> None:
    folder = prepared.path / "prepared"
    folder.mkdir(exist_ok=True)
    _write_frame(rows.frame, folder / "frame.arrow")
    for name, values in (("target", rows.target), ("weights", rows.weights), ("groups", rows.groups)):
        if values is not None:
            np.save(folder / f"{name}.npy", values)
    arrays: dict[str, Any] = {f"{part}{i}": getattr(fold, part) for i, fold in enumerate(rows.folds) for part in ("train", "valid")}
    np.savez(folder / "folds.npz", **arrays)
    if test is not None:
        test.to_parquet(prepared.test_file, index=False)
    flush_folder(folder)


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    """In one chunk, and missing numbers as NaN instead of null: only what the file holds as memory does can be mapped."""
    table, columns = pa.Table.from_pandas(frame), []
    for place, (_, values) in enumerate(frame.items()):
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"
        columns.append(pa.array(values.to_numpy()) if plain else table.column(place))
    columns += table.columns[len(columns) :]  # the index, where it is not just the rows' numbers
    table = pa.Table.from_arrays(columns, schema=table.schema)
    feather.write_feather(table, str(path), compression="uncompressed", chunksize=max(1, len(frame)))


def _schema_of(frame: pd.DataFrame, params: RunParams) -> Schema:
    """The table's schema, with what params ask of it. Raises DataError, ParamsError."""
    mode, kinds, rules = params.featurization.mode, dict(params.featurization.kinds), params.validation
    named = {"data.weight": [params.data.weight], "validation.group": [rules.group], "validation.time": [rules.time]}
    named |= {"validation.split_columns": list(rules.split_columns), "featurization.drop": list(params.featurization.drop)}
    for where, columns in named.items():
        for name in filter(None, columns):
            role_column(frame, name, where)
    schema = make_schema(frame, task=params.task, target=params.data.target, drop=roles(params), kinds=kinds, mode=mode)
    schema = custom_schema(schema, params.featurization)
    label, metric = params.data.positive_label, params.search.metric
    if label is not None:
        schema = replace(schema, target=replace(schema.target, positive=positive_code(schema.target.labels, label)))
    elif metric and len(schema.target.labels) > 2 and get_metric(metric, params.task).two_classes:
        raise ParamsError(
            "this metric speaks of one class against the rest, and the target has more than two",
            where="search.metric",
            given=metric,
            remedy="say which class: data.positive_label, one of " + ", ".join(map(repr, schema.target.labels[:20])),
        )
    return schema
