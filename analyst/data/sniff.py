"""How a CSV file is written: what its bytes say, before pandas reads them.

Everything here is a pure function of a sample. A conversion is only proposed where
the sample is unanimous; where two readings are possible the column stays text, and a
warning says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Layout", "sniff"]

_DELIMITERS = (",", ";", "\t", "|")
_MAX_DIGITS = 15
"""Longer whole numbers do not survive as floats, so they are names, not numbers."""

# What pandas reads as missing; no evidence for or against anything.
_MISSING = frozenset(
    {
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    }
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_COMMA_DECIMAL = re.compile(r"[+-]?\d+(,\d+)?")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+(,\d+)?")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+(\.\d+)?")
_EITHER = re.compile(r"[+-]?\d{1,3},\d{3}|[+-]?\d+")
_DIGITS = re.compile(r"\d+")
_ISO_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
)
_ISO_SHAPE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")
_SHORT_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the fields of a CSV file are to be read."""

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    blanks_after_delimiter: bool = False
    trailing_delimiter: bool = False
    """The rows, but not the header, end in a delimiter."""
    dates: tuple[str, ...] = ()
    """Columns whose every value is a date, ISO or in its entry of `date_formats`."""
    date_formats: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    """Columns of digits that are names: leading zeros, or too long for a number."""
    rows: int = 0
    """Rows in the sample, the header not counted."""
    warnings: tuple[str, ...] = ()


def sniff(pieces: Sequence[str]) -> Layout:
    r"""The layout of a file of which `pieces` are whole lines, the first its start.

    >>> sniff(["zip;price\n01067;1,50\n10115;12,00\n"]).decimal
    ','
    """
    delimiter = _delimiter(pieces[0])
    blanks = _blanks_after(pieces[0], delimiter)
    records = _records(pieces[0], delimiter, blanks=blanks)
    if not records:
        return Layout(delimiter=delimiter)
    header, *rows = records
    for piece in pieces[1:]:
        rows += _records(piece, delimiter, blanks=blanks)
    warnings: list[str] = []
    trailing = _ends_in_delimiter(header, rows)
    _warn_of_widths(header, rows, warnings, trailing=trailing)
    _warn_of_none(header, rows, warnings)
    columns = _columns(header, rows)
    decimal, thousands = _number_marks(columns, delimiter, warnings)
    dates, formats = _dates(columns, warnings)
    return Layout(
        delimiter=delimiter,
        decimal=decimal,
        thousands=thousands,
        blanks_after_delimiter=blanks,
        trailing_delimiter=trailing,
        dates=dates,
        date_formats=formats,
        texts=tuple(name for name, values in columns.items() if _are_names(values)),
        rows=len(rows),
        warnings=tuple(warnings),
    )


def _records(text: str, delimiter: str, *, blanks: bool = False) -> list[list[str]]:
    """The records of a text: strictly where that works, else as far as it goes."""
    for strict in (True, False):
        reader = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=delimiter,
            skipinitialspace=blanks,
            strict=strict,
        )
        try:
            return [record for record in reader if any(map(str.strip, record))]
        except csv.Error:
            continue
    return []


