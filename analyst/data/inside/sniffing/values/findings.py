"""What a column was found to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...reading import Doubt

__all__ = [
    "Booleans",
    "Code",
    "Dates",
    "Finding",
    "Nothing",
    "Numbers",
    "Remark",
    "Text",
    "cells_told",
    "clipped",
    "doubts_of",
    "words_told",
]

_CHARS = 40
_NAMES_TOLD = 5
_WORDS_TOLD = 3
_DOUBTS_TOLD = 20


@dataclass(frozen=True)
class Remark:
    """What is to be said about a column."""

    said: str
    """The end of a sentence that begins with its name."""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Nothing:
    """No cell has a value."""

    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Text:
    """Words, or values that nobody can decide."""

    looks_typed: bool = False
    """A reader would take it for something else unless it is told."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Booleans:
    """Two words, for true and for false."""

    true: str
    false: str
    by_pandas: bool = False
    """pandas knows all words by itself."""
    is_one_way: bool = True
    """Each is written in one way."""
    missing: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Dates:
    """Days or moments in one format."""

    format: str
    example: str
    utc: bool = False
    strip: bool = False
    looks_typed: bool = False
    """They are digits alone."""
    missing: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Code:
    """A number such as -999 that lies apart from the rest of its column."""

    text: str
    value: float
    is_far: bool = False
    """So far that it is told even where it stands once."""


@dataclass(frozen=True)
class Numbers:
    """Numbers, and how they are written."""

    example: str
    whole: bool
    decimal: str = ""
    """Empty where there are no decimals."""
    thousands: str = ""
    """Empty where there are none."""
    open_mark: str = ""
    """It stands before three digits each time: a decimal mark, or for thousands."""
    remove: str = ""
    parentheses: bool = False
    trailing_minus: bool = False
    minus: str = ""
    """The sign for minus where it is not `-`."""
    percent: bool = False
    is_scientific: bool = False
    """Some have an exponent."""
    codes: tuple[Code, ...] = ()
    """They may stand for missing."""
    missing: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_bare(self) -> bool:
        """Digits, marks and signs alone, as `read_csv` can be told to read them.

        Its slower engine finds other marks only where there is no exponent.
        """
        if self.remove or self.parentheses or self.trailing_minus or self.minus:
            return False
        if self.is_default:
            return True
        return not self.is_scientific and self.thousands.isascii()

    @property
    def is_default(self) -> bool:
        """Marked as pandas reads numbers by itself."""
        return self.decimal in {"", "."} and not self.thousands


Finding = Nothing | Text | Booleans | Dates | Numbers


def clipped(text: str) -> str:
    """A text of a file as it is told: on one line, and short."""
    shown = "".join(c if c.isprintable() else " " for c in text[: _CHARS + 1])
    return shown if len(shown) <= _CHARS else shown[: _CHARS - 1] + "…"


def cells_told(count: int) -> str:
    """So many cells."""
    return "1 cell" if count == 1 else f"{count} cells"


def words_told(words: Sequence[str]) -> str:
    """The first few of some words, in quotes."""
    told = ", ".join(f'"{clipped(word)}"' for word in words[:_WORDS_TOLD])
    more = len(words) - _WORDS_TOLD
    return f"{told} and {more} more" if more > 0 else told


def doubts_of(remarks: Sequence[tuple[str, Remark]]) -> tuple[Doubt, ...]:
    """One doubt for all columns of which the same is said; bounded in number."""
    groups: dict[str, list[tuple[str, Remark]]] = {}
    for name, remark in remarks:
        groups.setdefault(remark.said, []).append((name, remark))
    doubts = [
        Doubt(f"{_names_told([name for name, _ in group])}: {said}.", _rows(group))
        for said, group in groups.items()
    ]
    if len(doubts) <= _DOUBTS_TOLD:
        return tuple(doubts)
    rest = list(groups.values())[_DOUBTS_TOLD:]
    names = [name for group in rest for name, _ in group]
    said = f"{_names_told(names)}: values are doubtful there, too; look at them."
    return (*doubts[:_DOUBTS_TOLD], Doubt(said))


def _names_told(names: Sequence[str]) -> str:
    told = ", ".join(f'"{clipped(name)}"' for name in names[:_NAMES_TOLD])
    more = len(names) - _NAMES_TOLD
    return f"{told} and {more} more columns" if more > 0 else told


def _rows(group: Sequence[tuple[str, Remark]]) -> tuple[int, ...]:
    return tuple(sorted({row for _, remark in group for row in remark.rows})[:5])
