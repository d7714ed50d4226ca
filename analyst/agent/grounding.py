"""Numbers in prose, and whether any output confirms them.

The model is asked for templates, whose numbers come from the kernel by construction.
What it types all the same is compared here with everything that cells have shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

__all__ = ["numbers_in", "small_literals", "unconfirmed"]

_NUMBER = re.compile(
    r"""
    (?<![\w.])                                   # not inside a name or a version
    (?P<digits>
        \d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?   # 1,234.5
      | \d+(?:\.\d+)?(?:[eE][-+]?\d{1,2}(?!\d))?      # 1234.5, 1e-3
    )
    (?:\s?(?P<unit>%|percent\b|thousand\b|million\b|billion\b|bn\b|[kKMB]\b))?
    """,
    re.VERBOSE,
)
_LEVEL = re.compile(r"\b(?:90|95|99)\s?%(?=\s(?:\w+\s){0,2}(?:CI|confidence|interval))")
"""The usual level of an interval is a label and no result."""

_IN_NAME = re.compile(r"(?<=[A-Za-z_])\d{1,4}(?![\d.])")
_LIST_MARKER = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_FACTORS = {
    "%": (1.0, 100.0),
    "percent": (1.0, 100.0),
    "thousand": (1e-3,),
    "k": (1e-3,),
    "million": (1e-6,),
    "m": (1e-6,),
    "billion": (1e-9,),
    "bn": (1e-9,),
    "b": (1e-9,),
}
_MAX_LITERAL = 100


@dataclass(frozen=True, slots=True)
class _Number:
    text: str
    value: float
    half_step: float
    """Half of the last written digit: how far the true value may be off."""
    factors: tuple[float, ...]
    """What an output may have been multiplied by to be written so."""


def _read(text: str) -> Iterable[_Number]:
    for match in _NUMBER.finditer(_LIST_MARKER.sub("", text)):
        digits = re.sub(r"[,\u00a0\u202f']", "", match["digits"])
        unit = (match["unit"] or "").lower()
        mantissa, _, exponent = digits.lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        yield _Number(
            text=match[0].strip(),
            value=float(digits),
            half_step=0.5 * 10.0 ** (int(exponent or 0) - decimals),
            factors=_FACTORS.get(unit, (1.0,)),
        )


def numbers_in(text: str) -> set[float]:
    """The numbers written in a text, as they stand and with their units applied."""
    written = {
        value
        for number in _read(text)
        for value in (number.value, *(number.value / f for f in number.factors))
    }
    # The 25 of a column P25 may be spoken of.
    return written | {float(digits) for digits in _IN_NAME.findall(text)}


def unconfirmed(prose: str, evidence: Iterable[str]) -> tuple[str, ...]:
    """The numbers of `prose` that no text of `evidence` confirms, as written.

    A number is confirmed by one that rounds to it at the precision at which it is
    written. Percent, thousands, millions and billions are tried, signs are not
    looked at.

    >>> unconfirmed("It fell 12.3% to 1.2 million, from 7.", ["-0.1234 1187000"])
    ('7',)
    """
    shown = {value for text in evidence for value in numbers_in(text)}
    return tuple(
        dict.fromkeys(
            number.text
            for number in _read(_LEVEL.sub("", prose))
            if not any(_confirms(value, number) for value in shown)
        )
    )


def _confirms(shown: float, number: _Number) -> bool:
    return any(
        abs(shown * factor - number.value)
        <= number.half_step + 1e-9 * abs(number.value)
        for factor in number.factors
    )


def small_literals(source: str) -> str:
    """Numbers that a cell's code names: choices that the reader sees, not results.

    They are the small whole numbers, such as the 5 of `head(5)`, and whatever a value
    is compared with.

    >>> small_literals("low = rate[rate < 2.1].head(5)")
    '5 2.1'
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    whole = [node.value for node in nodes if _is_small_whole(node)]
    bounds = [
        side.value
        for node in nodes
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and type(side.value) is float
    ]
    return " ".join(map(str, [*whole, *bounds]))


def _is_small_whole(node: ast.AST) -> TypeGuard[ast.Constant]:
    return (
        isinstance(node, ast.Constant)
        and type(node.value) is int
        and 0 <= node.value <= _MAX_LITERAL
    )
