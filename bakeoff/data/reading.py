"""read_table: one table from one file; law: every way a file can be wrong ends in a DataError that says what to do."""

import codecs
import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as arrow_compute
import pyarrow.feather as arrow_feather
import pyarrow.json as arrow_json
import pyarrow.parquet as arrow_parquet

from bakeoff.data.delimited import NO_NUMBERS, read_delimited
from bakeoff.data.schema import Schema
from bakeoff.data.tidying import check_columns, no_frame, tidy
from bakeoff.errors import DataError

__all__ = ["ORDER", "TABLE_ENDINGS", "file_digest", "number_columns", "read_table", "text_columns"]

_TEXT = ("str", "object", "string", "category")
"""Dtypes of text, as schemas spell them."""
_WHOLE = ("int", "uint")
_NUMBERS = (*_WHOLE, "float", "double")
"""How dtypes of numbers begin."""
_SHORTEST_VECTOR = 16
"""Numbers in each row from which lists of one length are vectors, such as embeddings; a place has two or three."""
ORDER = b"bakeoff.order"
"""Where the metadata of a Parquet file's column hold the order of categories that are numbers, as JSON."""


def text_columns(known: pd.DataFrame | Schema) -> frozenset[str]:
    """Names of the columns, target included, that a table, or the one a schema was made of, holds as text: other files' are read so too."""
    return frozenset(name for name, dtype in _dtypes(known).items() if dtype in _TEXT)


def number_columns(known: pd.DataFrame | Schema) -> dict[str, bool]:
    """Names of the columns, target included, that it holds as numbers, and whether they are whole."""
    return {name: dtype.lower().startswith(_WHOLE) for name, dtype in _dtypes(known).items() if dtype.lower().startswith(_NUMBERS)}


def _dtypes(known: pd.DataFrame | Schema) -> dict[str, str]:
    if isinstance(known, Schema):
        return {column.name: column.dtype for column in known.columns} | {known.target.name: known.target.dtype}
    return {str(name): str(dtype) for name, dtype in known.dtypes.items()}


def _none(_name: str) -> bool:
    return False


