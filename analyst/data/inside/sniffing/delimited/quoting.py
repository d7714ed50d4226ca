"""Which quotes and escapes a text can be written with."""

from __future__ import annotations

import re

__all__ = ["quotes_in"]

_FEW_APOSTROPHES = 2
_OPENED = 0.6
_ESCAPED = 0.5


def quotes_in(text: str, delimiter: str) -> list[tuple[str, str]]:
    """The quotes and escapes that can be meant, none of them among it.

    Args:
        text: lines with their ends.
        delimiter: what parts the cells.
    """
    found = [("", "")]
    edge = re.escape(delimiter)
    for quote in "\"'":
        if quote not in text:
            continue
        opened = len(re.findall(rf"(?:\A|[\r\n]|{edge}) ?{quote}", text))
        closed = len(re.findall(rf"{quote} ?(?:[\r\n]|{edge}|\Z)", text))
        if not opened or (
            quote == "'" and (opened < _FEW_APOSTROPHES or opened < _OPENED * closed)
        ):
            continue
        found.append((quote, ""))
        if f"\\{quote}" in text:
            bare = len(re.findall(rf"[^\\{quote}\s]{quote}(?=[^{quote}\s])", text))
            inner = bare - opened - closed
            if text.count("\\" + quote) >= max(1, _ESCAPED * inner):
                found.append((quote, "\\"))
    return found if len(found) > 1 or '"' in text else [('"', "")]
