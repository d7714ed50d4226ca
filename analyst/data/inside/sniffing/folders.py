"""Many files: of one shape they are one table, else each is a table of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from ..code.table import fits_many
from ..reading import Column, Doubt, Kind, Reading
from .route import readings_of

__all__ = ["group"]

_OF_VALUES = {"dtype", "na_values", "parse_dates", "date_format", "decimal"}
_OF_VALUES |= {"thousands", "keep_default_na"}
"""Arguments that speak of values: a file may lack what another one needs."""


def group(paths: Sequence[Path]) -> list[tuple[tuple[Path, ...], list[Reading]]]:
    """Which of the files make one table, and how it is read.

    Returns:
        For files of one shape a single pair: all of them, and one reading. Else a
        pair for each file.

    Raises:
        Unreadable: one of them holds no table.
    """
    read = [(path, readings_of(path)) for path in paths]
    single = [readings[0] for _, readings in read if len(readings) == 1]
    is_single = len(single) == len(paths)
    if is_single and len(paths) > 1 and all(map(fits_many, single)):
        first = single[0]
        if all(_shape(each) == _shape(first) for each in single):
            together = reduce(_merged, single)
            if not _conflict(single):
                return [(tuple(paths), [_as_one(together, single)])]
    return [((path,), readings) for path, readings in read]


def _shape(reading: Reading) -> tuple[object, ...]:
    """What must be the same for one statement to read both."""
    structure = [pair for pair in reading.arguments if pair[0] not in _OF_VALUES]
    plain = replace(
        reading,
        arguments=(),
        conversions=(),
        rows=None,
        columns=(),
        doubts=(),
        label="",
    )
    return plain, repr(structure), tuple(column.name for column in reading.columns)


def _conflict(readings: Sequence[Reading]) -> bool:
    """Whether a value means one thing in one file and another in the next."""
    told: dict[str, Any] = {}
    for reading in readings:
        for name, value in _flat(reading):
            if told.setdefault(name, value) != value:
                return True
    made = {reading.conversions for reading in readings}
    return len(made) > 1


def _flat(reading: Reading) -> list[tuple[str, str]]:
    """The arguments that speak of values, column by column."""
    flat: list[tuple[str, str]] = []
    for name, value in reading.arguments:
        if name in {"dtype", "date_format"}:
            flat += [(f"{name} {column}", repr(each)) for column, each in value.items()]
        elif name in {"decimal", "thousands", "keep_default_na"}:
            flat.append((name, repr(value)))
    return flat


def _merged(one: Reading, other: Reading) -> Reading:
    """The arguments of both, and the kinds that hold the values of both."""
    arguments = dict(one.arguments)
    for name, value in other.arguments:
        if name not in arguments:
            arguments[name] = value
        elif isinstance(value, dict):
            arguments[name] = {**arguments[name], **value}
        elif name == "parse_dates":
            arguments[name] = list(dict.fromkeys([*arguments[name], *value]))
    columns = tuple(
        Column(a.name, _wider(a.kind, b.kind))
        for a, b in zip(one.columns, other.columns, strict=True)
    )
    return replace(one, arguments=tuple(arguments.items()), columns=columns)


def _wider(one: Kind, other: Kind) -> Kind:
    if one == other:
        return one
    return "float" if {one, other} == {"int", "float"} else "other"


def _as_one(merged: Reading, readings: Sequence[Reading]) -> Reading:
    """The reading of all files together."""
    counted = [reading.rows for reading in readings]
    doubts = [doubt for reading in readings for doubt in reading.doubts]
    rows = None if None in counted else sum(rows or 0 for rows in counted)
    left_out: dict[str, int] = {}
    for doubt in doubts:
        left_out[doubt.text] = left_out.get(doubt.text, 0) + doubt.rows_left_out
    return replace(
        merged,
        many_files=True,
        label="",
        rows=rows,
        doubts=tuple(Doubt(t, rows_left_out=n) for t, n in left_out.items()),
    )
