"""The plan: read from the model's first reply, or a sensible one in its stead."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

__all__ = ["DEFAULT_PLAN", "MAX_STEPS", "read_plan"]

MAX_STEPS = 7
"""A longer plan is cut: nobody follows it."""

DEFAULT_PLAN = (
    "Look at the data",
    "Compute what the question asks for",
    "Check the result and show it",
)
"""For when the model gives no usable plan."""

_MAX_OBJECTS = 50
"""So many opening braces are tried: a plan stands near the start."""

_FENCE = re.compile(r"```\w*\s*\n?\s*```")


def read_plan(text: str) -> tuple[tuple[str, ...] | None, str]:
    """The plan in a reply, or None, and the text without it.

    >>> read_plan('First: {"plan": ["Totals", "Trend"]}')
    (('Totals', 'Trend'), 'First:')
    >>> read_plan("It is 12.")
    (None, 'It is 12.')
    """
    plan: tuple[str, ...] | None = None
    rest = text
    # The last one counts: an earlier one may be quoted from the data.
    end = 0
    for brace in islice(re.finditer(r"\{", text), _MAX_OBJECTS):
        start = brace.start()
        if start < end:  # inside the object that was just read
            continue
        try:
            found, length = json.JSONDecoder(strict=False).raw_decode(text[start:])
        except (ValueError, RecursionError):
            continue
        end = start + length
        titles = _titles(found)
        if titles:
            plan = titles
            rest = text[:start] + text[end:]
    return plan, _FENCE.sub("", rest).strip()


def _titles(found: dict[str, Any]) -> tuple[str, ...]:
    steps = found.get("plan", found.get("steps"))
    if not isinstance(steps, list):
        return ()
    titles = []
    for step in steps:
        title = step.get("title", step.get("step")) if isinstance(step, dict) else step
        if isinstance(title, str) and title.strip():
            titles.append(" ".join(title.split())[:120])
    return tuple(titles[:MAX_STEPS])
