"""Which rows above a body are its header, and the names that they give.

A header names columns. So rows are taken upwards from the body as long as they name
columns that have no name yet, or stand above several (merged cells, repeated values,
or a name that the row below needs to be told from another). Whatever is above that
is a title or a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import pairwise
from typing import Any

from .grid import Grid, Merged

__all__ = ["HEADER_ROWS", "counts_on", "header_above", "names_of"]

HEADER_ROWS = 4
_TITLE_CHARS = 25
_YEARS = range(1700, 2301)
_STEPS = 3


def counts_on(values: Sequence[Any]) -> bool:
    """Whether numbers are names: years in order, or 1, 2, 3 and so on."""
    numbers = [_whole(value) for value in values]
    if len(numbers) < 2 or any(number is None for number in numbers):  # noqa: PLR2004 - one number is no order
        return False
    whole = [number for number in numbers if number is not None]
    steps = {after - before for before, after in pairwise(whole)}
    if all(number in _YEARS for number in whole):
        return all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return len(whole) >= _STEPS and whole[0] in {0, 1} and steps == {1}


def _whole(value: Any) -> int | None:  # noqa: ANN401 - whatever a cell holds
    if isinstance(value, str):
        text = value.strip()
        return int(text) if len(text) <= 4 and text.isdecimal() else None  # noqa: PLR2004 - digits of a year
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if float(value).is_integer() else None
    return None


def header_above(
    grid: Grid, top: int, lowest: int, columns: Sequence[int]
) -> tuple[int, ...]:
    """The rows of the header, its lowest row being known, none above `top`."""
    rows = [lowest]
    while rows[0] > top and len(rows) < HEADER_ROWS:
        above = rows[0] - 1
        if not _belongs(grid, above, rows, columns):
            break
        rows.insert(0, above)
    return tuple(rows)


def _belongs(
    grid: Grid, above: int, rows: Sequence[int], columns: Sequence[int]
) -> bool:
    """Whether a row is part of the header whose other rows are right below it."""
    spans = [
        merged
        for merged in grid.spans(above)
        if columns[0] <= merged.left <= columns[-1]
    ]
    if spans:
        return all(len(_covered(span, columns)) < len(columns) for span in spans)
    cells = grid.rows[above]
    filled = [column for column in columns if cells[column] != ""]
    names = _parts(grid, rows, columns)
    fills_gaps = any(not names[column] for column in filled)
    if len(filled) <= 1:
        return fills_gaps and len(str(cells[filled[0]])) <= _TITLE_CHARS
    return (
        fills_gaps
        or _repeats(names, columns)
        or any(cells[left] == cells[right] for left, right in pairwise(filled))
        or (columns[0] not in filled and len(filled) < len(columns))
    )


def _repeats(texts: dict[int, list[str]], columns: Sequence[int]) -> bool:
    joined = [" ".join(texts[column]) for column in columns if texts[column]]
    return len(set(joined)) < len(joined)


def _covered(merged: Merged, columns: Sequence[int]) -> list[int]:
    return [column for column in columns if merged.left <= column <= merged.right]


def _parts(
    grid: Grid, rows: Sequence[int], columns: Sequence[int]
) -> dict[int, list[str]]:
    """What the header says of each column, from its first row down."""
    parts: dict[int, list[str]] = {column: [] for column in columns}
    for at, row in enumerate(rows):
        spread = _spread(grid, row, rows[at + 1 :], columns)
        for column in columns:
            text = spread.get(column) or _text(grid.rows[row][column])
            if text and parts[column][-1:] != [text]:
                parts[column].append(text)
    return parts


def _spread(
    grid: Grid, row: int, below: Sequence[int], columns: Sequence[int]
) -> dict[int, str]:
    """The cells of a header row that stand for several columns, over all of them."""
    spread: dict[int, str] = {}
    cells = grid.rows[row]
    for merged in grid.spans(row):
        text = _text(grid.rows[merged.top][merged.left])
        spread |= dict.fromkeys(_covered(merged, columns), text)
    if spread or not below:
        return spread

    def is_named_below(column: int) -> bool:
        return any(grid.rows[lower][column] != "" for lower in below)

    if sum(cells[column] != "" for column in columns) < 2 and cells[columns[0]] != "":  # noqa: PLR2004 - a lone cell
        return spread
    carried = ""
    for column in columns:
        if cells[column] != "":
            carried = _text(cells[column]) if is_named_below(column) else ""
        elif carried and is_named_below(column):
            spread[column] = carried
    return spread


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """A cell of a header as a name, on one line."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return " ".join(str(value).split())


def names_of(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[str]:
    """A name for each column, all different, as pandas makes them: `a`, `a.1`.

    Columns without any are called as pandas calls them by their place in the sheet.
    """
    parts = _parts(grid, rows, columns)
    wanted = [
        " ".join(parts[column])
        or (f"Unnamed: {column}" if rows else f"column_{column + 1}")
        for column in columns
    ]
    taken = set(wanted)
    seen: set[str] = set()
    counts: dict[str, int] = {}
    names = []
    for name in wanted:
        unique = name
        while unique in seen or (unique != name and unique in taken):
            counts[name] = counts.get(name, 0) + 1
            unique = f"{name}.{counts[name]}"
        seen.add(unique)
        names.append(unique)
    return names
