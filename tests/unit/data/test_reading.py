"""read_table: every format reads alike, and every broken file is named with what to do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from bakeoff.data import make_schema, read_table, text_columns
from bakeoff.errors import DataError

FRAME = pd.DataFrame(
    {
        "size": [1.5, 2.25, np.nan],
        "count": [1, 2, 3],
        "colour": pd.Series(["red", None, "blue"], dtype="str"),
        "seen": pd.to_datetime(["2024-01-05", "2024-02-01", "2024-12-31"]).as_unit("us"),
        "sold": [True, False, True],
    }
)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "feather", "jsonl"])
def test_every_format_reads_the_same_content(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"table.{ending}"
    writers = {
        "csv": lambda: FRAME.to_csv(path, index=False),
        "tsv": lambda: FRAME.to_csv(path, index=False, sep="\t"),
        "parquet": lambda: FRAME.to_parquet(path),
        "feather": lambda: FRAME.to_feather(path),
        "jsonl": lambda: FRAME.to_json(path, orient="records", lines=True, date_format="iso"),
    }
    writers[ending]()
    read = read_table(path)
    assert list(read.columns) == list(FRAME.columns)
    pd.testing.assert_frame_equal(read.astype({"seen": "datetime64[us]"}), FRAME, check_dtype=True)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    FRAME.to_csv(tmp_path / "t.csv", index=False, sep=separator)
    assert read_table(tmp_path / "t.csv").shape == (3, 5)


def test_columns_that_another_table_had_as_text_stay_as_they_are_spelled(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "version;on;size;price\n2.10;true;1,5;0,5\n3.10;false;2,5;1,5\n")
    table = read_table(path, as_text=["version", "on", "elsewhere"])
    assert table["version"].tolist() == ["2.10", "3.10"]
    assert table["on"].tolist() == ["true", "false"]
    assert table["size"].tolist() == [1.5, 2.5]
    known = pd.DataFrame({"version": ["x"], "size": [1.0], "y": ["a"]})
    assert text_columns(known) == {"version", "y"}
    schema = make_schema(
        pd.concat([known] * 20, ignore_index=True).assign(y=["a", "b"] * 10, version=list("xyzw") * 5), task="classification", target="y"
    )
    assert text_columns(schema) == {"version", "y"}


def test_times_of_day_stay_as_they_are_spelled_in_each_file(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "at,n\n" + "".join(f"{hour:02d}:30,{hour}\n" for hour in range(24)))
    first = read_table(path)
    assert first["at"].tolist()[:2] == ["00:30", "01:30"]
    pd.testing.assert_frame_equal(first, read_table(path, as_text=text_columns(first)))


def test_a_line_that_tells_excel_the_separator_is_no_line_of_names(tmp_path: Path) -> None:
    for told in ("sep=;\n", "\ufeffsep=;\r\n", '"sep=;"\n'):
        read = read_table(write(tmp_path / "t.csv", f"{told}a;b\n1,5;x\n2,5;y\n".encode()))
        assert read.to_dict("list") == {"a": [1.5, 2.5], "b": ["x", "y"]}
    with pytest.raises(DataError, match="line 3 has 3 fields"):
        read_table(write(tmp_path / "t.csv", "sep=;\na;b\n1;2;3\n1;2\n"))


def test_quotes_line_breaks_byte_order_mark_and_nameless_columns(tmp_path: Path) -> None:
    read = read_table(write(tmp_path / "t.csv", b'\xef\xbb\xbfname,text,\n1,"a, b\nc",x\n2,,y\n'))
    assert list(read.columns) == ["name", "text", "Unnamed: 2"]
    assert read["text"].tolist()[0] == "a, b\nc"
    assert read["text"].isna().tolist() == [False, True]


def test_types_are_found_over_the_whole_file_not_its_beginning(tmp_path: Path) -> None:
    lines = ["a,b"] + [f"{i},{i}" for i in range(200_000)] + ["last,1.5"]
    read = read_table(write(tmp_path / "t.csv", "\n".join(lines) + "\n"))
    assert read["a"].iloc[-1] == "last"
    assert read["b"].dtype == "float64"


def test_parquet_index_without_a_name_is_no_column_and_categories_stay(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Categorical([3, 1, 3]), "b": [1, 2, 3]}, index=[7, 8, 9])
    frame.to_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert list(read.columns) == ["a", "b"]
    assert isinstance(read["a"].dtype, pd.CategoricalDtype)
    assert read.index.tolist() == [0, 1, 2]


def test_zoned_dates_decimals_and_times_become_plain(tmp_path: Path) -> None:
    table = pa.table(
        {
            "when": pa.array([pd.Timestamp("2024-01-01T12:00", tz="Europe/Vienna")]),
            "price": pa.array(["1.25"]).cast(pa.decimal128(5, 2)),
            "clock": pa.array([3600], type=pa.time32("s")),
            "none": pa.nulls(1),
        }
    )
    arrow_parquet.write_table(table, tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert read["when"].iloc[0] == pd.Timestamp("2024-01-01T11:00")
    assert read["price"].iloc[0] == 1.25
    assert read["clock"].iloc[0] == "01:00:00"
    assert read["none"].isna().all()


BROKEN = [
    ("t.xlsx", "x", "files of this kind are not read"),
    ("t.csv", "", "the file is empty"),
    ("t.csv", "\n\n", "the file is empty"),
    ("t.csv", "a,b\n", "there are column names but no rows"),
    ("t.csv", "a,b,a\n1,2,3\n", "column names occur twice: 'a'"),
    ("t.csv", "a,b\n1,2\n3,4,5\n6,7\n", "line 3 has 3 fields, the line of column names has 2"),
    ("t.csv", 'a,b\n1,"x\ny"\n3\n', "line 4 has 1 fields, the line of column names has 2"),
    ("t.csv", "a,b\n1,2\n".encode("utf-16"), "the file is not UTF-8 text"),
    ("t.csv", b"a,caf\xe9\n1,2\n", "byte 0xe9 at position 5"),
    ("t.csv", b"a,b\n" + b"1,x\n" * 200_000 + b"1,caf\xe9\n", f"byte 0xe9 at position {4 + 800_000 + 5}"),
    ("t.parquet", "no parquet at all", "this is no Parquet file"),
    ("t.feather", "no feather at all", "this is no Feather file"),
    ("t.json", '[{"a": 1}]', "this is a JSON list"),
    ("t.jsonl", '{"a": 1}\n{"a": \n', "line 2 is no JSON object"),
    ("t.csv", "sep=§\na§b\n1§2\n", "this cannot separate fields\n  given: sep=§"),
    ("t.csv", 'sep="\na,b\n1,2\n', "this cannot separate fields"),
    ("t.csv", "sep=\r\na,b\r\n1,2\r\n", "this cannot separate fields"),
    ("t.jsonl", '{"a": {"b": 1}}\n', "columns hold nested values"),
]


@pytest.mark.parametrize(("name", "content", "message"), BROKEN, ids=[m[:30] for _, _, m in BROKEN])
def test_a_broken_file_says_where_and_what(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert caught.value.where.startswith(str(path))


def test_a_line_of_very_deep_json_is_told(tmp_path: Path) -> None:
    deep = '{"a": ' * 3000 + "1" + "}" * 3000
    with pytest.raises(DataError, match=r"line 2 is no JSON object|cannot be read as JSON lines"):  # as deep as this Python reads
        read_table(write(tmp_path / "t.jsonl", f'{{"a": 1}}\n{deep}\n'))


def test_non_utf8_text_says_how_to_save_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="save it as UTF-8"):
        read_table(write(tmp_path / "t.csv", b"a,b\n1,caf\xe9\n"))


def test_non_utf8_text_far_behind_in_a_column_known_as_text_says_how_to_save_it(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"a,b\n" + b"1,x\n" * 200_000 + b"1,caf\xe9\n")
    with pytest.raises(DataError, match=f"(?s)byte 0xe9 at position {4 + 800_000 + 5}.*save it as UTF-8"):
        read_table(path, as_text=["b"])


def test_a_missing_file_names_its_neighbours_and_dvc(tmp_path: Path) -> None:
    write(tmp_path / "other.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"other\.csv"):
        read_table(tmp_path / "t.csv")
    write(tmp_path / "t.csv.dvc", "outs:")
    with pytest.raises(DataError, match="dvc pull"):
        read_table(tmp_path / "t.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(DataError, match="this is a folder"):
        read_table(tmp_path / "d.csv")


@pytest.mark.parametrize("kind", [pa.list_(pa.list_(pa.int64())), pa.struct([("x", pa.int64())])])
def test_nested_parquet_columns_are_named(tmp_path: Path, kind: pa.DataType) -> None:
    arrow_parquet.write_table(pa.table({"a": [1], "deep": pa.nulls(1, kind)}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"deep \("):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 16)])
def test_vectors_are_named_unless_they_are_left_out(tmp_path: Path, kind: pa.DataType) -> None:
    vectors = pa.array([[n + k / 8 for k in range(16)] if n != 3 else None for n in range(40)], kind)
    arrow_parquet.write_table(pa.table({"a": range(40), "embedding": vectors}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"(?s)embedding \(16 numbers in each row\).*make a column of each number.*data\.drop"):
        read_table(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", unused={"embedding"}.__contains__)["embedding"].isna().all()
    learned = read_table(tmp_path / "t.parquet", as_text=["embedding"])
    assert learned["embedding"][0] == "|".join(f"{k / 8:g}" for k in range(16))


def test_lists_of_numbers_that_are_no_vectors_are_read(tmp_path: Path) -> None:
    few, several = [[0.5, n] for n in range(40)], [[0.5] * (16 + n % 2) for n in range(40)]
    whole = pa.array([list(range(20))] * 40, pa.list_(pa.int64()))
    arrow_parquet.write_table(pa.table({"few": few, "several": several, "whole": whole}), tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").shape == (40, 3)


def test_byte_columns_are_named(tmp_path: Path) -> None:
    arrow_parquet.write_table(pa.table({"a": [1], "raw": [b"\x00"]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="columns hold bytes"):
        read_table(tmp_path / "t.parquet")


def test_unused_columns_may_hold_anything_and_have_no_values(tmp_path: Path) -> None:
    deep = pa.array([{"x": 1}, None])
    arrow_parquet.write_table(pa.table({"a": [1, 2], "deep": deep, "raw": [b"\x00", b""]}), tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet", unused={"deep", "raw"}.__contains__)
    assert list(read.columns) == ["a", "deep", "raw"]
    assert read[["deep", "raw"]].isna().all(axis=None)
    with pytest.raises(DataError, match="columns hold bytes"):
        read_table(tmp_path / "t.parquet", unused={"a", "deep"}.__contains__)


def test_blank_lines_blank_names_and_very_long_fields(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path / "a.csv", "\n\n a , b\n1,2\n\n3,4\n")).columns) == ["a", "b"]
    assert read_table(write(tmp_path / "b.csv", ",\n1,2\n")).columns.tolist() == ["Unnamed: 0", "Unnamed: 1"]
    assert read_table(write(tmp_path / "c.csv", f"a,b\n{'x' * 300_000},1\n"))["a"].str.len().tolist() == [300_000]
    with pytest.raises(DataError, match="column names occur twice: 'a'"):
        read_table(write(tmp_path / "d.csv", "a, a \n1,2\n"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("start", "last"), [("", ""), ("\n\n", "\n"), ("sep=;\n\n", "\n\n\n")])
def test_a_blank_line_in_a_file_of_one_column_is_a_row(tmp_path: Path, start: str, last: str, end: str) -> None:
    for rows, values in (
        ("good\n\n\nbad\n", ["good", "", "", "bad"]),
        ('\ngood\n"a\n\nb"', ["", "good", "a\n\nb"]),
        ('good\n""\n', ["good", ""]),
        ("0123\n\n4567", ["0123", "", "4567"]),
        ("08:30\n\n09:30", ["08:30", "", "09:30"]),
    ):
        path = write(tmp_path / "t.csv", f"{start}review\n{rows}{last}".replace("\n", end))
        for as_text in ([], ["review"]):
            assert read_table(path, as_text)["review"].fillna("").tolist() == [value.replace("\n", end) for value in values]
    with pytest.raises(DataError, match="there are column names but no rows"):
        read_table(write(tmp_path / "t.csv", f"{start}review\n{last}".replace("\n", end)))
    with pytest.raises(DataError, match=r"has 2 fields, the line of column names has 1"):
        read_table(write(tmp_path / "t.csv", "review\ngood\n\nso, so\n".replace("\n", end)))
    with pytest.raises(DataError, match="a quote is opened and never closed"):
        read_table(write(tmp_path / "t.csv", 'review\ngood\n"bad\n\n'.replace("\n", end)))


WIDE = [f"the expression of gene {number:0977d}" for number in range(320)]
"""Names of 320 kB."""


@pytest.mark.parametrize("told", ["", "sep=;\n"])
@pytest.mark.parametrize("name", ["{}", '"{}\n2"'])
def test_a_line_of_names_may_be_long(tmp_path: Path, told: str, name: str) -> None:
    lines = (";".join(map(name.format, WIDE)), ";".join(["1,5"] * 320), ";".join(["0734"] * 320))
    read = read_table(write(tmp_path / "t.csv", told + "\n".join(lines) + "\n"))
    assert read.columns.tolist() == [name.format(one).strip('"') for one in WIDE]
    assert read.iloc[:, -1].tolist() == ["1,5", "0734"]


def test_a_long_line_of_names_is_judged_as_a_whole(tmp_path: Path) -> None:
    one = write(tmp_path / "t.csv", "\n".join([",".join([*WIDE, "a", "b"]), ",".join(["1"] * 322)]))
    assert read_table(one).shape == (1, 322)
    with pytest.raises(DataError, match="column names occur twice: 'a'"):
        read_table(write(tmp_path / "t.csv", "\n".join([",".join([*WIDE, "a", "a"]), ",".join(["1"] * 322)])))
    with pytest.raises(DataError, match="byte 0xe9 at position 320323"):
        read_table(write(tmp_path / "t.csv", (",".join([*WIDE, "caf\xe9"]) + "\n" + ",".join(["1"] * 321)).encode("latin-1")))


def test_an_unclosed_quote_in_the_names_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="look for an unclosed quote"):
        read_table(write(tmp_path / "t.csv", 'a,"b\n1,2\n'))


def test_an_unclosed_quote_does_not_swallow_rows_in_silence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a quote is opened and never closed"):
        read_table(write(tmp_path / "t.csv", 'a,b\n1,"2\n3,4\n5,6\n'))
    assert read_table(write(tmp_path / "u.csv", 'a,b\n1,2\n3,"4\n"\n')).shape == (2, 2)


@pytest.mark.parametrize("given", [[[1, 2]], {"x": [1]}, pd.Series([1]), np.ones((2, 2)), None], ids=lambda given: type(given).__name__)
def test_what_is_no_path_is_refused_in_words(given: object) -> None:
    name = type(given).__name__
    with pytest.raises(DataError, match=rf"the table: this is no table\n  given: .*{name}\n  allowed: a pandas DataFrame, or the path"):
        read_table(given)  # type: ignore[arg-type]


def test_columns_of_a_category_dtype_stay_as_they_are_spelled_in_other_files(tmp_path: Path) -> None:
    known = pd.DataFrame({"version": pd.Categorical(["1.50", "2.10"]), "y": [1.5, 2.5]})
    (tmp_path / "new.csv").write_text("version,y\n1.50,1.5\n2.10,2.5\n")
    assert read_table(tmp_path / "new.csv", as_text=text_columns(known))["version"].tolist() == ["1.50", "2.10"]
