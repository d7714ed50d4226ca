"""Values that may stand for something missing, such as -999: told, never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from .cells import Cells
from .findings import Numbers, Remark, cells_told, words_told

__all__ = ["sentinel_days", "sentinel_numbers", "sentinels_told"]

_NUMBERS = (-99999, -9999, -999, -99, 999, 9999, 99999, 999999, 9999999)
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


def sentinel_numbers(
    cells: Cells, texts: Sequence[str], numbers: Numbers
) -> tuple[Remark, ...]:
    """What is to be said of such numbers among those of a column."""
    plain = {text: text for text in texts}
    if not (numbers.is_default and numbers.is_bare):
        plain = {text: _plain(text, numbers) for text in texts}
    suspects = sorted(text for text, number in plain.items() if number in _WRITTEN)
    if not suspects:
        return ()
    try:
        rest = [float(plain[text]) for text in texts if text not in suspects]
    except ValueError:  # marks of several kinds, which only the conversion knows
        return ()
    apart = [text for text in suspects if _is_apart(float(plain[text]), rest)]
    return sentinels_told(cells, apart)


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


def sentinels_told(cells: Cells, texts: Sequence[str]) -> tuple[Remark, ...]:
    """What is to be said of these texts, where they are repeated."""
    count = cells.count(texts)
    if count < _FEW:
        return ()
    said = (
        f"{words_told(texts)} ({cells_told(count)}) may stand for missing; it is kept"
    )
    return (Remark(said, cells.rows(texts)),)
