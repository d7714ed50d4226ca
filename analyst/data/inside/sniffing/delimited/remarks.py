"""What is to be said of a text, and of one table in it: repairs, what is left out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

from ...reading import Column, Doubt
from .cutting import Text
from .layout import Table
from .ragged import lines_told

__all__ = ["padded", "said_of_table", "said_of_text"]

_SHOWN_CHARS = 60
_SEEN_ROWS = 1000
_NEARLY_ALL = 0.9
_MOSTLY = 0.5
_NAMES = 5
_MARKS = ",;\t|:^~ "
_LASTING_ROWS = 3


def said_of_text(text: Text) -> list[Doubt]:
    """What concerns all of a file: its bytes and its delimiter."""
    found = list(text.decoded.doubts)
    if text.has_nul:
        lines = io.StringIO(text.decoded.text, newline="")
        places = [number for number, line in enumerate(lines, 1) if "\0" in line]
        told = "NUL characters were taken away."
        found.append(Doubt(told, lines_told(places)))
    mark = _steady_mark(text) if text.dialect.width == 1 else ""
    if not mark and text.dialect.width == 1 and _holds_runs(text):
        told = (
            "It is read as one column of text, but most lines hold runs of blanks: "
            "they may part cells of a report."
        )
        found.append(Doubt(told))
    if mark:
        told = (
            f"It is read as one column, but nearly every line has as many “{mark}” as "
            "the first: they may part cells."
        )
        found.append(Doubt(told))
    return found


def _holds_runs(text: Text) -> bool:
    """Whether blanks stand side by side within most lines of a single column."""
    rows = [row[0] for row in text.records.rows[:_SEEN_ROWS] if row and row[0].strip()]
    held = sum("  " in row.strip() for row in rows)
    return held >= max(3, _MOSTLY * len(rows))


def _steady_mark(text: Text) -> str:
    """A mark that stands as often in the rows as in the first; empty: none does."""
    rows = [row[0] for row in text.records.rows[:_SEEN_ROWS] if row and row[0].strip()]
    for mark in _MARKS:
        wanted = rows[0].strip().count(mark) if rows else 0
        counts = Counter(row.strip().count(mark) for row in rows)
        if wanted and counts[wanted] >= max(3, _NEARLY_ALL * len(rows)):
            return mark
    return ""


def said_of_table(text: Text, table: Table, until: int) -> list[Doubt]:
    """What stands around and within a table and is no row of it, and its repairs.

    Args:
        text: the file.
        table: where it is.
        until: the record with which the next table begins.
    """
    lines = text.records.lines
    below = [at for at in table.below if at not in table.totals]
    found: list[Doubt] = []
    for places, where, rows in (
        (table.above, "above the table", _rows_among(text, table.above)),
        (below, "below the table", len(below)),
    ):
        if places:
            words = " ".join(text.records.rows[places[0]]).split()
            shown = " ".join(words)[:_SHOWN_CHARS]
            told = f"What stands {where} is left out, from “{shown}” on."
            found.append(_left_out(told, [lines[at] for at in places], rows))
    comments = [at for at in text.records.comments if table.body <= at < until]
    above = [at for at in text.records.comments if at < table.start]
    if table.repeated:
        told = "The header is repeated between the rows; that is left out."
        at_lines = [lines[at] for at in table.repeated]
        found.append(_left_out(told, at_lines, len(at_lines)))
    if comments or (above and table.header):
        told = f"Lines that begin with {text.comment} are left out as comments."
        at_lines = [lines[at] for at in comments or above]
        found.append(_left_out(told, at_lines, len(comments)))
    repaired = [line for line in text.records.rewritten if line >= lines[table.start]]
    if repaired:
        told = (
            "Quotes that do not belong there were taken as characters of their cells."
        )
        found.append(Doubt(told, lines_told(sorted(repaired))))
    return found


def padded(
    names: Sequence[str], columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> list[Doubt]:
    """What is said of texts that blanks make equally long."""
    seen = rows[:_SEEN_ROWS]
    found: list[str] = []
    for at, (name, column) in enumerate(zip(names, columns, strict=False)):
        cells = [row[at] for row in seen if at < len(row) and row[at].strip()]
        if column.kind != "str" or len(cells) < _LASTING_ROWS:
            continue
        lengths = {len(cell.strip()) for cell in cells}
        is_filled = len({*map(len, cells)}) == 1 < len(lengths)
        if is_filled or all(cell[-1] == " " for cell in cells):
            found.append(f"“{name}”")
    if not found:
        return []
    more = f" and {len(found) - _NAMES:,} more" if len(found) > _NAMES else ""
    told = f"Texts of {', '.join(found[:_NAMES])}{more} are padded with blanks."
    return [Doubt(told)]


def _left_out(told: str, lines: Sequence[int], rows: int) -> Doubt:
    return Doubt(told, lines_told(lines), rows_left_out=rows)


def _rows_among(text: Text, places: Sequence[int]) -> int:
    """How many of these records look like rows: several of one width in a run."""
    rows = text.records.rows
    found = run = 0
    for at, place in enumerate(places):
        width = len(rows[place])
        goes_on = at > 0 and width == len(rows[places[at - 1]]) and width > 1
        run = run + 1 if goes_on else 1
        if run == _LASTING_ROWS:
            found += run
        elif run > _LASTING_ROWS:
            found += 1
    return found
