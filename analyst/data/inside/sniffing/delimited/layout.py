"""Where the tables of a text are: what stands above, between and below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .headers import counted, filled, header_rows, is_worded, typed_columns
from .records import is_blank
from .shapes import Shape, shape_of, shapes_of_columns
from .starts import LASTING_ROWS, SAMPLE_ROWS, next_rows, start_of_table

__all__ = ["Table", "tables_of"]

_MOST_TABLES = 20
_FILLED_ROWS = 500
_PREAMBLE_ROWS = 40
_SOURCE = re.compile(
    r"(?:sources?|quellen?|fuente|fonte|notes?|remarks?|hinweise?|anmerkung(?:en)?)"
    r"\s*:",
    re.IGNORECASE,
)
_VALUE_STARTS = frozenset("0123456789+-($€£.,")


@dataclass
class Table:
    """One table, by the numbers of records."""

    start: int
    """Its first row: of the header, where there is one."""
    header: int
    """How many rows the header has."""
    stop: int
    """The record after its last row."""
    width: int
    shapes: list[Shape]
    least: int = 2
    """How many cells a row has that is no title; 1 where only one column is used."""
    above: list[int] = field(default_factory=list)
    """Records before it that belong to no table; nothing blank."""
    below: list[int] = field(default_factory=list)
    """Records behind it that belong to no table; nothing blank."""
    repeated: list[int] = field(default_factory=list)
    """Rows that only say the header again."""
    totals: list[int] = field(default_factory=list)
    """Those of `below` that are the total of its rows."""

    @property
    def body(self) -> int:
        """The first record after the header."""
        return self.start + self.header


def tables_of(rows: Sequence[list[str]], width: int, first: int = 0) -> list[Table]:
    """All tables, from the first to the last; none where there are no two cells.

    Args:
        rows: of all records; empty for blank lines and comments.
        width: how many cells most rows have.
        first: the record before which nothing is looked at.
    """
    found: list[Table] = []
    at = first
    while at < len(rows) and len(found) < _MOST_TABLES:
        place = start_of_table(rows, at, width)
        if place is None:
            break
        start, its_width = place
        table = _table(rows, start, its_width)
        table.above = _told(rows, at, table.start)
        at = _find_end(rows, table)
        found.append(table)
        if at >= len(rows):
            break
    if found:
        found[-1].below += _told(rows, found[-1].stop, len(rows))
    return _without_preambles(rows, found)


def _without_preambles(rows: Sequence[list[str]], tables: list[Table]) -> list[Table]:
    """The tables; one of keys such as `Owner:` above a wider one is no table.

    Nor is a header without a row above another table.
    """
    found: list[Table] = []
    above: list[int] = []
    for number, table in enumerate(tables, start=1):
        is_above = number < len(tables)
        is_narrower = is_above and tables[number].width > table.width
        is_empty = is_above and table.body >= table.stop
        if is_empty or (is_narrower and _is_preamble(rows, table)):
            above += [*table.above, *_told(rows, table.start, table.stop)]
            continue
        table.above = [*above, *table.above]
        above = []
        found.append(table)
    return found


def _is_preamble(rows: Sequence[list[str]], table: Table) -> bool:
    """Whether every row is a key with its colon, and its value."""
    if table.width != 2 or table.stop - table.start > _PREAMBLE_ROWS:  # noqa: PLR2004 - a key and its value
        return False
    keys = [row[0].strip() for row in rows[table.start : table.stop] if filled(row)]
    return all(key.endswith(":") for key in keys)


def _told(rows: Sequence[list[str]], first: int, stop: int) -> list[int]:
    return [at for at in range(first, stop) if filled(rows[at])]


def _table(rows: Sequence[list[str]], start: int, width: int) -> Table:
    window = [row for row in rows[start : start + SAMPLE_ROWS] if len(row) == width]
    shapes = shapes_of_columns(window, width)
    header = header_rows(rows, start, width, shapes)
    least = min(2, sum(shape != "missing" for shape in shapes))
    return Table(start, header, len(rows), width, shapes, least)


def _find_end(rows: Sequence[list[str]], table: Table) -> int:
    """Set where the table stops, and return where the next may begin."""
    numbers = [at for at, shape in enumerate(table.shapes) if shape == "number"]
    probe = next(iter(numbers or typed_columns(table.shapes)), None)
    head = [cell.strip() for cell in rows[table.body - 1]] if table.header else None
    width = table.width
    place = table.body + 1
    while place < len(rows):
        row = rows[place]
        if len(row) == width and (
            row[probe][:1] in _VALUE_STARTS if probe is not None else head is None
        ):
            place += 1
            continue
        if head is not None and _says(row, head):
            first = place - table.header + 1
            if _stands_apart(rows, first, table):
                return _stop_at(rows, table, first)
            table.repeated += range(first, place + 1)
        elif _begins_next(rows, place, table):
            return _stop_at(rows, table, place)
        place += 1
    _stop_at(rows, table, len(rows))
    return len(rows)


def _says(row: Sequence[str], head: Sequence[str]) -> bool:
    return (
        len(row) == len(head)
        and row[0].strip() == head[0]
        and [cell.strip() for cell in row] == head
    )


def _stands_apart(rows: Sequence[list[str]], place: int, table: Table) -> bool:
    """Whether a blank line or a title stands right above."""
    return filled(rows[place - 1]) < table.least


def _begins_next(rows: Sequence[list[str]], place: int, table: Table) -> bool:
    """Whether a table with other columns begins here."""
    row = rows[place]
    if len(row) != table.width:
        apart = _stands_apart(rows, place, table)
        return _is_header_of_next(rows, place, need_all=not apart)
    breaks, keeps = counted(row, table.shapes)
    if keeps or not breaks:
        return False
    typed = typed_columns(table.shapes)
    apart = _stands_apart(rows, place, table)
    return (
        breaks >= max(1 if apart else 2, 0.8 * len(typed))
        and filled(row) > table.width / 2
        and _is_header_of_next(rows, place, need_all=False)
        and not _is_known(rows, row, table)
    )


def _is_header_of_next(
    rows: Sequence[list[str]], place: int, *, need_all: bool
) -> bool:
    """Whether names stand here, and as wide rows of values below them."""
    row = rows[place]
    count = filled(row)
    if len(row) < 2 or count < (len(row) if need_all else 2) or not is_worded(row):  # noqa: PLR2004 - two columns
        return False
    below = next_rows(rows, place, LASTING_ROWS)
    if not below or any(len(other) != len(row) for other in below):
        return False
    if need_all and len(below) < LASTING_ROWS:
        return False
    return any(not is_worded(other) for other in below)


def _is_known(rows: Sequence[list[str]], row: Sequence[str], table: Table) -> bool:
    """Whether words of this row stand in the table already, in the same column."""
    before = rows[table.body : table.body + SAMPLE_ROWS]
    words = [
        (at, cell)
        for at, cell in enumerate(row)
        if cell.strip() and table.shapes[at] == "text"
    ]
    return any(
        at < len(other) and other[at] == cell and other is not row
        for other in before
        for at, cell in words
    )


def _stop_at(rows: Sequence[list[str]], table: Table, stop: int) -> int:
    """Set the end before blank lines, titles and footnotes; return it."""
    is_last = stop == len(rows)
    fewest = _usual_fewest(rows, table)
    while stop > table.body:
        row = rows[stop - 1]
        if not is_blank(row) and not _is_note(rows, stop - 1, table, fewest):
            break
        stop -= 1
    table.stop = stop
    table.repeated = [at for at in table.repeated if at < stop]
    return len(rows) if is_last else stop


def _usual_fewest(rows: Sequence[list[str]], table: Table) -> int:
    """So many cells at least are filled in nearly all rows."""
    counts = sorted(map(filled, rows[table.body : table.body + _FILLED_ROWS]))
    return counts[len(counts) // 10] if counts else 0


def _is_note(rows: Sequence[list[str]], place: int, table: Table, fewest: int) -> bool:
    """Whether a row at the end is a remark below the table, no row of it."""
    row = rows[place]
    count = filled(row)
    if table.width == 1 or not count or count > max(1, 0.34 * table.width):
        return False
    if _SOURCE.match(row[0].strip()) and not counted(row, table.shapes)[1]:
        return count == 1
    if len(row) == table.width and count >= fewest:
        return False
    if not row[0].strip() or shape_of(row[0]) != "text" or not is_worded(row):
        return False
    if counted(row, table.shapes)[1]:
        return False
    text = row[0].strip()
    marked = (
        text[-1] == "."
        or ":" in text
        or text[0] in "*#("
        or is_blank(rows[place - 1])
        or table.shapes[0] != "text"
    )
    # A full row whose other cells are empty may be a row with missing values.
    return marked if len(row) == table.width else marked or " " in text
