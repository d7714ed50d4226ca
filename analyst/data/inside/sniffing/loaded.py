"""What a frame holds that a library made: its columns, and texts that are dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..reading import Column, Conversion, Doubt, Kind, Unreadable
from .check import kind_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MANY_COLUMNS",
    "Loaded",
    "are_too_many",
    "kind_of_loaded",
    "look_at",
    "named",
]

MANY_COLUMNS = 10_000
_MANY_CELLS = 50_000_000
_NAMES_TOLD = 8
_FIRST_CELLS = 20
_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(\D|$)")


@dataclass(frozen=True)
class Loaded:
    """What was found in a frame."""

    columns: tuple[Column, ...]
    conversions: tuple[Conversion, ...]
    doubts: tuple[Doubt, ...]


def look_at(frame: pd.DataFrame) -> Loaded:
    """The columns of a frame as they come out once its dates are converted.

    The format of the file knows numbers and truth values: what it holds as text stays
    text, but for dates, which it has no other way to hold.
    """
    columns: list[Column] = []
    conversions: list[Conversion] = []
    doubts: list[Doubt] = []
    names = [str(name) for name in frame.columns]
    times = Counter(names)
    for at, name in enumerate(names):
        kind = kind_of_loaded(frame.iloc[:, at])
        if kind == "str" and times[name] == 1:
            made, kind, told = _dates(name, frame.iloc[:, at])
            conversions += made
            doubts += told
        columns.append(Column(name, kind))
    doubts += _doubts_of_objects(frame, names)
    return Loaded(tuple(columns), tuple(conversions), tuple(doubts))


def kind_of_loaded(series: pd.Series) -> Kind:
    """What the values of a column are; objects are looked at one by one."""
    if series.dtype != object:
        return kind_of(series)
    values = series.dropna()
    return "str" if len(values) and all(isinstance(v, str) for v in values) else "other"


def are_too_many(rows: int, columns: int) -> None:
    """Nothing, where a frame of this size can be made.

    Raises:
        Unreadable: it has too many columns, or too many cells.
    """
    if columns > MANY_COLUMNS:
        raise Unreadable(
            f"would be a table of {columns:,} columns: give records that agree on "
            "their names"
        )
    if rows * columns > _MANY_CELLS:
        raise Unreadable(
            f"would be a table of {rows:,} rows and {columns:,} columns, most of them "
            "empty: give a part of it"
        )


def named(names: Sequence[str]) -> str:
    """A few names for a sentence.

    >>> named(["a", "b"])
    "'a' and 'b'"
    """
    told = [repr(name[:60]) for name in names[:_NAMES_TOLD]]
    if len(names) > _NAMES_TOLD:
        return f"{', '.join(told)} and {len(names) - _NAMES_TOLD} more"
    return " and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))


def _dates(
    name: str, series: pd.Series
) -> tuple[tuple[Conversion, ...], Kind, tuple[Doubt, ...]]:
    """The conversions of a column of text, where it holds dates."""
    from .values import convert_texts  # noqa: PLC0415 - only where there is text

    cells = [value if isinstance(value, str) else "" for value in series]
    made, kind, told = convert_texts(name, cells)
    # Its lines are rows: the file has none of these.
    told = tuple(replace(doubt, lines=()) for doubt in told)
    if kind == "date":
        return made, kind, told
    may_be_dates = any(_LIKE_A_DATE.match(cell) for cell in cells[:_FIRST_CELLS])
    return (), "str", told if kind == "str" and may_be_dates else ()


def _doubts_of_objects(frame: pd.DataFrame, names: Sequence[str]) -> list[Doubt]:
    lists: list[str] = []
    mixed: list[str] = []
    binary: list[str] = []
    for at, name in enumerate(names):
        if frame.iloc[:, at].dtype != object:
            continue
        kinds = {type(value) for value in frame.iloc[:, at].dropna()}
        if kinds & {list, dict}:
            lists.append(name)
        elif kinds & {bytes, bytearray, memoryview}:
            binary.append(name)
        elif str in kinds and len(kinds) > 1:
            mixed.append(name)
    told = (
        (lists, "Lists and objects within {} stay as they are, one a row."),
        (mixed, "Both text and other values stand in {}; they stay as they are."),
        (binary, "Bytes that are no text stand in {}."),
    )
    return [Doubt(text.format(named(found))) for found, text in told if found]
