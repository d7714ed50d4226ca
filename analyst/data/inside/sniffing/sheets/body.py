"""One band of rows as a table: titles, header, body and notes.

The lower half of a band tells which of its columns have values of one kind. The body
begins with the first row that has such values, and the header is right above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .grid import CellKind, Grid
from .header import HEADER_ROWS, counts_on, header_above
from .regions import Region

__all__ = ["Table", "starts_as_note", "table_of"]

_SAMPLE_ROWS = 200
_SHARE = 0.6
_NOTE_STARTS = ("*", "†", "note", "source", "quelle", "anmerkung", "hinweis", "¹")
_NARROW = 2
_NOTE_ROWS = 20


@dataclass(frozen=True)
class Table:
    """A table of a sheet. Rows are counted from 0, ranges end before their last."""

    columns: tuple[int, ...]
    first: int
    last: int
    header: tuple[int, ...] = ()
    above: tuple[int, ...] = ()
    """Rows of titles and notes."""
    below: tuple[int, ...] = ()
    """Rows of notes, and of totals that were left out."""
    kinds: dict[int, CellKind] = field(default_factory=dict)
    """Of the columns whose values are mostly of one kind other than text."""


def table_of(grid: Grid, band: Region) -> Table | None:
    """The table of a band; None where there is but what may be a header."""
    kinds = _kinds(grid, band)
    lowest = _lowest_header_row(grid, band, kinds)
    first = band.top if lowest is None else lowest + 1
    if first == band.bottom:
        return None
    if lowest is None:
        header: tuple[int, ...] = ()
        above = range(band.top, band.top)
    else:
        header = header_above(grid, band.top, lowest, band.columns)
        above = range(band.top, header[0])
    below = _notes_below(grid, first, band, kinds)
    last = band.bottom - len(below)
    return Table(
        columns=_without_note_columns(grid, band, header, first, last),
        first=first,
        last=last,
        header=header,
        above=tuple(above),
        below=below,
        kinds=kinds,
    )


def _without_note_columns(
    grid: Grid, band: Region, header: Sequence[int], first: int, last: int
) -> tuple[int, ...]:
    """The columns that the table itself fills; its notes may be wider."""
    rows = [*header, *range(first, last)]
    return tuple(
        column
        for column in band.columns
        if any(grid.rows[row][column] != "" for row in rows)
    )


def _kinds(grid: Grid, band: Region) -> dict[int, CellKind]:
    """The columns that are mostly of one kind; judged by the lower half of the rows."""
    rows = _sample(grid, band)
    kinds: dict[int, CellKind] = {}
    for column in band.columns:
        counts = Counter(grid.kind(row, column) for row in rows)
        del counts[""]
        if not counts:
            continue
        kind, count = counts.most_common(1)[0]
        if kind != "text" and count >= _SHARE * counts.total():
            kinds[column] = kind
    return kinds


def _sample(grid: Grid, band: Region) -> range:
    """Rows of the lower half, notes at its end left out."""
    bottom = band.bottom
    while bottom > band.top + 1 and _lone_text(grid, bottom - 1, band) is not None:
        bottom -= 1
    half = (band.top + bottom) // 2
    return range(half, min(half + _SAMPLE_ROWS, bottom))


def _lone_text(grid: Grid, row: int, band: Region) -> int | None:
    """The column of the only cell of a row, if it is text beside empty cells."""
    cells = grid.rows[row]
    filled = [column for column in band.columns if cells[column] != ""]
    if len(filled) != 1 or len(band.columns) == 1:
        return None
    return filled[0] if grid.kind(row, filled[0]) == "text" else None


def _matches(grid: Grid, row: int, kinds: dict[int, CellKind]) -> int:
    return sum(grid.kind(row, column) == kind for column, kind in kinds.items())


def _lowest_header_row(
    grid: Grid, band: Region, kinds: dict[int, CellKind]
) -> int | None:
    """The row right above the body; None where the band begins with its body.

    Where columns are of a kind, the body begins in the first row that has values of
    their kinds; else, in a table of words, below the first row that is full.
    """
    if not kinds:
        return _header_of_words(grid, band)
    sample = sorted(_matches(grid, row, kinds) for row in _sample(grid, band))
    enough = max(1.0, sample[len(sample) // 2] / 2)
    for row in range(band.top, band.bottom):
        if _matches(grid, row, kinds) < enough:
            continue
        if _is_counting(grid, row, band, kinds):
            if row + 1 < band.bottom and _matches(grid, row + 1, kinds) < enough:
                continue
            return row
        return _header_before(grid, band, row, kinds)
    return None


def _header_of_words(grid: Grid, band: Region) -> int:
    fills = [
        grid.filled(row, band.columns)
        for row in range(band.top, min(band.top + _SAMPLE_ROWS, band.bottom))
    ]
    full = next(at for at, fill in enumerate(fills) if fill >= _SHARE * max(fills))
    lowest = band.top + full
    while _is_completed_below(grid, lowest, band):
        lowest += 1
    return lowest


def _is_completed_below(grid: Grid, row: int, band: Region) -> bool:
    """Whether merged cells of a row stand above names in the next."""
    if row + 1 >= band.bottom or row - band.top >= HEADER_ROWS:
        return False
    return any(
        merged.bottom == row
        and band.columns[0] <= merged.left <= band.columns[-1]
        and merged.right - merged.left + 1 < len(band.columns)
        for merged in grid.spans(row)
    )


def _is_counting(
    grid: Grid, row: int, band: Region, kinds: dict[int, CellKind]
) -> bool:
    """Whether the first row with numbers names the columns: years, or 1, 2, 3."""
    if row + 1 >= band.bottom:
        return False
    others = [column for column in band.columns if kinds.get(column) != "number"]
    if any(grid.kind(row, column) not in {"", "text"} for column in others):
        return False
    if row > band.top:
        above = [grid.rows[row - 1][column] for column in kinds]
        if _are_names(above, distinct=_numbers(grid, row, band)[0] not in {0, 1}):
            return False
    return counts_on(_numbers(grid, row, band)) and not counts_on(
        _numbers(grid, row + 1, band)
    )


def _are_names(cells: Sequence[object], *, distinct: bool) -> bool:
    """Whether all are texts; distinct where equal ones may stand above several."""
    if not all(isinstance(cell, str) and cell for cell in cells):
        return False
    return not distinct or len(set(cells)) == len(cells)


def _numbers(grid: Grid, row: int, band: Region) -> list[object]:
    return [
        grid.rows[row][column]
        for column in band.columns
        if grid.kind(row, column) == "number"
    ]


def _header_before(
    grid: Grid, band: Region, body: int, kinds: dict[int, CellKind]
) -> int | None:
    """The lowest row of the header, above the first row with values of their kinds.

    Between them may be rows of the body without such values, and headings within it.
    """
    candidates = [
        row
        for row in range(body - 1, band.top - 1, -1)
        if _matches(grid, row, kinds) == 0 or counts_on(_numbers(grid, row, band))
    ][:_SAMPLE_ROWS]
    least = min(2, len(band.columns))
    for row in candidates:
        if grid.filled(row, band.columns) >= least and _names_columns(grid, row, band):
            return row
    return candidates[0] if candidates and candidates[0] == body - 1 else None


def _names_columns(grid: Grid, row: int, band: Region) -> bool:
    """Whether a row names columns: most of them, or some that have no name above."""
    if grid.filled(row, band.columns) >= _SHARE * len(band.columns):
        return True
    above = range(max(band.top, row - HEADER_ROWS + 1), row)
    for column in band.columns:
        if grid.rows[row][column] == "":
            continue
        is_below_merged = any(
            merged.left <= column <= merged.right
            for upper in above
            for merged in grid.spans(upper)
        )
        if is_below_merged or all(grid.rows[upper][column] == "" for upper in above):
            return True
    return False


def _notes_below(
    grid: Grid, first: int, band: Region, kinds: dict[int, CellKind]
) -> tuple[int, ...]:
    """Rows of one text each that end a band; very many are no notes."""
    last = band.bottom
    while last - 1 > first:
        column = _lone_text(grid, last - 1, band)
        if column is None:
            break
        if len(band.columns) == _NARROW:
            if not _reads_as_note(grid, last - 1, column, first):
                break
        elif not kinds and column != band.columns[0]:
            break
        last -= 1
    if band.bottom - last > _NOTE_ROWS:
        return ()
    return tuple(range(last, band.bottom))


def _reads_as_note(grid: Grid, row: int, column: int, first: int) -> bool:
    text = str(grid.rows[row][column])
    if starts_as_note(text):
        return True
    others = [
        len(str(grid.rows[each][column]))
        for each in range(first, min(row, first + _SAMPLE_ROWS))
    ]
    return len(text) > 3 * max(others, default=len(text))


def starts_as_note(text: str) -> bool:
    """Whether text begins as a footnote does."""
    return text.casefold().startswith(_NOTE_STARTS)
