"""From the text of a file to its records: the steps, and what bounds them."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...reading import Unreadable
from ..files import HEAD_BYTES, SourceFile
from .comments import comment_sign
from .dialect import WHITESPACE, Dialect
from .encoding import Decoded
from .guessing import dialect_of
from .records import Records, read_records

__all__ = ["Text", "cut"]

_MOST_COLUMNS = 100_000
_MOST_CELLS = 6_000_000
"""A file with more cells is judged by its start, as one with more lines."""
_MOST_LINES = 1_000_000
_START_LINES = 100_000
_INNER = "\x1f"
"""Stands for a delimiter of several characters; and in a single column for none."""
_NAMED_DELIMITER = re.compile(r"\"?sep=([^\w\s\"']|\t)\"?\s*")


@dataclass(frozen=True)
class Text:
    """A file, and how its text is cut into records."""

    file: SourceFile
    decoded: Decoded
    lines: Sequence[str]
    """With their ends; of a large file those of its start."""
    delimiter: str
    """As it stands in the file; `dialect` has one character for it."""
    dialect: Dialect
    records: Records
    comment: str
    is_whole: bool
    has_nul: bool
    first: int
    """The record with which it begins, after one that names the delimiter."""


def cut(file: SourceFile, decoded: Decoded) -> Text:
    """The text in records.

    Raises:
        Unreadable: a line is too long, or there are too many columns.
    """
    has_nul = "\0" in decoded.text
    content = decoded.text.replace("\0", "") if has_nul else decoded.text
    lines, is_whole = _lines(content, is_whole=decoded.is_whole)
    named = _NAMED_DELIMITER.fullmatch(lines[0])
    dialect = _dialect(lines, named[1] if named else "")
    if dialect.width > _MOST_COLUMNS:
        told = f"has more than {_MOST_COLUMNS:,} columns: turn it on its side"
        raise Unreadable(told)
    if is_whole and len(lines) * dialect.width > _MOST_CELLS:
        is_whole = False
        lines = lines[: _MOST_CELLS // (4 * dialect.width) + 2]
    delimiter = dialect.delimiter or _unused(content)
    if len(delimiter) > 1 and delimiter != WHITESPACE:
        lines = _parted(content, dialect)[: len(lines)]
        dialect = replace(dialect, delimiter=_INNER)
    else:
        dialect = replace(dialect, delimiter=delimiter)
    comment = comment_sign(lines)
    records = read_records(lines, dialect, comment=comment)
    if records.is_beyond_repair:
        dialect = replace(dialect, quote="", escape="")
        records = read_records(lines, dialect, comment=comment)
    if named:
        records.rows[0] = [lines[0].strip()]
    return Text(
        file=file,
        decoded=decoded,
        lines=lines,
        delimiter=delimiter,
        dialect=dialect,
        records=records,
        comment=comment,
        is_whole=is_whole,
        has_nul=has_nul,
        first=1 if named else 0,
    )


def _lines(content: str, *, is_whole: bool) -> tuple[list[str], bool]:
    """The lines, with their ends, and whether they are all."""
    count = max(content.count("\n"), content.count("\r"))
    is_whole = is_whole and count <= _MOST_LINES
    if not is_whole:
        content = content[:HEAD_BYTES]
        content = content[: max(content.rfind("\n"), content.rfind("\r")) + 1]
    stream = io.StringIO(content, newline="")
    lines = list(itertools.islice(stream, None if is_whole else _START_LINES))
    if not lines or max(map(len, lines)) > HEAD_BYTES:
        raise Unreadable("has a line of several megabytes: give one row a line")
    return lines, is_whole


def _dialect(lines: Sequence[str], named: str) -> Dialect:
    """The dialect; a delimiter that the file names is believed where it parts cells."""
    if named:
        dialect = dialect_of(lines[1:], told=named)
        if dialect.width > 1:
            return dialect
        lines = lines[1:]
    return dialect_of(lines)


def _unused(content: str) -> str:
    """A delimiter for a single column: one that stands nowhere in it."""
    return next((each for each in ",\t;|" if each not in content), _INNER)


def _parted(content: str, dialect: Dialect) -> list[str]:
    """The lines with one character for a delimiter of several."""
    delimiter = dialect.delimiter
    if dialect.quote:
        quote = re.escape(dialect.quote)
        pattern = f"({quote}[^{quote}]*{quote})|{re.escape(delimiter)}"
        content = re.sub(pattern, lambda found: found[1] or _INNER, content)
    else:
        content = content.replace(delimiter, _INNER)
    return io.StringIO(content, newline="").readlines()
