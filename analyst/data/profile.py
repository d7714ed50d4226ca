"""What the probe printed, checked, and told to a model in few words.

The text comes out of the kernel and is about data of unknown origin. Nothing in it is
believed without a check, and nothing of it can look like an instruction: see
`analyst.quoting`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from analyst.data.kernel_side import marked_lines
from analyst.data.look import Join, Look, Noticed
from analyst.errors import InputError
from analyst.events import Column
from analyst.quoting import QUOTED_CHARS, quoted

if TYPE_CHECKING:
    import pydantic

__all__ = ["compact", "read_joins", "read_probe"]

# What the probe keeps to. It is said here again because this side does not trust it.
MARK = "analyst-probe: "
JOINS_MARK = "analyst-joins: "
MAX_COLUMNS = 200
NAME_CHARS = 300
VALUE_CHARS = QUOTED_CHARS
FEW_VALUES = 12
MAX_JOINS = 20
MAX_NOTICED = 24
MAX_NAMES = 8
MAX_EXAMPLES = 3

WIDE_COLUMNS = 20
"""Of a table with more, medians are left out, so that it is told in 500 tokens."""

_LINE_CHARS = 120
"""Spellings beyond this are left out of a line."""
_MAX_PRINTED_CHARS = 2_000_000
"""Of each table."""
_SIMPLE_NAME = re.compile(r"\w[\w$%.#/-]*")
_LOOKS_LIKE_SYNTAX = re.compile(r"[,\"{}]|^\s|\s$|^$")


def read_probe(printed: str, names: Sequence[str]) -> dict[str, Look]:
    """The looks at the tables `names`, from what the probe printed.

    Raises:
        InputError: it is not what the probe prints, or not of these tables.
    """
    lines = _marked(printed, MARK, tables=len(names))
    try:
        looks = [_adapter(Look).validate_json(line) for line in lines]
    except ValueError:
        raise _malformed() from None
    if [look.name for look in looks] != list(names) or not all(map(_is_sane, looks)):
        raise InputError(
            "The tables could not be read: their description does not fit them."
        )
    return {look.name: look for look in looks}


def read_joins(printed: str, looks: Mapping[str, Look]) -> tuple[Join, ...]:
    """How the tables join, from what the probe printed.

    Raises:
        InputError: it is not what the probe prints, or not of these tables.
    """
    lines = _marked(printed, JOINS_MARK, tables=len(looks))
    try:
        joins = [
            join
            for line in lines
            for join in _adapter(tuple[Join, ...]).validate_json(line)
        ]
    except ValueError:
        raise _malformed() from None
    if (
        len(lines) > 1
        or len(joins) > MAX_JOINS
        or not all(_is_of(join, looks) for join in joins)
    ):
        raise _malformed()
    return tuple(joins)


def _marked(printed: str, mark: str, *, tables: int) -> list[str]:
    """What stands in the lines that begin with a mark."""
    if len(printed) > _MAX_PRINTED_CHARS * max(1, tables):
        raise InputError("The tables could not be read: their description is too long.")
    return marked_lines(printed, mark)


def _malformed() -> InputError:
    return InputError("The tables could not be read: their description is malformed.")


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
        _line(at, replace(column, median="") if is_wide else column, look)
        for at, column in enumerate(look.columns)
    ]
    if look.more_columns > 0:
        lines.append(f"… and {look.more_columns} more columns")
    return "\n".join(lines)


@cache
def _adapter(kind: type[Any]) -> pydantic.TypeAdapter[Any]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(kind)


def _is_sane(look: Look) -> bool:
    """Whether a look keeps to the bounds that the probe keeps to."""
    return (
        look.rows >= 0
        and len(look.zeros) in {0, len(look.columns)}
        and all(0 <= zeros <= look.rows for zeros in look.zeros)
        and len(look.noticed) <= MAX_NOTICED
        and all(_may_be_noticed(one, look) for one in look.noticed)
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


def _may_be_noticed(one: Noticed, look: Look) -> bool:
    names = {column.name for column in look.columns}
    return (
        0 <= one.count <= one.of <= look.rows
        and 0 <= one.more_columns <= MAX_COLUMNS
        and len(one.columns) <= MAX_NAMES
        and names.issuperset(one.columns)
        and len(one.examples) <= MAX_EXAMPLES
        and all(len(text) <= VALUE_CHARS for text in one.examples)
        and len(one.groups) in {0, 2}
    )


def _is_of(join: Join, looks: Mapping[str, Look]) -> bool:
    """Whether a join is of tables that are there, and its counts can be."""
    left, right = looks.get(join.left_table), looks.get(join.right_table)
    if left is None or right is None:
        return False
    return (
        {column.name for column in left.columns}.issuperset(join.left_columns)
        and {column.name for column in right.columns}.issuperset(join.right_columns)
        and len(join.left_columns) == len(join.right_columns) <= MAX_NAMES
        and 0 <= join.unmatched <= join.rows <= left.rows
        and 0 <= join.missing <= left.rows
        and 0 <= join.rows_after <= left.rows * right.rows
        and len(join.types) in {0, 2}
    )


def _line(at: int, column: Column, look: Look) -> str:
    rows = look.rows
    zeros = look.zeros[at] if look.zeros else 0
    if 2 * zeros > rows - column.missing:
        column = replace(column, median="")  # it is 0, which says little
    else:
        zeros = 0
    parts = [_name(at, column.name), column.kind, _spread(column)]
    if zeros and not _lists_all(column):
        parts.append(f"{_share(zeros, rows)} zero")
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


def _lists_all(column: Column) -> bool:
    """Whether the line names each value that occurs."""
    return bool(column.values) and not column.unique


def _spread(column: Column) -> str:
    """Range or values, whichever says more."""
    shown = [_value(value) for value in column.values]
    if column.kind in {"int", "float"}:
        if _lists_all(column):
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
