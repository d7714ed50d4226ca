"""How cells are parted and quoted, and the strict reader of what is so written."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["ONE_COLUMN", "WHITESPACE", "Dialect", "fields_of", "reader"]

WHITESPACE = r"\s+"


@dataclass(frozen=True)
class Dialect:
    """How a line is cut into cells."""

    delimiter: str
    """One character, several, or `WHITESPACE`; empty: there is only one column."""
    quote: str = '"'
    """Empty where quotes are plain characters."""
    escape: str = ""
    blanks_follow: bool = False
    """A blank after each delimiter does not belong to the cell."""
    width: int = 1
    """How many cells most lines have."""


ONE_COLUMN = Dialect("")


def reader(lines: Iterator[str], dialect: Dialect) -> Any:  # noqa: ANN401 - the type of csv.reader has no public name
    """The strict reader of lines, all quotes being right.

    Raises:
        csv.Error: on going on, where they are not.
    """
    return csv.reader(
        lines,
        delimiter=dialect.delimiter or "\x1f",
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
        skipinitialspace=dialect.blanks_follow,
        strict=True,
    )


def fields_of(line: str, dialect: Dialect) -> list[str] | None:
    """The cells of one line; None where its quotes are not right."""
    if dialect.delimiter == WHITESPACE:
        return line.split()
    try:
        return next(reader(iter((line,)), dialect), [])
    except csv.Error:
        return None
