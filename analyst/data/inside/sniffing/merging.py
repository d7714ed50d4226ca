"""The readings of several files as one, where it reads each file as its own would.

The arguments of a reader hold for all files. So whatever one file needs must be
harmless in every other one; where it is not, the files are no single table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..reading import Column, Conversion, Doubt, DropEmptyRows, FillDown, Kind, Reading

__all__ = ["Apart", "are_of_one_shape", "as_one", "merged"]

_OF_VALUES = ("decimal", "thousands", "dtype", "keep_default_na", "na_values")
"""Arguments that speak of values: a file may lack what another one needs."""


class Apart(Exception):  # noqa: N818 - it is an answer, not a fault
    """Files of one shape cannot be one table; the message is the part after "as"."""


def are_of_one_shape(readings: Sequence[Reading]) -> bool:
    """Whether they differ in nothing but what they say of values."""
    first = _shape(readings[0])
    return all(_shape(each) == first for each in readings)


def _shape(reading: Reading) -> tuple[object, ...]:
    structure = [pair for pair in reading.arguments if pair[0] not in _OF_VALUES]
    plain = replace(
        reading,
        arguments=(),
        conversions=(),
        rows=None,
        columns=(),
        doubts=(),
        label="",
        bytes_as_frame=0,
    )
    return plain, repr(structure), tuple(column.name for column in reading.columns)


def merged(readings: Sequence[Reading], *, is_checked: bool) -> Reading:
    """One reading for files of one shape.

    Args:
        readings: of each file.
        is_checked: it will be run and compared. Then a column of text may meet one of
            numbers: it is empty, or what comes out is not what is promised here.

    Raises:
        Apart: what one file needs would change the values of another.
    """
    first = readings[0]
    told = {name: v for name, v in first.arguments if name not in _OF_VALUES}
    told |= _marks(readings, is_checked=is_checked)
    dtypes = _dtypes(readings)
    told |= {"dtype": dtypes} if dtypes else {}
    told |= _missing_words(readings)
    if len({_essence(reading.conversions) for reading in readings}) > 1:
        raise Apart("not all of them need the same conversions")
    if any(isinstance(each, FillDown | DropEmptyRows) for each in first.conversions):
        raise Apart("rows are filled or dropped in each by itself")
    names = [column.name for column in first.columns]
    by_place = zip(*(reading.columns for reading in readings), strict=True)
    columns = tuple(
        Column(
            name,
            _kind(
                name,
                {column.kind for column in at},
                _dtype(dtypes, name),
                has_thousands="thousands" in told,
                is_checked=is_checked,
            ),
        )
        for name, at in zip(names, by_place, strict=True)
    )
    return replace(first, arguments=tuple(told.items()), columns=columns)


def _marks(readings: Sequence[Reading], *, is_checked: bool) -> dict[str, Any]:
    """The decimal mark and that for thousands, of all files that have either."""
    found: set[tuple[str, str]] = set()
    for reading in readings:
        told = dict(reading.arguments)
        marks = told.get("decimal", "."), told.get("thousands", "")
        is_told = marks != (".", "")
        has_numbers = any(column.kind == "float" for column in reading.columns)
        if is_told or has_numbers or not is_checked:
            found.add(marks)
    if len(found) > 1:
        raise Apart("their numbers are not written with the same marks")
    decimal, thousands = found.pop() if found else (".", "")
    return {
        **({"decimal": decimal} if decimal != "." else {}),
        **({"thousands": thousands} if thousands else {}),
    }


def _told(readings: Sequence[Reading], name: str) -> list[Any]:
    return [dict(reading.arguments).get(name) for reading in readings]


def _dtypes(readings: Sequence[Reading]) -> Any:  # noqa: ANN401 - one for all columns, or by column
    """The dtype of each column for which any file needs one."""
    told = _told(readings, "dtype")
    if not all(each is None or isinstance(each, dict) for each in told):
        if any(each != told[0] for each in told):
            raise Apart("the values of one of them stay text")
        return told[0]
    dtypes: dict[str, str] = {}
    for name, dtype in (pair for each in told if each for pair in each.items()):
        before = dtypes.setdefault(name, dtype)
        if {before, dtype} == {"Int64", "string"}:
            dtypes[name] = "string"
        elif before != dtype:
            raise Apart(f"column {name!r} has values of different types")
    return dtypes


def _dtype(dtypes: Any, name: str) -> str:  # noqa: ANN401 - as above
    return str(dtypes.get(name, "") if isinstance(dtypes, dict) else dtypes or "")


def _missing_words(readings: Sequence[Reading]) -> dict[str, Any]:
    """The words for missing values: of each column all, else the same in each file."""
    keeps, told = _told(readings, "keep_default_na"), _told(readings, "na_values")
    if any(each != keeps[0] for each in keeps):
        raise Apart("a word is a value in one of them and missing in another")
    kept = {} if keeps[0] is None else {"keep_default_na": keeps[0]}
    if not all(each is None or isinstance(each, dict) for each in told):
        if any(each != told[0] for each in told):
            raise Apart("they have different words for missing values")
        return {**kept, "na_values": told[0]}
    words: dict[str, list[str]] = {}
    for name, some in (pair for each in told if each for pair in each.items()):
        words[name] = list(dict.fromkeys([*words.get(name, []), *some]))
    for reading in readings:
        for column in reading.columns:
            if column.name in words and column.kind == "str":
                raise Apart(f"{column.name!r} has words for missing values, or text")
    return {**kept, **({"na_values": words} if words else {})}


def _essence(conversions: Sequence[Conversion]) -> tuple[Conversion, ...]:
    """The conversions without the example in their comment."""
    return tuple(
        each if isinstance(each, DropEmptyRows) else replace(each, why="")
        for each in conversions
    )


def _kind(
    name: str, kinds: set[Kind], dtype: str, *, has_thousands: bool, is_checked: bool
) -> Kind:
    """What holds the values of all: the narrower kind, as a test tells them apart."""
    if len(kinds) == 1:
        return next(iter(kinds))
    # With a mark for thousands text such as `31.12.2024` would become a number.
    has_harmless_text = kinds <= {"int", "float", "str"} and not has_thousands
    if kinds == {"int", "str"} and dtype == "string" and has_harmless_text:
        return "str"
    if is_checked and dtype != "string" and has_harmless_text:
        kinds = kinds - {"str"}
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {"int", "float"} and not dtype:
        return "int"
    raise Apart(f"column {name!r} has values of different types")


def as_one(together: Reading, readings: Sequence[Reading], *, parts: int) -> Reading:
    """The reading of all files, with what is known and doubted of each.

    Args:
        together: how they are read.
        readings: of each.
        parts: how many last parts of their paths tell the files apart.
    """
    counted = [reading.rows for reading in readings]
    rows = None if None in counted else sum(count or 0 for count in counted)
    left_out: dict[str, int] = {}
    for doubt in (doubt for reading in readings for doubt in reading.doubts):
        left_out[doubt.text] = left_out.get(doubt.text, 0) + doubt.rows_left_out
    return replace(
        together,
        many_files=True,
        source_parts=parts,
        label="",
        rows=rows,
        bytes_as_frame=sum(reading.bytes_as_frame for reading in readings),
        doubts=tuple(Doubt(text, rows_left_out=n) for text, n in left_out.items()),
    )
