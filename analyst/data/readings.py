"""What sniffing printed, checked before anything is made of it.

The text comes out of the kernel, where files of unknown origin were opened. A reading
is plain data; that it cannot become anything but literals is for `inside.code` to keep.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Doubt, Reading
from analyst.data.kernel_side import marked_lines
from analyst.errors import InputError
from analyst.quoting import quoted

if TYPE_CHECKING:
    import pydantic

__all__ = ["MARK", "Group", "doubt_sentence", "read_sniffing"]

# What sniffing keeps to. It is said here again because this side does not trust it.
MARK = "analyst-sniff: "
_MAX_PRINTED_CHARS = 20_000_000
_MAX_TABLES = 200
_MAX_DEPTH = 6
_TOLD_CHARS = 400
_SHOWN_LINES = 8


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are read together, and the tables that come out."""

    files: tuple[int, ...]
    """Which of those that were given, from 0."""
    readings: tuple[Reading, ...]


def read_sniffing(printed: str, counts: Sequence[int]) -> list[tuple[Group, ...] | str]:
    """For each input its groups, or the sentence that says why it cannot be read.

    Args:
        printed: the text of the hidden cell.
        counts: of how many files each input consists.

    Raises:
        InputError: it is not what sniffing prints, or not of these inputs.
    """
    if len(printed) > _MAX_PRINTED_CHARS:
        raise InputError("The files could not be read: they hold too many columns.")
    lines = marked_lines(printed, MARK)
    if len(lines) != len(counts):
        raise InputError("The files could not be read: their description is missing.")
    try:
        return [_one(line, count) for line, count in zip(lines, counts, strict=True)]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise InputError(
            "The files could not be read: their description is malformed."
        ) from None


def doubt_sentence(doubt: Doubt, where: str = "") -> str:
    """A doubt for a person to read, with the lines that it is about.

    >>> doubt_sentence(Doubt("Two rows are short.", lines=(3, 9)), "a.csv")
    'a.csv: Two rows are short (lines 3, 9).'
    """
    text = quoted(doubt.text, _TOLD_CHARS).rstrip(".")
    places = [part for part in (_lines(doubt), _rows_left_out(doubt)) if part]
    if places:
        text += f" ({'; '.join(places)})"
    return f"{where}: {text}." if where else f"{text}."


def _lines(doubt: Doubt) -> str:
    shown = [str(line) for line in doubt.lines[:_SHOWN_LINES]]
    more = ", …" if len(doubt.lines) > len(shown) else ""
    word = "lines" if len(shown) > 1 else "line"
    return f"{word} {', '.join(shown)}{more}" if shown else ""


def _rows_left_out(doubt: Doubt) -> str:
    count = doubt.rows_left_out
    return f"{count:,} row{'s' * (count != 1)} left out" if count else ""


def _one(line: str, count: int) -> tuple[Group, ...] | str:
    told = json.loads(line)
    if "unreadable" in told:
        return quoted(str(told["unreadable"]), _TOLD_CHARS).rstrip(".")
    groups = tuple(
        Group(
            tuple(map(int, group["files"])),
            tuple(map(_adapter().validate_python, group["readings"])),
        )
        for group in told["groups"]
    )
    left_out = list(map(int, told.get("left_out", ())))
    files = sorted([*left_out, *(at for group in groups for at in group.files)])
    tables = [reading for group in groups for reading in group.readings]
    if files != list(range(count)) or not 0 < len(tables) <= _MAX_TABLES:
        raise ValueError(files)
    for reading in tables:
        _check(reading)
    return groups


@cache
def _adapter() -> pydantic.TypeAdapter[Reading]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(
        Annotated[Reading, pydantic.Field(discriminator="format")]
    )


def _check(reading: Reading) -> None:
    """Whether all that was left open by the types is plain, and code can be made.

    Raises:
        ValueError, TypeError, LookupError, AttributeError: it is not.
    """
    for pair in reading.arguments:
        name, value = pair
        if not (isinstance(name, str) and name.isidentifier()):
            raise ValueError(name)
        _check_plain(value)
    table_code(reading, name="df", path="DATA")


def _check_plain(value: Any, depth: int = 0) -> None:  # noqa: ANN401 - anything may be printed
    if depth > _MAX_DEPTH:
        raise ValueError(depth)
    if isinstance(value, dict):
        for key, each in value.items():
            _check_plain(key, depth + 1)
            _check_plain(each, depth + 1)
    elif isinstance(value, list | tuple):
        for each in value:
            _check_plain(each, depth + 1)
    elif not (value is None or isinstance(value, bool | int | float | str)):
        raise ValueError(value)
