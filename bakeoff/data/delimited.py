"""Delimited text, its separator and decimal comma found; law: what is read is what the file spells, and a bad line is named."""

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as arrow_compute
import pyarrow.csv as arrow_csv

from bakeoff.data.parsing import missing_words, to_numbers, without_sign
from bakeoff.data.spelling import spell
from bakeoff.data.tidying import check_columns
from bakeoff.errors import DataError

__all__ = ["NO_NUMBERS", "read_delimited"]

NO_NUMBERS: Mapping[str, bool] = MappingProxyType({})
"""Of a table that no other came before."""

_HEAD_BYTES = 256 * 1024
_BLOCK_BYTES = 8 << 20
"""What Arrow's reader takes at once: no row may be longer."""
_HEAD_ROWS = 200
_SEPARATORS = (",", ";", "\t", "|")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_DECIMAL_POINT = re.compile(r"[+-]?\d+\.\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
"""1.234 may be a thousand or more than one, which other cells decide, unless they are fewer than a tenth, or the column, where it held
whole numbers in training."""
_GROUPED_BY_COMMA = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""So may 1,234 between tabs and bars, unless the column held decimals in training; semicolons are there for decimal commas."""
_GROUPED_BY_POINT = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"
_AMOUNT = r"^\D{0,5}\d[\d.,]*\D{0,5}$"
_LEADING_ZERO = re.compile(r"0\d+")
_FOR_EXCEL = re.compile(r'"?sep=(.)"?[ \t]*\r?\n', re.IGNORECASE)
_MAY_SEPARATE = re.compile(r"[\t !#-~]")
"""What Arrow's reader takes for a separator."""


@dataclass(frozen=True)
class _Dialect:
    separator: str
    decimal: str
    """Empty where the head does not tell."""
    names: tuple[str, ...]
    spelled: tuple[str, ...]
    """The same as the file spells them."""
    codes: tuple[str, ...]
    """Columns, as the file spells their names, whose numbers have leading zeros, such as postal codes: they stay as they are."""
    skipped: int
    """Lines before the names: one where it tells Excel the separator, and blank ones."""


def read_delimited(path: Path, as_text: Collection[str] = (), as_numbers: Mapping[str, bool] = NO_NUMBERS) -> pa.Table:
    """The table in a CSV or TSV file, columns named in `as_text` as they are spelled; DataError for anything that is no such file.

    Columns named in `as_numbers` were numbers in another table, and whole where it says so: where other words stand in one, it is text,
    its numbers with a decimal point, whatever the file has.
    """
    dialect = _find_dialect(path, as_numbers)
    texts = {spelled for name, spelled in zip(dialect.names, dialect.spelled, strict=True) if name in as_text}
    try:
        table = _as_spelled(path, dialect, _read(path, dialect, {*texts, *dialect.codes}))
        numbers = {spelled: as_numbers[name] for name, spelled in zip(dialect.names, dialect.spelled, strict=True) if name in as_numbers}
        if not dialect.decimal and _has_decimal_commas(path, dialect, table, numbers):
            dialect = replace(dialect, decimal=",")
            table = _as_spelled(path, dialect, _read(path, dialect, {*texts, *dialect.codes}))
    except pa.ArrowInvalid as error:
        raise _explain(path, dialect, error) from error
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        raise _not_utf8(path)
    if table.num_rows == 0:
        given = ", ".join(dialect.names[:12])
        raise DataError("there are column names but no rows", where=path, given=given, remedy="export the table again")
    _refuse_open_quote(path, table)
    table = table.rename_columns(list(dialect.names))
    return _with_points(_without_points(table, as_text), as_numbers) if dialect.decimal == "," else table


def _read(path: Path, dialect: _Dialect, texts: Collection[str], only: list[str] | None = None) -> pa.Table:
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, skip_rows=dialect.skipped),
        parse_options=_parse_options(dialect),
        convert_options=arrow_csv.ConvertOptions(
            strings_can_be_null=True,
            decimal_point=dialect.decimal or ".",
            column_types={name: pa.string() for name in texts},
            include_columns=only,
        ),
    )
    blank_last = len(dialect.names) == 1 and table.num_rows > 0 and not table.column(0)[-1].is_valid
    return table.slice(0, table.num_rows - _blank_lines_at_the_end(path)) if blank_last else table


