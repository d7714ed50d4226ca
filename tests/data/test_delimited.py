"""Delimited text reads back as it was meant, however it is written or damaged."""

from __future__ import annotations

import bz2
import csv
import dataclasses
import gzip
import io
import lzma
import warnings
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Delimited, Reading, Unreadable
from analyst.data.inside.sniffing import delimited
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import WHOLE_BYTES, open_file

REAL = Path(__file__).parents[3] / "shared" / "data"
HEADER = ["id", "name", "city", "amount"]
NAMES = ["Ada", "Grace", "Zoë", "Edsger", "Barbara", "Niklaus", "Alan", "Hedy"]
CITIES = ["Rome", "Oslo", "Lima"]
ROWS = [
    [str(number), NAMES[number % 8], CITIES[number % 3], f"{number * 7}.5"]
    for number in range(1, 31)
]
STRUCTURE = (
    *("sep", "quotechar", "quoting", "escapechar", "doublequote", "skipinitialspace"),
    *("comment", "skiprows", "header", "names", "index_col", "usecols", "nrows"),
    "skipfooter",
    *("lineterminator", "encoding", "encoding_errors", "compression", "engine"),
)


def text_of(rows: list[list[str]], sep: str = ",", end: str = "\n") -> str:
    """Rows as they are, without any quotes."""
    return "".join(sep.join(row) + end for row in rows)


def sniffed(path: Path) -> list[Reading]:
    """The readings of a file, none of which departs."""
    readings = delimited.sniff(open_file(path))
    for reading in readings:
        assert departure(reading, path) == ""
    return readings


def cells(reading: Reading, path: Path) -> list[list[str]]:
    """Names and rows as the emitted code reads them, every cell as its text."""
    kept = [pair for pair in reading.arguments if pair[0] in STRUCTURE]
    told = (*kept, ("dtype", "str"), ("keep_default_na", False))
    plain: Any = dataclasses.replace(reading, arguments=told, conversions=())
    scope: dict[str, Any] = {"DATA": str(path)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(table_code(plain, name="df", path="DATA").source, scope)
    table = scope["df"].fillna("")
    return [list(table.columns), *([str(c) for c in row] for row in table.to_numpy())]


def only(path: Path, content: str | bytes, name: str = "a.csv") -> Reading:
    """The single reading of a file with this content."""
    target = path / name
    data = content.encode() if isinstance(content, str) else content
    target.write_bytes(data)
    readings = sniffed(target)
    assert len(readings) == 1
    return readings[0]


def read(path: Path, content: str | bytes) -> list[list[str]]:
    """Names and rows of a file with this content."""
    return cells(only(path, content), path / "a.csv")


def doubts(reading: Reading) -> str:
    """All that is doubted, in one text."""
    return " ".join(doubt.text for doubt in reading.doubts)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "sep", [",", ";", "\t", "|", "^", "~", ":", "\x01", "\x1f", "||", "::", "|~|"]
)
def test_any_delimiter_and_line_end(tmp_path: Path, sep: str, end: str) -> None:
    """Every delimiter with every line end gives the same cells."""
    assert read(tmp_path, text_of([HEADER, *ROWS], sep, end)) == [HEADER, *ROWS]


@pytest.mark.parametrize("sep", [",", ";", "\t", "|", "||"])
def test_quoted_cells_keep_delimiters_quotes_and_line_ends(
    tmp_path: Path, sep: str
) -> None:
    """What stands within quotes is one cell, whatever it holds."""
    odd = ["1", f'say "hi"{sep} you', "two\nlines", "5.5"]
    out = io.StringIO()
    if len(sep) == 1:
        csv.writer(out, delimiter=sep, lineterminator="\n").writerows(
            [HEADER, odd, *ROWS]
        )
    else:
        out.write(text_of([HEADER], sep))
        out.write(f'1{sep}"say ""hi"" you"{sep}"two\nlines"{sep}5.5\n')
        out.write(text_of(ROWS, sep))
        odd[1] = 'say "hi" you'
    assert read(tmp_path, out.getvalue()) == [HEADER, odd, *ROWS]