def read_table(
    path: str | Path, as_text: Collection[str] = (), unused: Callable[[str], bool] = _none, as_numbers: Mapping[str, bool] = NO_NUMBERS
) -> pd.DataFrame:
    """The table in a CSV (also TSV), Parquet, Feather or JSON lines file, its types as the file has them. Raises DataError.

    A delimited file's types are told from its rows: columns named in `as_text` stay as they are spelled, be they all numbers or truth
    values in this file; where other words stand in one of `as_numbers`, its numbers are read by this file's decimal mark all the same;
    of one whose numbers were whole, 12.500 is read as thousands.
    A column of structs, bytes or vectors is refused, unless it is `unused`: then all its values are missing. Vectors `as_text` are text.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise no_frame(path, "the table", "a pandas DataFrame, or the path of a table")
    path = Path(path)
    reader = TABLE_ENDINGS.get(path.suffix.lower())
    if reader is None:
        raise DataError("files of this kind are not read", where=path, given=path.suffix or "no ending", allowed=", ".join(TABLE_ENDINGS))
    if not path.is_file():
        raise _no_file(path)
    if path.stat().st_size == 0:
        raise DataError("the file is empty", where=path, given="0 bytes", remedy="export the table again")
    try:
        table = read_delimited(path, as_text, as_numbers) if reader is read_delimited else reader(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    check_columns(table.column_names, path)
    table = _without_values(table, unused)
    _check_flat(table, path)
    _check_vectors(table.select([name for name in table.column_names if name not in as_text]), path)
    return tidy(_to_frame(table), path)


def file_digest(path: str | Path) -> str:
    """Hex SHA-256 of a file as it is. Raises DataError."""
    path = Path(path)
    if not path.is_file():
        raise _no_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _read_parquet(path: Path) -> pa.Table:
    return _read_binary(path, "Parquet", lambda: arrow_parquet.ParquetFile(path).read())


def _read_feather(path: Path) -> pa.Table:
    return _read_binary(path, "Feather", lambda: arrow_feather.read_table(path))


def _read_binary(path: Path, format_name: str, read: Callable[[], pa.Table]) -> pa.Table:
    try:
        return read()
    except pa.ArrowException as error:
        remedy = f"the file is damaged or no {format_name}: write it again, or give it the ending of what it is"
        raise DataError(f"this is no {format_name} file", where=path, given=str(error).splitlines()[0], remedy=remedy) from error


def _read_json_lines(path: Path) -> pa.Table:
    with path.open("rb") as file:
        start = file.read(64).removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"["):
        raise DataError(
            "this is a JSON list",
            where=path,
            given="a file that starts with [",
            allowed="JSON lines: one {…} a line",
            remedy="write it with frame.to_json(path, orient='records', lines=True)",
        )
    try:
        table = arrow_json.read_json(path, read_options=arrow_json.ReadOptions(block_size=16 << 20))
    except pa.ArrowInvalid as error:
        raise _explain_json(path, error) from error
    return table


def _explain_json(path: Path, error: pa.ArrowInvalid) -> DataError:
    given, remedy = str(error).splitlines()[0], "write one JSON object a line, each key with values of one type"
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                try:
                    whole = not line.strip() or isinstance(json.loads(line), dict)
                except (json.JSONDecodeError, RecursionError):
                    whole = False
                if not whole:
                    return DataError(f"line {number} is no JSON object", where=path, given=line.strip()[:80], remedy="mend this line")
    except UnicodeDecodeError as undecoded:
        return DataError("the file is not UTF-8 text", where=path, given=str(undecoded), allowed="UTF-8", remedy="save it as UTF-8")
    return DataError("the file cannot be read as JSON lines", where=path, given=given, remedy=remedy)


TABLE_ENDINGS: dict[str, Callable[[Path], pa.Table]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".parquet": _read_parquet,
    ".feather": _read_feather,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json_lines,
}
"""How a file is read, by its ending."""


def _no_file(path: Path) -> DataError:
    if path.is_dir():
        return DataError("this is a folder", where=path, allowed="one file", remedy="name a file in it")
    siblings = sorted(p.name for p in path.parent.iterdir() if p.suffix.lower() in TABLE_ENDINGS) if path.parent.is_dir() else []
    dvc = path.with_name(path.name + ".dvc").is_file()
    return DataError(
        "there is no such file",
        where=path,
        allowed=f"in {path.parent}: {', '.join(siblings[:12])}" if siblings else "",
        remedy="fetch it with: dvc pull" if dvc else "name an existing table; shipped examples are made by: dvc repro",
    )


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError("the file cannot be read", where=path, given=str(error), remedy="make it readable for this user")


def _is_list(kind: pa.DataType) -> bool:
    """Whether each value is a list of plain values."""
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return listed and not pa.types.is_nested(kind.value_type) and not pa.types.is_binary(kind.value_type)


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind)) and not _is_list(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _without_values(table: pa.Table, unused: Callable[[str], bool]) -> pa.Table:
    """Unused columns that no frame can hold, or that hold vectors, as columns without a value."""
    for place, field in enumerate(table.schema):
        unlearnable = _is_nested(field.type) or _is_bytes(field.type) or _vector_length(table.column(place)) >= _SHORTEST_VECTOR
        if unlearnable and unused(field.name):
            table = table.set_column(place, field.name, pa.nulls(table.num_rows, pa.float64()))
    return table


def _check_flat(table: pa.Table, path: Path) -> None:
    nested = [f"{field.name} ({field.type})" for field in table.schema if _is_nested(field.type)]
    _refuse(nested, path, "nested values", "plain values, or lists of words and numbers", "flatten them before")
    _refuse([field.name for field in table.schema if _is_bytes(field.type)], path, "bytes", "numbers, words, dates", "decode them before")


def _check_vectors(table: pa.Table, path: Path) -> None:
    lengths = {name: _vector_length(table.column(name)) for name in table.column_names}
    vectors = [f"{name} ({length} numbers in each row)" for name, length in lengths.items() if length >= _SHORTEST_VECTOR]
    allowed = "plain values, or lists of words and numbers of several lengths"
    _refuse(vectors, path, "vectors, which would be learned as words", allowed, "make a column of each number")


def _refuse(columns: list[str], path: Path, what: str, allowed: str, instead: str) -> None:
    """Raises DataError where there are such columns."""
    if columns:
        remedy = f"{instead}, or leave them out (data.drop)"
        raise DataError(f"columns hold {what}", where=path, given=", ".join(columns[:5]), allowed=allowed, remedy=remedy)


def _vector_length(values: pa.ChunkedArray) -> int:
    """Of a column whose values are lists of floats, all of one length; 0 for others."""
    if not _is_list(values.type) or not pa.types.is_floating(values.type.value_type):
        return 0
    lengths = arrow_compute.unique(arrow_compute.list_value_length(values).drop_null()).to_pylist()
    return int(lengths[0]) if len(lengths) == 1 else 0


def _categories(values: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    """Numbers as the categories that they were, in their order where they had one."""
    told = (field.metadata or {}).get(ORDER)
    if told is None:
        return values.dictionary_encode()
    order = pa.array(json.loads(told), field.type)
    codes = arrow_compute.index_in(values, order).combine_chunks()
    return pa.DictionaryArray.from_arrays(codes, order, ordered=True)


def _to_frame(table: pa.Table) -> pd.DataFrame:
    """Frame of the stored columns; an index that pandas left unnamed is no column."""
    table = table.select([name for name in table.column_names if not name.startswith("__index_level_")])
    described = (table.schema.pandas_metadata or {}).get("columns", [])
    categories = {column["field_name"] for column in described if column["pandas_type"] == "categorical"}
    for place, field in enumerate(table.schema):
        if field.name in categories and not pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, _categories(table.column(place), field))
        elif pa.types.is_time(field.type):
            clock = arrow_compute.replace_substring_regex(table.column(place).cast(pa.string()), r"\.0+$", "")
            table = table.set_column(place, field.name, clock)
        elif pa.types.is_decimal(field.type) or pa.types.is_null(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, date_as_object=False, split_blocks=True)
    return frame
