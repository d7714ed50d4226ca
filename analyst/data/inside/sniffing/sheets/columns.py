"""What the columns of a sheet hold, and what the reader of pandas is told of them.

Cells have types of their own, so numbers, dates and truth values are taken as they
are. Text is only converted where all of it agrees, and a column in which types meet is
read as text first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ...reading import Column, Conversion, Doubt, Kind
from ..values.names import says_id
from ..values.words import MISSING_BY_DEFAULT

__all__ = ["ColumnValues", "Columns", "read_columns"]

ConvertTexts = Callable[
    [str, Sequence[str]],
    "tuple[tuple[Conversion, ...], Kind, tuple[Doubt, ...]]",
]

_WORDS = frozenset({"NA", "N/A", "n/a", "NULL", "null", "None"})
"""pandas takes them as missing; in a column of words they are words."""
_TYPED_WORDS = frozenset(
    {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "true", "false"}
)
_EXACT = 1 << 53
_ID = 10**15
_DAYS = range(20_000, 60_000)
_DAY_NAMES = ("date", "datum", "fecha", "data", "day", "dato")
_LINES = 5


@dataclass(frozen=True)
class ColumnValues:
    """A column of a body: its name and its cells, empty ones as empty text."""

    name: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Columns:
    """What was found out; rows of doubts are counted from 1 in the body."""

    columns: tuple[Column, ...]
    arguments: tuple[tuple[str, Any], ...]
    conversions: tuple[Conversion, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class _Found:
    kind: Kind
    dtype: str = ""
    """Empty where pandas finds it by itself."""
    conversions: tuple[Conversion, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def read_columns(
    columns: Sequence[ColumnValues], blanks: Sequence[str], convert: ConvertTexts
) -> Columns:
    """The columns of a body.

    Args:
        columns: in their order.
        blanks: texts of blanks alone that the sheet has for nothing.
        convert: from a name and texts to conversions, what comes out, and doubts.
    """
    kept = _kept_words(columns)
    missing = MISSING_BY_DEFAULT - _WORDS if kept else MISSING_BY_DEFAULT
    found = [_read(column, missing, convert) for column in columns]
    arguments: list[tuple[str, Any]] = []
    dtypes = {
        column.name: each.dtype
        for column, each in zip(columns, found, strict=True)
        if each.dtype
    }
    if dtypes:
        arguments.append(("dtype", dtypes))
    words = _missing_words(columns, missing) if kept else []
    if kept:
        arguments.append(("keep_default_na", False))
    if words or blanks:
        arguments.append(("na_values", [*words, *blanks]))
    doubts = [doubt for each in found for doubt in each.doubts]
    if kept:
        doubts.insert(0, _words_doubt(kept))
    return Columns(
        tuple(
            Column(column.name, each.kind)
            for column, each in zip(columns, found, strict=True)
        ),
        tuple(arguments),
        tuple(conversion for each in found for conversion in each.conversions),
        tuple(doubts),
    )


def _kept_words(columns: Sequence[ColumnValues]) -> dict[str, list[str]]:
    """The words for missing values that are words among others, by their columns."""
    kept: dict[str, list[str]] = {}
    for column in columns:
        if _types(column.values) - {str}:
            continue
        texts = set(column.values)
        words = sorted(texts & _WORDS)
        others = texts - MISSING_BY_DEFAULT
        if words and others and not any(_looks_typed(text) for text in others):
            kept[column.name] = words
    return kept


def _missing_words(
    columns: Sequence[ColumnValues], missing: frozenset[str]
) -> list[str]:
    """What is missing, as far as it occurs; the empty cell always."""
    present = {
        value
        for column in columns
        for value in set(filter(_is_text, column.values))
        if value in missing
    }
    return ["", *sorted(present - {""})]


def _words_doubt(kept: dict[str, list[str]]) -> Doubt:
    told = "; ".join(
        f"{', '.join(words)} in {name!r}" for name, words in list(kept.items())[:5]
    )
    return Doubt(
        f"Words that often stand for a missing value are kept as words ({told})."
    )


def _is_text(value: Any) -> bool:  # noqa: ANN401 - whatever a cell holds
    return value.__class__ is str


def _types(values: Sequence[Any]) -> set[type]:
    """The types of the cells that hold something."""
    types = set(map(type, values))
    if str in types and not any(value for value in values if value.__class__ is str):
        types.discard(str)
    return types


def _looks_typed(text: str) -> bool:
    """Whether pandas may take such text for something else than text."""
    start = text.strip()[:1]
    return start.isdigit() or start in "+-." or text.strip().casefold() in _TYPED_WORDS


def _read(
    column: ColumnValues, missing: frozenset[str], convert: ConvertTexts
) -> _Found:
    values = column.values
    types = _types(values)
    if str in types:
        texts = set(filter(_is_text, values))
        if texts <= missing:
            values = ["" if value in missing else value for value in values]
            types.discard(str)
        else:
            return _read_texts(column, types, texts - missing, missing, convert)
    if types and types <= {int, float}:
        return _read_numbers(column.name, values)
    for only, kind in _KINDS:
        if types <= only:
            has_gap_in_bools = kind == "bool" and "" in values
            return _Found(kind, "boolean" if has_gap_in_bools else "")
    kinds = sorted({_TOLD_TYPES.get(each, "others") for each in types})
    said = f"{column.name!r} mixes {' and '.join(kinds)}: kept as text."
    return _Found("str", "string", doubts=(Doubt(said),))


_KINDS: tuple[tuple[frozenset[type], Kind], ...] = (
    (frozenset(), "str"),
    (frozenset({bool}), "bool"),
    (frozenset({date, datetime}), "date"),
    (frozenset({timedelta}), "other"),
    (frozenset({time}), "str"),
)
"""What comes out of cells of these types alone; of none where there is no value."""
_TOLD_TYPES: dict[type, str] = {
    bool: "truth values",
    int: "numbers",
    float: "numbers",
    date: "dates",
    datetime: "dates",
    time: "times",
    timedelta: "durations",
}


def _read_texts(
    column: ColumnValues,
    types: set[type],
    texts: set[str],
    missing: frozenset[str],
    convert: ConvertTexts,
) -> _Found:
    """A column with text in it, maybe beside other types."""
    seen = ["" if value in missing else _as_text(value) for value in column.values]
    conversions, kind, doubts = convert(column.name, seen)
    is_mixed = types != {str}
    dtype = "string" if is_mixed or all(map(_looks_typed, texts)) else ""
    if is_mixed and not conversions and not doubts:
        rows = [
            row
            for row, value in enumerate(column.values, 1)
            if _is_text(value) and value not in missing
        ]
        example = min(texts)
        doubts = (
            Doubt(
                f"{column.name!r} mixes text such as {example[:40]!r} with other"
                " values: kept as text.",
                tuple(rows[:_LINES]),
            ),
        )
    return _Found(kind, dtype, conversions, doubts)


def _as_text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """A cell as pandas writes it where it is told to read text."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value} 00:00:00"
    return str(value)


