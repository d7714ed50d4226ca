"""Finding calls that a model wrote into its text in place of making them.

Models learn the form of a call from templates that not every server reads, so the
call arrives as text: in tags, as JSON in a fence or bare, or as the code itself in a
fenced block. Reading is one pass from left to right, and goes on where it stopped
while a text is still growing. What a piece means is for `Offer` to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyst.models.reading.offer import DECODER, Call, Form, Offer, lenient_json

__all__ = ["Scan", "Written", "chosen", "scan"]

_OPENING = re.compile(
    r"(?P<tag><tool_call>)|(?P<function><function=)|(?P<list>\[TOOL_CALLS\])"
    r"|(?P<fence>`{3,})|^[ \t]*(?P<object>\{)",
    re.MULTILINE,
)
_MARKS = ("<tool_call>", "<function=", "[TOOL_CALLS]")
_MAY_OPEN = re.compile(r"(?:^|\n)[ \t]*$|`{1,2}$")
_END_CHARS = 200
_MAX_OPENINGS = 1_000
"""A text in which more begins is no call, and would take long to read."""
_INFO = re.compile(r"[ \t]*+([\w+-]*+)[^\n`]*+\n")
_NAME = re.compile(
    r"\s*+(?:\[TOOL_CALLS\]\s*+)?([\w.:-]{1,99})\s*+(?:\[ARGS\]\s*+)?(?=\{)"
)
_NAME_CHARS = 80
_CUT_CHARS = 6
"""So close to the end of a text, JSON that cannot be read may only be cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A place in a text that was read as one."""

    start: int
    end: int
    form: Form
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """How far a text was read, and what was found."""

    certain: int
    """What stands before it is part of no call but those found."""
    found: tuple[Written, ...]


def scan(text: str, offer: Offer, *, since: int = 0, ended: bool) -> Scan:
    """Find calls in a text as far as it has come.

    Args:
        text: what the model said.
        offer: the tools that can be meant.
        since: where to begin, which an earlier scan called certain.
        ended: nothing more comes.
    """
    found: list[Written] = []
    at = since
    for _ in range(_MAX_OPENINGS):
        opening = _OPENING.search(text, at)
        if opening is None:
            break
        end, form, calls = _read(text, opening, offer, ended=ended)
        if end < 0 and not ended:
            return Scan(certain=opening.start(), found=tuple(found))
        at = end if end >= 0 else len(text)
        if calls and offer.is_meant(text[opening.start() : at], form, calls):
            found.append(
                Written(start=opening.start(), end=at, form=form, calls=tuple(calls))
            )
    else:
        at = len(text)
    certain = len(text) if ended else max(at, _sure_end(text))
    return Scan(certain=certain, found=tuple(found))


def chosen(text: str, found: Sequence[Written], *, first: bool) -> tuple[Written, ...]:
    """The places that count.

    Args:
        text: all that the model said.
        found: the places in it.
        first: only the first counts, since what follows a call was made up. Else all
            tags do, and of JSON the last, since the first may be quoted from data; it
            is no call where prose follows, since whoever calls stops and waits.
    """
    sure = [written for written in found if written.form != "bare"] or list(found)
    if first:
        return tuple(sure[:1])
    tags = tuple(written for written in sure if written.form == "tag")
    if tags:
        return tags
    objects = tuple(written for written in sure if written.form == "object")
    if objects:
        return objects[-1:] if not text[objects[-1].end :].strip() else ()
    return tuple(sure[:1])


# Each reader gives where its place ends, -1 where its end did not come yet. What means
# something is read only then: a call may be long, and come in many pieces.

_Place = tuple[int, Form, Sequence[Call]]


def _read(text: str, opening: re.Match[str], offer: Offer, *, ended: bool) -> _Place:
    after = opening.end()
    match opening.lastgroup:
        case "tag":
            end, inner = _up_to(text, after, "</tool_call>", "<tool_call>")
            is_open = end < 0 and not ended
            return end, "tag", [] if is_open else _in_tag(inner, offer)
        case "function":
            end, inner = _up_to(text, opening.start(), "</function>")
            is_open = end < 0 and not ended
            return end, "tag", [] if is_open else [*offer.functions(inner)]
        case "list":
            return _list(text, after, offer)
        case "fence":
            return _fence(text, after, opening["fence"], offer, ended=ended)
        case _:
            end, value = _json_at(text, after - 1)
            return end, "object", [*offer.meant_by(value)]


def _in_tag(inner: str, offer: Offer) -> list[Call]:
    if "<function=" in inner:
        return [*offer.functions(inner)]
    if named := _NAME.match(inner):
        _, value = _json_at(inner, named.end())
        return [*offer.named(named[1], value)] if value is not None else []
    return [*offer.meant_by(lenient_json(inner))]


def _list(text: str, after: int, offer: Offer) -> _Place:
    """What follows `[TOOL_CALLS]`: a list of objects, or names with an object each."""
    rest = text[after:]
    start = after + len(rest) - len(rest.lstrip())
    if text.startswith("[", start):
        end, value = _json_at(text, start)
        return end, "tag", [*offer.meant_by(value)]
    calls: list[Call] = []
    while named := _NAME.match(text, start):
        end, value = _json_at(text, named.end())
        if end < 0:
            return -1, "tag", calls
        calls += offer.named(named[1], value)
        start = end
    is_open = not calls and len(rest) < _NAME_CHARS
    return (-1 if is_open else start), "tag", calls


def _fence(text: str, after: int, ticks: str, offer: Offer, *, ended: bool) -> _Place:
    info = _INFO.match(text, after)
    if info is None:  # it stands within a line, or that line is not over
        return (after if text.find("\n", after) >= 0 else -1), "block", []
    line_end = r"(?=\n|\Z)" if ended else r"(?=\n)"  # else more may come in that line
    closing = re.compile(rf"^[ \t]*{ticks}`*[ \t]*{line_end}", re.MULTILINE)
    close = closing.search(text, info.end())
    if close is None and not ended:
        return -1, "block", []
    inner = text[info.end() : close.start() if close else len(text)]
    form, calls = _in_fence(info[1].lower(), inner, offer)
    return (close.end() if close else -1), form, calls


def _in_fence(language: str, inner: str, offer: Offer) -> tuple[Form, Sequence[Call]]:
    body = inner.strip()
    if body.startswith(_MARKS):
        nested = scan(body, offer, ended=True).found
        return "tag", [call for written in nested for call in written.calls]
    if body.startswith(("{", "[")):
        calls = [*offer.meant_by(lenient_json(body))]
        if calls or language == "json":
            return "object", calls
    return ("block" if language else "bare"), [*offer.block(language, inner)]


def _json_at(text: str, start: int) -> tuple[int, object]:
    """The JSON that begins there, and its end; what is none ends at once."""
    try:
        value, end = DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text) - _CUT_CHARS
        if cut or error.msg.startswith("Unterminated string"):
            return -1, None
        return start + 1, None
    except RecursionError:
        return start + 1, None
    return end, value


def _up_to(text: str, after: int, *marks: str) -> tuple[int, str]:
    """What stands before the first mark, and where that ends."""
    mark = re.compile("|".join(map(re.escape, marks))).search(text, after)
    if mark is None:
        return -1, text[after:]
    # A mark that opens begins the next place.
    return mark.end() if mark[0].startswith("</") else mark.start(), text[
        after : mark.start()
    ]


def _sure_end(text: str) -> int:
    """The end of a growing text, without what may become an opening."""
    may_open = _MAY_OPEN.search(text, max(0, len(text) - _END_CHARS))
    end = may_open.start() if may_open else len(text)
    for mark in _MARKS:
        for length in range(1, len(mark)):
            if text.endswith(mark[:length]):
                end = min(end, len(text) - length)
    return end
