"""Values of a database become columns of Arrow, and nothing of a value is lost.

Rows come in pieces, and a driver tells little of what is to come: a column may be empty
in one piece and hold dates in the next, and SQLite may follow numbers by words. So each
piece of a column is of a kind of its own, and the kind of the whole is decided at the
end.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Kind", "Piece", "cast", "common_kind", "piece_of", "type_of"]

Kind = Literal[
    "empty", "bool", "int", "big", "float", "exact", "decimal", "text", "nested",
    "other", "mixed", "bytes", "naive", "aware", "date", "time", "span",
]  # fmt: skip
"""Of a column: `big` are integers beyond what a float can hold, `exact` decimals that a
float holds with all their digits, `naive` and `aware` times of a day without and with a
zone. `nested`, `other` and `mixed` became text."""

_EXACT_INTEGER = 1 << 53
_MAX_DIGITS = 38
"""Of a decimal."""
_TEXTS: frozenset[Kind] = frozenset({"text", "nested", "other", "mixed"})
_KINDS: dict[type, Kind] = {
    bool: "bool",
    int: "int",
    float: "float",
    decimal.Decimal: "decimal",
    str: "text",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
    dt.datetime: "naive",
    dt.date: "date",
    dt.time: "time",
    dt.timedelta: "span",
    list: "nested",
    tuple: "nested",
    dict: "nested",
}
_WIDENED: tuple[tuple[frozenset[Kind], Kind], ...] = (
    (frozenset({"int"}), "int"),
    (frozenset({"int", "big"}), "big"),
    (frozenset({"int", "float"}), "float"),
    (frozenset({"int", "exact"}), "exact"),
    (frozenset({"int", "big", "exact", "decimal"}), "decimal"),
    (frozenset({"date"}), "date"),
    (frozenset({"date", "naive"}), "naive"),
)
"""The first that has all kinds of the pieces says which one holds them all."""
_MIDNIGHT = dt.time()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a column."""

    kind: Kind
    array: pa.Array
    before: int = 0
    """The most digits before the point, of decimals and integers."""
    after: int = 0


def piece_of(values: Sequence[Any]) -> Piece:
    """Some values of a column, None where one is missing."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import

    kind = _kind(values)
    try:
        before = after = 0
        if kind in {"int", "decimal"}:
            before, after = _digits(values)
        kind, held = _held(kind, values)
        array = pa.array(held, type_of(kind, before, after))
        return Piece(kind, array, before, after)
    except (pa.ArrowException, OverflowError, ValueError, TypeError, AttributeError):
        kind = "mixed" if kind not in _TEXTS else kind
        return Piece(kind, pa.array(_texts(values), pa.string()))


def common_kind(kinds: set[Kind], *, has_gaps: bool) -> Kind:
    """The kind of a column of pieces of these kinds.

    Args:
        kinds: of the pieces.
        has_gaps: whether a value is missing; pandas makes floats of integers then.
    """
    found = kinds - {"empty"}
    if not found:
        return "empty"
    for narrower, kind in _WIDENED:
        if found <= narrower:
            return "mixed" if kind == "big" and has_gaps else kind
    return found.pop() if len(found) == 1 else "mixed"


def type_of(kind: Kind, before: int = 0, after: int = 0) -> pa.DataType:
    """The type of Arrow of a kind; of decimals by their digits around the point.

    Raises:
        ValueError: there are too many digits.
    """
    import pyarrow as pa  # noqa: PLC0415 - as above

    if kind in _TEXTS:
        return pa.string()
    if kind == "decimal":
        if before + after > _MAX_DIGITS:
            raise ValueError("too many digits")
        return pa.decimal128(max(before + after, 1), after)
    return {
        "empty": pa.null(),
        "bool": pa.bool_(),
        "int": pa.int64(),
        "big": pa.int64(),
        "float": pa.float64(),
        "exact": pa.float64(),
        "bytes": pa.binary(),
        "naive": pa.timestamp("us"),
        "aware": pa.timestamp("us", tz="UTC"),
        "date": pa.timestamp("us"),
        "time": pa.time64("us"),
        "span": pa.duration("us"),
    }[kind]


def cast(piece: Piece, kind: Kind, wanted: pa.DataType) -> pa.Array:
    """A piece as the whole column is."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    array = piece.array
    if piece.kind == "empty":
        return pa.nulls(len(array), wanted)
    if array.type == wanted:
        return array
    if kind in _TEXTS:
        return pa.array(_texts(array.to_pylist()), wanted)
    if kind == "decimal" and piece.kind == "exact":
        # The shortest text of a float is the decimal that it was.
        exact = [
            v if v is None else decimal.Decimal(repr(v)) for v in array.to_pylist()
        ]
        return pa.array(exact, wanted)
    if kind == "decimal" and piece.kind in {"int", "big"}:
        whole = [v if v is None else decimal.Decimal(v) for v in array.to_pylist()]
        return pa.array(whole, wanted)
    return array.cast(wanted)


