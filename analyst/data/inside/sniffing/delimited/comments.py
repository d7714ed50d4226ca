"""Which lines are comments: those that begin like one and are no row."""

from __future__ import annotations

from collections.abc import Sequence

from .dialect import Dialect, fields_of
from .shapes import is_missing

__all__ = ["comment_sign", "comments_among"]

_SIGN = "#"
_MOST = 0.5


def comment_sign(lines: Sequence[str]) -> str:
    """`#` where some lines begin with it, but not as many as are rows."""
    marked = sum(line.startswith(_SIGN) for line in lines)
    if not marked:
        return ""
    filled = len(lines) - sum(map(str.isspace, lines))
    return "" if marked >= max(2, _MOST * filled) else _SIGN


def comments_among(lines: Sequence[str], dialect: Dialect, sign: str) -> set[int]:
    """The numbers of the lines, from 0, that are comments.

    Below the first row, one that has the cells of a row is a row; and `#N/A` begins no
    comment anywhere.
    """
    found: set[int] = set()
    is_above = True
    for at, line in enumerate(lines):
        if not line.startswith(sign):
            is_above = is_above and line.isspace()
            continue
        fields = fields_of(line, dialect) or [line]
        is_row = len(fields) == dialect.width and dialect.width > 1
        if not is_missing(fields[0]) and (is_above or not is_row):
            found.add(at)
    return found
