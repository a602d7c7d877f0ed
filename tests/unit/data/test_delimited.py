"""What delimited files mean: the separator, decimal commas, points between thousands, codes with leading zeros."""

import itertools
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform, make_schema, number_columns, read_table, text_columns


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


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


def test_runs_of_blanks_in_the_first_rows_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("y;note\n" + "".join(f"{row};a{' ' * 30_000}b\n" for row in range(8)))
    begun = time.process_time()
    assert len(read_table(path)) == 8
    assert time.process_time() - begun < 5
