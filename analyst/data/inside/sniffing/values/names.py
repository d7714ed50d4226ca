"""What the name of a column says about its values: only where they leave it open."""

from __future__ import annotations

import re

__all__ = ["may_be_dates", "says_codes", "says_id", "says_phone", "says_version"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
_NAME_CHARS = 200
_PHONE = frozenset(
    "phone phones telephone telefon telefono tel mobile cell fax handy msisdn".split()  # noqa: SIM905 - reads best as words
)
_CODES = frozenset(
    """
    zip zipcode zips plz postleitzahl postcode postal postalcode cep fips
    iban bic isbn issn ean gtin upc sku barcode ssn npi siren siret imei cusip wkn
    """.split()  # noqa: SIM905 - reads best as words
)
_IDS = frozenset("id ids key keys code codes no nr num number nummer".split())  # noqa: SIM905 - as above
_VERSIONS = frozenset("version versions ver release releases".split())  # noqa: SIM905 - as above
_DATES = frozenset(
    """
    date day days datum tag fecha data dato dia jour giorno dt dob ymd time datetime
    timestamp start end begin from to until since von bis ab seit birth birthday
    created updated modified opened closed ordered shipped
    """.split()  # noqa: SIM905 - reads best as words
)
_DATE_ENDS = ("date", "datum", "day")


def _words(name: str) -> list[str]:
    """Its words in lower case: `HomePhone_2` has home and phone."""
    return [word.casefold() for word in _WORD.findall(name[:_NAME_CHARS])]


def says_phone(name: str) -> bool:
    """Whether it names a number to be dialled."""
    return any(word in _PHONE or word.endswith("phone") for word in _words(name))


def says_codes(name: str) -> bool:
    """Whether it names codes that are written with digits."""
    return says_phone(name) or any(word in _CODES for word in _words(name))


def says_id(name: str) -> bool:
    """Whether it names what tells rows apart: `customer_id`, `orderNo`."""
    return any(word in _IDS for word in _words(name))


def says_version(name: str) -> bool:
    """Whether it names versions, of which 1.10 is another than 1.1."""
    return any(word in _VERSIONS for word in _words(name))


def may_be_dates(name: str) -> bool:
    """Whether it names days."""
    words = _words(name)
    return any(word in _DATES or word.endswith(_DATE_ENDS) for word in words)