def _delimiter(text: str) -> str:
    """The delimiter under which header and rows agree best on a number of fields."""
    best, best_score = ",", (False, 0.0, 1)
    for delimiter in _DELIMITERS:
        widths = [len(record) for record in _records(text, delimiter)]
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        score = (widths[0] == width, times / len(widths), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _blanks_after(text: str, delimiter: str) -> bool:
    """Whether every delimiter is followed by a blank."""
    records = _records(text, delimiter)
    inner = [field for record in records for field in record[1:]]
    return bool(inner) and all(field.startswith(" ") for field in inner)


def _ends_in_delimiter(header: list[str], rows: list[list[str]]) -> bool:
    longer = len(header) + 1
    return bool(rows) and all(len(row) == longer and not row[-1] for row in rows)


def _warn_of_widths(
    header: list[str], rows: list[list[str]], warnings: list[str], *, trailing: bool
) -> None:
    if rows and not trailing and all(len(row) == len(header) + 1 for row in rows):
        warnings.append(
            "The rows have one field more than the header: the first is the index."
        )


def _warn_of_none(
    header: list[str], rows: list[list[str]], warnings: list[str]
) -> None:
    """Say where the word None, often a category, will count as missing."""
    for at, name in enumerate(header):
        if any(row[at] == "None" for row in rows if at < len(row)):
            warnings.append(f"The word None in {name!r} counts as a missing value.")


def _columns(header: list[str], rows: list[list[str]]) -> dict[str, list[str]]:
    """The values that are not missing, by column.

    Columns without a name of their own are left out: pandas makes names for them.
    """
    named = Counter(header)
    fitting = [row for row in rows if len(row) >= len(header)]
    return {
        name: [value for row in fitting if (value := row[at].strip()) not in _MISSING]
        for at, name in enumerate(header)
        if name.strip() and named[name] == 1
    }


def _all(pattern: re.Pattern[str], values: Sequence[str]) -> bool:
    return bool(values) and all(map(pattern.fullmatch, values))


def _number_marks(
    columns: dict[str, list[str]], delimiter: str, warnings: list[str]
) -> tuple[str, str]:
    """The decimal and the thousands mark, which pandas takes for all columns alike."""
    marked = {
        name: values
        for name, values in columns.items()
        if any("," in value for value in values)
        and (_all(_POINT_GROUPS, values) or _all(_COMMA_GROUPS, values))
    }
    points = any(
        _all(_NUMBER, values) and any("." in value for value in values)
        for values in columns.values()
    )
    if delimiter != "," and marked and not points:
        open_to_both = [n for n, values in marked.items() if _all(_EITHER, values)]
        if len(open_to_both) < len(marked):
            if all(_all(_COMMA_DECIMAL, values) for values in marked.values()):
                return ",", ""
            if all(_all(_POINT_GROUPS, values) for values in marked.values()):
                return ",", _thousands(columns, ".", _POINT_GROUPS)
    if marked and all(_all(_COMMA_GROUPS, values) for values in marked.values()):
        sure = delimiter == "," or points
        if sure and (mark := _thousands(columns, ",", _COMMA_GROUPS)):
            return ".", mark
    warnings += [
        f"The commas of the numbers in {name!r} can be read in two ways, "
        "so they stay text."
        for name in marked
    ]
    return ".", ""


def _thousands(
    columns: dict[str, list[str]], mark: str, pattern: re.Pattern[str]
) -> str:
    """`mark`, unless pandas would then also eat it in values that are no numbers."""
    for values in columns.values():
        eaten = [v for v in values if mark in v and v.replace(mark, "").isdigit()]
        if eaten and not _all(pattern, values):
            return ""
    return mark


def _dates(
    columns: dict[str, list[str]], warnings: list[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The columns of dates, and the formats of those that are not ISO."""
    dates: list[str] = []
    formats: list[tuple[str, str]] = []
    for name, values in columns.items():
        if _all(_ISO_SHAPE, values) and _fitting(_ISO_FORMATS, values):
            dates.append(name)
        elif _all(_SHORT_DATE, values):
            fitting = _fitting(_short_formats(values[0]), values)
            if len(fitting) == 1:
                dates.append(name)
                formats.append((name, fitting[0]))
            else:
                warnings.append(
                    f"The dates in {name!r} can be read as day first or month first, "
                    "so they stay text."
                )
    return tuple(dates), tuple(formats)


def _short_formats(example: str) -> tuple[str, str]:
    """Day first and month first, with the separator and the year of the example."""
    mark = next(character for character in example if not character.isdigit())
    year = "%Y" if re.search(r"\d{4}$", example) else "%y"
    return f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"


def _fitting(formats: Sequence[str], values: Sequence[str]) -> list[str]:
    """The formats by which every value is a date."""
    distinct = set(values)
    return [form for form in formats if all(_parses(value, form) for value in distinct)]


def _parses(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - a date, not a moment
    except ValueError:
        return False
    return True


def _are_names(values: Sequence[str]) -> bool:
    """Whether a column of digits would lose something as a number."""
    return _all(_DIGITS, values) and any(
        (value[0] == "0" and len(value) > 1) or len(value) > _MAX_DIGITS
        for value in values
    )
