"""The statements of a reading are run, and what comes out is compared with it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..code.table import table_code
from ..reading import Kind, Reading

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["departure", "kind_of"]

_TOLD_CHARS = 200
_INEXACT = 2.0**53
"""From here on a float does not hold every whole number."""


def departure(reading: Reading, path: Path, *more: Path) -> str:
    """Where the table that comes out is not the one that was found; empty: nowhere.

    A warning of a library counts as a departure: pandas tells so that it cuts fields.

    Args:
        reading: what was found.
        path: the file, or the first of many.
        more: the others of many; the pattern of a notebook gives the same.
    """
    code = table_code(reading, name="table", path="DATA")
    scope: dict[str, Any] = {"DATA": str(path)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec("\n".join(code.imports), scope)  # noqa: S102 - ours
            if reading.many_files:
                scope["glob"] = lambda _: [str(path), *map(str, more)]
            exec(compile(code.body, "<the load cell>", "exec"), scope)  # noqa: S102 - it is ours, every value in it a literal
    except Exception as error:  # noqa: BLE001 - whatever a library raises on odd files
        told = " ".join(str(error).split())[:_TOLD_CHARS]
        return f"{type(error).__name__}: {told}"
    table = scope["table"]
    if reading.in_place:
        return _names_differ(reading, list(table.columns))
    return (
        _names_differ(reading, [str(name) for name in table.columns])
        or _rows_differ(reading, len(table))
        or _kinds_differ(reading, table)
    )


def _names_differ(reading: Reading, names: list[str]) -> str:
    expected = [column.name for column in reading.columns]
    if reading.many_files:
        expected = ["source", *expected]
    if not reading.columns or names == expected:
        return ""
    return f"the columns are {names[:8]}, not {expected[:8]}"


def _rows_differ(reading: Reading, rows: int) -> str:
    if reading.rows is None or rows == reading.rows:
        return ""
    return f"there are {rows} rows, not {reading.rows}"


def _kinds_differ(reading: Reading, table: pd.DataFrame) -> str:
    offset = 1 if reading.many_files else 0
    for at, column in enumerate(reading.columns):
        values = table.iloc[:, at + offset]
        found = kind_of(values)
        if found != column.kind and not _is_wider(found, column.kind):
            return f"{column.name!r} is {found}, not {column.kind}"
        if reading.many_files and _is_lossy(values, found, column.kind):
            return f"{column.name!r} does not hold the values of all files exactly"
    return ""


def _is_wider(found: Kind, expected: Kind) -> bool:
    """Whether the kinds agree but for missing values, or there is no value at all."""
    agree = (found, expected) in {("float", "int"), ("float", "str")}
    return agree or "other" in {found, expected}


def _is_lossy(values: pd.Series, found: Kind, expected: Kind) -> bool:
    """Whether the values of one file were changed by those of another."""
    if found == "float" and expected == "int":
        return bool((values.abs() >= _INEXACT).any())
    if found == "float" and expected == "str":
        return bool(values.notna().any())
    return found == "other" and expected != "other"


def kind_of(series: pd.Series) -> Kind:
    """What the values of a column are, whatever its dtype is called."""
    import pandas as pd  # noqa: PLC0415 - only once there is a table

    types = pd.api.types
    dtype = series.dtype
    if types.is_bool_dtype(dtype):
        return "bool"
    if types.is_integer_dtype(dtype):
        return "int"
    if types.is_float_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    if types.is_string_dtype(dtype):
        return "str"
    return "other"
