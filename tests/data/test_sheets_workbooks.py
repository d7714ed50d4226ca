"""Workbooks as a whole: sheets, kinds of files, what is told, and hostile ones."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl.chart import BarChart

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import FillDown, Reading, Sheet
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import of_archive, open_file
from analyst.data.inside.sniffing.sheets import sniff


def day(month: int, number: int) -> dt.datetime:
    """A day of 2024; a workbook knows no zones."""
    return dt.datetime(2024, month, number)  # noqa: DTZ001 - as it says


ROWS: list[list[Any]] = [
    ["place", "n", "day"],
    ["Rome", 3, day(1, 5)],
    ["Oslo", 4, day(2, 6)],
    ["Bern", 5, day(3, 7)],
]


def xlsx(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def ods_cell(value: Any, **attributes: Any) -> TableCell:
    """A cell as LibreOffice writes it."""
    if value is None:
        return TableCell(**attributes)
    if isinstance(value, dt.datetime):
        cell = TableCell(valuetype="date", datevalue=value.isoformat(), **attributes)
    elif isinstance(value, int | float):
        cell = TableCell(valuetype="float", value=str(value), **attributes)
    else:
        cell = TableCell(valuetype="string", **attributes)
    cell.addElement(P(text=str(value)))
    return cell


def ods(path: Path, rows: list[list[TableCell]]) -> Path:
    """An OpenDocument workbook with one sheet."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Data & more")
    document.spreadsheet.addElement(table)
    for cells in rows:
        row = TableRow()
        table.addElement(row)
        for cell in cells:
            row.addElement(cell)
    document.save(str(path))
    return path


def read(reading: Reading, path: Path) -> pd.DataFrame:
    """What the emitted code makes of it; it must not depart from its reading."""
    assert departure(reading, path) == ""
    scope: dict[str, Any] = {"DATA": str(path)}
    code = table_code(reading, name="df", path="DATA").source
    exec(code, scope)
    frame: pd.DataFrame = scope["df"]
    return frame


def said(readings: list[Reading]) -> str:
    """All doubts."""
    return " ".join(doubt.text for each in readings for doubt in each.doubts)


def test_each_visible_sheet_is_a_table_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    """Nothing on a hidden, empty or chart sheet is passed over in silence."""
    book = openpyxl.Workbook()
    first = book.worksheets[0]
    first.title = 'a "b"'
    for name in ("second", "hidden", "very"):
        book.create_sheet(name)
    for sheet in book.worksheets:
        for row in ROWS:
            sheet.append(row)
    book["hidden"].sheet_state = "hidden"
    book["very"].sheet_state = "veryHidden"
    book.create_sheet("blank")
    words = book.create_sheet("about")
    words.append(["Made by Anna."])
    words.append([None])
    words.append(["Ask her."])
    book.create_chartsheet("chart").add_chart(BarChart())
    path = tmp_path / "a.xlsx"
    book.save(path)
    readings = sniff(open_file(path))
    assert [reading.label for reading in readings[:2]] == ['a "b"', "second"]
    for reading in readings[:2]:
        assert list(read(reading, path)["n"]) == [3, 4, 5]
    told = " ".join(doubt.text for doubt in readings[0].doubts)
    for name in ("hidden", "very", "blank", "chart"):
        assert repr(name) in told
    assert "'second'" not in told


def test_only_the_first_sheets_of_very_many_are_read(tmp_path: Path) -> None:
    """Twenty are read, and the rest is named."""
    path = xlsx(tmp_path / "a.xlsx", **{f"s{each}": ROWS for each in range(23)})
    readings = sniff(open_file(path))
    assert len(readings) == 20
    assert "'s20', 's21', 's22'" in said(readings[:1])


def test_a_chart_sheet_before_the_table_does_not_shift_it(tmp_path: Path) -> None:
    """Sheets are read by their names."""
    book = openpyxl.Workbook()
    for row in ROWS:
        book.worksheets[0].append(row)
    book.create_chartsheet("chart", 0).add_chart(BarChart())
    book.save(tmp_path / "a.xlsx")
    (reading,) = sniff(open_file(tmp_path / "a.xlsx"))
    assert list(read(reading, tmp_path / "a.xlsx")["place"]) == ["Rome", "Oslo", "Bern"]


