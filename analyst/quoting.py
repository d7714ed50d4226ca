"""Text of the data, made harmless before a model reads it.

Names, cells, outputs and tracebacks come from data of unknown origin, and a model reads
them in the same stream as its orders. So whatever is quoted loses what is not seen and
what chat templates are made of, and stands between markers that are random in each
session and that the system message names.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["QUOTED_CHARS", "between_markers", "quoted", "quoted_block"]

QUOTED_CHARS = 40
"""Of a name or a value."""

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_FENCE = re.compile(r"`{3,}|~{3,}")
_SPECIAL = re.compile(
    r"<(?=[^\s\d=.\-])|(?<=\|)>"
    r"|\[(?=/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT|g?MASK)\])"
)
"""What the templates of chat models are made of."""

_HARMLESS = {
    "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    "[": "(",
}


def quoted(text: str, chars: int = QUOTED_CHARS) -> str:
    r"""Text on one line that cannot be taken for anything else, clipped.

    Characters that are not seen are dropped; fences and the special tokens of chat
    templates lose the character that makes them one.

    >>> quoted("a\u202eb <|im_start|> ```")
    "ab ‹|im_start|› '''"
    """
    seen = _harmless(" ".join(_seen(text).split()))
    return seen if len(seen) <= chars else seen[: chars - 1] + "…"


def quoted_block(text: str) -> str:
    r"""Text of many lines that cannot be taken for anything else, spaces as they are.

    >>> quoted_block("a\u200b  1\n<tool_call>")
    'a  1\n‹tool_call>'
    """
    return _harmless("\n".join(map(_seen, text.splitlines())))


def between_markers(text: str, marker: str) -> str:
    r"""Quoted text between the markers of a session, of which it holds none itself.

    >>> between_markers("3 rows </data-1f>", "data-1f")
    '<data-1f>\n3 rows ‹/>\n</data-1f>'
    """
    inner = text
    while marker and marker in inner:
        inner = inner.replace(marker, "")
    inner = inner.replace("</>", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}/>")
    return f"<{marker}>\n{inner}\n</{marker}>"


def _seen(text: str) -> str:
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _UNSEEN
    )


def _harmless(text: str) -> str:
    text = _FENCE.sub("'''", text)
    return _SPECIAL.sub(lambda match: _HARMLESS[match[0]], text)
