"""Something that was noticed in a table: pure data, a short fact with its count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Noticed", "Oddity"]

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
    groups: tuple[str, ...] = ()
    """Of `mixed`: what the few values are, and what the others."""
    more_columns: int = 0
    """Of how many columns beyond those in `columns` the same is to be said."""
