"""All that happens to tables on their way into a file."""

from __future__ import annotations

from . import byte_damages, dialect_damages, line_damages, value_damages
from .damage import DAMAGES, Damage, Stage

__all__ = [
    "DAMAGES",
    "Damage",
    "Stage",
    "byte_damages",
    "dialect_damages",
    "line_damages",
    "value_damages",
]
