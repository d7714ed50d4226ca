"""The names of the columns, and how pandas comes to know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...reading import Doubt
from .cutting import Text
from .dialect import fields_of
from .headers import extra_names, like_values, names_of, typed_columns
from .layout import Table
from .ragged import Ragged

__all__ = ["columns_of"]

Arguments = list[tuple[str, Any]]

_SHOWN_NAMES = 5


def columns_of(
    text: Text, table: Table, ragged: Ragged
) -> tuple[list[str], Arguments, list[Doubt]]:
    """The names, what pandas is told of them, and what is to be doubted.

    Cells below a last column of nothing are taken out of `ragged.rows`.
    """
    rows = text.records.rows[table.start : table.body]
    width = table.width
    doubts: list[Doubt] = []
    if not rows:
        names, told = _names_without_header(text, table)
        doubts.append(Doubt(told))
        is_plain = False
    else:
        names, is_plain = _names_of_header(rows, width, ragged, doubts)
        values = [] if typed_columns(table.shapes) else like_values(rows[0])
        if values:
            told = (
                f"The first line names the columns, but “{values[0]}” may be a value."
            )
            doubts.append(Doubt(told, (text.records.lines[table.start],)))
    more: Arguments = []
    if ragged.trails:
        more.append(("index_col", False))
        doubts.append(Doubt("Rows end in a delimiter too many; it was ignored."))
    if ragged.extras:
        names += extra_names(names, ragged.extras)
        is_plain = False
    elif rows and _last_is_nothing(names, ragged.rows):
        names = names[:-1]
        for row in ragged.rows:
            del row[len(names) :]
        more.append(("usecols", list(range(len(names)))))
        doubts.append(Doubt("All lines end in a delimiter; no column was made of it."))
    if is_plain:
        return names, more, doubts
    # Names beyond the header are only taken where pandas does not see it; and it gives
    # the type of a column to each other one whose name is the same there.
    is_seen = len(rows) == 1 and len(names) <= len(rows[0]) == len(set(rows[0]))
    header = 0 if is_seen else None
    return names, [("header", header), ("names", list(names)), *more], doubts


def _names_without_header(text: Text, table: Table) -> tuple[list[str], str]:
    """Names of the comment right above, or numbers."""
    comment = text.records.comments.get(table.start - 1, "")
    names = fields_of(comment.lstrip("# "), text.dialect) or []
    if comment and len(names) == table.width > 1 and all(names):
        return names_of([names], len(names)), "The names stand in a comment."
    names = [f"column_{number}" for number in range(1, table.width + 1)]
    return names, "There is no header row; the columns are numbered."


def _names_of_header(
    rows: list[list[str]], width: int, ragged: Ragged, doubts: list[Doubt]
) -> tuple[list[str], bool]:
    """Names from header rows, and whether pandas makes the same of them by itself."""
    widest = max(map(len, rows))
    if widest == width - 1 and ragged.rows and not _trails(ragged, width):
        first = [row[0] for row in ragged.rows if row]
        if len(set(first)) == len(first):
            doubts.append(Doubt("The first column has no name in the header."))
            return names_of([["", *rows[-1]]], width), False
        doubts.append(Doubt("The last column has no name in the header."))
        names = names_of(rows, width - 1)
        return names + extra_names(names, 1), False
    names = names_of(rows, max(width, widest) if len(rows) == 1 else width)
    given = rows[0]
    is_plain = len(rows) == 1 and names == given
    is_last_nothing = not ragged.extras and _last_is_nothing(names, ragged.rows)
    if len(rows) == 1:
        pairs = enumerate(zip(names, given, strict=False))
        renamed = [
            name
            for at, (name, old) in pairs
            if name != old.strip() and (at < len(names) - 1 or not is_last_nothing)
        ]
        if renamed:
            shown = ", ".join(renamed[:_SHOWN_NAMES])
            doubts.append(
                Doubt(f"Empty or repeated names of columns were told apart: {shown}.")
            )
    else:
        doubts.append(Doubt(f"The header has {len(rows)} rows; they were joined."))
    if given and not given[0].strip() and _is_index(ragged.rows):
        doubts.append(
            Doubt("The first column only counts the rows: it is an index of pandas.")
        )
    return names, is_plain


def _trails(ragged: Ragged, width: int) -> bool:
    return all(len(row) < width or not row[width - 1].strip() for row in ragged.rows)


def _last_is_nothing(names: list[str], rows: Sequence[Sequence[str]]) -> bool:
    at = len(names) - 1
    return (
        at > 0
        and names[at] == f"Unnamed: {at}"
        and all(len(row) <= at or not row[at].strip() for row in rows)
    )


def _is_index(rows: Sequence[Sequence[str]]) -> bool:
    start = rows[0][0] if rows and rows[0] else ""
    return start in ("0", "1") and all(
        row and row[0] == str(number) for number, row in enumerate(rows, int(start))
    )
