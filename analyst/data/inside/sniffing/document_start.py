"""The first records of a JSON document that is too large to be read through."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["start_of"]

_BLANK = re.compile(r"[ \t\r\n]*")
_DEEPEST = 12


def start_of(text: str) -> tuple[tuple[str, ...], list[Any]]:
    """Where the list of records is, and as many of them as the text holds.

    Args:
        text: the start of a document, cut off anywhere.

    Returns:
        The keys that lead to the list, and its first values; no values where the
        text does not reach one.

    Example:
        >>> start_of('{"n": 1, "rows": [{"a": 1}, {"a": 2}, {"a')
        (('rows',), [{'a': 1}, {'a': 2}])
    """
    at = _after_blanks(text, 0)
    path: list[str] = []
    while text[at : at + 1] == "{" and len(path) < _DEEPEST:
        entry = _cut_entry(text, at + 1)
        if entry is None:
            return (), []
        key, at = entry
        path.append(key)
    if text[at : at + 1] != "[":
        return (), []
    return tuple(path), _values(text, at + 1)


def _cut_entry(text: str, at: int) -> tuple[str, int] | None:
    """The key of an object whose value is cut off, and where that value begins."""
    decoder = json.JSONDecoder()
    while True:
        at = _after_blanks(text, at)
        try:
            key, at = decoder.raw_decode(text, at)
        except ValueError:
            return None
        at = _after_blanks(text, at)
        if not isinstance(key, str) or text[at : at + 1] != ":":
            return None
        begins = _after_blanks(text, at + 1)
        try:
            _, at = decoder.raw_decode(text, begins)
        except ValueError:
            return key, begins
        at = _after_blanks(text, at)
        if text[at : at + 1] != ",":
            return None
        at += 1


def _values(text: str, at: int) -> list[Any]:
    """The values of a list, as far as they are whole."""
    decoder = json.JSONDecoder()
    values: list[Any] = []
    while True:
        at = _after_blanks(text, at)
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            return values
        at = _after_blanks(text, at)
        if text[at : at + 1] not in {",", "]"}:
            # A number at the very end may go on.
            return values
        values.append(value)
        if text[at] == "]":
            return values
        at += 1


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
