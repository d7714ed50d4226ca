"""What a cell looks like, roughly: enough to tell a header from the rows below."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

__all__ = ["Shape", "is_missing", "shape_of", "shapes_of_columns"]

Shape = Literal["missing", "number", "date", "time", "truth", "text"]

_MISSING = frozenset(
    [
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "<na>",
        "-",
        "--",
        ".",
        "..",
        "?",
        "*",
        "(null)",
        "n.a.",
        "#value!",
        "#ref!",
    ]
)
_TRUTH = frozenset(("true", "false", "yes", "no", "y", "n", "t", "f", "ja", "nein"))
_SHAPED_CHARS = 60
"""Longer cells are text."""
_NUMBER = re.compile(
    r"[-+(]{0,2} ?(?:[$€£¥]|[A-Z]{3} )? ?[-+]?"
    r"(?:\d{1,3}(?:[,. \u00a0\u202f\u2009'\u2019]\d{3})+|\d+|(?=[.,]\d))"
    r"(?:[.,]\d*)?(?:[eE][-+]?\d+)? ?(?:[%$€£¥]| ?[A-Z]{3})?[-)]?"
)
_DATE = re.compile(
    r"(?:\d{1,4}([-/.])\d{1,2}\1\d{1,4}"
    r"|\d{1,2}[- .]{1,2}[A-Za-z]{3,9}[-,. ]{1,2}\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|[A-Za-z]{3}[- ]\d{2,4}|\d{4}-\d\d)"
    r"(?:[T ]{1,2}\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?"
    r" ?(?:Z|UTC|[-+]\d\d:?\d\d)?)?"
)
_TIME = re.compile(r"\d{1,3}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp][Mm])?")
_MOSTLY = 0.8
_ROWS_LOOKED_AT = 300


def is_missing(cell: str) -> bool:
    """Whether it is empty or a usual word for nothing."""
    return shape_of(cell) == "missing"


@functools.lru_cache(maxsize=1 << 15)
def shape_of(cell: str) -> Shape:
    """What one cell looks like."""
    if len(cell) > _SHAPED_CHARS:
        return "text"
    bare = cell.strip()
    if not bare or bare.lower() in _MISSING:
        return "missing"
    if any("0" <= character <= "9" for character in bare):
        if _NUMBER.fullmatch(bare):
            return "number"
        if _DATE.fullmatch(bare):
            return "date"
        if _TIME.fullmatch(bare):
            return "time"
    return "truth" if bare.lower() in _TRUTH else "text"


def shapes_of_columns(rows: Sequence[Sequence[str]], width: int) -> list[Shape]:
    """What most cells of each column look like; `text` where they differ.

    The first few of many rows do not vote: headers are among them.
    """
    body = rows[3:] if len(rows) > 8 else rows[1:] or rows  # noqa: PLR2004 - many
    step = max(1, len(body) // _ROWS_LOOKED_AT)
    looked_at = body[::step]
    return [_shape_of_column(looked_at, at) for at in range(width)]


def _shape_of_column(rows: Sequence[Sequence[str]], at: int) -> Shape:
    votes = Counter(shape_of(row[at]) for row in rows if at < len(row))
    del votes["missing"]
    if not votes:
        return "missing"
    shape, count = votes.most_common(1)[0]
    return shape if count >= _MOSTLY * votes.total() else "text"