def _parse_options(dialect: _Dialect, bad_row: Callable[[arrow_csv.InvalidRow], str] | None = None) -> arrow_csv.ParseOptions:
    """In a file of one column, a blank line is a row without a value."""
    return arrow_csv.ParseOptions(
        delimiter=dialect.separator,
        newlines_in_values=True,
        ignore_empty_lines=len(dialect.names) > 1,
        invalid_row_handler=bad_row,
    )


def _blank_lines_at_the_end(path: Path) -> int:
    ends = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            ends += chunk
            ends = ends[len(ends.rstrip(b"\r\n")) :]
    return max(len(ends.splitlines()) - 1, 0)


def _as_spelled(path: Path, dialect: _Dialect, table: pa.Table) -> pa.Table:
    """The table with its columns of times of day as text, and those of whole numbers where one has leading zeros, be it in the last row.

    A column that is text in the table learned from is read as text from every other file: 08:30 may not have become 08:30:00 in one.
    """
    clocks = [field.name for field in table.schema if pa.types.is_time(field.type)]
    whole = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    whole = whole if whole and _has_leading_zeros(path, dialect.separator) else []
    if not clocks and not whole:
        return table
    words = _read(path, dialect, [*clocks, *whole], [*clocks, *whole])
    for name in words.column_names:
        if name in clocks or arrow_compute.any(arrow_compute.match_substring_regex(words[name], r"^\s*0\d")).as_py():
            table = table.set_column(table.column_names.index(name), name, words[name])
    return table


def _has_leading_zeros(path: Path, separator: str) -> bool:
    """Whether some field may begin with a zero and a digit. A search for each that may stand before is far faster than one for all."""
    searches = [re.compile(re.escape(before.encode()) + rb"0\d") for before in {separator, "\n", "\r", '"', " ", "\t"}]
    with path.open("rb") as file:
        end = b""
        while chunk := file.read(4 << 20):
            if any(search.search(end + chunk) for search in searches):
                return True
            end = chunk[-2:]
    return False


def _find_dialect(path: Path, as_numbers: Mapping[str, bool], size: int = _HEAD_BYTES) -> _Dialect:
    """By the first `size` bytes, or more of them where the line of names may end behind these."""
    text, cut = _head(path, size)
    told = _FOR_EXCEL.match(text)
    if told:
        if not _MAY_SEPARATE.fullmatch(told[1]):
            allowed = "a tab, or a character of ASCII other than a quote"
            raise DataError("this cannot separate fields", where=path, given=told[0].strip(), allowed=allowed, remedy="mend the first line")
        text = text[told.end() :]
    best = told[1] if told else max(_SEPARATORS, key=lambda separator: (*_fit(text, separator), -_SEPARATORS.index(separator)))
    rows = _rows(text, best)
    if cut and len(rows) < 2 and size < _BLOCK_BYTES:
        return _find_dialect(path, as_numbers, 2 * size)
    if not rows:
        raise DataError("the file is empty", where=path, allowed="a line of column names, then rows", remedy="export the table again")
    names = tuple(name.strip() or f"Unnamed: {place}" for place, name in enumerate(rows[0]))
    check_columns(names, path)
    columns = list(zip(*(row for row in rows[1:] if len(row) == len(names)), strict=True))
    codes = tuple(name for name, cells in zip(rows[0], columns, strict=False) if any(_LEADING_ZERO.fullmatch(cell) for cell in cells))
    telling = (
        (cells, best == ";" or as_numbers.get(name) is False, as_numbers.get(name, False))
        for name, cells in zip(names, columns, strict=False)
    )
    mark = "." if best == "," and "," in text else _decimal_mark(telling)  # one column has no separator
    blank = text[: len(text) - len(text.lstrip("\r\n"))].splitlines()
    return _Dialect(best, mark, names, tuple(rows[0]), codes, skipped=len(blank) + (1 if told else 0))


