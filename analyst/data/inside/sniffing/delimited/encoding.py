"""From bytes to text: which encoding it is, and which bytes are not of it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ...reading import Doubt, Unreadable
from ..files import SourceFile
from .legacy import legacy_encoding

__all__ = ["Decoded", "decoded", "encoding_of"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PATTERN_BYTES = 4096
_GOOD_TO_BAD = 3
"""So many times more good characters than bad ones still are UTF-8."""
_CONTROL = re.compile(r"[\x02-\x08\x0e-\x1b\x7f]")
_BINARY = 0.02
_LINES_TOLD = 5


@dataclass(frozen=True)
class Decoded:
    """The text of a file, or of the start, the middle and the end of a large one."""

    text: str
    encoding: str
    replaces: bool
    """Bytes that are not of this encoding were replaced by U+FFFD."""
    is_whole: bool
    pieces: tuple[str, ...] = ()
    """Whole lines from further behind."""
    doubts: tuple[Doubt, ...] = ()


def decoded(file: SourceFile) -> Decoded:
    """The text of a file.

    Raises:
        Unreadable: there is no text, or no end of a line in all that is looked at.
    """
    data = file.head
    encoding, replaces = encoding_of(data, is_whole=file.is_whole)
    text = _text(data, encoding, is_whole=file.is_whole)
    if not text.strip("\ufeff\0 \t\r\n"):
        raise Unreadable("holds no text: check where it came from")
    if _is_binary(text[:_PATTERN_BYTES]):
        raise Unreadable("is no text but binary data: give a table")
    if not file.is_whole:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
        if not text:
            raise Unreadable("has a line of several megabytes: give one row a line")
    return Decoded(
        text=text,
        encoding=encoding,
        replaces=replaces,
        is_whole=file.is_whole,
        pieces=tuple(_inner_lines(piece, encoding) for piece in file.pieces()),
        doubts=tuple(_doubts(text, encoding, replaces=replaces)),
    )


def _is_binary(start: str) -> bool:
    """Whether control characters stand in it that no text has."""
    return len(_CONTROL.findall(start)) > _BINARY * len(start)


def encoding_of(data: bytes, *, is_whole: bool) -> tuple[str, bool]:
    """The encoding, and whether some bytes are not of it.

    A character that is cut off at the end of a sample says nothing.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, not _fits(data, encoding, is_whole=is_whole)
    wide = _wide(data, is_whole=is_whole)
    if wide:
        return wide, False
    if _fits(data, "utf-8", is_whole=is_whole):
        return "utf-8", False
    if _is_damaged_utf8(data):
        return "utf-8", True
    encoding = legacy_encoding(data)
    return encoding, not _fits(data, encoding, is_whole=is_whole)


def _fits(data: bytes, encoding: str, *, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, final=is_whole)
    except UnicodeError:
        return False
    return True


def _wide(data: bytes, *, is_whole: bool) -> str:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes are."""
    start = data[: min(len(data), _PATTERN_BYTES) // 4 * 4]
    if not start or 0 not in start:
        return ""
    zeros = [start[offset::4].count(0) / (len(start) // 4) for offset in range(4)]
    for encoding, pattern in (("utf-32-le", (1, 2, 3)), ("utf-32-be", (0, 1, 2))):
        full = min(zeros[offset] for offset in pattern[-2:])
        if full > 0.9 and _fits(data, encoding, is_whole=is_whole):  # noqa: PLR2004 - nearly all
            return encoding
    low, high = zeros[0] + zeros[2], zeros[1] + zeros[3]
    # Separators and digits have a zero byte in any script, and always on one side.
    encoding = "utf-16-le" if high > low else "utf-16-be"
    if max(low, high) > 0.1 and min(low, high) < max(low, high) / 20:  # noqa: PLR2004 - one side
        return encoding if _fits(data, encoding, is_whole=is_whole) else ""
    return ""


def _is_damaged_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return good >= _GOOD_TO_BAD * bad


def _text(data: bytes, encoding: str, *, is_whole: bool) -> str:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = decoder.decode(data, final=is_whole)
    # Pandas takes away another mark than that of the encoding.
    return text.removeprefix("\ufeff")


def _inner_lines(piece: bytes, encoding: str) -> str:
    """The lines of a piece that are there from their start to their end."""
    if encoding in ("utf-16", "utf-32"):
        encoding += "-le"
    text = piece.decode(encoding, "ignore")
    first, last = text.find("\n"), text.rfind("\n")
    if first < 0:
        first, last = text.find("\r"), text.rfind("\r")
    return text[first + 1 : last + 1]


def _doubts(text: str, encoding: str, *, replaces: bool) -> list[Doubt]:
    if replaces:
        lines = [
            number
            for number, line in enumerate(text.split("\n"), start=1)
            if "\ufffd" in line
        ]
        told = f"Some bytes are no {encoding} and were replaced by U+FFFD."
        return [Doubt(told, tuple(lines[:_LINES_TOLD]))]
    if encoding.startswith("utf"):
        return []
    told = f"The text is not UTF-8; it was read as {encoding}: check its letters."
    return [Doubt(told)]
