"""Words: of a question, of a column's name, and how well the two go together."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analyst.events import Column

__all__ = ["Match", "asks", "match", "plural", "spoken", "tokens"]

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")
_FILLERS = frozenset("a an and at by for from in is of on or per the to with".split())  # noqa: SIM905 - reads best
_UNITS = frozenset("mm cm m km kg g lb usd eur pct knots".split())  # noqa: SIM905 - as above
_CALCULATIONS = frozenset(
    "total sum average avg mean median max min count number".split()  # noqa: SIM905 - as above
)
_FUZZY = 0.84
_PREFIX_CHARS = 3
_GOOD_ENOUGH = 0.5
_LIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Match:
    """How well a question names a column."""

    column: Column
    score: float
    """From 0 to 1: the share of the column's words that the question says."""
    named: int
    """How many of them, words of calculation not counted."""
    said: frozenset[str]
    """The words of the question that named it."""


def tokens(text: str) -> list[str]:
    """The words of a text or a name, in lower case and the singular.

    >>> tokens("How did ShareWomen_2013 change in countries?")
    ['how', 'did', 'share', 'women', '2013', 'change', 'in', 'country']
    """
    return [_singular(part.lower()) for part in _PART.findall(text)]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > len("ties"):
        return word.removesuffix("ies") + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word.removesuffix("es")
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:  # noqa: PLR2004 - `gas`, `bus`
        return word.removesuffix("s")
    return word


def match(question: str, columns: Iterable[Column]) -> list[Match]:
    """The columns that the question names, the best first."""
    words = tokens(question)
    columns = list(columns)
    found = [_match(words, column) for column in columns]
    rare = _words_of_one(columns)
    found = [_raised(one) if one.said & rare else one for one in found]
    good = [one for one in found if one.score >= _GOOD_ENOUGH and one.said]
    return sorted(good, key=lambda one: (-one.score, -one.named))


def _words_of_one(columns: Iterable[Column]) -> set[str]:
    """The words that stand in the name of a single column, calculations left out."""
    counted = Counter(word for column in columns for word in set(tokens(column.name)))
    return {word for word, count in counted.items() if count == 1} - _CALCULATIONS


def _raised(one: Match) -> Match:
    """A match by a word that no other column has: a part of the name is enough."""
    return replace(one, score=max(one.score, _GOOD_ENOUGH))


def _match(words: list[str], column: Column) -> Match:
    names = [name for name in tokens(column.name) if name not in _FILLERS]
    names = [name for name in names if name not in _UNITS] or names
    gained, whole, named = 0.0, 0.0, 0
    said: set[str] = set()
    for name in names:
        weight = _LIGHT if name in _CALCULATIONS and len(names) > 1 else 1.0
        whole += weight
        closeness, word = max(
            ((_closeness(word, name), word) for word in words), default=(0.0, "")
        )
        if closeness > 0:
            gained += weight * closeness
            named += name not in _CALCULATIONS
            said.add(word)
    return Match(column, gained / whole if whole else 0.0, named, frozenset(said))


def _closeness(word: str, name: str) -> float:
    """1 for the same word, less for a beginning or a misspelling of it, else 0."""
    if word == name:
        return 1.0
    if word in _FILLERS or min(len(word), len(name)) < _PREFIX_CHARS:
        return 0.0
    if word.startswith(name) or (name.startswith(word) and len(word) > _PREFIX_CHARS):
        return 0.8
    ratio = difflib.SequenceMatcher(None, word, name).ratio()
    return 0.7 if ratio >= _FUZZY else 0.0


def asks(question: str, *patterns: str) -> bool:
    """Whether the question holds one of the patterns, as whole words."""
    joined = "|".join(patterns)
    return re.search(rf"\b(?:{joined})\b", question, re.IGNORECASE) is not None


def spoken(name: str) -> str:
    """A column's name as it is said in a sentence.

    >>> spoken("births_per_woman")
    'births per woman'
    """
    return " ".join(name.replace("_", " ").split())


def plural(name: str) -> str:
    """What several values of a column are called.

    >>> plural("country"), plural("species"), plural("phase_of_flight")
    ('countries', 'species', 'groups by phase of flight')
    """
    said = spoken(name)
    said = said.lower() if said.istitle() else said
    if not said.isalpha():
        return f"groups by {said}"
    if said.endswith("y") and not said.endswith(("ay", "ey", "oy")):
        return said.removesuffix("y") + "ies"
    if said.endswith("s"):
        return said
    return said + ("es" if said.endswith(("x", "ch", "sh")) else "s")
