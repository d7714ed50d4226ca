"""Odd sheets whose clean table is known: titles, notes, headers, gaps and totals.

Each is written by openpyxl, read by the emitted code, and compared cell by cell.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Reading
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import open_file
from analyst.data.inside.sniffing.sheets import sniff

Row = list[Any]
Clean = tuple[list[str], list[Row]]
Case = tuple[Callable[[Worksheet], None], list[Clean]]


def day(month: int, number: int) -> dt.datetime:
    """A day of 2024; a workbook knows no zones."""
    return dt.datetime(2024, month, number)  # noqa: DTZ001 - as it says


NAMES = ["Region", "Product", "Units", "Price", "Day"]
ROWS: list[Row] = [
    [region, product, units, price, day(1, number)]
    for region, product, units, price, number in [
        ("North", "Tea", 12, 2.5, 3),
        ("North", "Coffee", 7, 4.25, 4),
        ("South", "Tea", 30, 2.4, 9),
        ("South", "Coffee", 18, 4.5, 11),
        ("East", "Tea", 5, 2.75, 12),
        ("East", "Coffee", 9, 4.1, 20),
        ("West", "Tea", 14, 2.6, 25),
        ("West", "Coffee", 21, 4.4, 30),
    ]
]
CLEAN: Clean = (NAMES, ROWS)
CASES: dict[str, Case] = {}


def case(*clean: Clean) -> Callable[[Callable[[Worksheet], None]], Case]:
    """A sheet, and the tables that it must give."""

    def keep(write: Callable[[Worksheet], None]) -> Case:
        CASES[write.__name__.strip("_")] = (write, list(clean))
        return CASES[write.__name__.strip("_")]

    return keep


def put(
    sheet: Worksheet,
    rows: Iterable[Sequence[Any]],
    *,
    top: int = 1,
    left: int = 1,
) -> int:
    """Write rows; the number of the row after them."""
    for row in rows:
        for offset, value in enumerate(row):
            if value is not None:
                sheet.cell(top, left + offset, value)
        top += 1
    return top


def columns_of(*at: int) -> Clean:
    """Some columns of the clean table."""
    return [NAMES[each] for each in at], [[row[each] for each in at] for row in ROWS]


def frames(path: Path) -> list[tuple[Reading, pd.DataFrame]]:
    """What the emitted code makes of a workbook, true to its readings."""
    found = []
    for reading in sniff(open_file(path)):
        assert departure(reading, path) == ""
        scope: dict[str, Any] = {"DATA": str(path)}
        code = table_code(reading, name="df", path="DATA").source
        exec(code, scope)
        found.append((reading, scope["df"]))
    return found


def plain(value: Any) -> Any:
    """A value as it was written."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def assert_equal(frame: pd.DataFrame, clean: Clean) -> None:
    """Names and cells, and that text is text."""
    names, rows = clean
    assert list(frame.columns) == names
    found = [[plain(value) for value in row] for row in frame.astype(object).to_numpy()]
    assert len(found) == len(rows)
    for at, (row, expected) in enumerate(zip(found, rows, strict=True)):
        for value, wanted in zip(row, expected, strict=True):
            is_close = (
                isinstance(wanted, float)
                and isinstance(value, int | float)
                and math.isclose(value, wanted)
            )
            same_type = isinstance(value, str) == isinstance(wanted, str)
            assert is_close or (value == wanted and same_type), (at, row, expected)


@case(CLEAN)
def _as_it_should_be(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS])


@case(CLEAN)
def _title_of_one_cell(sheet: Worksheet) -> None:
    put(sheet, [["Sales of tea and coffee"], NAMES, *ROWS])


@case(CLEAN)
def _title_and_notes_and_an_empty_row(sheet: Worksheet) -> None:
    put(sheet, [["Sales"], ["in 2024, all shops"], [], NAMES, *ROWS])


@case(CLEAN)
def _title_merged_over_the_table(sheet: Worksheet) -> None:
    put(sheet, [["Sales"], NAMES, *ROWS])
    sheet.merge_cells("A1:E1")


@case(CLEAN)
def _notes_as_wide_as_the_table(sheet: Worksheet) -> None:
    notes = ["Report", "by Anna", "for the board", "draft", "not checked"]
    put(sheet, [notes, NAMES, *ROWS])


@case(CLEAN)
def _notes_with_labels_and_values(sheet: Worksheet) -> None:
    made = day(2, 1)
    put(sheet, [["Author", "Anna"], ["Made", made], ["Shops", 4], [], NAMES, *ROWS])


