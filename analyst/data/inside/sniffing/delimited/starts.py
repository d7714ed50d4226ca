"""Where a table begins: below titles, below another table, with or without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice, zip_longest

from .headers import counted, filled, is_worded, typed_columns
from .records import is_blank
from .shapes import shapes_of_columns

__all__ = ["LASTING_ROWS", "SAMPLE_ROWS", "next_rows", "start_of_table"]

SAMPLE_ROWS = 3000
"""So many rows say how a table looks."""
LASTING_ROWS = 3
"""So many rows of another look are no accident."""
_SEARCH_ROWS = 60
_RUN_ROWS = 10


def start_of_table(
    rows: Sequence[list[str]], at: int, width: int
) -> tuple[int, int] | None:
    """Where the next table begins, and how wide it is."""
    if width == 1:
        first = _start_of_column(rows, at)
        return None if first is None else (first, 1)
    widths = Counter(map(len, rows[at:]))
    usual = max(
        (each for each in widths if each > 1),
        key=lambda each: (widths[each], each),
        default=1,
    )
    least = min(2, _used(rows, at, usual))
    for place in range(at, len(rows)):
        row = rows[place]
        if len(row) < 2 or filled(row) < least:  # noqa: PLR2004 - a table has two columns
            continue
        if len(row) == usual or _begins_another(rows, place) or _is_run(rows, place):
            return _full_enough(rows, at, place)
    return None


def _start_of_column(rows: Sequence[list[str]], at: int) -> int | None:
    """Where a single column begins: a title above a blank line is no name of it."""
    written = [place for place in range(at, len(rows)) if not is_blank(rows[place])]
    if len(written) < 3:  # noqa: PLR2004 - a title, a name and a value
        return next(iter(written), None)
    title, name, *_ = written
    shape = shapes_of_columns([rows[place] for place in written[1:]], 1)[0]
    if name > title + 1 and is_worded(rows[name]) and shape != "text":
        return name
    return title


def _used(rows: Sequence[list[str]], at: int, width: int) -> int:
    """How many columns hold something, of the rows that are so wide."""
    fit = (row for row in islice(rows, at, None) if len(row) == width)
    return sum(map(any, zip_longest(*islice(fit, SAMPLE_ROWS))))


def _begins_another(rows: Sequence[list[str]], place: int) -> bool:
    """Whether a table of unusual width begins here: names, then rows as wide."""
    row = rows[place]
    below = next_rows(rows, place, LASTING_ROWS - 1)
    return (
        len(below) == LASTING_ROWS - 1
        and all(len(other) == len(row) for other in below)
        and is_worded(row)
        and filled(row) == len(row)
        and any(not is_worded(other) for other in below)
    )


def _is_run(rows: Sequence[list[str]], place: int) -> bool:
    """Whether a table begins here for the mere number of rows that are as wide."""
    width = len(rows[place])
    run = rows[place : place + _RUN_ROWS]
    if len(run) < _RUN_ROWS or any(len(row) != width for row in run):
        return False
    return width > 2 or bool(typed_columns(shapes_of_columns(run, width)))  # noqa: PLR2004 - names and values


def _full_enough(rows: Sequence[list[str]], at: int, place: int) -> tuple[int, int]:
    """The first row that fills its columns, or the names just above it."""
    width = len(rows[place])
    sample = [row for row in rows[place : place + SAMPLE_ROWS] if len(row) == width]
    used = sum(
        sum(1 for row in sample if row[column].strip()) > 0.03 * len(sample)
        for column in range(width)
    )
    need = max(min(2, used), used / 2)
    start = place
    for candidate in range(place, min(len(rows), place + _SEARCH_ROWS)):
        row = rows[candidate]
        if len(row) == width and filled(row) >= need:
            start = candidate
            break
    while start > at and _is_upper_header(rows[start - 1], width, used):
        start -= 1
    if start == place:
        above = next((i for i in range(start - 1, at - 1, -1) if rows[i]), None)
        if above is not None and _names_rows_below(rows, above, start, width, used):
            return above, width
    return start, width


def _is_upper_header(row: Sequence[str], width: int, used: int) -> bool:
    """Names over groups of columns: `,,2023,,2024,`."""
    count = filled(row)
    if len(row) != width or not count:
        return False
    if not row[0].strip():
        return True
    return is_worded(row) and count >= max(2, 0.3 * used)


def _names_rows_below(
    rows: Sequence[list[str]], above: int, start: int, width: int, used: int
) -> bool:
    """Whether a row of another width is the header of the rows after it."""
    row = rows[above]
    if not used / 2 <= filled(row) or not is_worded(row) or len(row) > 2 * width:
        return False
    below = [each for each in rows[start : start + _SEARCH_ROWS] if each]
    shapes = shapes_of_columns(below, width)
    return counted(rows[start], shapes)[1] > 0 or not is_worded(rows[start])


def next_rows(rows: Sequence[list[str]], place: int, count: int) -> Sequence[list[str]]:
    """The rows right below, as far as none is blank; so many at most."""
    found: list[list[str]] = []
    for row in rows[place + 1 : place + 1 + 2 * count]:
        if is_blank(row):
            break
        found.append(row)
        if len(found) == count:
            break
    return found
