"""read_table: every format reads alike, and every broken file is named with what to do."""

import itertools
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from bakeoff.data import conform, make_schema, number_columns, read_table, text_columns
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


def test_decimal_commas_and_points_between_thousands_are_found(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "a;price;day\n1,5;1.234,50;01.02.2024\n2;12.000,00;02.02.2024\n-0,25;7,10;03.02.2024\n")
    read = read_table(path)
    assert read["a"].tolist() == [1.5, 2.0, -0.25]
    assert read["price"].tolist() == [1234.5, 12000.0, 7.1]
    assert read["day"].tolist() == ["01.02.2024", "02.02.2024", "03.02.2024"]


def test_money_tells_that_points_stand_between_thousands(tmp_path: Path) -> None:
    read = read_table(write(tmp_path / "t.csv", "price;visits\n1.912,29 €;1.234\n870,00 €;12.000\n"))
    assert read["visits"].tolist() == [1234, 12000]
    assert read["price"].tolist() == ["1.912,29 €", "870,00 €"]


@pytest.mark.parametrize("word", ["-", "?", "k.A.", "unbekannt", "pending", "  "])
def test_a_word_among_numbers_of_a_later_file_does_not_change_what_a_comma_means(tmp_path: Path, word: str) -> None:
    lines = "".join(f"{1 + n / 1000:.3f};{n}\n".replace(".", ",") for n in range(40))
    train = read_table(write(tmp_path / "t.csv", "a;y\n" + lines))
    assert train.dtypes.astype(str).to_dict() == {"a": "float64", "y": "int64"}
    schema = make_schema(train, task="regression", target="y")
    later = write(tmp_path / "new.csv", f"a;b\n3,125;1\n1.004,225;2\n{word};3\n5,500;4\n6;5\n1.234;6\n")
    for known in (train, schema):
        read = read_table(later, as_text=text_columns(known), as_numbers=number_columns(known))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            assert conform(read, schema)["a"].fillna(-1).tolist() == [3.125, 1004.225, -1, 5.5, 6, 1234]
        assert (read["a"].dtype == "str") is (word == "pending")


@pytest.mark.parametrize(("separator", "last", "number"), [(";", "3,125", 3.125), ("\t", "3,12", 3.12), ("\t", "3,125", "3,125")])
def test_decimal_commas_behind_the_first_rows_of_a_later_file_are_found(
    tmp_path: Path, separator: str, last: str, number: float | str
) -> None:
    known = pd.DataFrame({"a": [0.5, 3.125], "b": [1, 2], "word": ["x", "y"]})
    lines = "".join(f"{n};{n};x\n" for n in range(250)) + f"{last};2;x\n-;2;1,5\n"
    later = write(tmp_path / "new.csv", ("a;b;word\n" + lines).replace(";", separator))
    read = read_table(later, as_text=text_columns(known), as_numbers=number_columns(known))
    assert read["a"].iloc[-2] == number  # between tabs, 3,125 may be a thousand
    assert read["word"].tolist()[-1] == "1,5"


def test_words_for_a_missing_value_among_decimals_of_a_table_with_commas_are_missing(tmp_path: Path) -> None:
    read = read_table(write(tmp_path / "t.csv", "a;b;label\n3,125;0,5;1\n-;1;2\n1.234,5;2;none\nk.A.;3;2\n"))
    assert read["a"].fillna(-1).tolist() == [3.125, -1, 1234.5, -1]
    assert read["label"].tolist() == ["1", "2", "none", "2"]


@pytest.mark.parametrize("separator", ["\t", "|"])
def test_commas_that_may_stand_between_thousands_are_no_decimals_between_tabs(tmp_path: Path, separator: str) -> None:
    lines = [f"{number:,};{word}" for number, word in zip([870, 1234, 12345, 101500, 0] * 20, "abcde" * 20, strict=True)]
    for more in ([], ["1.5"] * 10):
        rows = "\n".join(["size;word;share", *(f"{line};{more[n % 10] if more else 1}" for n, line in enumerate(lines))])
        frame = read_table(write(tmp_path / "t.csv", rows.replace(";", separator) + "\n"))
        schema = make_schema(frame, task="classification", target="word", kinds={"share": "numeric"})
        assert conform(frame, schema)["size"].tolist() == [870, 1234, 12345, 101500, 0] * 20
    decimals = write(tmp_path / "d.csv", "size;share\n1,234;0,5\n12,345;1,5\n".replace(";", separator))
    assert read_table(decimals)["size"].tolist() == [1.234, 12.345]
    few = write(tmp_path / "f.csv", "size;share\n1,234;5\n12,345;6\n".replace(";", separator))
    assert read_table(few, as_numbers=number_columns(read_table(decimals)))["size"].tolist() == [1.234, 12.345]


