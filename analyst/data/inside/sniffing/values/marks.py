"""What the marks between digits mean: decimals, or thousands.

`1.234,5` says it by itself, and so do `1,234,567` and `0.125`. `1.234` does not: in
some places it is a little more than one, in others more than a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["BLANKS", "MARKS", "Marks", "is_number", "marks_of", "plain_mark"]

BLANKS = " \u00a0\u2009\u202f"
"""Blank, no-break blank, and two thin ones."""
APOSTROPHES = "'\u2019"
"""A straight one and a curved one."""
MARKS = ".," + APOSTROPHES + BLANKS
_DECIMAL = ".,"
_SAME = str.maketrans({**dict.fromkeys(BLANKS, " "), **dict.fromkeys(APOSTROPHES, "'")})
_GROUP_DIGITS = 3

Marks = tuple[str, str]
"""The decimal mark and that for thousands, either of them empty. Blanks of all kinds
stand as a plain one, and apostrophes as a straight one."""


def is_number(core: str) -> bool:
    """Whether the marks of this shape can mean anything."""
    return bool(_readings(core))


def marks_of(shapes: Iterable[str]) -> list[Marks]:
    """Every way to read all of these numbers; none where they contradict each other.

    >>> marks_of(["9.999,99", "99"])
    [(',', '.')]
    >>> marks_of(["9.999", "99.999"])
    [('.', ''), ('', '.')]
    """
    readings = [_readings(shape) for shape in shapes]
    used = sorted({mark for each in readings for pair in each for mark in pair if mark})
    return [
        candidate
        for candidate in _candidates(used)
        if all(_agrees(candidate, each) for each in readings)
    ]


def _candidates(used: list[str]) -> list[Marks]:
    if not used:
        return [("", "")]
    if len(used) == 1:
        (mark,) = used
        return [(mark, ""), ("", mark)] if mark in _DECIMAL else [("", mark)]
    if len(used) > 2:  # noqa: PLR2004 - a decimal mark and one for thousands
        return []
    one, two = used
    return [(d, t) for d, t in ((one, two), (two, one)) if d in _DECIMAL]


def _agrees(candidate: Marks, readings: tuple[Marks, ...]) -> bool:
    decimal, thousands = candidate
    return any(d in {"", decimal} and t in {"", thousands} for d, t in readings)


def plain_mark(mark: str) -> str:
    """The mark that stands for all of its sort."""
    return mark.translate(_SAME)


@lru_cache(maxsize=4096)
def _readings(shape: str) -> tuple[Marks, ...]:
    """The ways to read one number, with only the marks that it has."""
    text = shape.translate(_SAME)
    marks = re.findall(r"[^9]", text)
    if not marks:
        return (("", ""),)
    *before, last = marks
    found: list[Marks] = []
    if last in _DECIMAL and last not in before:
        head = text.rpartition(last)[0]
        if not before:
            found.append((last, ""))
        elif len(set(before)) == 1 and _is_grouped(head, before[0]):
            found.append((last, before[0]))
    if len(set(marks)) == 1 and _is_grouped(text, last):
        found.append(("", last))
    return tuple(found)


def _is_grouped(text: str, mark: str) -> bool:
    first, *rest = text.split(mark)
    return 0 < len(first) <= _GROUP_DIGITS and all(
        len(group) == _GROUP_DIGITS for group in rest
    )