def _read_numbers(name: str, values: Sequence[Any]) -> _Found:
    numbers = [value for value in values if value != ""]
    is_whole = all(isinstance(each, int) or each.is_integer() for each in numbers)
    finite = [each for each in numbers if math.isfinite(each)]
    largest = max(map(abs, finite), default=0)
    if not is_whole:
        return _Found("float", "float" if largest >= _EXACT else "")
    doubts: list[Doubt] = []
    if largest >= _ID:
        doubts.append(
            Doubt(
                f"{name!r} has numbers of more than 15 digits, of which a workbook"
                " keeps but 15: the last ones may be wrong."
            )
        )
    if any(word in name.casefold() for word in _DAY_NAMES) and all(
        int(each) in _DAYS for each in numbers
    ):
        doubts.append(
            Doubt(
                f"{name!r} may be dates counted in days: kept as numbers"
                ' (`pd.to_datetime(…, unit="D", origin="1899-12-30")` makes dates).'
            )
        )
    if largest >= _EXACT:
        return _Found("float", "float", doubts=tuple(doubts))
    # With gaps pandas makes floats, which harm only what tells rows apart.
    stays_whole = "" in values and (says_id(name) or largest >= _ID)
    return _Found("int", "Int64" if stays_whole else "", doubts=tuple(doubts))
