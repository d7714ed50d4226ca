"""Words instead of values: for what is missing, for true and false, for infinity."""

from __future__ import annotations

from .money import is_empty_amount

__all__ = [
    "INFINITY",
    "MISSING_BY_DEFAULT",
    "NO_DATES",
    "are_opposite",
    "is_false_in_pandas",
    "is_true_in_pandas",
    "stands_for_missing",
]

MISSING_BY_DEFAULT = frozenset(
    {
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    }
)
"""What pandas takes as missing unless it is told otherwise."""

INFINITY = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
"""In lower case."""

_ALSO_MISSING = frozenset(
    """
    - -- --- . .. ... : ? ?? ??? * ** *** **** ***** / // \\n #
    na n.a n.a. n/a n.a.. nan none null nil nul void <na> <null> (null) (none)
    (blank) blank empty (empty) missing unknown unbekannt inconnu desconocido
    n.d n.d. nd n/d k.a k.a. k/a s.d. s/d tba tbd tbc pending
    #n/a #na #value! #ref! #div/0! #name? #num! #null! #error! #wert! #bezug! #zahl! #nv
    """.split()  # noqa: SIM905 - reads best as words
) | {
    "\u2013",
    "\u2014",
    "not available",
    "not applicable",
    "not known",
    "not reported",
    "no data",
    "no value",
    "keine angabe",
    "non disponible",
    "sin datos",
}
"""In lower case. Such a word is missing only where all other cells have one type."""

NO_DATES = (
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0000/00/00",
    "00.00.0000",
    "00/00/0000",
    "00-00-0000",
)
"""Missing days as some databases write them."""

_OPPOSITES = frozenset(
    {
        ("yes", "no"),
        ("y", "n"),
        ("true", "false"),
        ("t", "f"),
        ("ja", "nein"),
        ("ja", "nee"),
        ("ja", "nej"),
        ("ja", "nei"),
        ("j", "n"),
        ("oui", "non"),
        ("si", "no"),
        ("sí", "no"),
        ("sì", "no"),
        ("s", "n"),
        ("sim", "não"),
        ("sim", "nao"),
        ("tak", "nie"),
        ("ano", "ne"),
        ("да", "нет"),
        ("evet", "hay\u0131r"),
        ("wahr", "falsch"),
        ("vrai", "faux"),
        ("verdadero", "falso"),
        ("vero", "falso"),
    }
)


def stands_for_missing(text: str) -> bool:
    """Whether it is known to stand for a missing value among values of one type."""
    word = text.strip()
    if not word or word in MISSING_BY_DEFAULT or word.casefold() in _ALSO_MISSING:
        return True
    return is_empty_amount(word)


def are_opposite(true: str, false: str) -> bool:
    """Whether the first says yes and the second no, in one language."""
    return (true.strip().casefold(), false.strip().casefold()) in _OPPOSITES


def is_true_in_pandas(text: str) -> bool:
    """Whether pandas takes it as true by itself."""
    return text in {"true", "True", "TRUE"}


def is_false_in_pandas(text: str) -> bool:
    """Whether pandas takes it as false by itself."""
    return text in {"false", "False", "FALSE"}
