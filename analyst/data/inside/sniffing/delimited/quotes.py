"""A line with a quote that does not belong there, read as it was most likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .dialect import Dialect

__all__ = ["cheapest_fields", "written"]

_LINE_CHARS = 5000
_CELLS = 500
_WAYS = 10_000
_PLAIN_QUOTE = 1.0
"""What a quote costs that is taken as a character of its cell."""
_FIRST_QUOTE = 1.5
"""The same at the start of a cell, where a quote usually opens."""
_INNER_QUOTE = 1.2
"""The same within quotes, where it should have been doubled."""
_INNER_DELIMITER = 0.01


def cheapest_fields(line: str, dialect: Dialect, width: int) -> list[str] | None:
    """The line as exactly so many cells, with as few misplaced quotes as possible.

    None where there is no such reading, or the line is too long to look for it.
    """
    delimiter = dialect.delimiter
    surplus = line.count(delimiter) - (width - 1)
    ways = width * max((surplus + 1) ** 2, line.count(dialect.quote))
    if surplus < 0 or ways > _WAYS or width > _CELLS or len(line) > _LINE_CHARS:
        return None
    # rest[place] is how many delimiters follow from there on.
    rest = _delimiters_behind(line, delimiter)
    # best[place] is the cheapest way to have read `done` cells up to there.
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for done in range(1, width + 1):
        reached: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (cost, fields) in best.items():
            for extra, field, end in _cells_from(line, start, dialect):
                at_end = end == len(line)
                if not at_end and rest.get(end, 0) < width - done:
                    break
                if at_end != (done == width):
                    continue
                place = end + len(delimiter)
                known = reached.get(place)
                if known is None or cost + extra < known[0]:
                    reached[place] = (cost + extra, (*fields, field))
        best = reached
    return list(min(best.values())[1]) if best else None


def _delimiters_behind(line: str, delimiter: str) -> dict[int, int]:
    """How many delimiters there are from each on, itself among them."""
    places = [found.start() for found in re.finditer(re.escape(delimiter), line)]
    return {place: len(places) - at for at, place in enumerate(places)}


def _cells_from(
    line: str, start: int, dialect: Dialect
) -> Iterator[tuple[float, str, int]]:
    """Cells that can begin here, short ones first: cost, text and where it ends."""
    delimiter, quote = dialect.delimiter, dialect.quote
    end = line.find(delimiter, start)
    end = len(line) if end < 0 else end
    plain = line[start:end]
    first = plain.lstrip(" ")
    price = _FIRST_QUOTE if first.startswith(quote) else _PLAIN_QUOTE
    text = first if dialect.blanks_follow else plain
    yield plain.count(quote) * price, text, end
    opening = start + len(plain) - len(first)
    if not first.startswith(quote):
        return
    closing = line.find(quote, opening + 1)
    while closing >= 0:
        after = closing + 1
        if after == len(line) or line.startswith(delimiter, after):
            inner = line[opening + 1 : closing]
            odd = inner.replace(quote * 2, "").count(quote)
            cost = odd * _INNER_QUOTE + inner.count(delimiter) * _INNER_DELIMITER
            yield cost, inner.replace(quote * 2, quote), after
        closing = line.find(quote, closing + 1)


def written(fields: list[str], dialect: Dialect) -> str:
    """Cells as a line that every reader cuts into just these."""
    return dialect.delimiter.join(_quoted(field, dialect) for field in fields)


def _quoted(field: str, dialect: Dialect) -> str:
    quote = dialect.quote
    special = (dialect.delimiter, quote, "\n", "\r", dialect.escape)
    if not quote or not any(each and each in field for each in special):
        return field
    if dialect.escape:
        escaped = field.replace(dialect.escape, dialect.escape * 2)
        return f"{quote}{escaped.replace(quote, dialect.escape + quote)}{quote}"
    return f"{quote}{field.replace(quote, quote * 2)}{quote}"
