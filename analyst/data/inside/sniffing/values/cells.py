"""The cells of one column: what differs among them, and how they are shaped.

A shape is a text with every digit as `9`. A column of a hundred thousand numbers has a
few dozen shapes, so that almost everything is decided on those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from .words import MISSING_BY_DEFAULT, stands_for_missing

__all__ = ["FOREIGN_SHARE", "Cells", "Sorted", "shape_of", "sort_cells"]

FOREIGN_SHARE = 0.3
"""A column with more cells of another kind than this has no kind."""
_FOREIGN_WORDS = 20
"""So many words that do not fit are looked at in a short column, too."""
_FOREIGN_SHAPES = 500
"""More shapes than this that do not fit are text, however many cells fit."""
_ROWS_TOLD = 5
_DIGITS = str.maketrans("0123456789", "9999999999")

Parsed = TypeVar("Parsed")


def shape_of(text: str) -> str:
    """The text with every digit as `9`."""
    return text.translate(_DIGITS)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one column, from the first row to the last."""

    values: Sequence[str]

    @cached_property
    def distinct(self) -> dict[str, None]:
        """Each text once, in order of appearance."""
        return dict.fromkeys(self.values)

    @cached_property
    def missing_by_default(self) -> tuple[str, ...]:
        """What pandas takes as missing, as far as it occurs; often the empty text."""
        if len(self.distinct) > len(MISSING_BY_DEFAULT):
            found = [w for w in MISSING_BY_DEFAULT if w in self.distinct]
        else:
            found = [text for text in self.distinct if text in MISSING_BY_DEFAULT]
        return tuple(sorted(found))

    @cached_property
    def present(self) -> list[str]:
        """Each text once that pandas does not take as missing."""
        if not self.missing_by_default:
            return list(self.distinct)
        texts = dict(self.distinct)
        for word in self.missing_by_default:
            del texts[word]
        return list(texts)

    @cached_property
    def joined(self) -> str:
        """All of `present`, a line feed before each."""
        return "\n".join(["", *self.present])

    @cached_property
    def shapes(self) -> list[str]:
        """The shape of each of `present`."""
        shapes = self.joined.translate(_DIGITS).split("\n")[1:]
        if len(shapes) == len(self.present):
            return shapes
        return [shape_of(text) for text in self.present]

    @cached_property
    def distinct_shapes(self) -> dict[str, None]:
        """Each shape once."""
        return dict.fromkeys(self.shapes)

    def shaped(self, shapes: Collection[str]) -> list[str]:
        """Those of `present` that have one of these shapes."""
        if len(shapes) == len(self.distinct_shapes):
            return self.present
        pairs = zip(self.present, self.shapes, strict=True)
        return [text for text, shape in pairs if shape in shapes]

    def count(self, texts: Collection[str]) -> int:
        """How many cells hold one of these."""
        if not texts:
            return 0
        wanted = frozenset(texts)
        return sum(1 for value in self.values if value in wanted)

    def rows(self, texts: Collection[str]) -> tuple[int, ...]:
        """The first few rows that hold one of these, from 1."""
        wanted = frozenset(texts)
        found: list[int] = []
        for row, value in enumerate(self.values, 1):
            if value in wanted:
                found.append(row)
                if len(found) == _ROWS_TOLD:
                    break
        return tuple(found)


@dataclass(frozen=True)
class Sorted(Generic[Parsed]):
    """The cells of a column by whether they are of one kind."""

    fitting: dict[str, Parsed]
    """What was made of each shape that is of the kind."""
    missing: tuple[str, ...]
    """Other words that are known to stand for a missing value."""
    foreign: tuple[str, ...]
    """Other words that nobody knows."""


def sort_cells(
    cells: Cells, parse: Callable[[str], Parsed | None]
) -> Sorted[Parsed] | None:
    """Which shapes can be parsed, and what else there is; None where that is much."""
    most = int(len(cells.present) * FOREIGN_SHARE) + _FOREIGN_WORDS
    fitting: dict[str, Parsed] = {}
    others: set[str] = set()
    for shape in cells.distinct_shapes:
        parsed = parse(shape)
        if parsed is not None:
            fitting[shape] = parsed
            continue
        others.add(shape)
        if len(others) > min(most, _FOREIGN_SHAPES):
            return None
    if not fitting:
        return None
    words = cells.shaped(others) if others else []
    missing = tuple(word for word in words if stands_for_missing(word))
    foreign = tuple(word for word in words if not stands_for_missing(word))
    return Sorted(fitting, missing, foreign) if len(foreign) <= most else None
