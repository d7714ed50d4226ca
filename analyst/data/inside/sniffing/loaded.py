"""What a frame holds that a library made: its columns, and texts that are dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
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
_TYPED = {"int", "float", "bool"}
_TYPED_TEXTS = (
    "Numbers, or words such as yes and no, stand as text in {}; they stay text."
)
_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(\D|$)")


@dataclass(frozen=True)
class Loaded:
    """What was found in a frame."""

    columns: tuple[Column, ...]
    conversions: tuple[Conversion, ...]
    doubts: tuple[Doubt, ...]


def look_at(frame: pd.DataFrame, known: Collection[str] = ()) -> Loaded:
    """The columns of a frame as they come out once its dates are converted.

    The format of the file knows numbers and truth values: what it holds as text stays
    text, but for dates, which it has no other way to hold.

    Args:
        frame: as the library made it.
        known: columns of numbers of which it is said already that they are text.
    """
    columns: list[Column] = []
    conversions: list[Conversion] = []
    doubts: list[Doubt] = []
    typed_texts: list[str] = []
    names = [str(name) for name in frame.columns]
    times = Counter(names)
    for at, name in enumerate(names):
        kind = kind_of_loaded(frame.iloc[:, at])
        if kind == "str" and times[name] == 1:
            cells = _texts(frame.iloc[:, at])
            made, kind, told = _said_by(name, cells)
            if kind in _TYPED and name not in known and not _says_codes(name):
                typed_texts.append(name)
            is_date = kind == "date"
            conversions += made if is_date else ()
            doubts += told if is_date or (kind == "str" and _likes_dates(cells)) else ()
            kind = "date" if is_date else "str"
        columns.append(Column(name, kind))
    if typed_texts:
        doubts.append(Doubt(_TYPED_TEXTS.format(named(typed_texts))))
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


def _texts(series: pd.Series) -> list[str]:
    return [value if isinstance(value, str) else "" for value in series]


def _says_codes(name: str) -> bool:
    """Whether digits in it are no numbers to be counted."""
    from .values.names import (  # noqa: PLC0415 - only where there is text
        says_codes,
        says_id,
    )

    return says_id(name) or says_codes(name)


def _likes_dates(cells: Sequence[str]) -> bool:
    return any(_LIKE_A_DATE.match(cell) for cell in cells[:_FIRST_CELLS])


def _said_by(
    name: str, cells: Sequence[str]
) -> tuple[tuple[Conversion, ...], Kind, tuple[Doubt, ...]]:
    """What a column of text says that it holds."""
    from .values import convert_texts  # noqa: PLC0415 - only where there is text

    made, kind, told = convert_texts(name, cells)
    # Its lines are rows: the file has none of these.
    return made, kind, tuple(replace(doubt, lines=()) for doubt in told)


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
