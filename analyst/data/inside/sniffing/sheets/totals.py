"""Rows of totals: left out where their numbers are the sums of the rows above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..totals import is_sum, says_total
from .body import Table
from .grid import Grid

__all__ = ["labelled_totals", "without_totals"]


def without_totals(grid: Grid, table: Table) -> tuple[Table, tuple[int, ...]]:
    """The table without the total in its last row, and the row of it.

    It goes only where all its numbers are the sums of the numbers above.
    """
    last = table.last - 1
    while last > table.first and not grid.filled(last, table.columns):
        last -= 1
    if last <= table.first or not _is_labelled(grid, table, last):
        return table, ()
    if not _are_sums(grid, table, last):
        return table, ()
    before = last
    while before > table.first and not grid.filled(before - 1, table.columns):
        before -= 1
    return replace(table, last=before), (last,)


def labelled_totals(grid: Grid, table: Table) -> list[int]:
    """The rows of the body that are called totals."""
    return [
        row for row in range(table.first, table.last) if _is_labelled(grid, table, row)
    ]


def _is_labelled(grid: Grid, table: Table, row: int) -> bool:
    """Whether the first text of a row is a word for a total."""
    cells = grid.rows[row]
    label = next((cells[at] for at in table.columns if cells[at] != ""), None)
    return isinstance(label, str) and says_total(label)


def _are_sums(grid: Grid, table: Table, row: int) -> bool:
    """Whether there are numbers in the row, and each is the sum of those above it."""
    summed = 0
    for column in table.columns:
        value = grid.rows[row][column]
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        above = _numbers(grid.rows[table.first : row], column)
        if not is_sum(value, above):
            return False
        summed += 1
    return summed > 0


def _numbers(rows: Sequence[Sequence[object]], column: int) -> list[float]:
    return [
        float(value)
        for row in rows
        if isinstance(value := row[column], int | float) and not isinstance(value, bool)
    ]
