"""Reflection: a kernel's traceback becomes a diagnosis that the model can act on."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from importlib.resources import files
from string import Template

from analyst.agent.privacy import error_words
from analyst.agent.repetition import ALLOWED
from analyst.events import CellError, CellFinished, CellStarted, Privacy
from analyst.quoting import between_markers, quoted, quoted_block

__all__ = ["could_not_run", "diagnosis"]

_FRAME = re.compile(r"^-+> +(\d+) (.*)$", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"'\n]{1,80})["']""")
_MAX_MESSAGE_CHARS = 300
_MAX_MESSAGE_LINES = 3
_LIMITS = {
    "timeout": "Do less at once: fewer rows, vectorised code, no endless loop.",
    "died": "Avoid what ended the process: too much memory, or a call that exits.",
}


def diagnosis(
    started: CellStarted,
    finished: CellFinished,
    *,
    known: Sequence[str],
    fixes_left: int,
    same: int,
    privacy: Privacy,
    marker: str,
) -> str:
    """What the model reads of a failed cell.

    Args:
        started: the cell.
        finished: how it ended.
        known: names and columns that exist, for "did you mean".
        fixes_left: how many rewrites of this step are still allowed.
        same: how many failures in a row were this very error.
        privacy: how much of the error may be told.
        marker: what stands around quoted text.
    """
    error = finished.error or CellError(name="Error", message=finished.status)
    told = error_words(error, source=started.source, known=known, privacy=privacy)
    lines = [
        *quoted_block(_clipped(told)).splitlines(),
        _failing_code(started.source, error),
        _suggestion(error, told, known),
    ]
    text = Template(
        files(__package__).joinpath("prompts/failed.md").read_text(encoding="utf-8")
    ).substitute(
        status=finished.status,
        error=between_markers("\n".join(line for line in lines if line), marker),
        hint=_hint(finished, same),
        next=_next(fixes_left, same),
    )
    return "\n".join(line for line in text.splitlines() if line.strip())


def _hint(finished: CellFinished, same: int) -> str:
    hints = [_LIMITS.get(finished.status, "")]
    if same == ALLOWED:
        hints.append("The same error as before: change your approach.")
    return " ".join(hint for hint in hints if hint)


def _next(fixes_left: int, same: int) -> str:
    if fixes_left > 0 and same <= ALLOWED:
        return f"Send the whole corrected code ({fixes_left} more tries for this step)."
    return (
        "This step is given up. Go on with the next step, or answer with what you have "
        "and say what is missing."
    )


def _clipped(message: str) -> str:
    """The first lines of a message, which say what went wrong."""
    lines = message.strip().splitlines()
    text = "\n".join(lines[:_MAX_MESSAGE_LINES])
    is_cut = len(lines) > _MAX_MESSAGE_LINES or len(text) > _MAX_MESSAGE_CHARS
    return text[:_MAX_MESSAGE_CHARS] + (" …" if is_cut else "")


def _failing_code(source: str, error: CellError) -> str:
    """The line of the cell that raised, as the model wrote it."""
    number = _failing_line(source, error)
    if number is None:
        return ""
    return f"at line {number}: {source.splitlines()[number - 1].strip()}"


def _failing_line(source: str, error: CellError) -> int | None:
    """The deepest line of the traceback that is a line of the cell itself."""
    lines = source.splitlines()
    found = None
    for match in _FRAME.finditer(error.traceback):
        number = int(match[1])
        if number <= len(lines) and match[2].strip() == lines[number - 1].strip():
            found = number
    return found


def _suggestion(error: CellError, told: str, known: Sequence[str]) -> str:
    """Names like the one that was not there, as far as that one may be told."""
    if error.name not in {"KeyError", "NameError", "AttributeError", "BinderException"}:
        return ""
    message = told.partition(": ")[2]
    candidates = [
        *_QUOTED.findall(message),
        *([message.strip("'\" ")] if error.name == "KeyError" else []),
    ]
    for missing in candidates:
        close = difflib.get_close_matches(missing, known, n=3, cutoff=0.6)
        if close and missing not in known:
            names = ", ".join(repr(quoted(name, 80)) for name in close)
            return f"Did you mean {names}?"
    return ""


def could_not_run(source: str) -> bool:
    """Whether a cell provably ran nothing, because it cannot even be parsed.

    IPython parses a whole cell before it runs anything, but compiles statement by
    statement: a `return` at the end is found when all before it has run.
    """
    from IPython.core.inputtransformer2 import (  # noqa: PLC0415 - slow, seldom needed
        TransformerManager,
    )

    try:
        plain = TransformerManager().transform_cell(source)
        ast.parse(plain)
    except SyntaxError:
        return True
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return False
