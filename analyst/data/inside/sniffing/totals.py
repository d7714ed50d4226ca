"""What a row of totals is: what it is called, and that its numbers are sums."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

__all__ = ["is_sum", "says_balance", "says_total"]

_WORDS = frozenset(
    [
        *("total", "totals", "sum", "sums", "overall", "totaal", "totale", "totali"),
        *("gesamt", "summe", "gesamtsumme", "insgesamt", "suma", "somme", "soma"),
        *("subtotal", "sub-total", "zwischensumme", "sous-total"),
        *("итого", "всего", "合計", "合计", "총계"),
    ]
)
_TWO_WORDS = ("grand total", "sum total", "total général", "total general")
_BALANCE = re.compile(
    r"(?:(?:opening|closing|ending|final|account|current) )?"
    r"(?:balance|saldo|endsaldo|kontostand|solde)"
    r"(?: (?:per|at|as of|on|am|vom|zum|au))?(?: [\d./-]{6,10})?"
)
_RELATIVE = 1e-9
_ABSOLUTE = 1e-6


def says_total(label: str) -> bool:
    """Whether a label is a word for a total."""
    text = _bare(label)
    return text in _WORDS or text.startswith(_TWO_WORDS)


def says_balance(label: str) -> bool:
    """Whether a label is a word for a balance, with its day or without."""
    return bool(_BALANCE.fullmatch(_bare(label)))


def is_sum(value: float, above: Sequence[float]) -> bool:
    """Whether there are numbers above, and this is what they make together."""
    return bool(above) and math.isclose(
        math.fsum(above), value, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE
    )


def _bare(label: str) -> str:
    return label.casefold().strip(" :.=*")
