"""What the name of a column says of what is in it."""

from __future__ import annotations

import re

__all__ = [
    "counts_something",
    "is_identifier",
    "is_key_name",
    "is_place",
    "singular",
    "words_of",
]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_READ_CHARS = 100
_KEYS = "id ids key uuid guid identifier no nr number isbn sku serial ticket email"
_LABELS = "code num zip postal postcode plz phone tel fax plate ean iban fips iata icao"
_NEVER_NEGATIVE = (
    "age ages price prices count counts qty quantity population distance weight height "
    "length width area salary wage duration passengers units hours minutes seconds "
    "size bedrooms rooms sqft mileage"
)
_PLACES = "lat latitude lon lng long longitude x y"


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters.

    >>> words_of("customerID"), words_of("Order No 2")
    (['customer', 'id'], ['order', 'no', '2'])
    """
    return [word.lower() for word in _WORD.findall(name[:_READ_CHARS])]


def singular(word: str) -> str:
    """One of what a word means, in English and about.

    >>> singular("categories"), singular("customers"), singular("class")
    ('category', 'customer', 'class')
    """
    if word.endswith("ies") and len(word) > len("ties"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def is_key_name(name: str) -> bool:
    """Whether it says that each value stands once: `id`, `order_no`, `userid`."""
    words = words_of(name)
    if not words or any(word in _LABELS.split() for word in words):
        return False
    return words[-1] in _KEYS.split() or words[-1].endswith("id")


def is_identifier(name: str) -> bool:
    """Whether it says that values are names of things, if they are numbers: `zip`."""
    return is_key_name(name) or any(w in _LABELS.split() for w in words_of(name))


def counts_something(name: str) -> bool:
    """Whether it says that there can be no less than none: `unit_price`, `age`."""
    return any(word in _NEVER_NEGATIVE.split() for word in words_of(name))


def is_place(name: str) -> bool:
    """Whether it says that it is a coordinate, of which any is as good."""
    return any(word in _PLACES.split() for word in words_of(name))
