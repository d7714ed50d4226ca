"""A table on its way into a text file: what is written, and what must be read.

A damage changes a draft in one of its stages, and the truth with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from .clean_tables import CleanTable, ColumnKind
from .scoring import Cell, Expected, Plain

__all__ = ["DoesNotFitError", "Draft", "Line", "draft_of", "written"]


class DoesNotFitError(Exception):
    """A damage has nothing to work on in this table."""


@dataclass
class Line:
    """A record as text, and which row of the table it is."""

    text: str
    row: int | None = None


@dataclass
class Draft:
    """All that decides the bytes of a file, and what must come out of it."""

    table: CleanTable
    names: list[str | None]
    kinds: list[ColumnKind]
    header: list[list[str]]
    written: list[list[str]]
    expected: list[list[Cell]]
    delimiter: str = ","
    quote: str = '"'
    quoting: Literal["minimal", "all", "text", "never"] = "minimal"
    escape: str = ""
    """Stands before a quote in a field; where empty, quotes are doubled."""
    padding: str = ""
    """Blanks after a delimiter."""
    is_fixed_width: bool = False
    raw: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells that are written without regard to the dialect."""
    touched: set[int] = field(default_factory=set)
    """Rows in which a single cell or line was damaged: each is damaged only once."""
    lines: list[Line] = field(default_factory=list)
    line_ends: tuple[str, ...] = ("\n",)
    """Used in turn."""
    tail: str = "\n"
    """Instead of the last line end."""
    encoding: str = "utf-8"
    container: str = ""
    extension: str = ".csv"
    notes: int = 0
    more: list[Expected] = field(default_factory=list)
    must_doubt: bool = False

    def columns(self, *kinds: ColumnKind) -> list[int]:
        """The columns of these kinds.

        Raises:
            DoesNotFitError: there are none.
        """
        found = [at for at, kind in enumerate(self.kinds) if kind in kinds]
        if not found:
            raise DoesNotFitError
        return found

    def write(self, row: int, at: int, text: str, expected: Cell) -> None:
        """Change one cell."""
        self.written[row][at] = text
        self.expected[row][at] = expected

    def render(self) -> None:
        """From cells to lines."""
        if self.is_fixed_width:
            self._render_fixed_width()
            return
        self.lines = [Line(self.record(fields)) for fields in self.header]
        for row, fields in enumerate(self.written):
            self.lines.append(Line(self.row_text(row, fields), row))

    def row_text(self, row: int, fields: list[str]) -> str:
        """A row, its raw cells among it.

        Raises:
            DoesNotFitError: nobody could tell where a raw cell ends.
        """
        if any(self.delimiter in raw for (at, _), raw in self.raw.items() if at == row):
            raise DoesNotFitError
        parts = [
            self.raw.get((row, at)) or self._field(text, self.kinds[at])
            for at, text in enumerate(fields)
        ]
        return self._joined(parts)

    def record(self, fields: list[str]) -> str:
        """A line of plain texts."""
        return self._joined([self._field(text, "text") for text in fields])

    def _joined(self, parts: list[str]) -> str:
        if parts == [""] and self.quoting == "minimal":
            return self.quote * 2
        return (self.delimiter + self.padding).join(parts)

    def _field(self, text: str, kind: ColumnKind) -> str:
        special = (
            any(mark in text for mark in ("\n", "\r", self.quote))
            or any(mark in text for mark in self.delimiter)
            or text != text.strip()
        )
        if self.quoting == "never":
            if special:
                raise DoesNotFitError
            return text
        is_text = kind in {"text", "code"}
        if not (
            special or self.quoting == "all" or (self.quoting == "text" and is_text)
        ):
            return text
        if self.escape:
            inner = text.replace(self.quote, self.escape + self.quote)
        else:
            inner = text.replace(self.quote, self.quote * 2)
        return f"{self.quote}{inner}{self.quote}"

    def _render_fixed_width(self) -> None:
        records = [*self.header, *self.written]
        if self.raw or any("\n" in text for fields in records for text in fields):
            raise DoesNotFitError
        widths = [max(map(len, column)) + 2 for column in zip(*records, strict=True)]
        for index, fields in enumerate(records):
            parts = [
                text.rjust(width - 1) + " "
                if self.kinds[at] in {"int", "float"}
                else text.ljust(width)
                for at, (text, width) in enumerate(zip(fields, widths, strict=True))
            ]
            row = index - len(self.header)
            self.lines.append(Line("".join(parts), row if row >= 0 else None))

    def line_of(self, row: int) -> int:
        """Where a row is among the lines."""
        for at, line in enumerate(self.lines):
            if line.row == row:
                return at
        raise DoesNotFitError

    def text(self) -> str:
        """The whole file."""
        parts: list[str] = []
        for at, line in enumerate(self.lines):
            parts.append(line.text)
            is_last = at == len(self.lines) - 1
            ends = self.line_ends
            end = ends[at % len(ends)]
            parts.append(self.tail.replace("\n", end) if is_last else end)
        return "".join(parts)

    def truth(self) -> tuple[Expected, ...]:
        """What must come out."""
        first = Expected(
            tuple(self.names),
            tuple(tuple(row) for row in self.expected),
            tuple(tuple(row) for row in self.written),
            self.notes,
        )
        return (first, *self.more)


def written(value: Plain) -> str:
    """A value as most programs write it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.strftime("%Y-%m-%d")
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def draft_of(table: CleanTable) -> Draft:
    """A clean table, still undamaged."""
    return Draft(
        table=table,
        names=list(table.names),
        kinds=list(table.kinds),
        header=[list(table.names)],
        written=[[written(value) for value in row] for row in table.rows],
        expected=[list(row) for row in table.rows],
    )
