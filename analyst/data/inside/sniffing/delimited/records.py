"""From lines to records: cells that hold line ends are told from stray quotes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .comments import comments_among
from .dialect import WHITESPACE, Dialect, fields_of, reader
from .quotes import cheapest_fields, written

__all__ = ["MOST_REPAIRS", "Records", "is_blank", "read_records"]

MOST_REPAIRS = 200
"""With more damaged lines than this it is not the lines that are wrong."""
_CHUNK_LINES = 5000
_SPAN_LINES = 100
"""How far the end of a cell is looked for once its quote is in doubt."""
_JOINS = 20
_ROWS_NEARBY = 3
_ABSORBED_LINES = 50


@dataclass
class Records:
    """All records of a text, as a reader counts them: blank lines and comments too."""

    rows: list[list[str]] = field(default_factory=list)
    """Empty for a blank line and for a comment."""
    lines: list[int] = field(default_factory=list)
    """The line in which each begins, from 1."""
    comments: dict[int, str] = field(default_factory=dict)
    """By the number of the record."""
    rewritten: dict[int, str] = field(default_factory=dict)
    """Damaged lines, by their number from 1, as they were meant."""
    is_beyond_repair: bool = False
    """Too many lines have wrong quotes for that to be an accident."""

    def add(self, row: list[str], line: int) -> None:
        """One more record."""
        self.rows.append(row)
        self.lines.append(line)


def is_blank(row: Sequence[str]) -> bool:
    """Whether a reader skips it: nothing, or only blanks that no quotes hold."""
    return not row or (len(row) == 1 and row[0] != "" and not row[0].strip(" \t"))


def read_records(
    lines: Sequence[str], dialect: Dialect, *, comment: str = ""
) -> Records:
    """All records of the lines.

    Where a strict reader finds records of one width, nothing is in doubt.

    Args:
        lines: with their ends.
        dialect: with a delimiter of one character, or `WHITESPACE`.
        comment: what a line begins with that is none.
    """
    remarks = comments_among(lines, dialect, comment) if comment else set()
    found = _sound_records(lines, dialect, remarks)
    if found is None:
        found = Records()
        _read_with_doubt(found, lines, dialect, remarks)
    return found


def _sound_records(
    lines: Sequence[str], dialect: Dialect, remarks: AbstractSet[int]
) -> Records | None:
    """The records of a strict reader; None where it refuses one, or they are in doubt.

    They are not where each is one line, or all are as wide.
    """
    if dialect.delimiter == WHITESPACE:
        rows = [line.split() for line in lines]
    else:
        try:
            rows = list(reader(iter(lines), dialect))
        except csv.Error:
            return None
    is_plain = len(rows) == len(lines)
    starts = list(range(1, len(rows) + 1)) if is_plain else _starts(lines, dialect)
    found = Records(rows, starts)
    for at, start in enumerate(starts) if remarks else ():
        if start - 1 not in remarks:
            continue
        if not is_plain and starts[at + 1 : at + 2] != [start + 1]:
            return None  # it opens a quote
        found.comments[at] = lines[start - 1].rstrip("\r\n")
        rows[at] = []
    return found if is_plain or _is_even(rows) else None


def _is_even(rows: Sequence[list[str]]) -> bool:
    return len({len(row) for row in rows if not is_blank(row)}) == 1


def _starts(lines: Sequence[str], dialect: Dialect) -> list[int]:
    """The line in which each record begins, from 1."""
    rows = reader(iter(lines), dialect)
    ends = [rows.line_num for _ in rows]
    return [1, *(end + 1 for end in ends[:-1])]


def _read_with_doubt(
    found: Records, lines: Sequence[str], dialect: Dialect, remarks: AbstractSet[int]
) -> None:
    """Records one by one, those with wrong quotes as they are most likely meant."""
    at = 0
    while at < len(lines):
        if at in remarks:
            found.comments[len(found.rows)] = lines[at].rstrip("\r\n")
            found.add([], at + 1)
            at += 1
            continue
        stop = min(len(lines), at + _CHUNK_LINES)
        if remarks:
            stop = next((each for each in range(at, stop) if each in remarks), stop)
        at, is_wrong = _read_chunk(found, lines, at, stop, dialect)
        if is_wrong:
            at = _read_damaged(found, lines, at, dialect)
            if len(found.rewritten) > MOST_REPAIRS:
                found.is_beyond_repair = True
                break


def _read_chunk(
    found: Records, lines: Sequence[str], first: int, stop: int, dialect: Dialect
) -> tuple[int, bool]:
    """Records up to the first that is wrong: where it begins, and if there is one."""
    rows = reader(map(lines.__getitem__, range(first, stop)), dialect)
    before = first
    add_row, add_line = found.rows.append, found.lines.append
    try:
        for row in rows:
            after = first + rows.line_num
            if after - before > 1 and not _is_one(lines[before:after], row, dialect):
                return before, True
            add_row(row)
            add_line(before + 1)
            before = after
    except csv.Error:
        is_cut_off = before > first and first + rows.line_num == stop < len(lines)
        return before, not is_cut_off
    return before, False


def _is_one(lines: Sequence[str], row: list[str], dialect: Dialect) -> bool:
    """Whether lines that a quote holds together are one record, not several."""
    absorbed = lines[1 : 1 + _ABSORBED_LINES]
    if dialect.width == 1:
        return True
    if any(_is_record(line, dialect) for line in absorbed):
        return False
    return len(row) == dialect.width or not any(
        line.count(dialect.delimiter) == dialect.width - 1 for line in absorbed
    )


def _is_record(line: str, dialect: Dialect) -> bool:
    """Whether a line is a full record by itself."""
    if line.count(dialect.quote) % 2:
        return False
    fields = fields_of(line, dialect)
    return fields is not None and len(fields) == dialect.width > 1


def _read_damaged(
    found: Records, lines: Sequence[str], at: int, dialect: Dialect
) -> int:
    """One record whose quotes are in doubt; the line that follows it."""
    width = dialect.width
    joined = _joined(lines, at, dialect)
    if joined and not any(_is_record(each, dialect) for each in lines[at + 1 : joined]):
        fields = fields_of_lines(lines[at:joined], dialect)
    else:
        fields = None
    if fields and len(fields) == width:
        found.add(fields, at + 1)
        return joined
    line = lines[at].rstrip("\r\n")
    meant = cheapest_fields(line, dialect, width)
    nearby = _width_nearby(found.rows)
    if meant is None and fields is None and nearby > 1:
        meant = cheapest_fields(line, dialect, nearby)
    if meant is None and fields:
        found.add(fields, at + 1)
        return joined
    if meant is None:
        meant = fields_of(line, dialect) or line.split(dialect.delimiter)
    found.rewritten[at + 1] = written(meant, dialect)
    found.add(meant, at + 1)
    return at + 1


def _width_nearby(rows: Sequence[list[str]]) -> int:
    """How wide the rows right above are; 0 where they differ."""
    widths = {len(row) for row in rows[-_ROWS_NEARBY:]}
    return widths.pop() if len(widths) == 1 else 0


def fields_of_lines(lines: Sequence[str], dialect: Dialect) -> list[str] | None:
    """The cells of lines that are one record; None where they are not."""
    rows = reader(iter(lines), dialect)
    try:
        fields: list[str] = next(rows, [])
    except csv.Error:
        return None
    return fields if rows.line_num == len(lines) else None


def _joined(lines: Sequence[str], at: int, dialect: Dialect) -> int:
    """The line after the nearest one with which this is a record; 0: there is none."""
    tried = 0
    for last in range(at + 1, min(len(lines), at + _SPAN_LINES)):
        if dialect.quote not in lines[last]:
            continue
        if fields_of_lines(lines[at : last + 1], dialect) is not None:
            return last + 1
        tried += 1
        if tried == _JOINS:
            break
    return 0