@case(CLEAN)
def _notes_with_values_right_above(sheet: Worksheet) -> None:
    put(sheet, [["Year", 2024], ["Shops", 4], NAMES, *ROWS])


@case(CLEAN)
def _away_from_the_corner(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS], top=5, left=3)


@case(CLEAN)
def _empty_row_below_the_header(sheet: Worksheet) -> None:
    put(sheet, [NAMES, [], *ROWS])


@case(CLEAN)
def _empty_rows_within(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS[:3], [], [], *ROWS[3:6], [], *ROWS[6:]])


@case(CLEAN)
def _every_other_row_empty(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *(each for row in ROWS for each in (row, []))])


@case(CLEAN)
def _empty_column_within(sheet: Worksheet) -> None:
    put(sheet, [[*row[:2], None, *row[2:]] for row in [NAMES, *ROWS]])


@case(CLEAN)
def _footnotes(sheet: Worksheet) -> None:
    notes = [["Source: the tills"], ["* without returns"]]
    put(sheet, [NAMES, *ROWS, *notes])


@case(CLEAN)
def _footnotes_after_an_empty_row(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS, [], ["Preliminary"], ["Source: the tills"]])


@case(CLEAN)
def _total_that_adds_up(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS, ["Total", None, 116, 27.5]])


@case(CLEAN)
def _total_after_an_empty_row_and_a_note(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS, [], ["Gesamt:", None, 116], [], ["Source: tills"]])


@case((NAMES, [*ROWS, ["Total", None, 116, 3.4, None]]))
def _total_that_does_not_add_up(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS, ["Total", None, 116, 3.4]])


@case((NAMES, [*ROWS[:7], ["Total", "Coffee", 21, 4.4, ROWS[7][4]]]))
def _region_that_is_called_total(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS[:7], ["Total", "Coffee", 21, 4.4, ROWS[7][4]]])


TWO_LEVELS = ["Region", "Sales Units", "Sales Price", "Costs Rent", "Costs Staff"]
NUMBERS: list[Row] = [
    ["North", 12, 2.5, 100, 7],
    ["South", 30, 2.4, 90, 8],
    ["East", 5, 2.75, 80, 6],
    ["West", 14, 2.6, 120, 9],
]


@case((TWO_LEVELS, NUMBERS))
def _merged_upper_header(sheet: Worksheet) -> None:
    upper = ["Region", "Sales", None, "Costs", None]
    put(sheet, [upper, [None, "Units", "Price", "Rent", "Staff"], *NUMBERS])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("D1:E1")


@case((TWO_LEVELS, NUMBERS))
def _upper_header_that_is_not_merged(sheet: Worksheet) -> None:
    upper = [None, "Sales", None, "Costs", None]
    put(sheet, [upper, ["Region", "Units", "Price", "Rent", "Staff"], *NUMBERS])


@case((TWO_LEVELS, NUMBERS))
def _upper_header_repeated_in_each_cell(sheet: Worksheet) -> None:
    upper = [None, "Sales", "Sales", "Costs", "Costs"]
    put(sheet, [upper, ["Region", "Units", "Price", "Rent", "Staff"], *NUMBERS])


@case((TWO_LEVELS, NUMBERS))
def _title_above_a_merged_upper_header(sheet: Worksheet) -> None:
    upper = ["Region", "Sales", None, "Costs", None]
    lower = [None, "Units", "Price", "Rent", "Staff"]
    put(sheet, [["All shops"], ["in 2024"], upper, lower, *NUMBERS])
    for merged in ("A1:E1", "A3:A4", "B3:C3", "D3:E3"):
        sheet.merge_cells(merged)


@case(
    (
        ["Shop", "2023 Sales Units", "2023 Sales Price", "2024 Sales Units", "Open"],
        [["A", 1, 2.5, 3, 7], ["B", 4, 5.5, 6, 8], ["C", 7, 8.5, 9, 9]],
    )
)
def _header_of_three_rows(sheet: Worksheet) -> None:
    put(
        sheet,
        [
            ["Shop", 2023, None, 2024, "Open"],
            [None, "Sales", None, "Sales"],
            [None, "Units", "Price", "Units"],
            ["A", 1, 2.5, 3, 7],
            ["B", 4, 5.5, 6, 8],
            ["C", 7, 8.5, 9, 9],
        ],
    )
    for merged in ("A1:A3", "B1:C1", "B2:C2", "E1:E3"):
        sheet.merge_cells(merged)


