"""Markdown for a live notebook, made of text that nobody vouches for.

What a live notebook shows is trusted by the browser, so text of a model or of the
data must not become markup of its own making, and a price must not become maths:
JupyterLab takes what stands between two dollar signs for a formula.
"""

from __future__ import annotations

import html
import re

from analyst.faces.words import one_line, visible
from analyst.outputs import DOLLAR, safe_markdown

__all__ = ["fenced", "literal", "prose"]

_PUNCTUATION = re.compile(r"[\\`*_\[\]#~|@]|:(?=//)|(?<=[wW])\.")
_CODE = re.compile(r"(```.*?(?:```|\Z)|(`+)(?!`).*?(?<!`)\2(?!`))", re.DOTALL)
_BARE_LINK = re.compile(r"(?<=[a-zA-Z])://|(?<=\bwww)\.", re.IGNORECASE)


def literal(text: str) -> str:
    """One line that reads as `text` in Markdown and in HTML alike.

    >>> literal("*a* <b>")
    '&#42;a&#42; &lt;b&gt;'
    """
    escaped = html.escape(one_line(text, 500), quote=True)
    parts = re.split(r"(&(?:#x?\w+|\w+);)", escaped)
    return "".join(
        part if place % 2 else _PUNCTUATION.sub(_entity, part).replace("$", DOLLAR)
        for place, part in enumerate(parts)
    )


def prose(text: str) -> str:
    """Markdown that a model wrote, without HTML, links, remote images or maths."""
    pieces: list[str] = []
    end = 0
    markdown = safe_markdown(visible(text))
    for code in _CODE.finditer(markdown):
        pieces += [_inert(markdown[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*pieces, _inert(markdown[end:])])


def fenced(code: str) -> str:
    """Code as a block that it cannot close, whatever stands in it."""
    code = visible(code).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code}\n{fence}"


def _inert(markdown: str) -> str:
    return _BARE_LINK.sub(_entity, markdown).replace("$", DOLLAR)


def _entity(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in found[0])
