"""Which rows name the columns, and what the names are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .shapes import Shape, shape_of

__all__ = [
    "counted",
    "extra_names",
    "filled",
    "header_rows",
    "is_empty",
    "is_worded",
    "like_values",
    "names_of",
    "typed_columns",
]

_MOST_ROWS = 4
_YEAR = re.compile(r"(?:18|19|20|21)\d\d")
_SEEN_ROWS = 500
_SURVEY_ROWS = 50
_ALIKE_ROWS = 2
_OF_VALUES = (
    re.compile(r"[-+]?\d[\d.,]* ?(?:[kKMGTP]i?[bB]?|[A-Za-zµ°%]{1,3})"),
    re.compile(r"\.{0,2}/\S.*|[A-Za-z]:\\.*"),
    re.compile(r"https?://\S+"),
    re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]+"),
    re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?"),
)
"""How values are written that are no numbers, and names of columns are not."""


def filled(row: Sequence[str]) -> int:
    """How many cells hold something."""
    return sum(map(bool, map(str.strip, row)))


def is_empty(row: Sequence[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(map(str.strip, row))


def is_worded(row: Sequence[str]) -> bool:
    """Whether no cell is a number or a date: only words and empty cells."""
    shapes = {shape_of(cell) for cell in row}
    return "text" in shapes and shapes <= {"text", "missing", "truth"}


def typed_columns(shapes: Sequence[Shape]) -> list[int]:
    """The columns of which nearly all cells look alike, and not like words."""
    return [at for at, shape in enumerate(shapes) if shape not in ("text", "missing")]


def counted(row: Sequence[str], shapes: Sequence[Shape]) -> tuple[int, int]:
    """How many cells break with the look of their column, and how many keep it."""
    breaks = keeps = 0
    for at in typed_columns(shapes):
        shape = shape_of(row[at]) if at < len(row) else "missing"
        if shape == "missing":
            continue
        keeps += shape == shapes[at]
        breaks += shape != shapes[at]
    return breaks, keeps


def header_rows(
    rows: Sequence[list[str]], start: int, width: int, shapes: Sequence[Shape]
) -> int:
    """How many rows from `start` on name the columns; 0 where values begin at once."""
    first = rows[start]
    body = [row for row in rows[start + 1 : start + _SEEN_ROWS] if row]
    if not _names_columns(first, body, shapes):
        return 0
    if _is_named_in_two(rows[start : start + _SEEN_ROWS], width):
        return 2
    count = 1
    typed = typed_columns(shapes)
    while count < _MOST_ROWS and start + count + 1 < len(rows):
        row = rows[start + count]
        breaks, keeps = counted(row, shapes)
        is_more = (
            len(row) == width
            and len(typed) > 1
            and keeps == 0
            and breaks >= max(2, len(typed) / 2)
            and 3 * filled(row) >= width
            and is_worded(row)
            and not _recurs(row, body, start_of_body=count)
        )
        if not is_more:
            break
        count += 1
    return count


def _is_named_in_two(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether a row of answers stands below one of questions, as surveys have it.

    The upper one leaves names open behind others, where the lower one has them; the
    lower one has no value where all rows have one.
    """
    seen = [row for row in rows if row][:_SURVEY_ROWS]
    if len(seen) < 3 or not len(seen[0]) == len(seen[1]) == width:  # noqa: PLR2004 - two of names, one of values
        return False
    upper, lower, *body = seen
    if not upper[0].strip() or lower[0].strip() or not is_worded(lower):
        return False
    open_names = [at for at in range(1, width) if not upper[at].strip()]
    return (
        bool(open_names)
        and all(lower[at].strip() for at in open_names)
        and all(row[0].strip() for row in body)
        and shape_of(body[0][0]) != "text"
    )


def _names_columns(
    row: Sequence[str], body: Sequence[Sequence[str]], shapes: Sequence[Shape]
) -> bool:
    breaks, keeps = counted(row, shapes)
    if breaks or keeps:
        return breaks > keeps or _are_years(row, body)
    if typed_columns(shapes) or not body:
        return True
    if _is_alike(row, body):
        return False
    # Words above words: values come again below, names do not.
    return not _recurs(row, body, start_of_body=0)


def like_values(row: Sequence[str]) -> list[str]:
    """The cells that are written as values are."""
    return [
        cell
        for cell in map(str.strip, row)
        if any(pattern.fullmatch(cell) for pattern in _OF_VALUES)
    ]


def _is_alike(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a cell is written as all below it are: an amount, a code, an address."""
    if len(body) < _ALIKE_ROWS:
        return False
    return any(
        any(
            pattern.fullmatch(cell.strip())
            and all(
                at < len(other) and pattern.fullmatch(other[at].strip())
                for other in body
            )
            for pattern in _OF_VALUES
        )
        for at, cell in enumerate(row)
    )


def _are_years(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Years as names, above numbers that are none."""
    at = [place for place, cell in enumerate(row) if _YEAR.fullmatch(cell.strip())]
    if len(at) < max(2, len(row) / 3) or len({row[place] for place in at}) < len(at):
        return False
    cells = [other[place] for other in body for place in at if place < len(other)]
    years = sum(bool(_YEAR.fullmatch(cell.strip())) for cell in cells)
    return years < len(cells) / 2


def _recurs(
    row: Sequence[str], body: Sequence[Sequence[str]], *, start_of_body: int
) -> bool:
    """Whether most cells of a row are values of their column further below."""
    cells = [(at, cell) for at, cell in enumerate(row) if cell.strip()]
    again = sum(
        any(at < len(other) and other[at] == cell for other in body[start_of_body:])
        for at, cell in cells
    )
    return again >= max(1, len(cells) / 2)


def names_of(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The names of the columns, each once; those of several rows are joined.

    An empty cell of an upper row belongs to the one on its left.
    """
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        cells = [*row[:width], *([""] * (width - len(row)))]
        is_last = number == len(rows) - 1
        spread = ""
        for at, cell in enumerate(cells):
            told = cell.strip() if len(rows) == 1 else " ".join(cell.split())
            spread = told or spread
            below = any(
                at < len(lower) and lower[at].strip() for lower in rows[number + 1 :]
            )
            word = told if is_last or not below else spread
            if word and word not in parts[at]:
                parts[at].append(word)
    return _each_once([" ".join(part) for part in parts])


def extra_names(names: Sequence[str], count: int) -> list[str]:
    """Names for columns that have none, behind the last that has one."""
    found: list[str] = []
    number = 1
    while len(found) < count:
        if f"extra_{number}" not in names:
            found.append(f"extra_{number}")
        number += 1
    return found


def _each_once(names: Sequence[str]) -> list[str]:
    """Names as pandas would tell them apart: `a`, `a.1`, `Unnamed: 2`."""
    taken = {name for name in names if name}
    counts: dict[str, int] = {}
    found: list[str] = []
    for at, given in enumerate(names):
        name = given or f"Unnamed: {at}"
        if name in counts:
            number = counts[name]
            while f"{name}.{number}" in taken:
                number += 1
            counts[name] = number + 1
            name = f"{name}.{number}"
            taken.add(name)
        counts.setdefault(name, 1)
        found.append(name)
    return found
