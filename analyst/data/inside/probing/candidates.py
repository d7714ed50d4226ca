"""Which columns of two tables may join, by their names and what kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from .names import is_identifier, singular, words_of
from .seen import Seen

__all__ = [
    "ABBREVIATED",
    "ALIKE",
    "FAMILY",
    "ONLY_VALUES",
    "SAME",
    "Candidate",
    "Kept",
    "candidates",
    "is_key",
]

FAMILY = {"int": "numbers", "float": "numbers", "str": "text", "date": "dates"}
SAME, ALIKE, ABBREVIATED, ONLY_VALUES = 3, 2, 1, 0
"""How much names say of a join: from all there is to say, to nothing."""

_MOST_COLUMNS = 60
_MOST_ROWS = 5_000_000
_FEW_DIFFERENT = 5
_SHORT = 3
_COMMON = ("id", "key", "code", "no", "nr", "number", "num", "index", "name", "value")


@dataclass(frozen=True)
class Kept:
    """A table, as far as it is kept for looking up."""

    name: str
    columns: Sequence[Seen]
    facts: Sequence[Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        """Of its columns."""
        return [seen.name for seen in self.columns]


@dataclass(frozen=True)
class Candidate:
    """Two columns that may join."""

    one: Kept
    left: Seen
    other: Kept
    right: Seen
    likeness: int

    @property
    def turned(self) -> Candidate:
        """The same from the other side."""
        return Candidate(self.other, self.right, self.one, self.left, self.likeness)

    @property
    def says_key(self) -> bool:
        """Whether a name says that it tells things apart."""
        return is_identifier(self.left.name) or is_identifier(self.right.name)


def candidates(tables: Sequence[Kept]) -> list[Candidate]:
    """Columns that may join, those whose names say most first."""
    found = [
        candidate
        for one, other in combinations(tables, 2)
        for candidate in _of_pair(one, other)
    ]
    return sorted(found, key=lambda candidate: -candidate.likeness)


def _of_pair(one: Kept, other: Kept) -> Iterator[Candidate]:
    lefts, rights = (
        list(filter(_may_join, table.columns[:_MOST_COLUMNS])) for table in (one, other)
    )
    for left in lefts:
        for right in rights:
            likeness = max(
                _likeness(left.name, other.name, right.name),
                _likeness(right.name, one.name, left.name),
            )
            if likeness > ONLY_VALUES or _are_labels(left, right):
                yield Candidate(one, left, other, right, likeness)


def _may_join(seen: Seen) -> bool:
    is_all_there = seen.series.dtype != object or not seen.is_sampled
    is_short = len(seen.series) <= _MOST_ROWS
    return seen.kind in FAMILY and is_short and is_all_there and seen.present > 0


def is_key(seen: Seen) -> bool:
    """Whether each value occurs once; in a long table, no sample speaks against it."""
    return len(seen.counts) == len(seen.sample) and seen.repeats == 0


def _are_labels(left: Seen, right: Seen) -> bool:
    """Whether values alone could show that they join: texts, one side of them keys."""
    return left.kind == right.kind == "str" and any(
        len(side.counts) >= _FEW_DIFFERENT and is_key(side) for side in (left, right)
    )


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(map(singular, words_of(name)))


def _likeness(left: str, right_table: str, right: str) -> int:
    """How much names say that one column refers to another."""
    mine, theirs = _words(left), _words(right)
    table = tuple(word for word in _words(right_table) if not word.isdecimal())[-1:]
    if not mine or not theirs:
        return ONLY_VALUES
    is_common = len(theirs) == 1 and theirs[0] in _COMMON
    if mine == theirs:
        return ONLY_VALUES if is_common else SAME
    full = theirs if len(theirs) > 1 else table + theirs
    if mine == full:
        return SAME
    if (is_common and mine == table) or (len(full) > 1 and mine[-len(full) :] == full):
        return ALIKE
    is_short = len(mine) == len(full) > 1 and mine[1:] == full[1:]
    if is_short and is_identifier(left) and _abbreviates(mine[0], full[0]):
        return ABBREVIATED
    return ONLY_VALUES


def _abbreviates(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORT and long.startswith(short)
