"""Signs of money, and the dash that stands in the place of an amount."""

from __future__ import annotations

import re

__all__ = ["CURRENCY", "is_empty_amount"]

CURRENCY = (
    r"(?:[A-Z]{0,3}[$€£¥₹₽₩₺₪₫₴₦₱฿]"
    r"|USD|EUR|GBP|JPY|CHF|CNY|RMB|INR|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN"
    r"|RUB|UAH|TRY|BRL|MXN|ARS|CLP|COP|ZAR|KRW|SGD|HKD|TWD|THB|ILS|AED|SAR|IDR|MYR|VND"
    r"|PHP|kr|zł|Kč|Ft)"
)
"""A pattern for one of them."""
_LONGEST = 60
_DASH = r"[-\u2212\u2013\u2014]{1,2}"
_EMPTY = re.compile(rf"(?:{CURRENCY}\s*)?{_DASH}(?:\s*{CURRENCY})?")


def is_empty_amount(text: str) -> bool:
    """Whether it is a dash, perhaps with a currency: how accounts write no amount.

    >>> is_empty_amount(" $-   "), is_empty_amount("- €"), is_empty_amount("-5")
    (True, True, False)
    """
    return len(text) <= _LONGEST and bool(_EMPTY.fullmatch(text.strip()))
