"""Rows of totals in text: left out where they prove to be, told where they only say so.

A last row goes where it is called a total, or has no text where all others have some,
and each of its numbers is the sum of those above. A word alone proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...reading import Doubt
from ..totals import is_sum, says_balance, says_total
from .shapes import is_missing, shape_of

__all__ = ["Totals", "totals_among"]

_FEWEST_ROWS = 2
_FEWEST_UNNAMED = 3
"""Above a row without any text, as fewer numbers may add up by accident."""
_SEEN_ROWS = 100_000
_LINES_TOLD = 5
_SIGNS = re.compile(r"[\s$€£¥%]|[A-Z]{3}")
_DIGITS = re.compile(r"[-+]?[\d.,'\u2019]*\d[\d.,'\u2019]*")


@dataclass(frozen=True)
class Totals:
    """The rows of totals of a table, by their numbers from 0."""

    proven: bool = False
    """The last row is the total of those above."""
    named: tuple[int, ...] = ()
    """Rows that are only called so."""
    unnamed: bool = False
    """The last row has no text, and some of its numbers are sums."""

    def doubts(self, lines: Sequence[int]) -> list[Doubt]:
        """What is said of them.

        Args:
            lines: where each row begins, from 1; also the one that is left out.
        """
        found: list[Doubt] = []
        if self.proven:
            told = "The last row is the total of those above and is left out."
            found.append(Doubt(told, (lines[-1],), rows_left_out=1))
        if self.named:
            is_one = len(self.named) == 1
            told = (
                "A row is called a total or balance and stays: leave it out of sums."
                if is_one
                else f"{len(self.named):,} rows are called totals or balances and "
                "stay: leave them out of sums."
            )
            found.append(
                Doubt(told, tuple(lines[at] for at in self.named[:_LINES_TOLD]))
            )
        if self.unnamed:
            told = "The last row may be a total of those above; it stays."
            found.append(Doubt(told, (lines[-1],)))
        return found


def totals_among(rows: Sequence[Sequence[str]]) -> Totals:
    """The totals among the rows of a table, its header apart."""
    if len(rows) <= _FEWEST_ROWS:
        return Totals()
    last = len(rows) - 1
    label = _label(rows[last])
    is_named = says_total(label) or says_balance(label)
    is_unnamed = not is_named and _lacks_text(rows)
    sums = _sums(rows) if is_named or is_unnamed else []
    proven = bool(sums) and all(sums)
    named = [at for at in range(min(last, _SEEN_ROWS)) if _is_named(rows[at])]
    if is_named and not proven:
        named.append(last)
    return Totals(proven, tuple(named), is_unnamed and not proven and any(sums))


def _is_named(row: Sequence[str]) -> bool:
    """Whether a row says that it is a total; most begin with a number, and do not."""
    return not (row and row[0][:1].isdigit()) and says_total(_label(row))


def _label(row: Sequence[str]) -> str:
    return next((cell for cell in row if cell.strip()), "")


def _lacks_text(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last row has no text, and its first cell alone is empty."""
    above, row = rows[:-1], rows[-1]
    if len(above) < _FEWEST_UNNAMED or not row or row[0].strip():
        return False
    if any(shape_of(cell) in ("text", "truth", "date") for cell in row):
        return False
    return all(other and other[0].strip() for other in above) and any(
        shape_of(other[0]) in ("text", "date") for other in above
    )


def _sums(rows: Sequence[Sequence[str]]) -> list[bool]:
    """Of each number of the last row, whether it is the sum of those above."""
    *above, row = rows
    found: list[bool] = []
    for at, cell in enumerate(row):
        if shape_of(cell) != "number":
            continue
        column = [other[at] for other in above if at < len(other)]
        found.append(any(_adds_up(column, cell, mark) for mark in ".,"))
        if not found[-1] and found.count(True) == 0:
            break
    return found


def _adds_up(column: Sequence[str], total: str, mark: str) -> bool:
    """Whether cells add up, read with this decimal mark; two of them not zero."""
    value = _number(total, mark)
    if not value:
        return False
    numbers: list[float] = []
    for cell in column:
        if is_missing(cell):
            continue
        number = _number(cell, mark)
        if number is None:
            return False
        numbers.append(number)
    return sum(map(bool, numbers)) >= _FEWEST_ROWS and is_sum(value, numbers)


def _number(cell: str, mark: str) -> float | None:
    """The number of a cell; None where it is none."""
    if shape_of(cell) != "number":
        return None
    text = _SIGNS.sub("", cell)
    is_negative = text.startswith("(") or text.endswith("-")
    text = text.strip("()").removesuffix("-")
    if not _DIGITS.fullmatch(text):
        return _exponential(text)
    for other in ".,'\u2019":
        text = text.replace(other, "." if other == mark else "")
    try:
        number = float(text)
    except ValueError:
        return None
    return -number if is_negative else number


def _exponential(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