def test_a_long_delimiter_within_quotes_is_no_delimiter(tmp_path: Path) -> None:
    """`||` in a quoted cell does not part it."""
    text = text_of([HEADER, *ROWS], "||") + '31||"a b"||"x, y"||3.5\n'
    found = read(tmp_path, text)
    assert found[-1] == ["31", "a b", "x, y", "3.5"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """Letters beyond ASCII come out as they were written."""
    data = text_of([HEADER, *ROWS]).encode(encoding)
    assert read(tmp_path, data) == [HEADER, *ROWS]


def test_a_few_bad_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    """UTF-8 with a bad byte is UTF-8, and the line is told."""
    data = text_of([HEADER, *ROWS]).encode().replace(b"Grace", b"Gr\xffce", 1)
    reading = only(tmp_path, data)
    assert dict(reading.arguments)["encoding_errors"] == "replace"
    assert reading.doubts[0].lines == (2,)
    assert cells(reading, tmp_path / "a.csv")[2] == ROWS[1]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_stray_quote_swallows_no_row(tmp_path: Path, quote: str) -> None:
    """A quote that never closes is a character of its cell, and its line is told."""
    text = text_of([HEADER, *([f"{quote}{c}{quote}" for c in row] for row in ROWS)])
    damaged = text.replace(f"{quote}Zoë{quote}", f"{quote}Zoë", 1)
    reading = only(tmp_path, damaged)
    assert reading.rows == 30
    assert isinstance(reading, Delimited)
    assert [number for number, _ in reading.rewritten] == [3]
    found = cells(reading, tmp_path / "a.csv")
    assert found[1:2] + found[3:] == ROWS[:1] + ROWS[2:]
    assert len(found[2]) == 4


def test_an_unescaped_quote_within_quotes(tmp_path: Path) -> None:
    """Quotes within a quoted cell that were not doubled stay in it."""
    text = text_of([HEADER, *ROWS]) + '31,"The "great" one",Rome,1.5\n'
    found = read(tmp_path, text)
    assert found[-1] == ["31", 'The "great" one', "Rome", "1.5"]
    assert found[:-1] == [HEADER, *ROWS]


def test_inch_marks_are_no_quotes(tmp_path: Path) -> None:
    """Quotes in the middle or at the end of cells are plain characters."""
    rows = [[str(n), f'{n}" pipe', f'{n}"', "x"] for n in range(1, 20)]
    assert read(tmp_path, text_of([HEADER, *rows])) == [HEADER, *rows]


def test_backslash_escapes(tmp_path: Path) -> None:
    r"""`\"` within quotes is a quote where the file writes it so."""
    text = text_of([HEADER, *ROWS]) + '31,"The \\"great\\", one",Rome,1.5\n'
    assert read(tmp_path, text)[-1] == ["31", 'The "great", one', "Rome", "1.5"]


def test_the_delimiter_is_named_in_the_first_line(tmp_path: Path) -> None:
    """`sep=;` is no row."""
    text = "sep=;\n" + text_of([HEADER, *ROWS], ";")
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_comments_are_no_rows(tmp_path: Path) -> None:
    """Lines with # are left out, above and between; # within a cell stays."""
    rows = [*ROWS[:5], ["31", "C# club", "Rome", "1.5"], *ROWS[5:]]
    lines = text_of([HEADER, *rows]).splitlines()
    lines[4:4] = ["# don't \"count this"]
    text = "# made by hand\n# in 2024\n" + "\n".join(lines) + "\n"
    assert read(tmp_path, text) == [HEADER, *rows]
    plain = text.replace("C# club", "C club")
    assert "comment" in dict(only(tmp_path, plain).arguments)


def test_names_in_a_comment(tmp_path: Path) -> None:
    """A comment right above rows without a header names the columns."""
    text = "# made by hand\n# " + text_of([HEADER, *ROWS])
    assert read(tmp_path, text) == [HEADER, *ROWS]


@pytest.mark.parametrize("padding", ["", ",,,"])
def test_what_stands_above_and_below(tmp_path: Path, padding: str) -> None:
    """Titles and footnotes are no rows; what is left out is told with its line."""
    above = f"Report of the year{padding}\nAll amounts: EUR{padding}\n\n"
    below = f"\nSource: the office{padding}\n"
    text = above + text_of([HEADER, *ROWS]) + below
    reading = only(tmp_path, text)
    assert cells(reading, tmp_path / "a.csv") == [HEADER, *ROWS]
    told = {doubt.lines: doubt.rows_left_out for doubt in reading.doubts}
    assert told[1, 2] == 0
    assert told[(36,)] == 1


def test_an_odd_quote_above_hides_nothing(tmp_path: Path) -> None:
    """A title with a lonely quote does not swallow the header."""
    text = 'Size: 5" and more\n' + text_of([HEADER, *ROWS])
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_two_header_rows_are_joined(tmp_path: Path) -> None:
    """Names over groups of columns are spread over them."""
    text = ",,2023,,2024,\nregion,kind,sales,costs,sales,costs\n"
    rows = [[f"r{n}", "x", *(str(n * k) for k in range(4))] for n in range(1, 9)]
    found = read(tmp_path, text + text_of(rows))
    assert found[0] == [
        *("region", "kind", "2023 sales", "2023 costs", "2024 sales", "2024 costs"),
    ]
    assert found[1:] == rows


def test_units_below_names_belong_to_them(tmp_path: Path) -> None:
    """A second row of words above columns of numbers is header too."""
    rows = [[f"s{n}", f"{n}.5", f"{n * 3}"] for n in range(1, 12)]
    text = "station,temp,rain\n,°C,mm\n" + text_of(rows)
    assert read(tmp_path, text) == [["station", "temp °C", "rain mm"], *rows]


def test_no_header(tmp_path: Path) -> None:
    """Where the first row keeps the look of its columns, it is a row."""
    reading = only(tmp_path, text_of(ROWS))
    names = [f"column_{n}" for n in range(1, 5)]
    assert cells(reading, tmp_path / "a.csv") == [names, *ROWS]
    assert "no header" in doubts(reading)


def test_years_name_columns(tmp_path: Path) -> None:
    """Years above numbers that are no years are names."""
    head = ["country", "2019", "2020", "2021"]
    rows = [[f"c{n}", *(f"{n * k}.25" for k in range(1, 4))] for n in range(1, 9)]
    assert read(tmp_path, text_of([head, *rows])) == [head, *rows]


def test_a_repeated_header_is_left_out_and_told(tmp_path: Path) -> None:
    """A header between the rows is no row, and counts as left out."""
    text = text_of([HEADER, *ROWS[:10], HEADER, *ROWS[10:]])
    reading = only(tmp_path, text)
    assert cells(reading, tmp_path / "a.csv") == [HEADER, *ROWS]
    assert sum(doubt.rows_left_out for doubt in reading.doubts) == 1


def test_several_tables_in_one_file(tmp_path: Path) -> None:
    """Each table is read by itself, with its own names."""
    other = [["code", "price"], *([f"k{n}", f"{n}.25"] for n in range(1, 9))]
    same = [["no", "who", "where", "sum"], *ROWS[:6]]
    path = tmp_path / "a.csv"
    blocks = [[HEADER, *ROWS], other, same]
    path.write_text("\n".join(map(text_of, blocks)))
    readings = sniffed(path)
    assert [reading.label for reading in readings] == ["table 1", "table 2", "table 3"]
    assert [cells(reading, path) for reading in readings] == blocks


def test_titles_between_tables(tmp_path: Path) -> None:
    """A title stands above its table and is told there."""
    path = tmp_path / "a.csv"
    text = text_of([HEADER, *ROWS])
    path.write_text(f"North\n{text}\nSouth\n{text}")
    readings = sniffed(path)
    assert [cells(reading, path) for reading in readings] == 2 * [[HEADER, *ROWS]]
    assert "“South”" in doubts(readings[1])


def test_short_rows_are_filled_and_told(tmp_path: Path) -> None:
    """Missing cells at the end of a row are missing values."""
    reading = only(tmp_path, text_of([HEADER, *ROWS[:9], ROWS[9][:2], *ROWS[10:]]))
    assert cells(reading, tmp_path / "a.csv")[10] == [*ROWS[9][:2], "", ""]
    assert [doubt.lines for doubt in reading.doubts if "fewer" in doubt.text] == [(11,)]


def test_a_delimiter_without_quotes_is_put_into_its_cell(tmp_path: Path) -> None:
    """Where only one cell can hold it, no cell is shifted."""
    rows = [[row[0], row[1], row[3], "2024-01-0" + row[0][-1]] for row in ROWS]
    head = ["id", "name", "amount", "day"]
    text = text_of([head, *rows]).replace("12,Barbara", "12,Liskov, Barbara")
    reading = only(tmp_path, text)
    found = cells(reading, tmp_path / "a.csv")
    rows[11][1] = "Liskov, Barbara"
    assert found == [head, *rows]
    assert "delimiter within a cell" in doubts(reading)


def test_surplus_cells_are_joined_to_a_last_column_of_text(tmp_path: Path) -> None:
    """Nothing beyond the last column is lost."""
    head = ["id", "amount", "name", "note"]
    rows = [[row[0], row[3], row[1], "all is well"] for row in ROWS]
    text = text_of([head, *rows]).replace(
        f"{','.join(rows[7])}\n", f"{','.join(rows[7])}, or so\n"
    )
    rows[7][3] += ", or so"
    reading = only(tmp_path, text)
    assert cells(reading, tmp_path / "a.csv") == [head, *rows]
    assert "joined" in doubts(reading)


def test_empty_surplus_is_dropped(tmp_path: Path) -> None:
    """Delimiters behind the last cell of some rows make no column."""
    text = text_of([HEADER, *ROWS]).replace("1.5\n", "1.5,,\n")
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_surplus_in_many_rows_makes_columns(tmp_path: Path) -> None:
    """Cells beyond the names stand in columns of their own."""
    rows = [[*row, f"x{n}"] if n % 4 == 3 else row for n, row in enumerate(ROWS)]
    found = read(tmp_path, text_of([HEADER, *rows]))
    assert found[0] == [*HEADER, "extra_1"]
    assert found[1:] == [[*row, ""][:5] for row in rows]


@pytest.mark.parametrize("in_header", [True, False])
def test_trailing_delimiters_make_no_column(tmp_path: Path, in_header: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A delimiter at the end of all rows is no empty column."""
    head = text_of([HEADER]).replace("\n", ",\n" if in_header else "\n")
    text = head + text_of(ROWS).replace("\n", ",\n")
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_rows_with_a_name_each_as_r_writes_them(tmp_path: Path) -> None:
    """A header that lacks the name of the first column shifts no cell."""
    text = text_of([HEADER[1:], *ROWS])
    assert read(tmp_path, text) == [["Unnamed: 0", *HEADER[1:]], *ROWS]


def test_blanks_after_delimiters_are_no_part_of_cells(tmp_path: Path) -> None:
    """`a, "b, c"` has two cells."""
    text = text_of([HEADER, *ROWS], ", ") + '31, "Doe, Jane", Rome, 1.5\n'
    assert read(tmp_path, text) == [
        HEADER,
        *ROWS,
        ["31", "Doe, Jane", "Rome", "1.5"],
    ]


def test_empty_and_repeated_names_are_told_apart(tmp_path: Path) -> None:
    """Every column has a name of its own, which the code shows."""
    reading = only(tmp_path, text_of([["id", "a", "", "a"], *ROWS]))
    names = ["id", "a", "Unnamed: 2", "a.1"]
    assert cells(reading, tmp_path / "a.csv") == [names, *ROWS]
    assert dict(reading.arguments)["names"] == names


def test_an_index_of_pandas_is_told(tmp_path: Path) -> None:
    """A first column without a name that counts the rows stays, and is told."""
    rows = [[str(number), *row[1:]] for number, row in enumerate(ROWS)]
    reading = only(tmp_path, text_of([["", *HEADER[1:]], *rows]))
    found = cells(reading, tmp_path / "a.csv")
    assert found == [["Unnamed: 0", *HEADER[1:]], *rows]
    assert "index of pandas" in doubts(reading)


def test_nul_characters_cut_no_cell(tmp_path: Path) -> None:
    """NUL is taken away; what stands behind it in its cell stays."""
    text = text_of([HEADER, *ROWS]).replace("Grace", "Gra\0ce")
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    """Empty lines between rows are passed over."""
    text = text_of([HEADER, *ROWS]).replace("3,Edsger", "\n\n3,Edsger")
    assert read(tmp_path, text) == [HEADER, *ROWS]


def test_rows_of_empty_cells_are_left_out_and_told(tmp_path: Path) -> None:
    """Rows without any value are counted as left out."""
    text = text_of([HEADER, *ROWS[:4], ["", "", "", ""], *ROWS[4:]])
    reading = only(tmp_path, text)
    assert reading.rows == 30
    assert sum(doubt.rows_left_out for doubt in reading.doubts) == 1


def test_one_column(tmp_path: Path) -> None:
    """A list with a name above it is a table of one column, commas or not."""
    assert read(tmp_path, "n\n1\n2\n3\n") == [["n"], ["1"], ["2"], ["3"]]
    said = ["Well, yes", "No", "Who, me, now?", "x", "Perhaps, or not", "Fine"]
    text = "said\n" + "\n".join(said) + "\n"
    assert read(tmp_path, text) == [["said"], *([each] for each in said)]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"\xef\xbb\xbf", b"\0\0\0\0", b"a,b,c\n", b"a,b,c"]
)
def test_nothing_to_read_is_said_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    """An empty file and a header alone are no tables."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=r"^(is|holds) .+: check where it came from$"):
        delimited.sniff(open_file(path))


@pytest.mark.parametrize("compression", ["gzip", "bz2", "xz", "zip", "member"])
@pytest.mark.parametrize("damaged", [False, True])
def test_compressed_text(tmp_path: Path, compression: str, damaged: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """What is wrapped around the text changes nothing, whatever the file is called."""
    text = text_of([HEADER, *ROWS])
    text += '31,"a "b" c",Rome,1.5\n' if damaged else ""
    data = text.encode()
    path = tmp_path / "a.dat"
    packed: dict[str, Any] = {
        "gzip": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    if compression in packed:
        path.write_bytes(packed[compression](data))
        file = open_file(path)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("one.csv", data)
            if compression == "member":
                archive.writestr("two.csv", "x")
        is_member = compression == "member"
        file = dataclasses.replace(
            open_file(path),
            compression="zip",
            member="one.csv" if is_member else "",
            only_member="" if is_member else "one.csv",
        )
    (reading,) = delimited.sniff(file)
    assert departure(reading, path) == ""
    assert cells(reading, path)[: len(ROWS) + 1] == [HEADER, *ROWS]


def test_the_end_of_a_large_file_is_looked_at(tmp_path: Path) -> None:
    """What only stands at the end of a large file changes how it is read."""
    path = tmp_path / "a.csv"
    rows = text_of(ROWS) * (WHOLE_BYTES // len(text_of(ROWS).encode()) + 9)
    path.write_text(text_of([HEADER]) + rows + "31,Ada,Rome,unknown,really\n")
    reading = only(tmp_path, path.read_bytes())
    assert reading.rows is None
    names = [column.name for column in reading.columns]
    assert names == [*HEADER, "extra_1"]
    assert "unknown" in doubts(reading)


def test_a_name_that_lies_about_compression(tmp_path: Path) -> None:
    """Plain text called `.gz` is read as the text that it is."""
    reading = only(tmp_path, text_of([HEADER, *ROWS]), "a.csv.gz")
    assert cells(reading, tmp_path / "a.csv.gz") == [HEADER, *ROWS]


def test_the_plain_reading_keeps_every_cell_as_text(tmp_path: Path) -> None:
    """What is left after a departure guesses nothing."""
    path = tmp_path / "a.csv"
    path.write_text(text_of([HEADER, *ROWS], ";"))
    (reading,) = delimited.sniff(open_file(path), plainly=True)
    assert departure(reading, path) == ""
    assert cells(reading, path) == [HEADER, *ROWS]
    assert "stay text" in doubts(reading)


CONTROLS = "".join(map(chr, {*range(32), 127} - set(b"\t\n\r")))
"""A text of them alone is taken for binary data."""
cell = st.text(
    st.characters(codec="utf-8", exclude_characters=f"{CONTROLS}\ufeff\ufffd"),
    max_size=12,
)


@hypothesis.given(
    rows=st.lists(st.tuples(cell, cell), min_size=0, max_size=8),
    sep=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@hypothesis.settings(
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_what_csv_writes_reads_back(
    tmp_path: Path, rows: list[tuple[str, str]], sep: str, quoting: Any
) -> None:
    """Any text in cells, among rows that show the dialect, is the same afterwards."""
    table = [HEADER, *ROWS[:8], *(["9", *row, "1.5"] for row in rows), *ROWS[8:]]
    out = io.StringIO()
    csv.writer(out, delimiter=sep, quoting=quoting).writerows(table)
    path = tmp_path / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    (reading,) = delimited.sniff(open_file(path))
    assert cells(reading, path) == table


@pytest.mark.skipif(not REAL.is_dir(), reason="the real tables are not beside this")
@pytest.mark.parametrize("path", sorted(REAL.glob("*.csv")), ids=lambda path: path.stem)
def test_real_tables_read_as_csv_reads_them(path: Path) -> None:
    """On real files every cell below the header is what the csv module sees."""
    encoding = "cp1252" if path.stem == "star-wars-survey" else "utf-8"
    with path.open(encoding=encoding, newline="") as file:
        expected = list(csv.reader(file))
    (reading,) = sniffed(path)
    head = 2 if path.stem == "star-wars-survey" else 1
    assert cells(reading, path)[1:] == expected[head:]
    assert reading.rows == len(expected) - head
