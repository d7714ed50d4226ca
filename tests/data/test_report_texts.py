"""Totals, reports, surveys and drawn tables: what is no row is left out and told."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Doubt, Reading, Unreadable
from analyst.data.inside.sniffing import delimited
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.delimited.totals import totals_among
from analyst.data.inside.sniffing.files import open_file

SALES = "Region,Units,Revenue\nNorth,120,1200.50\nSouth,80,800.00\nWest,12,125.00\n"


def read_all(folder: Path, content: str) -> list[tuple[Any, Reading]]:
    """The tables that the emitted code makes of a text, and their readings."""
    path = folder / "a.txt"
    path.write_text(content)
    found = []
    for reading in delimited.sniff(open_file(path)):
        assert departure(reading, path) == ""
        scope: dict[str, Any] = {"DATA": str(path)}
        exec(table_code(reading, name="df", path="DATA").source, scope)
        found.append((scope["df"], reading))
    return found


def read(folder: Path, content: str) -> tuple[Any, Reading]:
    """The only table of a text, and its reading."""
    (found,) = read_all(folder, content)
    return found


def said(reading: Reading, part: str) -> Doubt:
    """The only doubt that says so."""
    (found,) = (doubt for doubt in reading.doubts if part in doubt.text)
    return found


@pytest.mark.parametrize("label", ["Total", "SUM:", "Gesamt", "Grand total", "* Summe"])
def test_a_proven_total_is_left_out_and_told(tmp_path: Path, label: str) -> None:
    """A last row that is called a total goes where its numbers are the sums."""
    table, reading = read(tmp_path, f"{SALES}{label},212,2125.50\n")
    assert table["Revenue"].sum() == 2125.5
    doubt = said(reading, "total of those above")
    assert (doubt.lines, doubt.rows_left_out) == ((5,), 1)


def test_a_total_of_decimal_commas(tmp_path: Path) -> None:
    """Numbers are added as they are meant, whichever mark they have."""
    rows = "01.03.2024;Miete;-1.120,00\n05.03.2024;Lohn;3.250,00\n"
    rows += "27.03.2024;Strom;-89,00\n"
    last = "Saldo per 31.03.2024;;2.041,00\n"
    table, reading = read(tmp_path, f"Datum;Text;Betrag\n{rows}{last}")
    assert table["Betrag"].sum() == 2041.0
    assert table["Datum"].dtype.kind == "M"
    assert said(reading, "total of those above").rows_left_out == 1


def test_a_word_without_sums_stays_and_is_told(tmp_path: Path) -> None:
    """A row that is only called a total or a balance is kept, and its line told."""
    for label in ("Total", "Kontostand"):
        table, reading = read(tmp_path, f"{SALES}{label},999,1\n")
        assert len(table) == 4
        doubt = said(reading, "called a total or balance")
        assert (doubt.lines, doubt.rows_left_out) == ((5,), 0)


def test_totals_within_a_table_stay(tmp_path: Path) -> None:
    """Subtotals are rows; one doubt gives the lines of all."""
    rows = "A,1\nB,2\nSubtotal,3\nC,4\nD,5\nSubtotal,9\nE,7\n"
    table, reading = read(tmp_path, f"name,n\n{rows}")
    assert len(table) == 7
    assert said(reading, "are called totals").lines == (4, 7)


def test_a_total_without_a_name(tmp_path: Path) -> None:
    """A last row without any text goes where all its numbers are sums, not else."""
    pages = "Page,Views\n/a,12\n/b,30\n/c,5\n"
    table, reading = read(tmp_path, f"{pages},47\n")
    assert len(table) == 3
    assert said(reading, "total of those above").lines == (5,)
    table, reading = read(tmp_path, f"{pages},48\n")
    assert len(table) == 4
    assert not reading.doubts


def test_notes_with_delimiters_are_no_rows(tmp_path: Path) -> None:
    """A source below the total is left out, its empty cells and the total with it."""
    table, reading = read(tmp_path, f"{SALES}Total,212,2125.50\nSource: the office,,\n")
    assert list(table["Region"]) == ["North", "South", "West"]
    assert sum(doubt.rows_left_out for doubt in reading.doubts) == 2


@hypothesis.given(
    st.lists(st.lists(st.integers(-999, 999), min_size=2, max_size=2), min_size=2),
    st.integers(1, 9),
)
def test_only_true_sums_are_proven(numbers: list[list[int]], off: int) -> None:
    """A total that is wrong by anything is never taken for one."""
    rows = [[f"r{at}", *map(str, row)] for at, row in enumerate(numbers)]
    sums = [sum(column) for column in zip(*numbers, strict=True)]
    wrong = ["Total", str(sums[0]), str(sums[1] + off)]
    assert not totals_among([*rows, wrong]).proven
    filled = all(sum(map(bool, column)) > 1 for column in zip(*numbers, strict=True))
    if filled and all(sums):
        assert totals_among([*rows, ["Total", *map(str, sums)]]).proven


def test_names_of_surveys_stand_in_two_rows(tmp_path: Path) -> None:
    """A row of answers below open names of questions belongs to the header."""
    text = (
        "ID,Rating,,,Comment\n,Food,Service,Price,Open-Ended Response\n"
        "1,4,5,3,good\n2,5,5,4,\n3,2,3,1,slow\n"
    )
    table, _ = read(tmp_path, text)
    names = ["ID", "Rating Food", "Rating Service", "Rating Price"]
    assert list(table.columns) == [*names, "Comment Open-Ended Response"]
    assert table["Rating Price"].tolist() == [3, 4, 1]


def test_a_first_row_without_an_id_may_be_a_row(tmp_path: Path) -> None:
    """Where the names have no gaps, nothing is joined to them."""
    table, _ = read(tmp_path, "id,a,b\n,x,y\n1,z,w\n2,x,w\n")
    assert list(table.columns) == ["id", "a", "b"]
    assert len(table) == 3


def test_the_first_record_is_no_name_where_it_is_like_all(tmp_path: Path) -> None:
    """Amounts, paths and addresses above others of their kind are values."""
    for text in (
        "4.0K\t./bin\n1.2G\t./media\n88M\t./docs\n",
        "a@b.org,Ada\nc@d.org,Bob\ne@f.org,Cleo\n",
    ):
        table, reading = read(tmp_path, text)
        assert len(table) == 3
        assert not said(reading, "no header row").lines


def test_an_odd_first_line_is_told(tmp_path: Path) -> None:
    """A name that may be a value is a name, and is told."""
    _, reading = read(tmp_path, "4.0K\tsize\nmuch\t./media\nlittle\t./docs\n")
    assert said(reading, "may be a value").lines == (1,)


def test_a_title_above_columns_of_fixed_width(tmp_path: Path) -> None:
    """Lines above a blank one are left out, and the columns below are found."""
    rows = "".join(f"{1960 + n}  {n - 1.5:>5}  {n * 2.25:>5}\n" for n in range(1, 7))
    text = f"Station report 00417\nMissing = 9999\n\nYEAR    JAN    FEB\n{rows}"
    table, reading = read(tmp_path, text)
    assert list(table.columns) == ["YEAR", "JAN", "FEB"]
    assert table["FEB"].tolist() == [n * 2.25 for n in range(1, 7)]
    assert said(reading, "above the table").lines == (1, 2)


def test_a_count_above_a_listing(tmp_path: Path) -> None:
    """A short first line that fills no columns is a title."""
    text = (
        "total 1284\n"
        "drwxr-xr-x  2 anna staff    4096 Mar 14 09:12 bin\n"
        "-rw-r--r--  1 anna staff   18233 Jan  3  2023 report final.docx\n"
        "-rw-r--r--  1 root staff     211 Mar 28 17:40 notes.txt\n"
        "lrwxrwxrwx  1 root root       12 Feb  9 11:00 latest -> report.docx\n"
    )
    table, _ = read(tmp_path, text)
    assert table["column_5"].tolist() == [4096, 18233, 211, 12]
    assert table["column_9"].iloc[1] == "report final.docx"


PAGE = (
    "ACME Inc.                        Page:   {}\nStock report\n\n"
    "Item      Description     Qty    Value\n"
    "--------------------------------------\n"
)


def test_rules_and_totals_of_a_report(tmp_path: Path) -> None:
    """A rule of full width is no row; neither is the proven total below another."""
    text = "Item      Description     Qty    Value\n" + "-" * 38 + "\n"
    text += (
        "A-100     Bolt M6x20    1,200   144.00\n"
        "A-101     Nut M6           34   170.00\n"
        "B-200     Bearing 6204     85   403.75\n"
        "                              --------\n"
        "Total                           717.75\n"
    )
    table, reading = read(tmp_path, text)
    assert list(table.columns) == ["Item", "Description", "Qty", "Value"]
    assert table["Value"].sum() == 717.75
    assert said(reading, "total of those above").lines == (7,)


def test_pages_of_a_report(tmp_path: Path) -> None:
    """The head of each further page is left out, whatever its number is."""
    rows = [f"A-{n}     Part {n:<10}{n:>4}{n * 1.5:>9.2f}\n" for n in range(101, 109)]
    text = (
        PAGE.format(1) + "".join(rows[:4]) + "\n" + PAGE.format(2) + "".join(rows[4:])
    )
    table, reading = read(tmp_path, text)
    assert list(table.columns) == ["Item", "Description", "Qty", "Value"]
    assert table["Qty"].tolist() == list(range(101, 109))
    assert said(reading, "head of the page").lines


DRAWN = {
    "psql": (
        " id | name  | total  \n----+-------+--------\n"
        "  1 | Anna  |  12.50\n  2 | Ben   |       \n  3 |       | 100.00\n(3 rows)\n"
    ),
    "mysql": (
        "+----+------+--------+\n| id | name | total  |\n+----+------+--------+\n"
        "|  1 | Anna |  12.50 |\n|  2 | Ben  |   NULL |\n|  3 |      | 100.00 |\n"
        "+----+------+--------+\n3 rows in set (0.00 sec)\n"
    ),
    "markdown": (
        "| id | name | total |\n|---:|------|------:|\n"
        "| 1 | Anna | 12.5 |\n| 2 | Ben | |\n| 3 | | 100 |\n"
    ),
    "bare": (
        "| id|name |total |\n|  1|Anna |  12.5|\n"
        "|  2|Ben  |      |\n|  3|     |   100|\n"
    ),
}


@pytest.mark.parametrize("kind", DRAWN)
def test_drawn_tables(tmp_path: Path, kind: str) -> None:
    """Rules and outer pipes are no cells, and blanks around cells are none of them."""
    table, _ = read(tmp_path, DRAWN[kind])
    assert list(table.columns) == ["id", "name", "total"]
    assert table["name"].tolist()[:2] == ["Anna", "Ben"]
    assert table["total"].isna().tolist() == [False, True, False]
    assert table["id"].tolist() == [1, 2, 3]


def test_pipes_with_values_of_dashes_are_delimited(tmp_path: Path) -> None:
    """A row of dashes for missing values is a row."""
    table, _ = read(tmp_path, "a|b|c\n1|x|2\n-|-|-\n3|y|4\n5|z|6\n")
    assert len(table) == 4


@pytest.mark.parametrize(
    "text",
    [
        "|----|\n|----|\n|----|\n",
        "|" * 300_000 + "\n---\n",
        "|\n|\n|\n",
        "---\n|a|\n---\n",
    ],
)
def test_pipes_without_a_table_end_in_a_sentence_or_a_table(
    tmp_path: Path, text: str
) -> None:
    """Nothing but rules and pipes is refused or read as it stands, without a fault."""
    path = tmp_path / "a.txt"
    path.write_text(text)
    readings: list[Reading] = []
    with contextlib.suppress(Unreadable):
        readings = delimited.sniff(open_file(path))
    assert not any(departure(reading, path) for reading in readings)


def test_blanks_that_fill_up(tmp_path: Path) -> None:
    """Names lose their blanks; texts keep theirs, and that is told."""
    text = "id ; name   ; n\n1  ; Anna   ; 1\n2  ; Ben    ; 7\n3  ; Cem    ; 5\n"
    table, reading = read(tmp_path, text)
    assert list(table.columns) == ["id", "name", "n"]
    assert "“name”" in said(reading, "padded").text


def test_no_column_of_nothing_is_named(tmp_path: Path) -> None:
    """A delimiter at the end of each line makes no name that would be told."""
    _, reading = read(tmp_path, "a,b,\n1,2,\n3,4,\n5,6,\n")
    assert not [doubt for doubt in reading.doubts if "Unnamed" in doubt.text]


def test_keys_above_a_table_are_no_table(tmp_path: Path) -> None:
    """Lines of keys with their colons are told as what stands above."""
    text = (
        '"Turnover";"30 days";"Balance: 4,00"\n"Owner:";"Ada"\n"Account:";"DE1"\n'
        '"From:";"01.03.2024"\n\n"Day";"Text";"Who";"Amount"\n'
        '"28.03.2024";"Pay";"A";"3,50"\n"27.03.2024";"Rent";"B";"-9,00"\n'
        '"26.03.2024";"Food";"C";"-4,25"\n'
    )
    table, reading = read(tmp_path, text)
    assert list(table.columns) == ["Day", "Text", "Who", "Amount"]
    assert said(reading, "above the table").lines == (1, 2, 3, 4)


def test_comments_above_are_told(tmp_path: Path) -> None:
    """Comment lines above the names are told once, and are no rows."""
    text = "# made by hand\n# twice\na,b\n1,2\n3,4\n"
    _, reading = read(tmp_path, text)
    doubt = said(reading, "comments")
    assert (doubt.lines, doubt.rows_left_out) == ((1, 2), 0)


def test_one_column_with_runs_of_blanks_is_told(tmp_path: Path) -> None:
    """A text that stays one column says so where it may be a report."""
    lines = [f"{'x' * (n * 7 % 23 + 1)}  {'y' * (n % 5 + 1)}\n" for n in range(12)]
    lines[::4] = ["and a line of some words that go on and on and on\n"] * 3
    _, reading = read(tmp_path, "".join(lines))
    assert said(reading, "runs of blanks").rows_left_out == 0
