"""Values that may stand for something missing, such as -999: told, never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from .cells import Cells
from .findings import Code, Finding, Numbers, Remark, cells_told, words_told

__all__ = ["code_remarks", "sentinel_days", "sentinel_numbers", "sentinels_told"]

_NUMBERS = (-99999, -9999, -999, -99, 99, 999, 9999, 99999, 999999, 9999999)
_WRITTEN = frozenset(
    text for n in _NUMBERS for text in (f"{n}", f"{n}.0", f"{n}.00", f"{n}.000")
)
_DAYS = frozenset(
    date.fromisoformat(text)
    for text in """
    0001-01-01 1753-01-01 1800-01-01 1899-12-30 1899-12-31 1900-01-01 1970-01-01
    2099-12-31 2100-01-01 2999-12-31 3000-01-01 9999-12-31
    """.split()  # noqa: SIM905 - reads best as words
)
_FEW = 2
"""So often at least, and so many other values, before anything is said."""


_ENOUGH = 3
"""So many other values, before a number is told that stands once."""
_TIMES_FARTHER = 5
_LOOK = 1000
_SCALE_CODE = 99
_SCALE_END = 10
"""Scales of whole numbers end here at most: 99 is none of their points."""


def sentinel_numbers(texts: Sequence[str], numbers: Numbers) -> tuple[Code, ...]:
    """Such numbers among those of a column, each text once."""
    if numbers.is_default and numbers.is_bare:
        plain = {text: text for text in _WRITTEN.intersection(map(str.strip, texts))}
        suspects = {t: float(t) for t in texts if t.strip() in plain} if plain else {}
    else:
        plain = {text: _plain(text, numbers) for text in texts}
        suspects = {t: float(n) for t, n in plain.items() if n.strip() in _WRITTEN}
    if not suspects:
        return ()
    try:
        few = [float(plain.get(text, text)) for text in texts[:_LOOK]]
        if all(min(few) < value < max(few) for value in suspects.values()):
            return ()  # they lie among the others
        rest = [float(plain.get(text, text)) for text in texts if text not in suspects]
    except ValueError:  # marks of several kinds, which only the conversion knows
        return ()
    return tuple(
        Code(text, value, is_far=_is_far(value, rest))
        for text, value in sorted(suspects.items())
        if (_is_beyond_scale(rest) if value == _SCALE_CODE else _is_apart(value, rest))
    )


def code_remarks(columns: Sequence[tuple[Cells, Finding]]) -> list[list[Remark]]:
    """What is to be said of codes in each column, as far as one may believe them.

    One that stands once is believed where another column has it, too, or where it lies
    very far from the rest.
    """
    found = [
        finding.codes if isinstance(finding, Numbers) else () for _, finding in columns
    ]
    spread = Counter(value for each in found for value in {code.value for code in each})
    remarks: list[list[Remark]] = []
    for (cells, _), codes in zip(columns, found, strict=True):
        texts = [code.text for code in codes]
        if cells.count(texts) < _FEW:
            texts = [c.text for c in codes if c.is_far or spread[c.value] > 1]
        remarks.append([_remark(cells, texts)] if texts else [])
    return remarks


def _plain(text: str, numbers: Numbers) -> str:
    """A number as Python writes it, percents as they stand."""
    is_negative = "(" in text or text.rstrip().endswith("-")
    for mark in {*numbers.remove, *numbers.thousands, *"() "}:
        text = text.replace(mark, "")
    text = text.replace(numbers.minus or "-", "-").rstrip("-")
    if numbers.decimal:
        text = text.replace(numbers.decimal, ".")
    return f"-{text}" if is_negative else text


def sentinel_days(days: Collection[date]) -> list[date]:
    """Such days among different ones."""
    suspects = sorted(_DAYS.intersection(days))
    if not suspects:
        return []
    rest = [float(day.toordinal()) for day in days if day not in suspects]
    return [day for day in suspects if _is_apart(float(day.toordinal()), rest)]


def _is_apart(value: float, rest: Sequence[float]) -> bool:
    """Whether it lies farther from the rest than the rest is wide."""
    if len(rest) < _FEW:
        return False
    low, high = min(rest), max(rest)
    if low <= value <= high:
        return False
    if value < 0 <= low:
        return True
    return min(abs(value - low), abs(value - high)) > high - low


def _is_far(value: float, rest: Sequence[float]) -> bool:
    """Whether it lies many times farther, or below zero like nothing else."""
    if len(rest) < _ENOUGH or value == _SCALE_CODE:
        return False
    low, high = min(rest), max(rest)
    if value < 0 <= low and 2 * -value >= high:
        return True
    return min(abs(value - low), abs(value - high)) > _TIMES_FARTHER * (high - low) > 0


def _is_beyond_scale(rest: Sequence[float]) -> bool:
    """Whether all others are the points of a short scale."""
    points = range(_SCALE_END + 1)
    return len(rest) >= _ENOUGH and all(number in points for number in rest)


def sentinels_told(cells: Cells, texts: Sequence[str]) -> tuple[Remark, ...]:
    """What is to be said of these texts, where they are repeated."""
    return () if cells.count(texts) < _FEW else (_remark(cells, texts),)


def _remark(cells: Cells, texts: Sequence[str]) -> Remark:
    count = cells_told(cells.count(texts))
    said = f"{words_told(texts)} ({count}) may stand for missing; it is kept"
    return Remark(said, cells.rows(texts))