@case(CLEAN)
def _header_scattered_over_four_rows(sheet: Worksheet) -> None:
    rows = [
        [name if at == min(row, 3) else None for at, name in enumerate(NAMES[:4])]
        for row in range(4)
    ]
    rows[3].append("Day")
    put(sheet, [*rows, *ROWS])


@case(
    (
        ["Region", "2021", "2022", "2023"],
        [["North", 5, 6, 7], ["South", 8, 9, 10], ["East", 1, 2, 3]],
    )
)
def _years_as_header(sheet: Worksheet) -> None:
    rows = [["North", 5, 6, 7], ["South", 8, 9, 10], ["East", 1, 2, 3]]
    put(sheet, [["Region", 2021, 2022, 2023], *rows])


@case(
    (
        ["Unnamed: 0", "2024-01-01", "2024-02-01"],
        [["North", 5, 6], ["South", 8, 9], ["East", 1, 2]],
    )
)
def _months_as_header_and_a_key_without_name(sheet: Worksheet) -> None:
    days = [day(month, 1) for month in (1, 2)]
    put(sheet, [[None, *days], ["North", 5, 6], ["South", 8, 9], ["East", 1, 2]])


@case(CLEAN)
def _merged_keys(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS])
    for top in (2, 4, 6, 8):
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=1, end_column=1)


@case(CLEAN, (TWO_LEVELS, NUMBERS))
def _tables_below_each_other(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS, [], [], TWO_LEVELS, *NUMBERS])


@case(CLEAN, (TWO_LEVELS, NUMBERS))
def _tables_below_each_other_with_titles(sheet: Worksheet) -> None:
    first = [["Table 1: tea"], NAMES, *ROWS, []]
    put(sheet, [*first, ["Table 2: money"], [], TWO_LEVELS, *NUMBERS])


@case(CLEAN, (TWO_LEVELS, NUMBERS))
def _tables_beside_each_other(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS])
    put(sheet, [TWO_LEVELS, *NUMBERS], left=8)


@case(CLEAN, CLEAN)
def _equal_tables_beside_each_other(sheet: Worksheet) -> None:
    put(sheet, [["Before"], NAMES, *ROWS])
    put(sheet, [["After"], NAMES, *ROWS], left=7)


@case(CLEAN)
def _remark_beside_the_table(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS])
    put(sheet, [["Please check!"], ["Anna"]], top=3, left=8)


@case(([*NAMES[:3], "Unnamed: 3", NAMES[4]], ROWS))
def _column_without_a_name(sheet: Worksheet) -> None:
    put(sheet, [[*NAMES[:3], None, NAMES[4]], *ROWS])


@case((["x", "x.1", "y", "x.2"], [[1, 2, "a", 3], [4, 5, "b", 6]]))
def _names_that_repeat(sheet: Worksheet) -> None:
    put(sheet, [["x", "x", "y", "x"], [1, 2, "a", 3], [4, 5, "b", 6]])


@case((["Net sales", "Place"], [[1.5, "a"], [2.5, "b"], [3.5, "c"]]))
def _names_on_two_lines(sheet: Worksheet) -> None:
    put(sheet, [["Net\nsales", " Place "], [1.5, "a"], [2.5, "b"], [3.5, "c"]])


@case((["column_1", "column_2", "column_3"], [row[:3] for row in NUMBERS]))
def _without_a_header(sheet: Worksheet) -> None:
    put(sheet, [row[:3] for row in NUMBERS])


@case((["City", "Country"], [["Rome", "Italy"], ["Oslo", "Norway"], ["Bern", "CH"]]))
def _words_alone(sheet: Worksheet) -> None:
    put(sheet, [["City", "Country"], ["Rome", "Italy"]])
    put(sheet, [["Oslo", "Norway"], ["Bern", "CH"]], top=3)


@case((["n"], [[3], [4], [5]]))
def _a_single_column(sheet: Worksheet) -> None:
    put(sheet, [["n"], [3], [4], [5]])


@case(CLEAN)
def _formatted_rows_without_end(sheet: Worksheet) -> None:
    put(sheet, [NAMES, *ROWS])
    fill = PatternFill("solid", fgColor="FFFF00")
    for row in range(10, 3000):
        sheet.cell(row, 1).fill = fill
    sheet.cell(1_048_576, 16_384).fill = fill


@case(CLEAN)
def _cells_of_blanks(sheet: Worksheet) -> None:
    put(sheet, [["  "], NAMES, *ROWS, [None, " "]])
    sheet.cell(12, 7, "   ")


@case((["zip", "n"], [["01067", 1], ["99084", 2], ["00100", 3]]))
def _leading_zeros(sheet: Worksheet) -> None:
    put(sheet, [["zip", "n"], ["01067", 1], ["99084", 2], ["00100", 3]])


