"""Encodings of before Unicode: which of them a text is in, by its words."""

from __future__ import annotations

import codecs
import re

__all__ = ["legacy_encoding"]

_WORDS_BYTES = 20_000
_OTHER_SCRIPT = 0.5
"""The share of high bytes in words that have any, from which it is no Latin script."""
_FEWEST_BYTES = 6
"""Fewer say nothing: a stray byte or two are more likely damage than words."""
_TOGETHER = 0.5
"""The share of high bytes beside others: accented letters stand alone."""
_WIDE = ("gb18030", "cp932", "cp949", "euc_jp", "big5")
"""Of two bytes a character."""
_NARROW = ("cp1251", "koi8_r", "cp1253", "cp1256", "cp1255", "cp874")
_MOST_CHARACTERS = 0.75
"""In a text of two bytes a character there are fewer characters than bytes."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_RUN = re.compile(rb"[\x80-\xff]{2,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_MARKS = re.compile(r"[\x00-@\[-`{-\x7f]+")


def legacy_encoding(data: bytes) -> str:
    """The likeliest encoding of a text that is no UTF-8."""
    lines = _lines_of_high_bytes(data)
    if _is_of_another_script(lines):
        known = [
            (*judged, order, encoding)
            for order, encoding in enumerate((*_WIDE, *_NARROW))
            if (judged := _disorder(lines, encoding)) is not None
        ]
        if known:
            return min(known)[-1]
    try:
        data.decode("cp1252")
    except UnicodeError:
        return "latin-1"
    return "cp1252"


def _lines_of_high_bytes(data: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    for line in data.splitlines():
        if not line.isascii():
            parts.append(line)
            size += len(line)
        if size > _WORDS_BYTES:
            break
    return b"\n".join(parts)[: 2 * _WORDS_BYTES]


def _is_of_another_script(lines: bytes) -> bool:
    words = [word for word in _WORD.findall(lines) if not word.isascii()]
    high = sum(len(_HIGH.findall(word)) for word in words)
    together = sum(len(run) for word in words for run in _RUN.findall(word))
    if high < _FEWEST_BYTES:
        return False
    return high > _OTHER_SCRIPT * sum(map(len, words)) and together > _TOGETHER * high


def _disorder(lines: bytes, encoding: str) -> tuple[float, float] | None:
    """How little its words look like words of a language; None where they cannot be.

    Marks between the words say nothing of the language, and deceive the detector.
    """
    from charset_normalizer import (  # noqa: PLC0415 - only for the few files that are no UTF-8
        from_bytes,
    )

    try:
        text = codecs.getincrementaldecoder(encoding)().decode(lines)
    except UnicodeError:
        return None
    words = [word for word in _MARKS.sub(" ", text).split() if not word.isascii()]
    said = " ".join(words)
    characters = sum(map(len, words))
    if encoding in _WIDE and characters > _MOST_CHARACTERS * len(said.encode(encoding)):
        return None
    found = from_bytes(said.encode(encoding), cp_isolation=[encoding]).best()
    return None if found is None else (found.chaos, -found.coherence)
