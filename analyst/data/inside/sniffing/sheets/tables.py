"""From a table of a sheet to its reading: how pandas is told, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...reading import Conversion, Doubt, DropEmptyRows, FillDown, Sheet
from .body import Table
from .columns import Columns, ColumnValues, ConvertTexts, read_columns
from .grid import Grid, letters
from .header import names_of
from .parts import Part
from .totals import labelled_totals, without_totals

__all__ = ["reading_of", "told_of_part"]

_LINES = 5
_TOLD_CHARS = 60


@dataclass(frozen=True)
class _Facts:
    """A table, and what the steps below need of it again and again."""

    grid: Grid
    table: Table
    names: list[str]
    empty_rows: list[int]


def reading_of(
    grid: Grid, table: Table, *, sheet: str, label: str, convert: ConvertTexts
) -> Sheet:
    """The reading of one table of a sheet."""
    table, totals = without_totals(grid, table)
    table = _without_empty_end(grid, table)
    facts = _Facts(
        grid,
        table,
        names_of(grid, table.header, table.columns),
        [
            row
            for row in range(table.first, table.last)
            if not grid.filled(row, table.columns)
        ],
    )
    filled, merge_doubts = _merged_keys(facts)
    columns = _columns(facts, convert)
    conversions: list[Conversion] = []
    if facts.empty_rows:
        conversions.append(DropEmptyRows(len(facts.empty_rows)))
    conversions += [*filled, *columns.conversions]
    return Sheet(
        label=label,
        arguments=(("sheet_name", sheet), *_place(facts), *columns.arguments),
        conversions=tuple(conversions),
        rows=table.last - table.first - len(facts.empty_rows),
        columns=columns.columns,
        doubts=(
            *_layout_doubts(facts, totals),
            *merge_doubts,
            *(
                replace(doubt, lines=tuple(row + table.first for row in doubt.lines))
                for doubt in columns.doubts
            ),
        ),
    )


def _without_empty_end(grid: Grid, table: Table) -> Table:
    last = table.last
    while last > table.first and not grid.filled(last - 1, table.columns):
        last -= 1
    return replace(table, last=last)


def _columns(facts: _Facts, convert: ConvertTexts) -> Columns:
    rows = facts.grid.rows[facts.table.first : facts.table.last]
    values = [
        ColumnValues(name, [row[column] for row in rows])
        for name, column in zip(facts.names, facts.table.columns, strict=True)
    ]
    return read_columns(values, facts.grid.blanks, convert)


def _place(facts: _Facts) -> Iterator[tuple[str, Any]]:
    """Where the table stands in its sheet, as pandas is told."""
    grid, table = facts.grid, facts.table
    header = table.header
    if len(header) == 1 and _are_plain(facts):
        skipped = header[0]
    else:
        skipped = table.first
        yield "header", None
        yield "names", facts.names
    if skipped:
        yield "skiprows", skipped
    if table.columns != tuple(range(grid.width)):
        yield "usecols", _ranges(table.columns)
    if table.last < grid.height:
        yield "nrows", table.last - table.first


def _are_plain(facts: _Facts) -> bool:
    """Whether pandas makes the same names of the header, which is right above.

    It looks at all cells of the row, those of a table beside this one as well.
    """
    table = facts.table
    row = facts.grid.rows[table.header[0]]
    cells = [row[column] for column in table.columns]
    beside = [cell for at, cell in enumerate(row) if at not in table.columns]
    return (
        cells == facts.names
        and table.first == table.header[0] + 1
        and set(cells).isdisjoint(beside)
    )


def _ranges(columns: Sequence[int]) -> str:
    """Columns as a sheet calls them: `B:D,F`."""
    runs: list[list[int]] = []
    for column in columns:
        if runs and column == runs[-1][-1] + 1:
            runs[-1].append(column)
        else:
            runs.append([column])
    return ",".join(
        letters(run[0]) if len(run) == 1 else f"{letters(run[0])}:{letters(run[-1])}"
        for run in runs
    )


def _merged_keys(facts: _Facts) -> tuple[list[FillDown], list[Doubt]]:
    """Cells merged over rows stand for each of them.

    They are filled down only where every empty cell of the column is under one.
    """
    grid, table = facts.grid, facts.table
    filled: list[FillDown] = []
    doubts: list[Doubt] = []
    empty_rows = set(facts.empty_rows)
    under, across = _merged_cells(facts)
    for name, column in zip(facts.names, table.columns, strict=True):
        if column not in under:
            continue
        open_rows = [
            row
            for row in range(table.first, table.last)
            if grid.rows[row][column] == ""
            and row not in under[column]
            and row not in empty_rows
        ]
        if open_rows:
            doubts.append(
                Doubt(
                    f"{name!r} has merged cells and empty ones: the value of a merged"
                    " cell stands in its first row only.",
                    tuple(row + 1 for row in sorted(under[column])[:_LINES]),
                )
            )
        else:
            filled.append(FillDown(name, why="merged cells"))
    if across:
        doubts.append(
            Doubt(
                "Cells are merged across columns: the value stands in the first.",
                tuple(sorted(across)[:_LINES]),
            )
        )
    return filled, doubts


def _merged_cells(facts: _Facts) -> tuple[dict[int, set[int]], list[int]]:
    """The rows under a merged cell, by column; and rows with cells merged across.

    Ranges that overlap, which no program writes, are not all followed.
    """
    table = facts.table
    under: dict[int, set[int]] = {}
    across: list[int] = []
    cells = (table.last - table.first) * len(table.columns)
    for merged in facts.grid.merged:
        if not table.first <= merged.top < table.last or cells < 0:
            continue
        if merged.left not in table.columns:
            continue
        if merged.right > merged.left:
            across.append(merged.top + 1)
        if merged.bottom > merged.top:
            below = range(merged.top + 1, min(merged.bottom + 1, table.last))
            under.setdefault(merged.left, set()).update(below)
            cells -= len(below)
    return under, across


def _layout_doubts(facts: _Facts, totals: Sequence[int]) -> Iterator[Doubt]:
    grid, table = facts.grid, facts.table
    if table.above:
        yield Doubt(
            f"Above the table are titles or notes: {_quoted(grid, table.above)}.",
            _lines(table.above),
        )
    if not table.header:
        yield Doubt("No row names the columns: they are numbered.")
    nameless = [
        letters(column)
        for name, column in zip(facts.names, table.columns, strict=True)
        if table.header and name == f"Unnamed: {column}"
    ]
    if nameless:
        yield Doubt(f"Columns without a name: {', '.join(nameless[:10])}.")
    gaps = table.columns[-1] - table.columns[0] + 1 - len(table.columns)
    if gaps:
        yield Doubt(f"{gaps} empty columns within the table are left out.")
    if totals:
        yield Doubt(
            "The last row is the total of those above and is left out.",
            _lines(totals),
            rows_left_out=len(totals),
        )
    labelled = labelled_totals(grid, table)
    if labelled:
        yield Doubt(
            "Rows that are called totals are kept: leave them out before adding up.",
            _lines(labelled),
        )
    if table.below:
        yield Doubt(
            f"Below the table are notes that are left out:"
            f" {_quoted(grid, table.below)}.",
            _lines(table.below),
            rows_left_out=len(table.below),
        )
    lone = _lone_texts(facts) if len(table.columns) > 2 else []  # noqa: PLR2004 - else one cell is half a row
    if lone:
        yield Doubt(
            "Rows with but one text are kept: they may be headings within the table.",
            _lines(lone),
        )


def _lone_texts(facts: _Facts) -> list[int]:
    grid, table = facts.grid, facts.table
    return [
        row
        for row in range(table.first, table.last)
        if grid.filled(row, table.columns) == 1
        and any(grid.kind(row, column) == "text" for column in table.columns)
    ]


def _lines(rows: Sequence[int]) -> tuple[int, ...]:
    return tuple(row + 1 for row in sorted(rows)[:_LINES])


def _quoted(grid: Grid, rows: Sequence[int]) -> str:
    texts = [
        " ".join(str(cell) for cell in grid.rows[row] if cell != "")[:_TOLD_CHARS]
        for row in sorted(rows)[:3]
    ]
    more = " …" if len(rows) > len(texts) else ""
    return ", ".join(f"“{text}”" for text in texts) + more


def told_of_part(part: Part) -> Iterator[Doubt]:
    """What the package says of a sheet and calamine does not."""
    if part.error_cells:
        yield Doubt(
            f"{part.error_cells} cells with errors such as #DIV/0! are read as"
            " missing.",
            tuple(sorted(set(part.errors))[:_LINES]),
        )
    if part.uncomputed_cells:
        yield Doubt(
            f"{part.uncomputed_cells} formulas were never computed and are read as"
            " missing: open and save the workbook in a spreadsheet program.",
            tuple(sorted(set(part.uncomputed))[:_LINES]),
        )
