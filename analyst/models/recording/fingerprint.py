"""What a request comes to, without its words: the prints that a recording keeps of it.

Two sessions that do the same on two machines, or on two days, send requests that differ
in what nobody decided: the random marker, folders, addresses in memory, seconds. That
is masked, so that the prints are equal where the conversations are.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyst.seams import Message, Request, Tool

__all__ = ["Fingerprint", "fingerprint", "whole_characters"]

_SHORT = 12
"""Digits of the print of a message: enough to find the one that differs."""

_MASKS = (
    (re.compile(r"\bdata-[0-9a-f]{8}\b"), "data-*"),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x*"),
    (re.compile(r"""(["'])~?/[^"'\n]*\1"""), "'/*'"),
    (re.compile(r"(?<![\w./:<-])(?:file://|~)?(?:/[\w.@+~=%-]+){2,}/?"), "/*"),
    (
        re.compile(
            r"\b\d+(?:[.,]\d+)?\s?(?:ns|µs|μs|us|ms|s|sec|seconds?|min|minutes?)\b"
        ),
        "* s",
    ),
)
"""A marker, an address, a path in quotes and one without, a duration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The prints of a request, in hexadecimal digits."""

    request: str
    """Of all of it, SHA-256."""
    tools: str
    messages: tuple[str, ...]
    """One each, short, to find the first that differs."""


def fingerprint(request: Request) -> Fingerprint:
    """The prints of what a model is told: its messages and its tools."""
    order: dict[str, int] = {}
    for message in request.messages:
        for call in message.calls:
            order.setdefault(call.id, len(order) + 1)
    messages = [_canonical(_as_told(message, order)) for message in request.messages]
    tools = _canonical([_as_offered(tool) for tool in request.tools])
    return Fingerprint(
        request=_print(_canonical([tools, messages])),
        tools=_print(tools)[:_SHORT],
        messages=tuple(_print(message)[:_SHORT] for message in messages),
    )


def whole_characters(text: str) -> str:
    """Text without the halves of characters that UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _as_told(message: Message, order: Mapping[str, int]) -> list[Any]:
    """A message by what it says. Ids are made anew, so a call is known by its order."""
    return [
        message.role,
        _masked(message.text),
        [[call.name, _masked(call.arguments)] for call in message.calls],
        order.get(message.call, 0),
        [_print(image) for image in message.images],
    ]


def _as_offered(tool: Tool) -> list[Any]:
    return [tool.name, tool.description, dict(tool.parameters)]


def _masked(text: str) -> str:
    text = whole_characters(text)
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def _canonical(value: list[Any]) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _print(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
