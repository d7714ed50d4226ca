"""A question may end in a question mark.

IPython reads any line that ends in `?` as a call for help: it would look up the last
word of `%analyst df Why did it fall?` and never ask. So such a line is rewritten
before IPython reads it. `%analyst?` asks for help, and stays that.
"""

from __future__ import annotations

import re

from IPython.core.inputtransformer2 import make_tokens_by_line

__all__ = ["keep_question_mark"]

_ASKED = re.compile(
    r"(?P<indent>\s*)"
    r"(?P<target>[^\W\d][\w.\[\]'\", ]*?\s*=\s*)?"
    r"%analyst[ \t]+(?P<text>.*[^\s?].*\?)\s*"
)


def keep_question_mark(lines: list[str]) -> list[str]:
    r"""Write `%analyst … ?` as the call that it stands for, and leave all else alone.

    Example:
        >>> keep_question_mark(["%analyst df Why?"])
        ["get_ipython().run_line_magic('analyst', 'df Why?')\n"]
    """
    if not any("%analyst" in line for line in lines):
        return lines
    inside = _inside_strings(lines)
    return [
        line if number in inside else _rewritten(line)
        for number, line in enumerate(lines)
    ]


def _rewritten(line: str) -> str:
    asked = _ASKED.fullmatch(line.rstrip("\n"))
    return f"{_call(asked)}\n" if asked else line


def _call(found: re.Match[str]) -> str:
    call = f"get_ipython().run_line_magic('analyst', {found['text']!r})"
    return f"{found['indent']}{found['target'] or ''}{call}"


def _inside_strings(lines: list[str]) -> set[int]:
    """The numbers, from 0, of lines that begin within a string."""
    inside: set[int] = set()
    for line in make_tokens_by_line(lines):
        for token in line:
            # The line after a statement begins where its line break ends.
            if token.string.strip():
                inside.update(range(token.start[0], token.end[0]))
    return inside
