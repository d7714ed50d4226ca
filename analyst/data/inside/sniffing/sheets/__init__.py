"""Workbooks: xlsx, xls, xlsb and ods, by calamine.

workbook   opened, once it is known to fit into memory
package    what the zipped parts say before: extent, errors, formulas, merged cells
           (parts, office, opendocument, compound)
grid       the cells of a sheet
regions    a sheet cut where it is empty
body       titles, header, body and notes of a table
header     which rows name the columns, and how
layout     which tables there are
totals     last rows that are sums
columns    what the columns hold
tables     from a table to its reading
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...reading import Doubt, Reading, Sheet, Unreadable
from ..files import SourceFile
from ..values import convert_texts
from .body import Table
from .grid import Grid
from .layout import Layout, layout_of
from .tables import reading_of, told_of_part
from .workbook import SheetName, Workbook, opened

__all__ = ["sniff"]

SHEETS = 20
_TABLES = 20
_TOLD = 10
_LINES = 5


@dataclass
class _Found:
    readings: list[Sheet] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    """Of the whole workbook."""


def sniff(file: SourceFile) -> list[Reading]:
    """A reading for each table of each visible sheet, in the order of the sheets.

    What concerns the whole workbook, such as hidden sheets, is a doubt of the first.

    Raises:
        Unreadable: it is damaged, protected, too large, or holds no table.
    """
    with opened(file) as workbook:
        found = _of_workbook(workbook)
    if not found.readings:
        told = "; ".join(doubt.text.rstrip(".") for doubt in found.doubts)
        raise Unreadable(
            f"has no table in a visible sheet ({told or 'it is empty'}): add one"
        )
    first = found.readings[0]
    found.readings[0] = replace(first, doubts=(*found.doubts, *first.doubts))
    member = file.member or file.only_member
    return [
        replace(reading, compression=file.compression, member=member)
        for reading in found.readings
    ]


def _of_workbook(workbook: Workbook) -> _Found:
    found = _Found()
    usual = [sheet for sheet in workbook.sheets if sheet.is_worksheet]
    hidden = [sheet for sheet in usual if not sheet.is_visible]
    visible = [sheet for sheet in usual if sheet.is_visible]
    others = [sheet for sheet in workbook.sheets if not sheet.is_worksheet]
    found.doubts += _named(hidden, "Hidden sheets are not loaded")
    found.doubts += _named(others, "Sheets without cells, such as charts, are skipped")
    found.doubts += _named(
        visible[SHEETS:], f"Only the first {SHEETS} sheets are loaded, not"
    )
    empty: list[SheetName] = []
    wordy: list[SheetName] = []
    for sheet in visible[:SHEETS]:
        grid = workbook.grid(sheet.name)
        if not grid.rows:
            empty.append(sheet)
            continue
        readings = _of_sheet(workbook, sheet.name, grid)
        found.readings += readings
        if not readings:
            wordy.append(sheet)
    found.doubts += _named(empty, "Empty sheets are skipped")
    found.doubts += _named(wordy, "Sheets with notes but no table are skipped")
    return found


def _named(sheets: Sequence[SheetName], said: str) -> list[Doubt]:
    if not sheets:
        return []
    names = ", ".join(repr(sheet.name) for sheet in sheets[:_TOLD])
    more = f" and {len(sheets) - _TOLD} more" if len(sheets) > _TOLD else ""
    return [Doubt(f"{said}: {names}{more}.", of_file=True)]


def _of_sheet(workbook: Workbook, name: str, grid: Grid) -> list[Sheet]:
    layout = layout_of(grid)
    tables = [table for table in layout.tables if table.last > table.first]
    readings = [
        reading_of(
            grid,
            table,
            sheet=name,
            label=name if number == 1 else f"{name} table {number}",
            convert=convert_texts,
        )
        for number, table in enumerate(tables[:_TABLES], 1)
    ]
    if readings:
        doubts = [
            *_of_layout(layout, tables[_TABLES:]),
            *told_of_part(workbook.part(name)),
        ]
        readings[0] = replace(readings[0], doubts=(*readings[0].doubts, *doubts))
    return readings


def _of_layout(layout: Layout, beyond: Sequence[Table]) -> list[Doubt]:
    """What stands on a sheet beside the tables that are read."""
    doubts = []
    if layout.notes:
        lines = tuple(row + 1 for row in layout.notes[:_LINES])
        doubts.append(Doubt("Notes beside the tables are left out.", lines))
    if beyond:
        rows = sum(table.last - table.first for table in beyond)
        doubts.append(
            Doubt(
                f"Only the first {_TABLES} tables of the sheet are read;"
                f" {len(beyond)} more are left out.",
                tuple(table.first + 1 for table in beyond[:_LINES]),
                rows_left_out=rows,
            )
        )
    return doubts
