"""The cells of a sheet, as far as any holds a value, and what kind each is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

__all__ = ["CellKind", "Grid", "Merged", "cell_kind", "is_number_text", "letters"]

CellKind = Literal["", "number", "bool", "date", "text"]
"""Empty where there is nothing. Text that is written like a number is a `number`: it
tells a body from a header just as well."""

_NUMBER_CHARS = 40
_SPAN_ROWS = 8
_CURRENCY = r"(?:[$€£¥]|[A-Z]{3})?"
_NUMBER_TEXT = re.compile(
    rf"{_CURRENCY}\s?[-+(]?{_CURRENCY}\s?\d[\d.,'\s\u00a0\u202f]*(?:[eE][-+]?\d+)?"
    rf"\s?[)%-]?\s?{_CURRENCY}"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ][\d:.Z+]{4,20})?"
)


@dataclass(frozen=True)
class Merged:
    """A merged range: the first and the last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """A sheet from its first row and column on, all rows equally wide."""

    rows: list[list[Any]]
    """Nothing is an empty text, and so is text of blanks alone."""
    height: int
    """Of the sheet as pandas sees it, empty rows at the end included."""
    width: int
    blanks: tuple[str, ...] = ()
    """The texts of blanks alone that stand in cells."""
    merged: tuple[Merged, ...] = ()

    @classmethod
    def of(cls, cells: Sequence[Sequence[Any]], merged: Iterable[Merged] = ()) -> Grid:
        """The grid of what calamine returns."""
        blanks = {
            cell
            for row in cells
            for cell in row
            if cell.__class__ is str and cell.isspace()
        }
        rows = [list(row) for row in cells]
        if blanks:
            rows = [["" if cell in blanks else cell for cell in row] for row in rows]
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        width = len(cells[0]) if cells else 0
        return cls(rows, len(cells), width, tuple(sorted(blanks)), tuple(merged))

    @cached_property
    def _spans(self) -> dict[int, list[Merged]]:
        found: dict[int, list[Merged]] = {}
        for merged in self.merged:
            if merged.right > merged.left:
                bottom = min(merged.bottom, merged.top + _SPAN_ROWS - 1)
                for row in range(merged.top, bottom + 1):
                    found.setdefault(row, []).append(merged)
        return found

    def spans(self, row: int) -> list[Merged]:
        """What is merged over several columns in a row, near the top of the range."""
        return self._spans.get(row, [])

    def filled(self, row: int, columns: Sequence[int]) -> int:
        """How many of these cells of a row hold something."""
        cells = self.rows[row]
        return sum(cells[column] != "" for column in columns)

    def kind(self, row: int, column: int) -> CellKind:
        """What a cell holds."""
        return cell_kind(self.rows[row][column])


def cell_kind(value: Any) -> CellKind:  # noqa: ANN401 - whatever a cell holds
    """What a value of a cell is."""
    if isinstance(value, str):
        if not value:
            return ""
        return "number" if is_number_text(value) else "text"
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else "date"


def is_number_text(text: str) -> bool:
    """Whether text is written like a number, an amount, a share or a numeric date."""
    return (
        len(text) <= _NUMBER_CHARS and _NUMBER_TEXT.fullmatch(text.strip()) is not None
    )


def letters(column: int) -> str:
    """The name of a column, from 0, as a sheet shows it.

    >>> letters(27)
    'AB'
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
