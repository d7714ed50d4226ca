"""What a table is assigned from, and what must stand around it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PANDAS", "Expression"]

PANDAS = "import pandas as pd"


@dataclass(frozen=True)
class Expression:
    """The right side of `df = …`."""

    text: str
    imports: tuple[str, ...] = (PANDAS,)
    before: tuple[str, ...] = ()
    """Statements and comments that come first."""
    within: str = ""
    """The head of a `with` statement that holds the assignment: `with a() as b:`.
    The text is then written for an indent of four."""
