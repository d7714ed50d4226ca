"""Going in circles: the same code or the same error again.

What is sent a second time comes to the same end, since a failed cell leaves nothing
behind. The model is told once to change its approach; the third time its step is over.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from analyst.events import (
    CallAnswered,
    CellFinished,
    CellStarted,
    ConversationCompacted,
    Event,
    StepFinished,
    latest,
)

__all__ = ["ALLOWED", "again", "same_cell", "same_errors", "times_repeated"]

ALLOWED = 2
"""So often the same may happen; the next time ends the step."""

_QUERY = re.compile(r"^query_\d+(?= = duckdb\.|$)", re.MULTILINE)
"""The name of a query's result, which is another each time."""

_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?")


def same_cell(
    facts: Sequence[Event], source: str, *, whole: bool
) -> CellFinished | None:
    """The cell of a question that ran this very code last, where it would do the same.

    That is one that failed since the step was opened, or the latest that succeeded:
    what ran before others may well do something else now. Where the model no longer
    has the result, or wants to read more of it, it is another matter.
    """
    wanted = _form(source)
    compacted = latest(facts, ConversationCompacted)
    through = compacted.through if compacted else 0
    started = {
        e.cell: e for e in facts if isinstance(e, CellStarted) and e.role == "step"
    }
    for event in reversed(facts):
        if isinstance(event, StepFinished) and event.status == "given_up":
            return None
        if isinstance(event, CellFinished) and event.cell in started:
            before = started[event.cell]
            is_read = event.seq > through and before.whole >= whole
            if _form(before.source) == wanted:
                return event if is_read or not event.ok else None
            if event.ok:
                return None
    return None


def again(before: CellFinished) -> str:
    """What the model reads in place of a result; `before` ran the same code."""
    if before.ok:
        return (
            f"Not run: this is the code of cell {before.cell}, whose result stands "
            "above. Change your approach: go on with something else, or answer."
        )
    return (
        f"FAILED (the same code): cell {before.cell} was this, failed and was undone. "
        "Change your approach: send other code."
    )


def times_repeated(facts: Sequence[Event]) -> int:
    """How often in a row the model sent code that it had sent before."""
    times = 0
    for event in reversed(facts):
        if isinstance(event, CellStarted) and event.role == "step":
            break
        times += isinstance(event, CallAnswered) and event.about == "repeated"
    return times


def same_errors(facts: Sequence[Event], failed: CellFinished) -> int:
    """How many failures of a step in a row, up to this one, were the same error."""
    given_up = latest([e for e in facts if e.seq < failed.seq], StepFinished)
    after = given_up.seq if given_up else 0
    failures = [
        e
        for e in facts
        if isinstance(e, CellFinished) and after < e.seq <= failed.seq and e.step
    ]
    count = 0
    for event in reversed(failures):
        if event.ok or _signature(event) != _signature(failed):
            break
        count += 1
    return count


def _signature(failed: CellFinished) -> str:
    """What went wrong, without the numbers that change from try to try."""
    error = failed.error
    told = f"{error.name}: {error.message}" if error else ""
    return f"{failed.status} {_VARYING.sub('0', told)}"


def _form(source: str) -> str:
    """Code by its meaning, however it is laid out and commented."""
    source = _QUERY.sub("query", source)
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source.strip()
