"""The dataset store: tables as content-addressed Parquet; law: one content, one file, written once and never changed."""

import hashlib
import json
import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
from pandas.api import types

from bakeoff.data.reading import ORDER, read_table
from bakeoff.data.tidying import tidy
from bakeoff.errors import writing

__all__ = ["StoredDataset", "dataset_digest", "store_dataset", "write_parquet"]


@dataclass(frozen=True)
class StoredDataset:
    """A table in the store: what travels instead of the frame."""

    path: Path
    digest: str
    rows: int
    columns: int


def dataset_digest(frame: pd.DataFrame) -> str:
    """Hex SHA-256 of names, dtypes and values in their order: equal for equal tables, whatever file they came from."""
    digest = hashlib.sha256()
    for name in frame.columns:
        values = frame[name]
        dtype = values.dtype
        spelled = f"category of {dtype.categories.dtype}" if isinstance(dtype, pd.CategoricalDtype) else str(dtype)
        order = _order_of_numbers(dtype)
        spelled += f" in the order {order}" if order is not None else ""
        digest.update(f"{len(str(name))}:{name}:{spelled}:{len(values)}\n".encode())
        digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _order_of_numbers(dtype: object) -> list[float] | None:
    """The order of categories that are numbers, where they have one: Parquet keeps that of words alone."""
    if not isinstance(dtype, pd.CategoricalDtype) or not dtype.ordered or types.is_string_dtype(dtype.categories.dtype):
        return None
    return list(dtype.categories.tolist())


def store_dataset(source: str | Path | pd.DataFrame, store: str | Path, drop: Collection[str] = ()) -> StoredDataset:
    """The table of a file or frame as `store`/<digest>.parquet, written atomically where it is not there yet.

    Columns named in `drop` may hold what no table can, structs or bytes: these are kept without a value.

    Raises DataError, RunError.
    """
    frame = tidy(source, unused=drop) if isinstance(source, pd.DataFrame) else read_table(source, unused=set(drop).__contains__)
    digest = dataset_digest(frame)
    path = Path(store) / f"{digest}.parquet"
    if not path.is_file():
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(frame, path)
    return StoredDataset(path, digest, len(frame), frame.shape[1])


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """The frame as Parquet, whole or not at all: written beside, flushed to disk, renamed. Raises RunError."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    # Parquet keeps categories of strings by itself; that numbers are categories is told by pandas' metadata alone.
    if not any(isinstance(dtype, pd.CategoricalDtype) and not types.is_string_dtype(dtype.categories.dtype) for dtype in frame.dtypes):
        table = table.replace_schema_metadata(None)
    for place, dtype in enumerate(frame.dtypes):
        order = _order_of_numbers(dtype)
        if order is not None:
            table = table.set_column(place, table.field(place).with_metadata({ORDER: json.dumps(order)}), table.column(place))
    with writing(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:16]}-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                arrow_parquet.write_table(table, file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
