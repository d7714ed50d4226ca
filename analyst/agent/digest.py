"""What the model reads of a cell's output: about so many tokens, saying what was cut.

The whole value stays in the kernel, so the model needs enough to go on and no more:
numbers to four significant figures, the first lines and the last ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from analyst.events import CellError, Output, Rich, Stream
from analyst.tokens import estimate

__all__ = ["clip", "digest", "shown_words"]

NOTHING = "[ran, nothing to show]"
_FIGURE = "[figure shown to the user]"
_SIGNIFICANT = 4
_WHOLE_FROM = 10 ** (_SIGNIFICANT - 1)
_LINE_CHARS = 240
_MOST_CHARS = 10_000
_MOST_LINES = 500
_HEAD_SHARE = 0.75
_LEEWAY = 1.4
"""To leave out two lines of twelve saves nothing and hides what may matter."""
_DECIMAL = re.compile(r"(?<![\w.])-?\d+\.\d+(?:[eE][+-]?\d+)?(?![\w.]|-\d)")
_GAP = re.compile(r"(?<=\S) {3,}")


def shown_words(outputs: Iterable[Output]) -> str:
    """All that a cell put out, as text, nothing cut or rounded."""
    parts = []
    for output in outputs:
        match output:
            case Stream(name="stderr"):
                parts.append(f"[stderr] {output.text.strip()}")
            case Stream():
                parts.append(output.text.rstrip())
            case Rich():
                parts.append(_shown(output))
            case CellError():
                parts.append(f"{output.name}: {output.message}")
    return "\n".join(part for part in parts if part)


def digest(outputs: Iterable[Output], *, max_tokens: int) -> str:
    """The outputs of a successful cell in about `max_tokens`."""
    text = shown_words(outputs)
    if not text.strip():
        return NOTHING
    lines = text.splitlines()
    if len(lines) > 2 * _MOST_LINES:
        # What lies between is not read in any case.
        head, tail = lines[:_MOST_LINES], lines[-_MOST_LINES:]
        lines[:_MOST_LINES], lines[-_MOST_LINES:] = map(_short, head), map(_short, tail)
    else:
        lines = list(map(_short, lines))
    return _head_and_tail(lines, max_tokens)


def _short(line: str) -> str:
    """A line without what costs tokens and says nothing."""
    line = _DECIMAL.sub(_rounded, _GAP.sub("  ", line[:_MOST_CHARS]))
    return line if len(line) <= _LINE_CHARS else line[: _LINE_CHARS - 1] + "…"


def _shown(output: Rich) -> str:
    if "image/png" in output.data:
        return _FIGURE
    return output.data.get("text/markdown") or output.data.get("text/plain", "")


def _rounded(match: re.Match[str]) -> str:
    """A decimal number to four significant figures; what is shorter stays as it is.

    Whole numbers are counts, and counts are exact.
    """
    written = match[0]
    if sum(map(str.isdigit, written.lstrip("-0."))) <= _SIGNIFICANT:
        return written
    value = float(written)
    if _WHOLE_FROM <= abs(value) < 1e15:  # noqa: PLR2004 - beyond it floats have gaps
        return f"{value:.0f}"
    return f"{value:.{_SIGNIFICANT}g}"


def _head_and_tail(lines: Sequence[str], max_tokens: int) -> str:
    """The first and the last lines that fit, and between them how many do not."""
    if _tokens(lines) <= _LEEWAY * max_tokens:
        return "\n".join(lines)
    head = _that_fit(lines, max_tokens * _HEAD_SHARE)
    rest = lines[len(head) :]
    tail = _that_fit(rest[::-1], max_tokens * (1 - _HEAD_SHARE))[::-1]
    left = len(lines) - len(head) - len(tail)
    if not left:
        return "\n".join(lines)
    note = f"[… {left:,} of {len(lines):,} lines left out …]"
    return "\n".join([*head, note, *tail])


def _that_fit(lines: Sequence[str], max_tokens: float) -> list[str]:
    """The lines from the first on that fit; at least one."""
    fit = list(lines[:1])
    for line in lines[1:]:
        if _tokens([*fit, line]) > max_tokens:
            break
        fit.append(line)
    return fit


def _tokens(lines: Sequence[str]) -> float:
    return estimate("\n".join(lines), "data")


def clip(text: str, max_bytes: int) -> str:
    """Text of at most `max_bytes` in UTF-8, with its middle left out where longer."""
    raw = text.encode()
    if len(raw) <= max_bytes:
        return text
    note = f"\n[... {len(raw):,} bytes in all, the middle is cut ...]\n"
    room = max(max_bytes - len(note.encode()), 2)
    head, tail = raw[: room * 2 // 3], raw[len(raw) - room // 3 :]
    return head.decode(errors="ignore") + note + tail.decode(errors="ignore")
