"""A file that is too large for memory: it stays where it is, as a relation of DuckDB.

The relation is used like a table: `duckdb.sql("SELECT … FROM df").df()` gives a frame
of the result.
"""

from __future__ import annotations

from typing import Any

from ..reading import Delimited, FrameFile, Kind, Reading, ToDate
from .expression import Expression
from .literals import call, comment

__all__ = ["can_stay", "expression", "types_in_place"]

_TYPES: dict[Kind, str] = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "str": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "TIMESTAMP",
    "other": "VARCHAR",
}
# What pandas is told, and by which name DuckDB is told the same.
_SAME = {
    "sep": "sep",
    "quotechar": "quotechar",
    "escapechar": "escapechar",
    "comment": "comment",
    "decimal": "decimal",
    "thousands": "thousands",
    "skiprows": "skiprows",
}
_MORE_OF_PANDAS = {
    *("encoding", "header", "names", "dtype", "index_col", "na_values"),
    *("keep_default_na", "engine", "skipinitialspace", "low_memory", "doublequote"),
    "compression",
}
_ISO_DATE = "%Y-%m-%d"
_ISO_TIMES = {
    f"%Y-%m-%d{mark}%H:%M{rest}" for mark in " T" for rest in ("", ":%S", ":%S.%f")
}
_ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "latin-1": "latin-1"}
_ENCODINGS |= {"utf-16": "utf-16", "ascii": "utf-8"}
_MISSING = [
    *("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "null", "NULL", "None"),
    *("#N/A", "#N/A N/A", "#NA", "<NA>", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
]
"""What pandas takes as missing by itself."""


def can_stay(reading: Reading) -> str:
    """Why a table cannot be read where it lies; empty where it can."""
    if isinstance(reading, FrameFile) and reading.reader == "parquet":
        return ""
    if not isinstance(reading, Delimited):
        return "only delimited text and Parquet can"
    if reading.compression not in {"", "gzip", "zstd"} or reading.member:
        return f"compressed by {reading.compression} it cannot"
    arguments = dict(reading.arguments)
    encoding = str(arguments.get("encoding", "utf-8"))
    if encoding.lower() not in _ENCODINGS:
        return f"text in {encoding} cannot: convert it to UTF-8"
    unknown = arguments.keys() - _SAME.keys() - _MORE_OF_PANDAS
    if not isinstance(arguments.get("skiprows", 0), int):
        unknown.add("skiprows")
    return f"it needs {', '.join(sorted(unknown))}" if unknown else ""


def expression(reading: Reading, path: str) -> Expression:
    """The relation that reads the file each time that it is asked."""
    gigabytes = reading.bytes_as_frame / 1e9
    told = comment(
        f"As a DataFrame it would take about {gigabytes:.1f} GB, so it stays in its "
        "file:"
    )
    megabytes = reading.query_bytes // 1_000_000
    bound = f"duckdb.execute(\"SET memory_limit = '{megabytes}MB'\")"
    how = comment('duckdb.sql("SELECT … FROM …").df() makes a DataFrame of a result.')
    if isinstance(reading, Delimited):
        text = call("duckdb.read_csv", [path], _arguments(reading), before=30)
    else:
        text = call("duckdb.read_parquet", [path])
    return Expression(text=text, imports=("import duckdb",), before=(told, how, bound))


def _arguments(reading: Delimited) -> list[tuple[str, Any]]:
    """What DuckDB is told, so that it need not guess anything."""
    pandas = dict(reading.arguments)
    told: list[tuple[str, Any]] = [("header", pandas.get("header", 0) is not None)]
    told += [(name, pandas[key]) for key, name in _SAME.items() if key in pandas]
    encoding = _ENCODINGS[str(pandas.get("encoding", "utf-8")).lower()]
    if encoding != "utf-8":
        told.append(("encoding", encoding))
    if reading.compression or "compression" in pandas:
        told.append(("compression", reading.compression or "none"))
    form = _date_format(reading)
    if form:
        told.append(("timestamp_format" if "%H" in form else "date_format", form))
    told.append(("na_values", _missing(pandas)))
    told.append(("columns", types_in_place(reading)))
    return told


def types_in_place(reading: Delimited) -> dict[str, str]:
    """The type that each column has for DuckDB; what it cannot convert stays text."""
    form = _date_format(reading)
    dates = _dates(reading)
    texts = {each.column for each in reading.conversions if hasattr(each, "column")}
    texts |= _with_own_words(reading)
    types: dict[str, str] = {}
    for column in reading.columns:
        is_plain = column.name not in texts
        types[column.name] = _TYPES[column.kind] if is_plain else "VARCHAR"
        if column.name in dates:
            types[column.name] = _date_type(dates[column.name], form)
    return types


def _dates(reading: Delimited) -> dict[str, str]:
    """The columns of dates, and the format of each."""
    words = _with_own_words(reading)
    return {
        each.column: each.format
        for each in reading.conversions
        if isinstance(each, ToDate) and not each.missing and not each.utc
        if each.column not in words
    }


def _with_own_words(reading: Delimited) -> set[str]:
    """The columns in which words mean that there is no value.

    DuckDB would take these words as missing in all columns, so there they stay.
    """
    words = dict(reading.arguments).get("na_values", ())
    return set(words) if isinstance(words, dict) else set()


def _date_format(reading: Delimited) -> str:
    """The one format that is not ISO, if all dates have it: DuckDB takes only one."""
    formats = set(_dates(reading).values())
    is_one = len(formats) == 1 and not formats <= {_ISO_DATE, *_ISO_TIMES}
    return formats.pop() if is_one else ""


def _date_type(form: str, the_one: str) -> str:
    if form == _ISO_DATE:
        return "DATE"
    if form in _ISO_TIMES:
        return "TIMESTAMP"
    if form != the_one:
        return "VARCHAR"
    return "TIMESTAMP" if "%H" in form else "DATE"


def _missing(pandas: dict[str, Any]) -> list[str]:
    """The words that mean that there is no value in any column."""
    words = pandas.get("na_values", ())
    more = [] if isinstance(words, dict) else words
    if pandas.get("keep_default_na", True):
        return list(dict.fromkeys([*_MISSING, *more]))
    return list(dict.fromkeys(more)) or [""]
