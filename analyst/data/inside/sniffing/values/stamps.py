"""How dates are written: a fixed list of formats, found by the shape of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Stamp", "stamp_of"]

_DATE_CHARS = 50
_SHORT = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_LONG = (
    "(?:January|February|March|April|May|June|July|August|September|October|November"
    "|December)"
)
_DAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"9{4}-99?-99?", ("%Y-%m-%d",)),
    (r"9{4}/99?/99?", ("%Y/%m/%d",)),
    (r"9{4}\.99?\.99?", ("%Y.%m.%d",)),
    (r"99?\.99?\.9{4}", ("%d.%m.%Y",)),
    (r"99?/99?/9{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    (r"99?-99?-9{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"99?\.99?\.99", ("%d.%m.%y",)),
    (r"99?/99?/99", ("%d/%m/%y", "%m/%d/%y")),
    (r"99?-99?-99", ("%d-%m-%y", "%m-%d-%y")),
    (r"99/99/99", ("%y/%m/%d",)),
    (r"99-99-99", ("%y-%m-%d",)),
    (r"9{4}-99", ("%Y-%m",)),
    (r"9{4}/99", ("%Y/%m",)),
    (r"99?/9{4}", ("%m/%Y",)),
    (r"99? MONTH 9{4}", ("%d MONTH %Y",)),
    (r"99?-MONTH-9{4}", ("%d-MONTH-%Y",)),
    (r"99?/MONTH/9{4}", ("%d/MONTH/%Y",)),
    (r"99? MONTH 99", ("%d MONTH %y",)),
    (r"99?-MONTH-99", ("%d-MONTH-%y",)),
    (r"MONTH 99?, 9{4}", ("MONTH %d, %Y",)),
    (r"MONTH 99? 9{4}", ("MONTH %d %Y",)),
    (r"9{4}-MONTH-99?", ("%Y-MONTH-%d",)),
    (r"MONTH 9{4}", ("MONTH %Y",)),
    (r"MONTH-9{4}", ("MONTH-%Y",)),
    (r"MONTH-99", ("MONTH-%y",)),
    (r"MONTH 99", ("MONTH %y",)),
)
_PATTERNS = tuple(
    (
        re.compile(pattern.replace("MONTH", month), re.IGNORECASE),
        tuple(each.replace("MONTH", code) for each in formats),
    )
    for pattern, formats in _DAYS
    for month, code in ((_SHORT, "%b"), (_LONG, "%B"))
    if "MONTH" in pattern or code == "%b"
)
_STAMP = re.compile(
    r"(?P<day>.{6,20}?)"
    r"(?:(?P<gap>T|, | )(?P<clock>99?:99(?P<seconds>:99(?P<fraction>[.,]9{1,9})?)?"
    r"(?P<half> ?[AaPp][Mm])?)(?P<zone>Z| ?[-+]99:?99| ?[-+]99| ?(?:UTC|GMT))?)?"
)
_ISO_DAY = re.compile(r"9{4}-99-99")


@dataclass(frozen=True, eq=False)
class Stamp:
    """How one shape of date is written, and where its parts stand in it."""

    formats: tuple[str, ...]
    """Of the day, each that is possible."""
    clock: str
    """The format after the day; empty where there is none."""
    hour: str
    """Of its format."""
    day_at: slice
    clock_at: slice | None
    numbers_at: tuple[slice, ...]
    """Hour, minute, and perhaps second and fraction."""
    zone_at: slice | None
    is_iso: bool
    """pandas knows it as ISO 8601, whatever its precision."""
    is_utc: bool
    """It says so by a word."""
    is_padded: bool


@lru_cache(maxsize=4096)
def stamp_of(shape: str) -> Stamp | None:
    """How a text of this shape is written as a date; None where it is none.

    >>> stamp_of("99.99.9999 99:99").formats
    ('%d.%m.%Y',)
    """
    if len(shape) > _DATE_CHARS or "9" not in shape:
        return None
    text = shape.strip(" ")
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    day = match["day"]
    formats = tuple(
        each
        for pattern, formats in _PATTERNS
        if pattern.fullmatch(day)
        for each in formats
    )
    if not formats:
        return None
    start = shape.index(text)

    def at(part: str) -> slice | None:
        if match[part] is None:
            return None
        return slice(start + match.start(part), start + match.end(part))

    return Stamp(
        formats=formats,
        clock=_clock_format(match),
        hour="%I" if match["half"] else "%H",
        day_at=slice(start, start + len(day)),
        clock_at=at("clock"),
        numbers_at=tuple(
            slice(
                start + match.start("clock") + n.start(),
                start + match.start("clock") + n.end(),
            )
            for n in re.finditer("9+", match["clock"] or "")
        ),
        zone_at=at("zone"),
        is_iso=_is_iso(match),
        is_utc=_is_named(match["zone"] or ""),
        is_padded=text != shape,
    )


def _clock_format(match: re.Match[str]) -> str:
    if not match["clock"]:
        return ""
    hour = "%I" if match["half"] else "%H"
    seconds = ":%S" if match["seconds"] else ""
    fraction = f"{match['fraction'][0]}%f" if match["fraction"] else ""
    half = match["half"][:-2] + "%p" if match["half"] else ""
    return f"{match['gap']}{hour}:%M{seconds}{fraction}{half}{_zone_format(match)}"


def _zone_format(match: re.Match[str]) -> str:
    zone = match["zone"] or ""
    if _is_named(zone):
        return zone
    blank = " " if zone.startswith(" ") else ""
    return f"{blank}%z" if zone else ""


def _is_named(zone: str) -> bool:
    """Whether it is `UTC` or `GMT`, which is written into the format."""
    return zone.strip().isalpha() and zone != "Z"


def _is_iso(match: re.Match[str]) -> bool:
    if not _ISO_DAY.fullmatch(match["day"]):
        return False
    if not match["clock"]:
        return True
    zone = match["zone"] or ""
    return (
        match["gap"] in {"T", " "}
        and match["clock"].startswith("99:")
        and not match["half"]
        and "," not in match["clock"]
        and not zone.startswith(" ")
        and not _is_named(zone)
    )
