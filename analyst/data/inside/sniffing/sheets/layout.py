"""Where the tables of a sheet are, and which bands of rows belong to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .body import Table, starts_as_note, table_of
from .grid import Grid
from .header import HEADER_ROWS, header_above, names_of
from .regions import Region, bands, regions

__all__ = ["Layout", "layout_of"]

_NARROW = 2


@dataclass(frozen=True)
class Layout:
    """The tables of a sheet, and the rows that belong to none."""

    tables: tuple[Table, ...]
    notes: tuple[int, ...] = ()


def layout_of(grid: Grid) -> Layout:
    """The tables of a sheet in reading order."""
    tables: list[Table] = []
    notes: list[int] = []
    for region in regions(grid):
        below, rest = _tables_below(grid, region)
        tables += below
        notes += rest
    several = [table for table in tables if not _is_list(table)]
    if several and len(several) < len(tables):
        notes += [
            row
            for table in tables
            if table not in several
            for row in (*table.header, *range(table.first, table.last))
        ]
        tables = several
    return Layout(tuple(tables), tuple(sorted(notes)))


def _is_list(table: Table) -> bool:
    """A single column of words: a table where it is alone, else a remark."""
    return len(table.columns) == 1 and not table.kinds


@dataclass
class _Below:
    """The bands of a region, taken one after the other."""

    grid: Grid
    tables: list[Table] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    """Rows since the last table that belong to none yet."""
    header: Region | None = None
    """A band that may be the header of the next."""

    def take(self, band: Region) -> None:
        """A band that is more than a note."""
        found = table_of(self.grid, band)
        if found is None:
            self._take_words(band)
            return
        if self.tables and not self.notes and _is_its_header(self.tables[-1], found):
            words = self.tables.pop()
            self.notes += words.above
            self.header = Region(words.header[0], words.last, words.columns)
        if self.header is not None and not found.header:
            found = _with_header(self.grid, self.header, found)
            self.header = None
        self._leave_header()
        self._take_table(found)
        self.notes = []

    def _take_words(self, band: Region) -> None:
        """What may be a header, more of a table of words, or a note."""
        if self.header is not None:
            self.notes += range(band.top, band.bottom)
        elif self.tables and not self.notes and _goes_on(self.tables[-1], band):
            self.tables[-1] = replace(self.tables[-1], last=band.bottom)
        else:
            self.header = band

    def _take_table(self, found: Table) -> None:
        if not self.tables:
            self.tables.append(replace(found, above=(*self.notes, *found.above)))
            return
        last = self.tables[-1]
        if _continues(self.grid, last, found, self.notes):
            self.tables[-1] = replace(last, last=found.last, below=found.below)
            return
        own = _own_notes(self.grid, self.notes)
        self.tables[-1] = replace(last, below=(*last.below, *self.notes[:own]))
        above = (*self.notes[own:], *found.above)
        self.tables.append(replace(found, above=above))

    def _leave_header(self) -> None:
        if self.header is not None:
            self.notes += range(self.header.top, self.header.bottom)
            self.header = None

    def end(self) -> None:
        """What is still waiting belongs to the last table, if there is one."""
        self._leave_header()
        if self.tables:
            last = self.tables[-1]
            self.tables[-1] = replace(last, below=(*last.below, *self.notes))
            self.notes = []


def _tables_below(grid: Grid, region: Region) -> tuple[list[Table], list[int]]:
    """The tables of a region, one below the other, and its rows without any."""
    below = _Below(grid)
    for band in bands(grid, region):
        if len(region.columns) > 1 and _is_note(grid, band):
            below.notes += range(band.top, band.bottom)
        else:
            below.take(band)
    below.end()
    return _without_asides(below.tables), below.notes


def _own_notes(grid: Grid, notes: Sequence[int]) -> int:
    """How many notes are footnotes of the table above; the rest are titles."""
    own = 0
    while own < len(notes) and starts_as_note(_first_text(grid, notes[own])):
        own += 1
    return own


def _without_asides(tables: list[Table]) -> list[Table]:
    """Pairs of a label and a value above or below a table are notes about it."""
    main = max(tables, key=lambda table: len(table.columns), default=None)
    kept: list[Table] = []
    waiting: tuple[int, ...] = ()
    for table in tables:
        if main is not None and table is not main and _is_aside(table, main):
            rows = (*table.above, *table.header, *range(table.first, table.last))
            if kept:
                kept[-1] = replace(kept[-1], below=(*kept[-1].below, *rows))
            else:
                waiting += rows
        else:
            kept.append(replace(table, above=(*waiting, *table.above)))
            waiting = ()
    return kept


def _is_aside(table: Table, main: Table) -> bool:
    if len(table.columns) > _NARROW or len(main.columns) <= len(table.columns):
        return False
    rows = table.last - table.first
    if rows >= main.last - main.first:
        return False
    return not table.header or not table.kinds or rows == 1


def _is_note(grid: Grid, band: Region) -> bool:
    """Rows of one text each."""
    return all(
        grid.filled(row, band.columns) <= 1
        and all(grid.kind(row, column) in {"", "text"} for column in band.columns)
        for row in range(band.top, band.bottom)
    )


def _goes_on(table: Table, band: Region) -> bool:
    """Whether a band that could be a header of its own has the table's columns."""
    return not table.kinds and set(band.columns) <= set(table.columns)


def _continues(grid: Grid, table: Table, found: Table, notes: Sequence[int]) -> bool:
    """Whether rows after empty ones are still of the same table."""
    if not set(found.columns) <= set(table.columns):
        return False
    if found.header:
        if notes or table.kinds or found.kinds:
            return False
        return (
            names_of(grid, found.header, table.columns)
            != names_of(grid, table.header, table.columns)
            and found.columns == table.columns
        )
    return all(
        table.kinds.get(column, kind) == kind for column, kind in found.kinds.items()
    )


def _is_its_header(words: Table, found: Table) -> bool:
    """Whether a few rows of words are the header of what follows, not a table."""
    if found.header or not found.kinds or words.kinds or not words.header:
        return False
    return words.last - words.header[0] <= HEADER_ROWS


def _with_header(grid: Grid, header: Region, found: Table) -> Table:
    """A header that an empty row parts from its body."""
    columns = tuple(sorted({*header.columns, *found.columns}))
    lowest = header.bottom - 1
    rows = header_above(grid, header.top, lowest, columns)
    above = range(header.top, rows[0])
    return replace(found, columns=columns, header=rows, above=(*above, *found.above))


def _first_text(grid: Grid, row: int) -> str:
    return str(next(cell for cell in grid.rows[row] if cell != ""))
