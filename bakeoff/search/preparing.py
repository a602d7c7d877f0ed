"""Preparing a run's data once: typed frame, target, folds, test part; law: children memory-map these files."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import feather

from bakeoff.algorithms import TableFacts
from bakeoff.data import conform, encode_target, guardrails, make_schema, read_table, schema_from_json, schema_to_json, usable_rows
from bakeoff.data.schema import Schema
from bakeoff.errors import DataError
from bakeoff.evaluation import Fold, make_folds
from bakeoff.params import RunParams
from bakeoff.runs import RunFolder

__all__ = ["Prepared", "prepare", "split_test"]


@dataclass(frozen=True)
class Prepared:
    """What `prepare` left in a run's folder, opened by memory-mapping."""

    path: Path

    @cached_property
    def schema(self) -> Schema:
        """The run's schema."""
        return schema_from_json(RunFolder(self.path).read_json("schema.json"))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The conformed training rows."""
        frame: pd.DataFrame = feather.read_feather(self.path / "prepared" / "frame.arrow", memory_map=True)
        return frame

    @cached_property
    def target(self) -> np.ndarray:
        """(n,) class codes int64, or values float64."""
        return np.asarray(np.load(self.path / "prepared" / "target.npy", mmap_mode="r"))

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The splits every candidate is judged by."""
        with np.load(self.path / "prepared" / "folds.npz") as stored:
            return tuple(Fold(stored[f"train{i}"], stored[f"valid{i}"]) for i in range(len(stored.files) // 2))

    @cached_property
    def scored_rows(self) -> np.ndarray:
        """Sorted numbers of the rows that some fold validates on."""
        return np.unique(np.concatenate([fold.valid for fold in self.folds]))

    @cached_property
    def facts(self) -> TableFacts:
        """Rows, columns, classes."""
        return TableFacts(rows=len(self.target), columns=len(self.schema.columns), classes=len(self.schema.target.labels))

    @property
    def test_file(self) -> Path:
        """The raw test part; absent where there is none."""
        return self.path / "prepared" / "test.parquet"


def prepare(run: RunFolder) -> Prepared:
    """Reads the run's dataset and writes what every later step reads. Raises DataError."""
    prepared = Prepared(run.path)
    if run.has("prepared/done"):
        return prepared
    params = run.params()
    frame = read_table(run.facts()["dataset"])
    usable = usable_rows(frame, params.data.target) if params.data.target in frame else np.ones(len(frame), dtype=bool)
    train, test = split_test(frame[usable].reset_index(drop=True), params)
    everything = train if usable.all() else pd.concat([train, frame[~usable]], ignore_index=True)
    mode, kinds = params.featurization.mode, dict(params.featurization.kinds)
    schema = make_schema(everything, task=params.task, target=params.data.target, drop=params.data.drop, kinds=kinds, mode=mode)
    target = encode_target(train[params.data.target], schema)
    folds = make_folds(target, params.task, folds=params.validation.folds, seed=params.search.seed)
    (run.path / "prepared").mkdir(exist_ok=True)
    feather.write_feather(conform(train, schema), str(run.path / "prepared" / "frame.arrow"), compression="uncompressed")
    np.save(run.path / "prepared" / "target.npy", target)
    arrays: dict[str, Any] = {f"{part}{i}": getattr(fold, part) for i, fold in enumerate(folds) for part in ("train", "valid")}
    np.savez(run.path / "prepared" / "folds.npz", **arrays)
    if test is not None:
        test.to_parquet(prepared.test_file, index=False)
    run.write_json("schema.json", schema_to_json(schema))
    found = guardrails(train, schema, target, len(folds), test)
    run.write_json("guardrails.json", [vars(g) for g in found])
    run.write_json("prepared/done", {})
    return prepared


def split_test(frame: pd.DataFrame, params: RunParams) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The training rows, and the test part that no search ever sees: a file's rows, or a seeded (stratified) fraction."""
    test = params.data.test
    if test is None:
        return frame, None
    if isinstance(test, str):
        return frame, read_table(test)
    from sklearn.model_selection import train_test_split

    labels = frame[params.data.target] if params.task == "classification" and params.data.target in frame else None
    if labels is not None and labels.value_counts().min() < 2:
        labels = None
    try:
        train, held = train_test_split(frame, test_size=test, random_state=params.search.seed, stratify=labels)
    except ValueError as error:
        raise DataError(
            "the test fraction leaves too few rows", where="data.test", given=f"{test} of {len(frame)} rows", remedy=str(error)
        ) from error
    return train.reset_index(drop=True), held.reset_index(drop=True)
