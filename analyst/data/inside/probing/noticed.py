"""What was noticed in tables, and how they join: pure data that crosses the border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Group", "Join", "Noticed", "Oddity", "Relation", "Side"]

Oddity = Literal[
    "damaged",
    "nearly_unique",
    "duplicate_rows",
    "infinite",
    "sentinel",
    "mixed",
    "nearly_numbers",
    "nearly_dates",
    "spellings",
    "placeholder",
    "negative",
    "far_dates",
    "outliers",
    "key_missing",
    "text_numbers",
    "text_dates",
    "empty",
    "mostly_missing",
    "equal",
    "untrimmed",
    "zeros",
    "constant",
]
"""What can be noticed, the most important first."""

Group = Literal["text", "numbers", "dates", "truth values", "other values"]
Relation = Literal["one-to-one", "many-to-one", "many-to-many", "same-columns", "none"]
Side = Literal["numbers", "text", "dates"]


@dataclass(frozen=True)
class Noticed:
    """One thing that was noticed."""

    kind: Oddity
    columns: tuple[str, ...]
    """Empty where it is about whole rows; of many, the first."""
    count: int
    """How many rows or values; what of, the kind says."""
    of: int
    """How many were looked at."""
    examples: tuple[str, ...] = ()
    """A few values, clipped."""
    sampled: bool = False
    """Not all of the table was looked at."""
    groups: tuple[Group, ...] = ()
    """Of `mixed`: what the few values are, and what the others."""
    more_columns: int = 0
    """Of how many columns beyond those in `columns` the same is to be said."""


@dataclass(frozen=True)
class Join:
    """How two tables join: the left is the side of the many."""

    left_table: str
    left_columns: tuple[str, ...]
    right_table: str
    right_columns: tuple[str, ...]
    relation: Relation
    """`same-columns`: they are to be stacked. `none`: they look like a join, but as
    they are it would find nothing."""
    rows: int = 0
    """Of the left, with a value, that were looked up."""
    unmatched: int = 0
    """How many of them found none."""
    missing: int = 0
    """Rows of the left without a value."""
    rows_after: int = 0
    """Of `many-to-many`: how many rows a join would make; 0 where it is not known."""
    types: tuple[Side, ...] = ()
    """Where the sides differ in type: what each holds."""
    sampled: bool = False

    @property
    def overlap(self) -> float:
        """The share of the left's values that are found."""
        return 1 - self.unmatched / self.rows if self.rows else 0.0

    @property
    def is_warning(self) -> bool:
        """Whether it says what would go wrong."""
        return self.relation in {"many-to-many", "none"}
