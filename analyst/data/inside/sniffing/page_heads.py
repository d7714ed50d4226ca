"""Rules that are drawn in a text, and heads of pages that it says again."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["PREAMBLE_LINES", "is_rule", "page_heads"]

PREAMBLE_LINES = 30
"""So many lines at most stand above a table."""
_RULE_CHARS = 3
_NUMBERS = re.compile(r"\d+")


def page_heads(lines: Sequence[str]) -> list[int]:
    """The lines that say the head of the first page again, down to its last rule.

    Above its first blank line, numbers such as that of the page may differ.
    """
    head = lines[:PREAMBLE_LINES]
    rule = next((at for at, line in enumerate(head) if is_rule(line)), 0)
    if not rule:
        return []
    blank = next((at for at in range(rule) if lines[at].isspace()), 0)
    wanted = _masked(lines[: rule + 1], blank)
    found: list[int] = []
    for at in range(rule + 1, len(lines) - rule):
        if _masked(lines[at : at + 1], blank) == wanted[:1] and (
            _masked(lines[at : at + rule + 1], blank) == wanted
        ):
            found += range(at, at + rule + 1)
    return found


def _masked(lines: Sequence[str], count: int) -> list[str]:
    """Lines without the ends, the first few of them without their numbers."""
    return [
        _NUMBERS.sub("0", line).rstrip() if at < count else line.rstrip()
        for at, line in enumerate(lines)
    ]


def is_rule(line: str) -> bool:
    """Whether a line is only drawn."""
    bare = line.strip()
    return len(bare) >= _RULE_CHARS and not set(bare) - set("-=_+ ")