def _decimal_mark(columns: Iterable[tuple[Iterable[str], bool, bool]]) -> str:
    """What stands before decimals, by the cells of columns that can be read in one way only, whether 1,234 is one of them, and whether
    the column held whole numbers: 12.500 is none with a decimal point, unless 0.500 stands there too; 12.000 alone may be 12.

    '' where nothing can stand there, or thousands alone leave it open.
    """
    commas, points, thousands = 0, 0, 0
    for column, decided, whole in columns:
        cells = [without_sign(cell) for cell in column]
        commas += sum(_DECIMAL_COMMA.fullmatch(cell) is not None and (decided or not _GROUPED_BY_COMMA.fullmatch(cell)) for cell in cells)
        grouped = sum(_THOUSANDS.fullmatch(cell) is not None for cell in cells)
        pointed = sum(_DECIMAL_POINT.fullmatch(cell) is not None and _THOUSANDS.fullmatch(cell) is None for cell in cells)
        points += pointed
        if whole and not pointed and any(cell[-1:].isdigit() and not cell.endswith(".000") for cell in cells):
            commas += grouped
        else:
            thousands += grouped
    return "," if commas > max(points, thousands / 10) else "." if points or commas else ""


def _has_decimal_commas(path: Path, dialect: _Dialect, table: pa.Table, numbers: Mapping[str, bool]) -> bool:
    """Whether rows behind the head tell of decimal commas, by columns of numbers, by all where none are known to be; as text, '3,125'
    would be taken for 3125, and as a number, '3.125' for three and an eighth."""
    judged = [field for field in table.schema if field.name in numbers or not numbers]
    cells = {field.name: _amounts(table[field.name]) for field in judged if pa.types.is_string(field.type)}
    points = [field.name for field in judged if pa.types.is_floating(field.type)]
    if not any(numbers.get(name) for name in (*cells, *points)) and not any("," in cell for some in cells.values() for cell in some):
        return False
    spelled = _read(path, dialect, points, points) if points else table
    cells |= {name: _amounts(spelled[name]) for name in points}
    return _decimal_mark((some, dialect.separator == ";", numbers.get(name, False)) for name, some in cells.items()) == ","


def _amounts(words: pa.ChunkedArray) -> list[str]:
    """The different words that may be a number, with or without a sign before or behind it."""
    amounts: list[str] = words.filter(arrow_compute.match_substring_regex(words, _AMOUNT)).unique().to_pylist()
    return amounts


def _head(path: Path, size: int) -> tuple[str, bool]:
    """The file's first lines as text, and whether there is more in it than `size` bytes."""
    with path.open("rb") as file:
        content = file.read(size)
        cut = bool(file.read(1))
    if b"\0" in content or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _not_utf8(path)
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(content, final=not cut)
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    return (text[: text.rfind("\n") + 1] if cut and "\n" in text else text), cut


def _rows(text: str, separator: str) -> list[list[str]]:
    """The head's first rows, up to one that cannot be read (Arrow's reader says more about it)."""
    filled = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(itertools.islice(filled, _HEAD_ROWS))
    return rows


def _fit(text: str, separator: str) -> tuple[bool, int]:
    """How well a separator explains the head: whether the rows are as wide as the first one, and how wide that is."""
    rows = _rows(text, separator)
    if not rows or len(rows[0]) == 1:
        return False, 0
    return sum(len(row) == len(rows[0]) for row in rows) >= 0.9 * len(rows), len(rows[0])


