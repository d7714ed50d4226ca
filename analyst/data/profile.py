"""What the probe printed, checked, and told to a model in few words.

The text comes out of the kernel and is about data of unknown origin. Nothing in it is
believed without a check, and nothing of it can look like an instruction: see
`analyst.quoting`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from analyst.errors import InputError
from analyst.events import Column
from analyst.quoting import QUOTED_CHARS, quoted

if TYPE_CHECKING:
    import pydantic

__all__ = ["Look", "compact", "read_probe"]

# What the probe keeps to. It is said here again because this side does not trust it.
MARK = "analyst-probe: "
MAX_COLUMNS = 200
NAME_CHARS = 300
VALUE_CHARS = QUOTED_CHARS
FEW_VALUES = 12

WIDE_COLUMNS = 20
"""Of a table with more, medians are left out, so that it is told in 500 tokens."""

_LINE_CHARS = 120
"""Spellings beyond this are left out of a line."""
_MAX_PRINTED_CHARS = 2_000_000
_SIMPLE_NAME = re.compile(r"\w[\w$%.#/-]*")
_LOOKS_LIKE_SYNTAX = re.compile(r"[,\"{}]|^\s|\s$|^$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the probe saw of one table."""

    name: str
    rows: int
    column_count: int
    """All of them; `columns` holds the first few hundred at most."""
    columns: tuple[Column, ...]

    @property
    def more_columns(self) -> int:
        """How many there are beyond those in `columns`."""
        return self.column_count - len(self.columns)


def read_probe(printed: str, names: Sequence[str]) -> dict[str, Look]:
    """The looks at the tables `names`, from what the probe printed.

    Raises:
        InputError: it is not what the probe prints, or not of these tables.
    """
    if len(printed) > _MAX_PRINTED_CHARS:
        raise InputError("The tables could not be read: their description is too long.")
    lines = [
        line.removeprefix(MARK)
        for line in printed.splitlines()
        if line.startswith(MARK)
    ]
    try:
        looks = [_adapter().validate_json(line) for line in lines]
    except ValueError:
        raise InputError(
            "The tables could not be read: their description is malformed."
        ) from None
    if [look.name for look in looks] != list(names) or not all(map(_is_sane, looks)):
        raise InputError(
            "The tables could not be read: their description does not fit them."
        )
    return {look.name: look for look in looks}


def compact(look: Look) -> str:
    """What there is under a name, then a line a column of about 17 tokens.

    Example:
        df: 5000 rows, 4 columns
        country str 7: France, Germany, Italy, Spain …
        rating float {1, 2, 3} missing 35%
        order_date date 2024-01-01..2025-12-30
        order_id int 1..5000 unique
    """
    lines = [f"{look.name}: {look.rows} rows, {look.column_count} columns"]
    is_wide = look.column_count > WIDE_COLUMNS
    lines += [
        _line(at, replace(column, median="") if is_wide else column, look.rows)
        for at, column in enumerate(look.columns)
    ]
    if look.more_columns > 0:
        lines.append(f"… and {look.more_columns} more columns")
    return "\n".join(lines)


@cache
def _adapter() -> pydantic.TypeAdapter[Look]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(Look)


def _is_sane(look: Look) -> bool:
    """Whether a look keeps to the bounds that the probe keeps to."""
    return (
        look.rows >= 0
        and len(look.columns) == min(look.column_count, MAX_COLUMNS)
        and all(
            0 <= column.missing <= look.rows
            and 0 <= column.distinct <= look.rows
            and 0 <= column.suspicious <= look.rows + 1
            and len(column.name) <= NAME_CHARS
            and len(column.values) <= FEW_VALUES
            and all(len(value) <= VALUE_CHARS for value in column.values)
            and all(
                len(text) <= VALUE_CHARS
                for text in (column.low, column.median, column.high)
            )
            for column in look.columns
        )
    )


def _line(at: int, column: Column, rows: int) -> str:
    parts = [_name(at, column.name), column.kind, _spread(column)]
    if column.text_of:
        parts.append(f"({column.text_of} as text)")
    if column.unique:
        parts.append("unique")
    if column.missing:
        parts.append(f"missing {_share(column.missing, rows)}")
    return " ".join(part for part in parts if part)


def _name(at: int, name: str) -> str:
    """The name; where it cannot be shown as it is, also how to get at the column."""
    shown = quoted(name)
    if shown != name:
        return f"{json.dumps(shown, ensure_ascii=False)} [=columns[{at}]]"
    if _SIMPLE_NAME.fullmatch(name):
        return name
    return json.dumps(shown, ensure_ascii=False)


def _spread(column: Column) -> str:
    """Range or values, whichever says more."""
    shown = [_value(value) for value in column.values]
    if column.kind in {"int", "float"}:
        if shown and not column.unique:
            return f"{{{', '.join(shown)}}}"
        told = bool(column.median) and not column.unique
        middle = f" median {quoted(column.median)}" if told else ""
        return f"{_span(column)}{middle}" if column.low else ""
    if column.kind == "date":
        return _span(column)
    about = "~" if column.sampled else ""
    count = f"{about}{column.distinct}"
    while len(shown) > 1 and sum(map(len, shown)) > _LINE_CHARS:
        shown.pop()
    if not shown:
        return count
    rest = " …" if column.distinct > len(shown) else ""
    return f"{count}: {', '.join(shown)}{rest}"


def _span(column: Column) -> str:
    return f"{quoted(column.low)}..{quoted(column.high)}" if column.low else ""


def _value(text: str) -> str:
    shown = quoted(text)
    if _LOOKS_LIKE_SYNTAX.search(text):
        return json.dumps(shown, ensure_ascii=False)
    return shown


def _share(part: int, whole: int) -> str:
    """Percent, never rounded to none or all.

    >>> _share(1, 1000), _share(999, 1000), _share(7, 20)
    ('<1%', '>99%', '35%')
    """
    percent = round(100 * part / whole)
    if percent == 0:
        return "<1%"
    if percent == 100 and part < whole:  # noqa: PLR2004 - percent
        return ">99%"
    return f"{percent}%"
