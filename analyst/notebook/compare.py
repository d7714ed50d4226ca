"""Whether an execution shows what a notebook holds."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from itertools import zip_longest

from nbformat import NotebookNode

from analyst.notebook.canonical import canonical, outputs_of_cell
from analyst.run import Verdict

__all__ = ["RELATIVE_TOLERANCE", "compare"]

RELATIVE_TOLERANCE = 1e-6
"""How far two numbers may be apart, as a part of the larger, to count as close."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MAX_DIFFERENCES = 20
_MAX_SHOWN_CHARS = 80


def compare(held: NotebookNode, executed: NotebookNode) -> Verdict:
    """Compare the outputs of two notebooks of equal code, cell by cell.

    `reproduced`: all outputs are equal in their canonical form.
    `reproduced_within_tolerance`: their texts differ in numbers only, and those are
    within `RELATIVE_TOLERANCE` of each other. `unchecked`: the notebook held no
    output to compare with.
    """
    pairs = [
        (cell, again)
        for cell, again in zip(held.cells, executed.cells, strict=True)
        if cell.cell_type == "code"
    ]
    if not any(cell.outputs for cell, _ in pairs):
        return Verdict(status="unchecked", differences=("It holds no output.",))
    differences: list[str] = []
    within_tolerance = False
    for number, (cell, again) in enumerate(pairs, start=1):
        before = canonical(outputs_of_cell(cell))
        after = canonical(outputs_of_cell(again))
        if before == after:
            continue
        if _close(before, after):
            within_tolerance = True
        else:
            differences.append(f"Cell {number}: {_difference(before, after)}")
    if differences:
        return Verdict(status="differs", differences=tuple(_shortened(differences)))
    if within_tolerance:
        return Verdict(status="reproduced_within_tolerance")
    return Verdict(status="reproduced")


def _close(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> bool:
    """Whether the same outputs came, their texts differing in close numbers only."""
    if [kind for kind, _ in before] != [kind for kind, _ in after]:
        return False
    return all(
        kind != "image/png" and _close_texts(old, new)
        for (kind, old), (_, new) in zip(before, after, strict=True)
        if old != new
    )


def _close_texts(before: str, after: str) -> bool:
    old, new = _NUMBER.findall(before), _NUMBER.findall(after)
    if len(old) != len(new) or _words(before) != _words(after):
        return False
    return all(a == b or _close_numbers(a, b) for a, b in zip(old, new, strict=True))


def _close_numbers(old: str, new: str) -> bool:
    """Whether two numbers are the same but for rounding; a count never is."""
    if old.lstrip("+-").isdigit() or new.lstrip("+-").isdigit():
        return False
    return math.isclose(
        float(old), float(new), rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12
    )


def _words(text: str) -> list[str]:
    """The text without its numbers and without the blanks that align them."""
    return _NUMBER.sub(" # ", text).split()


def _difference(
    before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]
) -> str:
    """The first difference, in one line."""
    for old, new in zip_longest(before, after):
        if old == new:
            continue
        if old is None:
            return f"shows more than it held: {_clipped(new[1])}"
        if new is None:
            return f"no longer shows {_clipped(old[1])}"
        if old[0] != new[0]:
            return f"showed {old[0]}, shows {new[0]}"
        if old[0] == "image/png":
            return "the figure is another one"
        return _first_line(old[1], new[1])
    return "differs"


def _first_line(before: str, after: str) -> str:
    removed, added = "", ""
    for line in difflib.ndiff(before.splitlines()[:400], after.splitlines()[:400]):
        if line.startswith("- ") and not removed:
            removed = line[2:]
        elif line.startswith("+ ") and not added:
            added = line[2:]
        if removed and added:
            break
    return f"showed {_clipped(removed)}, shows {_clipped(added)}"


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    shown = line if len(line) <= _MAX_SHOWN_CHARS else line[:_MAX_SHOWN_CHARS] + "…"
    return f"“{shown}”"


def _shortened(differences: list[str]) -> list[str]:
    if len(differences) <= _MAX_DIFFERENCES:
        return differences
    rest = len(differences) - _MAX_DIFFERENCES
    return [*differences[:_MAX_DIFFERENCES], f"… and {rest} more"]