def _refuse_open_quote(path: Path, table: pa.Table) -> None:
    """DataError where the last row has a line break in a field because a quote that was opened before is never closed."""
    last = [value for value in table.slice(table.num_rows - 1).to_pylist()[0].values() if isinstance(value, str) and "\n" in value]
    if not last:
        return
    with path.open("rb") as file:
        quotes = sum(chunk.count(b'"') for chunk in iter(lambda: file.read(1 << 20), b""))
    if quotes % 2:
        raise DataError(
            "a quote is opened and never closed: everything after it is one field",
            where=path,
            given=last[0][:80],
            remedy='close it; inside of quotes, write " as ""',
        )


def _without_points(table: pa.Table, as_text: Collection[str]) -> pa.Table:
    """Columns of a decimal-comma table whose numbers have points between the thousands ('1.234,5') as numbers, unless they stay text.

    So are those with words for a missing value among decimals: as text, '3,125' would be taken for 3125.
    """
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        if not pa.types.is_string(column.type) or name in as_text:
            continue
        words = column.to_pandas().str.strip()
        missing = missing_words(words)
        known = words[~missing]
        if not len(known) or not known.str.fullmatch(_GROUPED_BY_POINT).all() or known.str.fullmatch(_LEADING_ZERO.pattern).any():
            continue
        if words[missing].isna().all() or known.str.contains("[.,]").any():  # of 1, 2, none, the last may be a class
            bare = words.mask(missing).str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
            table = table.set_column(place, name, pa.array(pd.to_numeric(bare), from_pandas=True))
    return table


def _with_points(table: pa.Table, as_numbers: Collection[str]) -> pa.Table:
    """A decimal-comma table whose columns of numbers among words have the numbers spelled with a decimal point; the words stay."""
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        if pa.types.is_string(column.type) and name in as_numbers:
            words = column.to_pandas()
            numbers = pd.Series(to_numbers(words, ","))
            table = table.set_column(place, name, pa.array(words.where(np.isnan(numbers), spell(numbers)), pa.string(), from_pandas=True))
    return table


def _explain(path: Path, dialect: _Dialect, error: pa.ArrowInvalid) -> DataError:
    """The DataError for what Arrow's reader refused: it is read again on one thread, which knows the row."""
    if "invalid UTF8" in str(error):  # of a column that is read as text: where the type is inferred, it becomes bytes
        return _not_utf8(path)
    seen: list[arrow_csv.InvalidRow] = []

    def first_bad_row(row: arrow_csv.InvalidRow) -> str:
        seen.append(row)
        return "error"

    with contextlib.suppress(pa.ArrowInvalid, UnicodeDecodeError):
        arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(use_threads=False, skip_rows=dialect.skipped),
            parse_options=_parse_options(dialect, first_bad_row),
        )
    if not seen:
        return DataError("the file cannot be read as delimited text", where=path, given=str(error), remedy="look for an unclosed quote")
    row = seen[0]
    line = _line_of(path, row.text)
    return DataError(
        f"line {line} has {row.actual_columns} fields, the line of column names has {row.expected_columns}",
        where=path,
        given=row.text[:120],
        allowed=f"{row.expected_columns} fields separated by {dialect.separator!r} in every line",
        remedy="mend this line; put a field that holds the separator into double quotes",
    )


def _line_of(path: Path, text: str) -> int:
    first = text.splitlines()[0] if text else ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return next((number for number, line in enumerate(file, 1) if line.rstrip("\r\n") == first), 0)


def _not_utf8(path: Path) -> DataError:
    decoder = codecs.getincrementaldecoder("utf-8")()
    start, given = 0, "a zero byte, as in UTF-16 or a binary file"
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                position = start + error.start - (len(error.object) - len(chunk))
                given = f"byte 0x{error.object[error.start]:02x} at position {position}"
                break
            start += len(chunk)
    return DataError(
        "the file is not UTF-8 text", where=path, given=given, allowed="UTF-8", remedy="save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
    )