def test_old_workbooks_are_read_like_new_ones(tmp_path: Path) -> None:
    """Title, merged upper header and merged keys of an xls file come out right."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Alt")
    sheet.write(0, 1, "Sales")
    sheet.write_merge(2, 3, 1, 1, "Region")
    sheet.write_merge(2, 2, 2, 3, "Tea")
    sheet.write(3, 2, "Units")
    sheet.write(3, 3, "Price")
    sheet.write_merge(4, 5, 1, 1, "North")
    sheet.write_merge(6, 7, 1, 1, "South")
    for row in range(4, 8):
        sheet.write(row, 2, row)
        sheet.write(row, 3, row / 4)
    path = tmp_path / "a.xls"
    book.save(str(path))
    (reading,) = sniff(open_file(path))
    frame = read(reading, path)
    assert list(frame.columns) == ["Region", "Tea Units", "Tea Price"]
    assert list(frame["Region"]) == ["North", "North", "South", "South"]
    assert list(frame["Tea Units"]) == [4, 5, 6, 7]
    assert isinstance(reading, Sheet)
    assert reading.conversions == (FillDown("Region", why="merged cells"),)


def test_merged_cells_of_an_open_document_are_known(tmp_path: Path) -> None:
    """The library does not tell them; the document does."""
    upper = [
        ods_cell("Region", numberrowsspanned=2, numbercolumnsspanned=1),
        ods_cell("Tea", numberrowsspanned=1, numbercolumnsspanned=2),
        CoveredTableCell(),
    ]
    lower = [CoveredTableCell(), ods_cell("Units"), ods_cell("Since")]
    days = [day(1, number) for number in (1, 2, 3, 4)]
    body = []
    for at, since in enumerate(days):
        key = (
            ods_cell(["North", "South"][at // 2], numberrowsspanned=2)
            if at % 2 == 0
            else CoveredTableCell()
        )
        body.append([key, ods_cell(at), ods_cell(since)])
    end = [TableCell(numbercolumnsrepeated=16_384)]
    path = ods(tmp_path / "a.ods", [upper, lower, *body, end])
    (reading,) = sniff(open_file(path))
    frame = read(reading, path)
    assert reading.label == "Data & more"
    assert list(frame.columns) == ["Region", "Tea Units", "Tea Since"]
    assert list(frame["Region"]) == ["North", "North", "South", "South"]
    assert list(frame["Tea Since"]) == days


def test_rows_left_out_are_counted_with_their_lines(tmp_path: Path) -> None:
    """Rows read and rows left out are the rows that are there."""
    rows: list[list[Any]] = [["Title"], *ROWS, ["Total", 12], ["Source: x"]]
    path = xlsx(tmp_path / "a.xlsx", s=rows)
    (reading,) = sniff(open_file(path))
    assert reading.rows == 3
    assert sum(doubt.rows_left_out for doubt in reading.doubts) == 2
    lines = {line for doubt in reading.doubts for line in doubt.lines}
    assert {1, 6, 7} <= lines


def test_a_total_that_is_no_sum_is_kept_and_told(tmp_path: Path) -> None:
    """Only sums are left out."""
    path = xlsx(tmp_path / "a.xlsx", s=[*ROWS, ["Total", 13]])
    (reading,) = sniff(open_file(path))
    assert reading.rows == 4
    assert [doubt.lines for doubt in reading.doubts if "totals" in doubt.text] == [(5,)]


def test_errors_and_formulas_without_a_value_are_told(tmp_path: Path) -> None:
    """Both read as missing, which would else not be seen."""
    rows: list[list[Any]] = [
        ["k", "n", "f"],
        ["a", 1, "=B2*2"],
        ["b", "#N/A", "=B3*2"],
        ["c", 3, "=1"],
    ]
    path = xlsx(tmp_path / "a.xlsx", other=ROWS, s=rows)
    clean, reading = sniff(open_file(path))
    assert not clean.doubts
    told = {doubt.text.split()[1]: doubt for doubt in reading.doubts}
    assert told["cells"].lines == (3,)
    assert told["cells"].text.startswith("1 ")
    assert told["formulas"].lines == (2, 3, 4)
    assert read(reading, path)["f"].isna().all()


def test_merged_keys_beside_true_gaps_are_not_filled(tmp_path: Path) -> None:
    """Where an empty cell is no merged one, filling down would invent a value."""
    path = tmp_path / "a.xlsx"
    rows: list[list[Any]] = [["k", "n"], ["a", 1], [None, 2], [None, 3], ["b", 4]]
    book = openpyxl.load_workbook(xlsx(path, s=rows))
    book["s"].merge_cells("A2:A3")
    book.save(path)
    (reading,) = sniff(open_file(path))
    assert not reading.conversions
    assert "merged" in said([reading])
    assert read(reading, path)["k"].isna().sum() == 2


def test_the_rest_of_what_is_doubtful_is_said(tmp_path: Path) -> None:
    """Numbers that may be dates, rounded ids, mixed cells, words for missing."""
    rows: list[list[Any]] = [
        ["date", "id", "mixed", "code"],
        [45_000, 123456789012345678, 1, "NA"],
        [45_001, 123456789012345679, True, "DE"],
        [45_002, 123456789012345680, 2, "FR"],
    ]
    path = xlsx(tmp_path / "a.xlsx", s=rows)
    (reading,) = sniff(open_file(path))
    told = said([reading])
    for word in ("counted in days", "15 digits", "truth values", "NA in 'code'"):
        assert word in told
    frame = read(reading, path)
    assert list(frame["code"]) == ["NA", "DE", "FR"]
    assert list(frame["mixed"]) == ["1", "True", "2"]


def test_doubts_about_values_name_the_rows_of_the_sheet(tmp_path: Path) -> None:
    """Lines are counted in the sheet, titles and all, not in the table."""
    rows: list[list[Any]] = [["Title"], [], ["k", "v"]]
    rows += [["a", "1,5"], ["b", "soon or late"], ["c", "2,5"], ["d", 3], ["e", 4]]
    path = xlsx(tmp_path / "a.xlsx", s=rows)
    (reading,) = sniff(open_file(path))
    lines = {doubt.lines for doubt in reading.doubts if "v" in doubt.text.split('"')}
    lines |= {doubt.lines for doubt in reading.doubts if "'v'" in doubt.text}
    assert any(5 in each for each in lines)
    assert list(read(reading, path)["v"]) == ["1,5", "soon or late", "2,5", "3", "4"]


def test_very_many_lone_texts_are_rows_not_notes(tmp_path: Path) -> None:
    """What goes on and on below a table belongs to it."""
    rows: list[list[Any]] = [
        ["a", "b", "c"],
        ["x", 1, 2],
        *([f"t{each}"] for each in range(50)),
    ]
    path = xlsx(tmp_path / "a.xlsx", s=rows)
    (reading,) = sniff(open_file(path))
    assert reading.rows == 51
    assert list(read(reading, path)["a"])[1:3] == ["t0", "t1"]


def test_a_clean_sheet_is_read_plainly_and_without_doubt(tmp_path: Path) -> None:
    """The load cell has no argument that is not needed."""
    path = xlsx(tmp_path / "a.xlsx", s=ROWS)
    (reading,) = sniff(open_file(path))
    assert not reading.doubts
    assert table_code(reading, name="df", path="DATA").body == (
        'df = pd.read_excel(DATA, sheet_name="s", engine="calamine")'
    )


@pytest.mark.parametrize("packed", ["gzip", "bz2", "zip"])
def test_a_compressed_workbook_is_unpacked_by_the_load_cell(
    packed: str, tmp_path: Path
) -> None:
    """Reading and code agree about what is wrapped around it."""
    content = xlsx(tmp_path / "a.xlsx", s=ROWS).read_bytes()
    path = tmp_path / "a"
    if packed == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("b.xlsx", content)
        file = of_archive(open_file(path), "b.xlsx", is_only=True)
    else:
        path.write_bytes({"gzip": gzip, "bz2": bz2}[packed].compress(content))
        file = open_file(path)
    (reading,) = sniff(file)
    assert list(read(reading, path)["n"]) == [3, 4, 5]


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**40), 2**40),
    "float": st.integers(-(10**9), 10**9).map(lambda value: value + 0.25),
    "bool": st.booleans(),
    "date": st.datetimes(
        dt.datetime(1950, 1, 1),  # noqa: DTZ001 - a workbook has no zones
        dt.datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    ).map(lambda moment: moment.replace(microsecond=0)),
    "text": st.text("abcdefgh 0123456789,.-%$", max_size=9).map("w{}w".format),
}


@given(
    st.lists(st.sampled_from(sorted(VALUES)), min_size=2, max_size=5),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.data(),
)
def test_any_typed_table_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    kinds: list[str],
    place: tuple[int, int],
    data: st.DataObject,
) -> None:
    """A header of words above columns of one type each, anywhere on the sheet."""
    above, left = place
    count = data.draw(st.integers(4, 9))
    columns = [
        data.draw(st.lists(VALUES[kind], min_size=count, max_size=count))
        for kind in kinds
    ]
    names = [f"{kind} {at}" for at, kind in enumerate(kinds)]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row, values in enumerate((names, *zip(*columns, strict=True)), above + 1):
        for column, value in enumerate(values, left + 1):
            sheet.cell(row, column, value)
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    book.save(path)
    (reading,) = sniff(open_file(path))
    frame = read(reading, path)
    assert list(frame.columns) == names
    for name, values in zip(names, columns, strict=True):
        assert list(frame[name]) == values
