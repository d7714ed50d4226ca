"""Damages of values: how numbers, dates, gaps and codes are written."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from .damage import Damage, Stage, damage, register, some_rows
from .drafts import DoesNotFitError, Draft
from .scoring import Either


def _numbers(name: str, write: Callable[[float, int], str]) -> None:
    """All floats are written in another way; the places are kept."""

    def apply(draft: Draft, rng: random.Random) -> None:
        for at in draft.columns("float"):
            for row in range(len(draft.written)):
                value = draft.expected[row][at]
                if isinstance(value, float):
                    places = max(2, len(str(value).partition(".")[2]))
                    draft.written[row][at] = write(value, places)

    register(Damage(name, Stage.VALUES, "numbers", apply))


def _swapped(text: str, thousands: str, decimal: str) -> str:
    return text.translate({ord(","): thousands, ord("."): decimal})


_numbers("decimal comma", lambda v, p: f"{v:.{p}f}".replace(".", ","))
_numbers("thousands 1,234.50", lambda v, p: f"{v:,.{p}f}")
_numbers("thousands 1.234,50", lambda v, p: _swapped(f"{v:,.{p}f}", ".", ","))
_numbers("thousands 1 234.50", lambda v, p: _swapped(f"{v:,.{p}f}", " ", "."))
_numbers("no-break 1 234,50", lambda v, p: _swapped(f"{v:,.{p}f}", "\xa0", ","))
_numbers("thousands 1'234.50", lambda v, p: _swapped(f"{v:,.{p}f}", "'", "."))
_numbers("dollars", lambda v, p: f"{'-' * (v < 0)}${abs(v):,.{p}f}")
_numbers("euros", lambda v, p: _swapped(f"{v:,.{p}f}", ".", ",") + " €")
_numbers("currency code", lambda v, p: f"USD {v:,.{p}f}")
_numbers("parentheses", lambda v, p: f"({-v:,.{p}f})" if v < 0 else f"{v:,.{p}f}")
_numbers("trailing minus", lambda v, p: f"{abs(v):.{p}f}{'-' * (v < 0)}")
_numbers("exponents", lambda v, _: f"{v:.12e}")


@damage("percent", Stage.VALUES, "numbers")
def _percent(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("float")[0]
    for row in range(len(draft.written)):
        value = draft.expected[row][at]
        if isinstance(value, float):
            draft.write(row, at, f"{value}%", value / 100)


def _dates(name: str, pattern: str) -> None:
    def apply(draft: Draft, rng: random.Random) -> None:
        for at in draft.columns("date", "time"):
            clock = " %H:%M:%S" if draft.kinds[at] == "time" else ""
            for row in range(len(draft.written)):
                value = draft.expected[row][at]
                if isinstance(value, dt.datetime):
                    draft.written[row][at] = value.strftime(pattern + clock)

    register(Damage(name, Stage.VALUES, "dates", apply))


_dates("dates 31.12.2024", "%d.%m.%Y")
_dates("dates 31/12/2024", "%d/%m/%Y")
_dates("dates 12/31/2024", "%m/%d/%Y")
_dates("dates 31-12-2024", "%d-%m-%Y")
_dates("dates 2024/12/31", "%Y/%m/%d")
_dates("dates 31-Dec-2024", "%d-%b-%Y")
_dates("dates 31 December 2024", "%d %B %Y")
_dates("dates Dec 31, 2024", "%b %d, %Y")


@damage("dates 2024-12-31T00:00:00Z", Stage.VALUES, "dates")
def _zoned(draft: Draft, rng: random.Random) -> None:
    for at in draft.columns("date", "time"):
        for row in range(len(draft.written)):
            value = draft.expected[row][at]
            if isinstance(value, dt.datetime):
                draft.written[row][at] = value.strftime("%Y-%m-%dT%H:%M:%SZ")


@damage("dates 20241231", Stage.VALUES, "dates")
def _compact(draft: Draft, rng: random.Random) -> None:
    for at in draft.columns("date"):
        for row in range(len(draft.written)):
            value = draft.expected[row][at]
            if isinstance(value, dt.datetime):
                text = value.strftime("%Y%m%d")
                draft.write(row, at, text, Either((value, int(text))))


@damage("dates nobody can decide", Stage.VALUES, "dates")
def _ambiguous(draft: Draft, rng: random.Random) -> None:
    """Day and month are both at most twelve in every row."""
    draft.must_doubt = True
    for at in draft.columns("date"):
        for row in range(len(draft.written)):
            text = f"{rng.randint(1, 12):02}/{rng.randint(1, 12):02}/2021"
            draft.write(row, at, text, text)


def _words(name: str, word: str) -> None:
    def apply(draft: Draft, rng: random.Random) -> None:
        for at in draft.columns("int", "float")[:2]:
            for row in some_rows(draft, rng, 3):
                draft.write(row, at, word, None)

    register(Damage(name, Stage.VALUES, "missing", apply))


_words("missing n.a.", "n.a.")
_words("missing -", "-")
_words("missing NULL", "NULL")
_words("missing ****", "****")
_words("missing #N/A", "#N/A")


@damage("sentinel -9999", Stage.VALUES, "missing")
def _sentinel(draft: Draft, rng: random.Random) -> None:
    """It may be a number: it is not changed, and it is said."""
    draft.must_doubt = True
    at = draft.columns("float")[0]
    if any(str(cells[at]).startswith("-") for cells in draft.expected):
        raise DoesNotFitError  # it may lie among the others
    for row in some_rows(draft, rng, 4):
        draft.write(row, at, "-9999", -9999.0)


@damage("foreign words", Stage.VALUES, "missing")
def _foreign(draft: Draft, rng: random.Random) -> None:
    """Words among numbers that stand for nothing known must not be lost."""
    draft.must_doubt = True
    at = draft.columns("float")[0]
    for row in some_rows(draft, rng, 2):
        draft.write(row, at, "see below", "see below")


@damage("None is a word", Stage.VALUES, "words")
def _none_words(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("text")[0]
    for row in some_rows(draft, rng, 12):
        draft.write(row, at, "None", "None")


@damage("leading zeros", Stage.VALUES, "codes")
def _leading_zeros(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("int")[0]
    for row, fields in enumerate(draft.written):
        if fields[at]:
            text = fields[at].zfill(6)
            draft.write(row, at, text, text)
    draft.kinds[at] = "code"


@damage("long ids", Stage.VALUES, "codes")
def _long_ids(draft: Draft, rng: random.Random) -> None:
    at = draft.columns("int")[0]
    for row in range(len(draft.written)):
        text = f"9{rng.randrange(10**19):020}"
        draft.write(row, at, text, text)
    draft.kinds[at] = "code"


def _booleans(name: str, yes: str, no: str) -> None:
    def apply(draft: Draft, rng: random.Random) -> None:
        for at in draft.columns("bool"):
            for row in range(len(draft.written)):
                value = draft.expected[row][at] is True
                text = yes if value else no
                draft.write(row, at, text, Either((text, value)))

    register(Damage(name, Stage.VALUES, "booleans", apply))


_booleans("yes and no", "yes", "no")
_booleans("ja and nein", "ja", "nein")
