"""The words that all faces share, so that a run reads the same on each of them.

Text of a model or of the data passes `visible` or `one_line` on its way to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from analyst.events import (
    CellError,
    CellInspected,
    ConversationCompacted,
    Event,
    KernelRestarted,
    ModelPrompted,
    ReplyReceived,
    RolledBack,
    RunFinished,
    Stop,
    Table,
    Usage,
    VerdictStatus,
)
from analyst.outputs import plain_text

__all__ = [
    "asides",
    "ending",
    "error_line",
    "files_words",
    "money_words",
    "not_confirmed",
    "one_line",
    "restart_words",
    "rollback_words",
    "seconds_words",
    "size_words",
    "speech",
    "step_name",
    "usage_words",
    "verdict_words",
    "visible",
]

_MOVES_CURSOR = re.compile("[\x80-\x9f]")
_PLACEHOLDER = re.compile(r"\{[^{}]*(?:\}|$)")
_VERDICTS: dict[VerdictStatus, str] = {
    "reproduced": "reproduced",
    "reproduced_within_tolerance": "reproduced within tolerance",
    "differs": "differs",
    "failed": "failed",
    "unchecked": "unchecked",
}
_ENDINGS: dict[Stop, str] = {
    "answered": "answered in",
    "partial": "partial in",
    "steps": "out of turns after",
    "tokens": "out of tokens after",
    "cost": "out of money after",
    "seconds": "out of time after",
    "interrupted": "interrupted after",
    "failed": "failed after",
}


def visible(text: str) -> str:
    """Text of a model or of data, without anything that steers a terminal."""
    lines = plain_text(text).replace("\r\n", "\n").replace("\r", "\n")
    return _MOVES_CURSOR.sub("", lines)


def one_line(text: str, width: int = 100) -> str:
    """The same on one line, cut to `width` characters.

    >>> one_line("one   two")
    'one two'
    """
    words = " ".join(visible(text).split())
    return words if len(words) <= width else f"{words[: width - 1].rstrip()}…"


def speech(text: str) -> str:
    """What a model is saying, with numbers that are not computed yet as `…`.

    >>> speech("It fell by {drop:.1%} in {mon")
    'It fell by … in …'
    """
    return _PLACEHOLDER.sub("…", visible(text)).strip()


def not_confirmed(numbers: Sequence[str]) -> str:
    """The warning about numbers that no output shows; empty where there are none."""
    if not numbers:
        return ""
    return f"not confirmed by any output: {one_line(', '.join(numbers))}"


def error_line(error: CellError) -> str:
    """An exception as the last line of its traceback."""
    return one_line(f"{error.name}: {error.message}" if error.message else error.name)


def seconds_words(seconds: float) -> str:
    """A duration, as precise as anybody wants it.

    >>> seconds_words(7.31), seconds_words(125.4)
    ('7.3 s', '2 min 5 s')
    """
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s"


def usage_words(usage: Usage) -> str:
    """Tokens by what they cost, and money where that is known; `~`: an estimate.

    >>> usage_words(Usage(fresh_tokens=1200, output_tokens=80, cost_usd=0.0042))
    '1,200 fresh + 0 cached + 80 out tokens, $0.0042'
    """
    if not usage.tokens:
        return "no tokens"
    sign = "~" if usage.estimated else ""
    cost = usage.cost_usd
    money = f", {sign}{money_words(cost)}" if cost is not None else ""
    return (
        f"{sign}{usage.fresh_tokens:,} fresh + {usage.cached_tokens:,} cached"
        f" + {usage.output_tokens:,} out tokens{money}"
    )


def money_words(usd: float) -> str:
    """US dollars, to the cent; less than ten cents by the first two figures.

    >>> money_words(1.5), money_words(0.00416), money_words(0)
    ('$1.50', '$0.0042', '$0')
    """
    if usd >= 0.1:  # noqa: PLR2004 - from here on cents are two figures
        return f"${usd:,.2f}"
    return f"${Decimal(f'{usd:.2g}'):f}"


def verdict_words(status: VerdictStatus) -> str:
    """A verdict as it is written everywhere."""
    return _VERDICTS[status]


def rollback_words(event: RolledBack) -> str:
    """What was undone after a failed cell."""
    if event.how == "unchanged":
        return "nothing to undo, the cell did not run"
    cells = "cell" if event.cells_replayed == 1 else "cells"
    files = one_line(", ".join(event.files))
    left = f"; changed on disk, and left so: {files}" if files else ""
    return (
        "memory is as before the failed cell:"
        f" {event.cells_replayed} {cells} replayed in {seconds_words(event.seconds)}"
        f"{left}"
    )


def restart_words(event: KernelRestarted) -> str:
    """Why the kernel is a fresh one."""
    reason = one_line(event.reason)
    return f"fresh kernel: {reason}" if reason else "fresh kernel"


def files_words(files: Sequence[str], left: Sequence[str]) -> list[str]:
    """The files that were copied out, and a line for each that was not."""
    copied = [one_line(", ".join(files), 300)] if files else []
    return [*copied, *(one_line(sentence, 200) for sentence in left)]


def size_words(table: Table) -> str:
    """A table by its name and its size."""
    columns = len(table.columns) + table.more_columns
    return f"{one_line(table.name)}: {table.rows:,} rows, {columns} columns"


def step_name(number: int, title: str) -> str:
    """A step by its number and its title."""
    return f"step {number}: {one_line(title)}"


def ending(event: RunFinished) -> str:
    """How the work on a question ended."""
    done = f"{_ENDINGS[event.stop]} {seconds_words(event.seconds)}"
    return f"{done}: {one_line(event.reason, 300)}" if event.reason else done


def asides(event: Event) -> tuple[str, ...]:
    """A line each: what is worth knowing of an event, and nothing to worry about."""
    match event:
        case ReplyReceived(notes=notes):
            return tuple(one_line(note, 200) for note in notes)
        case ConversationCompacted():
            return ("the conversation was shortened",)
        case ModelPrompted(about="limit"):
            return ("near a limit, the model was asked for its last reply",)
        case CellInspected(charts=charts):
            found = (", ".join(chart.problems) for chart in charts)
            return tuple(f"figure: {one_line(words)}" for words in found if words)
        case _:
            return ()