GERMAN = "einwohner;miete\n12.500;8,75\n950;7,10\n1.250;8,00\n"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("before", [0, 250])
def test_a_column_of_whole_numbers_tells_that_points_stand_between_thousands(tmp_path: Path, separator: str, before: int) -> None:
    train = read_table(write(tmp_path / "t.csv", GERMAN.replace(";", separator)))
    schema = make_schema(pd.concat([train] * 20, ignore_index=True), task="regression", target="miete")
    lines = "".join(f"{n};1\n" for n in range(before)) + "12.500;1\n950;2\n1.000.000;3\n"
    later = write(tmp_path / "new.csv", ("einwohner;n\n" + lines).replace(";", separator))
    alone = write(tmp_path / "alone.csv", "".join(line.partition(";")[0] + "\n" for line in ("einwohner;n\n" + lines).splitlines()))
    for known, path in itertools.product((train, schema), (later, alone)):
        read = read_table(path, as_text=text_columns(known), as_numbers=number_columns(known))
        assert read["einwohner"].tolist()[-3:] == [12_500, 950, 1_000_000]


def test_commas_between_tabs_are_no_decimals_in_a_column_of_whole_numbers(tmp_path: Path) -> None:
    read = read_table(write(tmp_path / "new.csv", "n\tx\n1,234\t1\n950\t2\n"), as_numbers={"n": True, "x": True})
    assert read["n"].tolist() == ["1,234", "950"]  # which are thousands once the column is conformed


@pytest.mark.parametrize("cells", [["12.000", "950.000"], ["12.500", "13.500", "0.500"], ["950", "12.5"], ["12.5", "12.500"]])
def test_a_column_of_whole_numbers_may_be_spelled_with_decimals_later(tmp_path: Path, cells: list[str]) -> None:
    later = write(tmp_path / "new.csv", "n\tx\n" + "".join(f"{cell}\t1.234\n" for cell in cells))
    assert read_table(later, as_numbers={"n": True, "x": False})["n"].tolist() == [float(cell) for cell in cells]


def test_three_decimals_stay_decimals_beside_whole_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "n;x\n12500;1.234\n950;2.345\n")
    train = read_table(path)
    assert train["x"].tolist() == [1.234, 2.345]
    assert read_table(path, as_numbers=number_columns(train))["x"].tolist() == [1.234, 2.345]


def test_decimal_commas_behind_first_rows_that_hold_thousands_alone_are_found(tmp_path: Path) -> None:
    thousands = "".join(f"{1 + n % 9}.{500 + n};8;a\n" for n in range(250))
    read = read_table(write(tmp_path / "t.csv", "einwohner;miete;word\n" + thousands + "".join(f"950;{n},5;b\n" for n in range(40))))
    assert read["einwohner"].tolist()[:2] == [1500, 2501]
    assert read["miete"].tolist()[-1] == 39.5
    points = "".join(f"{n}.{n:02};8;a\n" for n in range(250))
    for more, number in ((points, 1.01), (thousands, 2.501)):  # a few commas among words do not outweigh them
        lines = "".join(f"{n};1;a\n" for n in range(200)) + more + "".join(f"1;1;{n},5\n" for n in range(9))
        assert read_table(write(tmp_path / "t.csv", "x;y;word\n" + lines))["x"].tolist()[201] == number


def test_points_stay_decimal_where_no_comma_is_one(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "t.csv", "a;b\n1.5;x\n2.5;y\n"))["a"].tolist() == [1.5, 2.5]


def test_a_stray_comma_does_not_make_thousands_of_points(tmp_path: Path) -> None:
    lines = "".join(f"{1 + n / 1000:.3f};{'12,5' if n == 3 else 'x'}\n" for n in range(40))
    assert read_table(write(tmp_path / "t.csv", "a;b\n" + lines))["a"].tolist() == [1 + n / 1000 for n in range(40)]


def test_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "t.csv", "zip,n\n00734,0\n12345,0.5\n"))["zip"].tolist() == ["00734", "12345"]


def test_a_leading_zero_in_the_last_row_keeps_the_column_text(tmp_path: Path) -> None:
    lines = [f"{number},{number},x" for number in range(1000, 3000)]
    table = read_table(write(tmp_path / "t.csv", "\n".join(["code,size,word", *lines, "0345,1,y"]) + "\n"))
    assert table["code"].tolist()[-2:] == ["2999", "0345"]
    assert table["size"].dtype == np.int64


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
