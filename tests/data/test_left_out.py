"""Nothing of a text is lost in silence: what is no row of a table is told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Doubt, Reading
from analyst.data.inside.sniffing import delimited, fixed_width
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import open_file

ROWS = [f"x{n},{n},{n}.5" for n in range(30)]


def sniffed(path: Path, lines: list[str], end: str = "\n") -> list[Reading]:
    """The readings of a file of these lines, none of which departs."""
    path.write_text(end.join([*lines, ""]), encoding="utf-8", newline="")
    readings = delimited.sniff(open_file(path))
    assert [departure(reading, path) for reading in readings] == [""] * len(readings)
    return readings


def frame(reading: Reading, path: Path) -> pd.DataFrame:
    """What the emitted code makes of it."""
    scope: dict[str, pd.DataFrame] = {}
    code = table_code(reading, name="df", path=repr(str(path))).source
    exec(code, scope)
    return scope["df"]


def told(reading: Reading, word: str) -> Doubt:
    """The one doubt with this word in it."""
    [found] = [doubt for doubt in reading.doubts if word in doubt.text]
    return found


def test_a_missing_value_is_no_comment(tmp_path: Path) -> None:
    """`#N/A` as the first cell of a row begins a row, however many cells follow."""
    path = tmp_path / "a.csv"
    rows = [*ROWS[:9], "#N/A,5,1.5", "#N/A,6,2.5", "#N/A", *ROWS[9:]]
    [reading] = sniffed(path, ["name,n,share", *rows])
    table = frame(reading, path)
    assert len(table) == len(rows)
    assert table["name"].isna().tolist() == [row.startswith("#") for row in rows]


def test_a_line_with_the_cells_of_a_row_is_a_row(tmp_path: Path) -> None:
    """A comment has other cells than the table; one with just as many may be a row."""
    path = tmp_path / "a.csv"
    [reading] = sniffed(path, ["name,n,share", *ROWS, "#7,5,1.5", *ROWS])
    assert reading.rows == 61


def test_comments_within_are_told(tmp_path: Path) -> None:
    """With their lines, and counted among the rows left out; those above are not."""
    path = tmp_path / "a.csv"
    rows = [*ROWS[:5], "# seen until here", *ROWS[5:], "# the end"]
    [reading] = sniffed(path, ["# of the office", "name,n,share", *rows])
    assert reading.rows == len(ROWS)
    doubt = told(reading, "comments")
    assert (doubt.lines, doubt.rows_left_out) == ((8, 34), 2)


def test_nuls_are_told(tmp_path: Path) -> None:
    """NUL characters go, and their lines are named."""
    path = tmp_path / "a.csv"
    rows = [*ROWS[:3], "a\0b,1,2.5", *ROWS[3:]]
    [reading] = sniffed(path, ["name,n,share", *rows])
    assert frame(reading, path)["name"][3] == "ab"
    assert told(reading, "NUL").lines == (5,)


@pytest.mark.parametrize(
    "first",
    [
        ["name,n,share", *(f"{row}," for row in ROWS)],
        ["name,,share", *ROWS],
        ROWS,
    ],
)
def test_a_table_above_is_read(tmp_path: Path, first: list[str]) -> None:
    """Also where its header is of another width, lacks a name or is not there."""
    second = ["a,b,c,d,e", *(f"{n},y,{n},{n},{n}" for n in range(40))]
    above, below = sniffed(tmp_path / "a.csv", [*first, "", *second])
    assert (above.rows, below.rows) == (30, 40)
    assert [column.kind for column in above.columns] == ["str", "int", "float"]


def test_rows_above_are_counted(tmp_path: Path) -> None:
    """A few rows of one width that make no table are rows left out."""
    above = ["place,north", "by,the office", "state,checked", "of,May"]
    [reading] = sniffed(tmp_path / "a.csv", [*above, "name,n,share", *ROWS])
    doubt = told(reading, "above")
    assert (doubt.rows_left_out, doubt.lines) == (4, (1, 2, 3, 4))


def test_a_column_that_may_be_several_is_told(tmp_path: Path) -> None:
    """The same marks in the name and in nearly every cell may part cells."""
    path = tmp_path / "a.csv"
    [reading] = sniffed(path, ["full name", *["Ann Lee", "Bob Ray"] * 9, "Cher"])
    assert len(reading.columns) == 1
    assert told(reading, "one column").rows_left_out == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_footer_is_cut_from_behind(tmp_path: Path, end: str) -> None:
    """So the same code reads all rows of a longer file; the values are the same."""
    path = tmp_path / "a.csv"
    footer = ["", "Source: the office", "", "* preliminary", ""]
    [reading] = sniffed(path, ["name,n,share", *ROWS, *footer], end)
    arguments = dict(reading.arguments)
    assert arguments["skipfooter"] == len(footer)
    assert "nrows" not in arguments
    assert told(reading, "below").rows_left_out == 2
    lines = ["name,n,share", *ROWS, *ROWS, *footer, ""]
    path.write_text(end.join(lines), encoding="utf-8", newline="")
    table = frame(reading, path)
    assert table["name"].tolist() == [f"x{n}" for n in range(30)] * 2
    assert table["n"].tolist() == [*range(30)] * 2
    assert table["share"].tolist() == [n + 0.5 for n in range(30)] * 2


def test_a_footer_below_a_huge_cell_is_cut_all_the_same(tmp_path: Path) -> None:
    """Where the slower engine cannot read the table, the rows are counted instead."""
    rows = [*ROWS, f"{'x' * 200_000},1,2.5"]
    [reading] = sniffed(
        tmp_path / "a.csv", ["name,n,share", *rows, "", "Source: the office"]
    )
    assert dict(reading.arguments)["nrows"] == len(rows)


def test_a_footer_of_fixed_width_is_cut_from_behind(tmp_path: Path) -> None:
    """A remark whose words happen to stand in columns is none of the rows."""
    path = tmp_path / "a.txt"
    rows = [f"{f'n{n}':<10}{f'c{n % 3}':<10}{n:>5}" for n in range(30)]
    footer = ["", "Source: office", ""]
    for count in (1, 2):
        lines = ["name      city      count", *rows * count, *footer, ""]
        path.write_text("\n".join(lines), encoding="utf-8")
        if count == 1:
            [reading] = fixed_width.sniff(open_file(path))
            assert told(reading, "below").rows_left_out == 1
        table = frame(reading, path)
        assert table["count"].tolist() == [*range(30)] * count


def test_a_last_row_with_gaps_is_a_row(tmp_path: Path) -> None:
    """Where rows above have as few cells, the last one is no remark."""
    [reading] = sniffed(tmp_path / "a.csv", ["a,b", *["word,"] * 4, "w:e,"])
    assert reading.rows == 5


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_quote_that_never_closes_is_told(tmp_path: Path, end: str) -> None:
    """It costs no row, whatever ends the lines."""
    lines = ["name,n,share", *ROWS[:5], '"open end,7,1.5', *ROWS[5:]]
    [reading] = sniffed(tmp_path / "a.csv", lines, end)
    assert reading.rows == 31
    assert told(reading, "Quotes").lines == (7,)


@pytest.mark.parametrize(
    "lines",
    [
        ["temp,", *(f"{n}.5," for n in range(30))],
        ["temp", *(f"{n}.5," for n in range(30))],
        ["temp", *(f'"{n},5"' for n in range(30))],
        ["Report of the office", "", "temp", *(f"{n}.5" for n in range(30))],
        [
            "temp",
            *(f"{n}.5" for n in range(9)),
            "temp",
            *(f"{n}.5" for n in range(9, 30)),
        ],
    ],
)
def test_a_single_column(tmp_path: Path, lines: list[str]) -> None:
    """With delimiters at line ends, decimal commas, a title, a repeated name."""
    path = tmp_path / "a.csv"
    [reading] = sniffed(path, lines)
    table = frame(reading, path)
    assert list(table.columns) == ["temp"]
    assert table["temp"].tolist() == [n + 0.5 for n in range(30)]


def test_columns_of_one_name_keep_their_types(tmp_path: Path) -> None:
    """What is told of the first is not told of the second, also with empty rows."""
    path = tmp_path / "a.csv"
    rows = ["1,,good,2024-01-05", ",,,", *["2,30,poor,2024-02-25"] * 9]
    [reading] = sniffed(path, ["id,age,age,day", *rows])
    assert [column.name for column in reading.columns] == ["id", "age", "age.1", "day"]
    assert [column.kind for column in reading.columns] == ["int", "int", "str", "date"]
    assert frame(reading, path)["age.1"].tolist() == ["good", *["poor"] * 9]


@pytest.mark.parametrize("above", [["Report,,"], ["Report,,", "Owner,Ann,"]])
def test_a_preamble_as_wide_as_the_table_is_told(
    tmp_path: Path, above: list[str]
) -> None:
    """As spreadsheets write it: each line with all its delimiters."""
    path = tmp_path / "a.csv"
    [reading] = sniffed(path, [*above, "", "name,n,share", *ROWS])
    assert told(reading, "above the table").lines == tuple(range(1, len(above) + 1))
    assert len(frame(reading, path)) == len(ROWS)


def test_a_stray_byte_makes_no_other_script(tmp_path: Path) -> None:
    """Two bytes that might be one character of another script are too few to say so."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"name,n\n" + b"a,1\n" * 20 + b"odd\x8c\xe6,2\n")
    [reading] = delimited.sniff(open_file(path))
    assert dict(reading.arguments)["encoding"] == "cp1252"
