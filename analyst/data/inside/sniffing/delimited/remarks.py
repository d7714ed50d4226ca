"""What is to be said of a text, and of one table in it: repairs, what is left out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

from ...reading import Doubt
from .cutting import Text
from .layout import Table
from .ragged import lines_told

__all__ = ["said_of_table", "said_of_text"]

_SHOWN_CHARS = 60
_SEEN_ROWS = 1000
_NEARLY_ALL = 0.9
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
    if mark:
        told = (
            f"It is read as one column, but nearly every line has as many “{mark}” as "
            "the first: they may part cells."
        )
        found.append(Doubt(told))
    return found


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
    found: list[Doubt] = []
    for places, where, rows in (
        (table.above, "above the table", _rows_among(text, table.above)),
        (table.below, "below the table", len(table.below)),
    ):
        if places:
            words = " ".join(text.records.rows[places[0]]).split()
            shown = " ".join(words)[:_SHOWN_CHARS]
            told = f"What stands {where} is left out, from “{shown}” on."
            found.append(_left_out(told, [lines[at] for at in places], rows))
    comments = [at for at in text.records.comments if table.body <= at < until]
    for places, told in (
        (table.repeated, "The header is repeated between the rows; that is left out."),
        (comments, f"Lines that begin with {text.comment} are left out as comments."),
    ):
        if places:
            at_lines = [lines[at] for at in places]
            found.append(_left_out(told, at_lines, len(places)))
    repaired = [line for line in text.records.rewritten if line >= lines[table.start]]
    if repaired:
        told = (
            "Quotes that do not belong there were taken as characters of their cells."
        )
        found.append(Doubt(told, lines_told(sorted(repaired))))
    return found


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