@case((["k", "n"], [["a", 1], ["b", 20], ["c", 300]]))
def _numbers_stored_as_text(sheet: Worksheet) -> None:
    put(sheet, [["k", "n"], ["a", "1"], ["b", "20"], ["c", "300"]])


@case((["k", "n"], [["a", 1], ["b", 20], ["c", 300]]))
def _some_numbers_stored_as_text(sheet: Worksheet) -> None:
    put(sheet, [["k", "n"], ["a", "1"], ["b", 20], ["c", "300"]])


@case((["k", "p"], [["a", 0.12], ["b", 0.07], ["c", 0.5]]))
def _shares_as_text(sheet: Worksheet) -> None:
    put(sheet, [["k", "p"], ["a", "12 %"], ["b", "7 %"], ["c", "50 %"]])


@case((["k", "n"], [["a", 1], ["b", None], ["c", 3]]))
def _errors_in_cells(sheet: Worksheet) -> None:
    put(sheet, [["k", "n"], ["a", 1], ["b", "#DIV/0!"], ["c", 3]])


@case(
    (["k", "yes", "late"], [["a", True, None], ["b", False, True], ["c", True, False]])
)
def _truth_values(sheet: Worksheet) -> None:
    put(sheet, [["k", "yes", "late"], ["a", True], ["b", False, True]])
    put(sheet, [["c", True, False]], top=4)


@case((["k", "n", "m"], [["a", 1, None], ["b", None, 2.5], ["c", 3, None]]))
def _gaps_in_columns_of_numbers(sheet: Worksheet) -> None:
    put(sheet, [["k", "n", "m"], ["a", 1], ["b", None, 2.5], ["c", 3]])


@case((["code", "n"], [["DE", 1], ["NA", 2], ["FR", 3]]))
def _words_that_look_missing(sheet: Worksheet) -> None:
    put(sheet, [["code", "n"], ["DE", 1], ["NA", 2], ["FR", 3]])


@case((["k", "n"], [["a", 1], ["b", None], ["c", 3]]))
def _missing_words_among_numbers(sheet: Worksheet) -> None:
    put(sheet, [["k", "n"], ["a", 1], ["b", "NA"], ["c", 3]])


@case((["k", "v"], [["a", "2024-01-05 00:00:00"], ["b", "soon"], ["c", "7"]]))
def _kinds_mixed_in_a_column(sheet: Worksheet) -> None:
    put(sheet, [["k", "v"], ["a", day(1, 5)], ["b", "soon"]])
    put(sheet, [["c", 7]], top=4)


@case((NAMES, [["North", None, None, None, None], *ROWS]))
def _heading_within_the_table(sheet: Worksheet) -> None:
    put(sheet, [NAMES, ["North"], *ROWS])


# In pairs.


@case(CLEAN)
def _title_and_merged_keys_and_total(sheet: Worksheet) -> None:
    put(sheet, [["Sales"], [], NAMES, *ROWS, ["Sum", None, 116]])
    for top in (4, 6, 8, 10):
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=1, end_column=1)


@case(CLEAN)
def _away_from_the_corner_with_notes(sheet: Worksheet) -> None:
    put(sheet, [["Sales"], NAMES, *ROWS, [], ["Source: the tills"]], top=4, left=2)


@case((TWO_LEVELS, NUMBERS))
def _merged_header_and_footnote_away_from_the_corner(sheet: Worksheet) -> None:
    upper = ["Region", "Sales", None, "Costs", None]
    lower = [None, "Units", "Price", "Rent", "Staff"]
    put(sheet, [upper, lower, *NUMBERS, ["1) with tax"]], top=3, left=2)
    for merged in ("B3:B4", "C3:D3", "E3:F3"):
        sheet.merge_cells(merged)


@case((TWO_LEVELS, NUMBERS))
def _merged_header_and_empty_rows(sheet: Worksheet) -> None:
    upper = ["Region", "Sales", None, "Costs", None]
    lower = [None, "Units", "Price", "Rent", "Staff"]
    put(sheet, [upper, lower, [], *NUMBERS[:2], [], *NUMBERS[2:]])
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(merged)


@case(CLEAN, (TWO_LEVELS, NUMBERS))
def _tables_below_each_other_with_totals(sheet: Worksheet) -> None:
    first = [["Tea"], NAMES, *ROWS, ["Total", None, 116], []]
    second = [["Money"], TWO_LEVELS, *NUMBERS, ["Total", 61, 10.25, 390, 30]]
    put(sheet, [*first, *second])


