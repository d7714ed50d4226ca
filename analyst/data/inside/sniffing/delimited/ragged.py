"""Rows that are longer or shorter than their table: nothing of them is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...reading import Doubt
from .dialect import Dialect
from .layout import Table
from .quotes import written
from .records import Records, is_blank
from .shapes import Shape, shape_of

__all__ = ["Ragged", "evened", "lines_told"]

_FEW = 0.05
_MOST_EXTRAS = 50
_MOST_COLUMNS = 200
_LINES_TOLD = 5


@dataclass
class Ragged:
    """What is done with rows of other lengths."""

    surplus: Literal["", "drop", "join"] = ""
    extras: int = 0
    """How many columns are added behind the last."""
    trails: bool = False
    """Every longer row only ends in one delimiter too many."""
    rewritten: dict[int, str] = field(default_factory=dict)
    """Lines, from 1, in which a cell with a delimiter gets its quotes."""
    rows: list[list[str]] = field(default_factory=list)
    """The rows as they come out, of blank lines and repeated headers none."""
    lines: list[int] = field(default_factory=list)
    """Where each of them begins, from 1."""
    doubts: list[Doubt] = field(default_factory=list)


def lines_told(lines: Sequence[int]) -> tuple[int, ...]:
    """The first few, as a `Doubt` gives them."""
    return tuple(lines[:_LINES_TOLD])


def evened(
    records: Records, table: Table, dialect: Dialect, *, is_whole: bool
) -> Ragged:
    """The rows of a table, each with its cells in their columns.

    Args:
        records: all of the file.
        table: where the rows are.
        dialect: how they are written.
        is_whole: the file is small enough for single lines to be changed.
    """
    found = Ragged()
    repeated = set(table.repeated)
    rows = records.rows
    places = [
        place
        for place in range(table.body, table.stop)
        if (len(rows[place]) > 1 or not is_blank(rows[place])) and place not in repeated
    ]
    found.rows = [rows[place] for place in places]
    found.lines = [records.lines[place] for place in places]
    width = table.width
    widths = list(map(len, found.rows))
    if set(widths) <= {width}:
        return found
    longer = [at for at, count in enumerate(widths) if count > width]
    shorter = [at for at, count in enumerate(widths) if count < width]
    if shorter:
        lines = [found.lines[at] for at in shorter]
        told = f"{_rows(lines)} fewer cells than columns; the last ones are missing."
        found.doubts.append(Doubt(told, lines_told(lines)))
    if longer:
        _shorten(found, longer, table, dialect, is_whole=is_whole)
    return found


def _rows(lines: Sequence[int]) -> str:
    return f"{len(lines):,} row{' has' if len(lines) == 1 else 's have'}"


def _shorten(
    found: Ragged, longer: list[int], table: Table, dialect: Dialect, *, is_whole: bool
) -> None:
    width = table.width
    rows = found.rows
    lines = [found.lines[at] for at in longer]
    if not any(cell.strip() for at in longer for cell in rows[at][width:]):
        _drop_empty(found, longer, width, is_whole=is_whole)
        return
    if is_whole and len(longer) <= max(2, _FEW * len(rows)):
        longer = _put_together(found, longer, table, dialect)
        if not longer:
            return
        lines = [found.lines[at] for at in longer]
        if table.shapes[-1] == "text" and longer[0] > 1:
            for at in longer:
                last = dialect.delimiter.join(rows[at][width - 1 :])
                rows[at] = [*rows[at][: width - 1], last]
            found.surplus = "join"
            told = (
                f"{_rows(lines)} more cells than columns; they were joined to the last."
            )
            found.doubts.append(Doubt(told, lines_told(lines)))
            return
    found.extras = max(len(rows[at]) for at in longer) - width
    if found.extras > _MOST_EXTRAS + width:
        found.surplus, found.extras = "join", 0
    told = (
        f"{_rows(lines)} more cells than names; the last are in extra_1 and so on, as "
        "cells may stand one or more places to the right."
    )
    found.doubts.append(Doubt(told, lines_told(lines)))


def _drop_empty(
    found: Ragged, longer: list[int], width: int, *, is_whole: bool
) -> None:
    rows = found.rows
    lines = [found.lines[at] for at in longer]
    by_one = all(len(rows[at]) == width + 1 for at in longer)
    if by_one and len(longer) > len(rows) / 2:
        found.trails = True
    elif is_whole and longer[0] > 1:
        found.surplus = "drop"
    else:
        found.extras = max(len(rows[at]) for at in longer) - width
        return
    for at in longer:
        rows[at] = rows[at][:width]
    if not found.trails:
        told = f"{_rows(lines)} empty cells behind the last column; they were dropped."
        found.doubts.append(Doubt(told, lines_told(lines)))


def _put_together(
    found: Ragged, longer: Sequence[int], table: Table, dialect: Dialect
) -> list[int]:
    """Mend rows in which one cell holds delimiters without quotes; those left over.

    Only where a single place is possible: everywhere else a number, a date or the
    like would come to stand in a column of another look.
    """
    left: list[int] = []
    mended: list[int] = []
    for at in longer:
        meant = _only_way(found.rows[at], table.shapes, dialect.delimiter)
        if meant is None or not dialect.quote or any(map(_holds_end, found.rows[at])):
            left.append(at)
            continue
        found.rows[at] = meant
        found.rewritten[found.lines[at]] = written(meant, dialect)
        mended.append(found.lines[at])
    if mended:
        told = (
            f"{_rows(mended)} a delimiter within a cell without quotes; it was put "
            "where the other cells fit their columns."
        )
        found.doubts.append(Doubt(told, lines_told(mended)))
    return left


def _holds_end(cell: str) -> bool:
    """Whether the cell goes over several lines, so that no single line can change."""
    return "\n" in cell or "\r" in cell


def _only_way(
    row: Sequence[str], shapes: Sequence[Shape], delimiter: str
) -> list[str] | None:
    extra = len(row) - len(shapes)
    if len(shapes) > _MOST_COLUMNS:
        return None
    ways: list[list[str]] = []
    for at, shape in enumerate(shapes):
        if shape not in ("text", "missing"):
            continue
        joined = delimiter.join(row[at : at + extra + 1])
        way = [*row[:at], joined, *row[at + extra + 1 :]]
        if all(map(_fits, way, shapes)):
            ways.append(way)
    return ways[0] if len(ways) == 1 else None


def _fits(cell: str, shape: Shape) -> bool:
    if shape == "missing":
        return not cell.strip()
    found = shape_of(cell)
    return shape == "text" or found in ("missing", shape)
