"""The frames of a stream and the bytes of a body, spoilt."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .spoilt_json import DEEP

__all__ = ["FRAMES", "OF_BYTES", "deepened"]

Pieces: TypeAlias = list[Any]

_DONE = b"data: [DONE]\n\n"
_DEPTH = 60_000
_MOST_FRAMES = 3000
_ODD = (
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\x00",
    b"\n\n",
    b"\r",
    b'"',
    b"}",
    b"[",
)


def deepened(body: bytes) -> bytes:
    """The body with what is nested deeply in the places where it belongs."""
    deep = b"[" * _DEPTH + b"]" * _DEPTH
    return body.replace(json.dumps(DEEP).encode(), deep)


def _frames(pieces: Pieces) -> bytes:
    return "".join(f"data: {json.dumps(p)}\n\n" for p in pieces).encode() + _DONE


def _named(name: str) -> Callable[[Pieces], bytes]:
    head = f"event: {name}\nid: 7\nretry: 1\ndata:"
    return lambda pieces: _frames(pieces).replace(b"data:", head.encode())


def _many_lines(pieces: Pieces) -> bytes:
    """Each piece over several lines, as the standard allows."""
    texts = (json.dumps(piece, indent=1).replace("\n", "\ndata: ") for piece in pieces)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def _many_times(pieces: Pieces) -> bytes:
    times = min(300, _MOST_FRAMES // max(len(pieces), 1))
    return b"".join(_frames([piece] * times) for piece in pieces[:20])


def _with(old: bytes, new: bytes) -> Callable[[Pieces], bytes]:
    return lambda pieces: _frames(pieces).replace(old, new)


FRAMES: Mapping[str, Callable[[Pieces], bytes]] = {
    "framed": _frames,
    "well framed": _frames,
    "duly framed": _frames,
    "framed and numbered": _named("message"),
    "framed as errors": _named("error"),
    "framed as ends": _named("response.completed"),
    "frames of many lines": _many_lines,
    "frames many times": _many_times,
    "CRLF": _with(b"\n", b"\r\n"),
    "CR": _with(b"\n", b"\r"),
    "comments between": _with(b"data:", b": wait\n\n:\ndata:"),
    "no space": _with(b"data: ", b"data:"),
    "no empty lines": _with(b"\n\n", b"\n"),
    "no DONE": _with(_DONE, b""),
    "DONE first": lambda pieces: _DONE + _frames(pieces),
    "bare lines": _with(b"data: ", b""),
    "indented": _with(b"data:", b"  data :"),
    "after a mark": lambda pieces: b"\xef\xbb\xbf" + _frames(pieces),
    "in a list": lambda pieces: json.dumps(pieces).encode(),
}


def _cut(dice: random.Random, body: bytes) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _flipped(dice: random.Random, body: bytes) -> bytes:
    spoilt = bytearray(body)
    for _ in range(dice.randint(1, 8)):
        if spoilt:
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
    return bytes(spoilt)


def _inserted(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body) + 1)
    return body[:at] + dice.choice(_ODD) + body[at:]


OF_BYTES: Mapping[str, Callable[[random.Random, bytes], bytes]] = {
    "cut": _cut,
    "cut anywhere": _cut,
    "bytes flipped": _flipped,
    "bytes inserted": _inserted,
    "as UTF-16": lambda _, body: body.decode("utf-8", "replace").encode("utf-16"),
    "as mojibake": lambda _, body: body.decode("latin-1").encode("utf-8"),
    "twice": lambda _, body: body + body,
    "before a page": lambda _, body: body + b"<html>502</html>",
}