@case(columns_of(0, 1, 2), columns_of(0, 1, 4))
def _tables_beside_each_other_with_titles_and_notes(sheet: Worksheet) -> None:
    for left, at in ((1, (0, 1, 2)), (6, (0, 1, 4))):
        names, rows = columns_of(*at)
        notes = [[], ["Source: the tills"]]
        put(sheet, [["Part"], names, *rows, *notes], top=2, left=left)


@case(
    (
        ["Region", "2021", "2022", "2023"],
        [["North", 5, 6, 7], ["South", 8, 9, 10], ["East", 1, 2, 3]],
    )
)
def _years_as_text_with_title_and_total(sheet: Worksheet) -> None:
    rows = [["North", 5, 6, 7], ["South", 8, 9, 10], ["East", 1, 2, 3]]
    header = ["Region", "2021", "2022", "2023"]
    put(sheet, [["Units"], header, *rows, ["Total", 14, 17, 20]])


@pytest.mark.parametrize("name", CASES)
def test_an_odd_sheet_gives_its_clean_table(name: str, tmp_path: Path) -> None:
    """Names, cells and kinds are those of the clean tables, and no table is added."""
    write, clean = CASES[name]
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    write(sheet)
    path = tmp_path / "odd.xlsx"
    book.save(path)
    found = frames(path)
    assert len(found) == len(clean)
    for (_, frame), expected in zip(found, clean, strict=True):
        assert_equal(frame, expected)


UPPER = ["Where", None, "Sold", None, "When"]


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merge a range."""
    sheet.merge_cells(
        start_row=top, start_column=left, end_row=bottom, end_column=right
    )


class Composed:
    """The clean table with damages that are drawn, each on or off."""

    def __init__(self, sheet: Worksheet, dice: random.Random) -> None:
        self.sheet = sheet
        self.dice = dice
        self.left = dice.choice([1, 1, 2, 4])
        self.row = dice.choice([1, 1, 3])

    def draw(self) -> bool:
        """Whether a damage is on."""
        return self.dice.random() < 0.35

    def put(self, *rows: Row) -> None:
        """Write rows below the last."""
        self.row = put(self.sheet, rows, top=self.row, left=self.left)

    def write(self) -> Clean:
        """All of it; the clean table with the names that it must have."""
        self.titles()
        names = self.header()
        self.body()
        self.end()
        return names, ROWS

    def titles(self) -> None:
        """Notes of one cell, an empty row, a note as wide as the table."""
        for title in ("Sales of all shops in 2024", "made by Anna"):
            if self.draw():
                self.put([title])
        if self.draw():
            self.row += 1
        elif self.draw():
            self.put(["Report", "by Anna", "draft", "not checked", "v2"])

    def header(self) -> list[str]:
        """One row or two, maybe parted from the body."""
        names = NAMES
        if self.draw():
            merge(self.sheet, self.row, self.left, self.row, self.left + 1)
            merge(self.sheet, self.row, self.left + 2, self.row, self.left + 3)
            self.put(UPPER)
            over = ["Where", "Where", "Sold", "Sold", "When"]
            names = [f"{upper} {name}" for upper, name in zip(over, NAMES, strict=True)]
        self.put(NAMES)
        if self.draw():
            self.row += 1
        return names

    def body(self) -> None:
        """Merged keys, and empty rows within."""
        is_merged = self.draw()
        has_gaps = self.draw()
        for at, row in enumerate(ROWS):
            if has_gaps and at % 2 == 0 and at and self.dice.random() < 0.5:
                self.row += 1
            self.put(row)
            if is_merged and at % 2:
                merge(self.sheet, self.row - 2, self.left, self.row - 1, self.left)

    def end(self) -> None:
        """A total and notes."""
        if self.draw():
            self.row += self.dice.choice([0, 1])
            self.put(["Total", None, 116, 27.5])
        if self.draw():
            self.row += self.dice.choice([0, 1])
            self.put(["Source: the tills"], ["* without returns"])


@pytest.mark.battery(120, 4000)
def test_damages_together_give_the_clean_table(rounds: range, tmp_path: Path) -> None:
    """Titles, offsets, merged headers and keys, gaps, totals and notes, as drawn."""
    path = tmp_path / "odd.xlsx"
    for seed in rounds:
        book = openpyxl.Workbook()
        clean = Composed(book.worksheets[0], random.Random(seed)).write()
        book.save(path)
        found = frames(path)
        assert len(found) == 1, seed
        assert list(found[0][1].columns) == clean[0], seed
        assert_equal(found[0][1], clean)