def _kind(values: Sequence[Any]) -> Kind:
    """The kind of values by their types alone."""
    types = set(map(type, values)) - {type(None)}
    kinds = {_KINDS.get(each, "other") for each in types}
    if not kinds:
        return "empty"
    if kinds == {"int", "float"}:
        return "float"
    if kinds == {"int", "decimal"}:
        return "decimal"
    return kinds.pop() if len(kinds) == 1 else "mixed"


_Held: TypeAlias = tuple[Kind, Sequence[Any]]
"""A kind, and values as Arrow takes them."""


def _held(kind: Kind, values: Sequence[Any]) -> _Held:
    """The kind by the values too."""
    if kind in _TEXTS:
        return kind, _texts(values) if kind != "text" else values
    look = _LOOKS.get(kind)
    if look is None:
        return kind, values
    return look(values, [value for value in values if value is not None])


def _held_integers(values: Sequence[Any], present: Sequence[Any]) -> _Held:
    return "big" if max(map(abs, present)) > _EXACT_INTEGER else "int", values


def _held_floats(values: Sequence[Any], present: Sequence[Any]) -> _Held:
    whole = [value for value in present if type(value) is int]
    if whole and max(map(abs, whole)) > _EXACT_INTEGER:
        return "mixed", _texts(values)
    return "float", values


def _held_decimals(values: Sequence[Any], present: Sequence[Any]) -> _Held:
    numbers = [decimal.Decimal(value) for value in present]
    if not all(number.is_finite() for number in numbers):
        is_exact = all(not n.is_finite() or _is_exact(n) for n in numbers)
        return (
            ("exact", _each(values, float)) if is_exact else ("mixed", _texts(values))
        )
    if all(number.as_tuple().exponent == 0 for number in numbers):
        return _held_integers(_each(values, int), [int(number) for number in numbers])
    if all(map(_is_exact, numbers)):
        return "exact", _each(values, float)
    return "decimal", _each(values, decimal.Decimal)


def _is_exact(number: decimal.Decimal) -> bool:
    """Whether the float that is nearest is written by the same digits."""
    return decimal.Decimal(repr(float(number))) == number


def _held_times_of_days(values: Sequence[Any], present: Sequence[Any]) -> _Held:
    zoned = {value.utcoffset() is not None for value in present}
    if len(zoned) > 1:
        return "mixed", _texts(values)
    return "aware" if zoned == {True} else "naive", values


def _held_times(values: Sequence[Any], present: Sequence[Any]) -> _Held:
    if any(value.tzinfo is not None for value in present):
        return "other", _texts(values)
    return "time", values


def _held_dates(values: Sequence[Any], _: Sequence[Any]) -> _Held:
    return "date", _each(values, lambda day: dt.datetime.combine(day, _MIDNIGHT))


def _held_bytes(values: Sequence[Any], _: Sequence[Any]) -> _Held:
    return "bytes", _each(values, bytes)


_LOOKS: dict[Kind, Callable[[Sequence[Any], Sequence[Any]], _Held]] = {
    "int": _held_integers,
    "float": _held_floats,
    "decimal": _held_decimals,
    "naive": _held_times_of_days,
    "time": _held_times,
    "date": _held_dates,
    "bytes": _held_bytes,
}


def _digits(values: Sequence[Any]) -> tuple[int, int]:
    """The most digits before and after the point; of what is a number."""
    before = after = 0
    for value in values:
        if value is None:
            continue
        _, digits, exponent = decimal.Decimal(value).as_tuple()
        if isinstance(exponent, int):
            before = max(before, len(digits) + exponent)
            after = max(after, -exponent)
    return before, after


def _each(values: Sequence[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else change(value) for value in values]


def _texts(values: Sequence[Any]) -> list[str | None]:
    return _each(values, _text)


def _text(value: Any) -> str:  # noqa: ANN401 - of any driver
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    # Half characters cannot be written to a file.
    return str(value).encode(errors="replace").decode()
